"""Optuna's storages, opened to be read only, and what is taken of their studies. The one importer of optuna here.

study = snapshot(optuna.load_study(...))          any study, in memory too
studies = snapshots("sqlite:///tuning.db")        all studies of a storage
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.exceptions import StorageInternalError
from optuna.storages import BaseStorage, JournalStorage, RDBStorage
from optuna.study._frozen import FrozenStudy
from optuna.trial import FrozenTrial
from pydantic import JsonValue
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from ingest.sources.optuna_studies.snapshot import Distribution, Study, Trial
from kg.errors import InputError, UnknownNameError
from kg.model import ParameterValue
from kg.model.base import FrozenMapping

if TYPE_CHECKING:
    from collections.abc import Callable

#: Characters of JSON above which an attribute is not kept, unless Tunegraph wrote it.
LONGEST_ATTRIBUTE = 20_000
#: Attributes of studies and trials that Tunegraph writes begin so.
OURS = "tunegraph:"
ALLOWED = "sqlite:///tuning.db, postgresql://user@host/database, or the path of a SQLite or journal file"
_SQLITE_MAGIC = b"SQLite format 3\0"


def snapshots(storage: str, *, study: str | None = None) -> tuple[Study, ...]:
    """Return the studies of a storage, by name, as they are now. Nothing is written to it.

    Args:
        storage: URL of a database (SQLAlchemy's form), or the path of a SQLite or journal file.
        study: Name of the only study wanted; None for all.

    Raises:
        InputError: The storage is not there, cannot be opened, or holds no studies; or it was written by another
            version of Optuna.
        UnknownNameError: It has no study of that name.
    """
    opened = open_storage(storage)
    try:
        frozen = {found.study_name: found for found in opened.get_all_studies()}
        if study is not None and study not in frozen:
            raise UnknownNameError("study", study, frozen)
        chosen = [frozen[name] for name in sorted(frozen) if study in (None, name)]
        return tuple(
            _study(found, found.system_attrs, opened.get_all_trials(found._study_id, deepcopy=False))
            for found in chosen
        )
    except (SQLAlchemyError, StorageInternalError) as error:
        raise _unreadable(storage, error) from error
    finally:
        opened.remove_session()


def snapshot(study: optuna.Study) -> Study:
    """Return `study` as it is now, wherever it is stored."""
    system = study._storage.get_study_system_attrs(study._study_id)
    return _study(study, system, study.get_trials(deepcopy=False))


def open_storage(storage: str) -> BaseStorage:
    """Return the storage, opened so that it cannot be written: no file, table or row is ever made.

    Raises:
        InputError: It is not there, cannot be opened, or was written by another version of Optuna.
    """
    path = _path_of(storage)
    if path is None:
        return _database(storage, _read_only_arguments(storage))
    if not path.is_file():
        raise InputError("There is no such file.", where=storage, allowed=ALLOWED)
    with path.open("rb") as handle:
        head = handle.read(4096)
    if head.startswith(_SQLITE_MAGIC):
        return _database(storage, {"creator": _read_only_sqlite(path)}, url="sqlite://")
    if _is_journal(head):
        return _journal(storage, path)
    raise InputError("The file is neither a SQLite database nor a journal of Optuna.", where=storage, allowed=ALLOWED)


def _path_of(storage: str) -> Path | None:
    """Return the file that `storage` is; None where it is a server."""
    if "://" not in storage:
        return Path(storage).expanduser()
    try:
        url = make_url(storage)
    except (SQLAlchemyError, ValueError) as error:
        raise InputError(f"not the URL of a storage: {error}", where="storage", allowed=ALLOWED) from error
    if url.get_backend_name() != "sqlite":
        return None
    if not url.database or url.database == ":memory:":
        raise InputError("A database in memory holds no study.", where=storage, allowed=ALLOWED)
    return Path(url.database)


def _read_only_sqlite(path: Path) -> Callable[[], sqlite3.Connection]:
    address = f"file:{quote(str(path.resolve()))}?mode=ro"
    return lambda: sqlite3.connect(address, uri=True, check_same_thread=False)


def _read_only_arguments(storage: str) -> dict[str, Any]:
    match make_url(storage).get_backend_name():
        case "postgresql":
            return {"connect_args": {"options": "-c default_transaction_read_only=on"}}
        case "mysql" | "mariadb":
            return {"connect_args": {"init_command": "SET SESSION TRANSACTION READ ONLY"}}
        case other:
            raise InputError(f"{other!r} is no storage that can be read.", where="storage", allowed=ALLOWED)


def _database(storage: str, engine: dict[str, Any], url: str | None = None) -> BaseStorage:
    try:
        # Optuna would make its tables in any database that it is shown.
        return RDBStorage(url or storage, engine_kwargs=engine, skip_table_creation=True)
    except ImportError as error:
        raise InputError(
            f"The driver of the database is not installed: {error}",
            where="storage",
            allowed="pip install 'tunegraph[distributed]' for PostgreSQL",
        ) from error
    except RuntimeError as error:
        raise _outdated(storage, str(error)) from error
    except (SQLAlchemyError, StorageInternalError) as error:
        raise _unreadable(storage, error) from error


def _journal(storage: str, path: Path) -> BaseStorage:
    from optuna.storages.journal import JournalFileBackend

    try:
        return JournalStorage(JournalFileBackend(str(path)))
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"The journal is damaged: {error}", where=storage, allowed="a journal of Optuna") from error


def _is_journal(head: bytes) -> bool:
    try:
        first = json.loads(head.splitlines()[0]) if head.strip() else None
    except ValueError:
        return False
    return isinstance(first, dict) and "op_code" in first


def _outdated(storage: str, reason: str) -> InputError:
    return InputError(
        f"Another version of Optuna wrote the storage: {reason.splitlines()[0]}",
        where=_without_password(storage),
        allowed=f"a storage of Optuna {optuna.__version__}'s form; make a copy, then bring it up to date with"
        " 'optuna storage upgrade --storage URL'",
    )


def _unreadable(storage: str, error: Exception) -> InputError:
    # Optuna's own error only says that there is one. The first line says it; then come statements and addresses.
    cause = error.__cause__ if isinstance(error, StorageInternalError) and error.__cause__ else error
    reason = str(cause).splitlines()[0]
    if "no such table" in reason or "UndefinedTable" in reason:
        return InputError("The database holds no studies of Optuna.", where=_without_password(storage), allowed=ALLOWED)
    if "readonly" in reason.replace(" ", "").replace("-", "").lower():
        return _outdated(storage, "it lacks the version's mark, which only a new form has")
    return InputError(f"The storage cannot be read: {reason}", where=_without_password(storage), allowed=ALLOWED)


def _without_password(storage: str) -> str:
    return make_url(storage).render_as_string(hide_password=True) if "://" in storage else storage


def _study(study: optuna.Study | FrozenStudy, system_attrs: Mapping[str, Any], trials: list[FrozenTrial]) -> Study:
    user, lost_user = _attributes(study.user_attrs)
    # What the transfer sampler keeps there is a copy of evidence that the graph has.
    system, lost_system = _attributes(system_attrs, ours=False)
    return Study(
        name=study.study_name,
        directions=tuple(direction.name.lower() for direction in study.directions),
        user_attrs=user,
        system_attrs=system,
        left_out=(*lost_user, *lost_system),
        trials=tuple(_trial(trial) for trial in sorted(trials, key=lambda trial: trial.number)),
    )


def _trial(trial: FrozenTrial) -> Trial:
    return Trial(
        number=trial.number,
        state=trial.state.name,
        params=FrozenMapping[str, ParameterValue]({name: _plain(value) for name, value in trial.params.items()}),
        distributions=FrozenMapping[str, Distribution](
            {name: _distribution(found) for name, found in trial.distributions.items()}
        ),
        values=tuple(_finite(value) for value in trial.values or ()),
        intermediate=FrozenMapping[int, float | None](
            {int(step): _finite(value) for step, value in sorted(trial.intermediate_values.items())}
        ),
        user_attrs=_attributes(trial.user_attrs)[0],
        system_attrs=_attributes(trial.system_attrs)[0],
        started=trial.datetime_start,
        completed=trial.datetime_complete,
    )


def _distribution(distribution: BaseDistribution) -> Distribution:
    match distribution:
        case FloatDistribution(low=low, high=high, log=log, step=step):
            return Distribution(kind="float", low=low, high=high, log=log, step=step)
        case IntDistribution(low=low, high=high, log=log, step=step):
            return Distribution(kind="int", low=low, high=high, log=log, step=step)
        case CategoricalDistribution(choices=choices):
            return Distribution(kind="categorical", choices=tuple(_plain(choice) for choice in choices))
        case _:
            raise InputError(f"{type(distribution).__name__} is no distribution that is known.", where="study")


def _plain(value: Any) -> ParameterValue:
    if hasattr(value, "item") and not isinstance(value, str):
        value = value.item()  # a numpy scalar
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _finite(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None


def _attributes(
    attributes: Mapping[str, Any], *, ours: bool = True
) -> tuple[FrozenMapping[str, JsonValue], tuple[str, ...]]:
    """Return the attributes that are JSON and not too long (`ours` may be), and the names of the others."""
    kept = dict(_kept(attributes, ours=ours))
    return FrozenMapping[str, JsonValue](kept), tuple(name for name in attributes if name not in kept)


def _kept(attributes: Mapping[str, Any], *, ours: bool) -> Iterator[tuple[str, JsonValue]]:
    for name, value in attributes.items():
        try:
            text = json.dumps(value, allow_nan=False)
        except (TypeError, ValueError):
            continue
        if len(text) <= LONGEST_ATTRIBUTE or (ours and name.startswith(OURS)):
            yield name, json.loads(text)
