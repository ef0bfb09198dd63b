"""Optuna's storages, opened so that many workers can share them, and go on where one was away for a while.

storage = open_storage("postgresql+psycopg://user@host/studies")   also sqlite:///, journal:///file, grpc://host:port
study, made = created_or_loaded(storage, "loans", direction="maximize")

Optuna makes its tables when a storage is opened, and workers that open an empty database at the same moment get into
each other's way. So opening is tried again: once one of them has made the tables, the others find them.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import optuna
from optuna.exceptions import DuplicatedStudyError, StorageInternalError
from optuna.storages import BaseStorage, JournalStorage, RDBStorage, get_storage
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from kg.errors import InputError, UnknownNameError
from recommender.patient_storage import PATIENCE_S, PatientStorage

ALLOWED = (
    "a URL such as sqlite:///study.db, in a folder that is there and may be written; "
    "postgresql+psycopg://user@host/database; journal:///folder/study.log; or grpc://host:13000"
)
#: System attribute of a study: whoever made it has put everything into it.
LAID_OUT = "tunegraph:laid_out"
#: How often opening is tried where another worker is making the tables, and seconds in between.
_TRIES, _PAUSE_S = 20, 0.1
#: Seconds to wait for whoever is laying the study out.
LAYING_OUT_S = 10.0
_SQLITE_MAGIC = b"SQLite format 3\0"


def open_storage(url: str, *, patience_s: float = PATIENCE_S) -> BaseStorage:
    """Return the storage at `url`; an empty database gets Optuna's tables.

    Args:
        url: SQLAlchemy's form for a database; ``journal:///FILE`` for a journal that workers of one machine share;
            ``grpc://HOST:PORT`` for Optuna's gRPC proxy (``optuna.storages.run_grpc_proxy_server``).
        patience_s: Seconds for which later calls are tried again where the storage has gone away.

    Raises:
        InputError: It cannot be opened.
    """
    try:
        parsed = make_url(url)
        match parsed.get_backend_name():
            case "journal":
                return _journal(Path(parsed.database or ""))
            case "grpc":
                opened = _proxy(parsed)
            case _:
                opened = _database(parsed)
    except (SQLAlchemyError, StorageInternalError, ImportError, ValueError, OSError) as error:
        raise _unusable(url, error) from error
    patient: BaseStorage = PatientStorage(opened, patience_s)
    return patient


def existing_storage(place: str) -> BaseStorage:
    """Return a storage that is there already; no file and no table is made.

    Args:
        place: A URL as for `open_storage`, or the path of a SQLite or journal file.

    Raises:
        InputError: It is not there or cannot be opened.
    """
    path = _file_of(place)
    if path is None:
        return open_storage(place)
    if not path.is_file():
        raise InputError("There is no such file.", where=place, allowed="a SQLite or journal file, or a URL")
    with path.open("rb") as file:
        is_sqlite = file.read(len(_SQLITE_MAGIC)) == _SQLITE_MAGIC
    try:
        if not is_sqlite:
            return _journal(path)
        return get_storage(RDBStorage(f"sqlite:///{path}", skip_table_creation=True))
    except (SQLAlchemyError, StorageInternalError, RuntimeError, ValueError, KeyError, TypeError) as error:
        raise _unusable(place, error) from error


def stored_study(place: str, study_name: str | None = None) -> optuna.Study:
    """Return a study of a storage that is there already.

    Args:
        place: As for `existing_storage`.
        study_name: Its name. None: the only one that the storage holds.

    Raises:
        InputError: The storage cannot be opened, or no name is given and it does not hold exactly one study.
        UnknownNameError: It holds no study of that name.
    """
    storage = existing_storage(place)
    try:
        names = sorted(study.study_name for study in storage.get_all_studies())
    except (SQLAlchemyError, StorageInternalError) as error:
        raise _unusable(place, error) from error
    if study_name is None and len(names) != 1:
        held = ", ".join(names) or "none"
        raise InputError(f"The storage holds {len(names)} studies.", where="--study-name", allowed=held)
    if study_name is not None and study_name not in names:
        raise UnknownNameError("study", study_name, names)
    return optuna.load_study(study_name=study_name or names[0], storage=storage)


def created_or_loaded(
    storage: BaseStorage | None,
    study_name: str | None,
    *,
    direction: Literal["minimize", "maximize"],
    wait_s: float = LAYING_OUT_S,
    **parts: Any,
) -> tuple[optuna.Study, bool]:
    """Return the study of that name, and whether this call made it; of many workers, exactly one is told so.

    Where another worker made it, that worker's `laid_out` is waited for.

    Args:
        storage: None: in memory.
        study_name: None: Optuna makes one up.
        direction: maximize or minimize.
        wait_s: Seconds to wait at most: whoever made it may have died on the way.
        parts: Sampler and pruner, as for `optuna.create_study`.
    """
    try:
        return optuna.create_study(storage=storage, study_name=study_name, direction=direction, **parts), True
    except DuplicatedStudyError:
        assert storage is not None  # noqa: S101  # in memory, there is nothing that it could be a duplicate of
        study = optuna.load_study(study_name=study_name, storage=storage, **parts)
    deadline = time.monotonic() + wait_s
    while time.monotonic() < deadline and not is_laid_out(study):
        time.sleep(_PAUSE_S)
    return study, False


def laid_out(study: optuna.Study) -> None:
    """Let the workers that wait for `study` begin."""
    study._storage.set_study_system_attr(study._study_id, LAID_OUT, True)


def is_laid_out(study: optuna.Study) -> bool:
    """Say whether whoever made `study` has put everything into it."""
    attributes: Mapping[str, Any] = study._storage.get_study_system_attrs(study._study_id)
    return bool(attributes.get(LAID_OUT))


def is_shared(study: optuna.Study) -> bool:
    """Say whether other processes can see `study`."""
    return not isinstance(study._storage, optuna.storages.InMemoryStorage)


def without_password(place: str) -> str:
    """Return `place` for people: a password in a URL is not shown."""
    try:
        return make_url(place).render_as_string(hide_password=True) if "://" in place else place
    except (SQLAlchemyError, ValueError):
        return place


def _file_of(place: str) -> Path | None:
    """Return the file that `place` is; None where it is a server."""
    if "://" not in place:
        return Path(place).expanduser()
    try:
        url = make_url(place)
    except (SQLAlchemyError, ValueError) as error:
        raise _unusable(place, error) from error
    return Path(url.database or "") if url.get_backend_name() in ("sqlite", "journal") else None


def _journal(path: Path) -> BaseStorage:
    from optuna.storages.journal import JournalFileBackend

    if not path.parent.is_dir() or path.is_dir():
        raise ValueError(f"{str(path)!r} is no path of a file in a folder that is there")
    return JournalStorage(JournalFileBackend(str(path)))


def _proxy(url: URL) -> BaseStorage:
    if find_spec("grpc") is None:
        raise ImportError("grpcio is not installed: pip install 'tunegraph[distributed]'")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        proxy = optuna.storages.GrpcStorageProxy(host=url.host or "localhost", port=url.port or 13000)
    proxy.wait_server_ready(timeout=10)
    return proxy


def _database(url: URL) -> BaseStorage:
    address = url.render_as_string(hide_password=False)
    # A connection that a restart of the server has cut is noticed when it is taken out of the pool.
    engine = {} if url.get_backend_name() == "sqlite" else {"pool_pre_ping": True}
    for left in reversed(range(_TRIES)):
        try:
            return get_storage(RDBStorage(address, engine_kwargs=dict(engine)))
        except (SQLAlchemyError, StorageInternalError) as error:
            if not left or not _is_race(error):
                raise
            time.sleep(_PAUSE_S)
    raise AssertionError("the last try returns or raises")


def _is_race(error: Exception) -> bool:
    """Say whether opening failed because another worker was making the same table or row, or held the file."""
    cause = error.__cause__ if isinstance(error, StorageInternalError) else error
    words = str(cause).lower()
    return isinstance(cause, IntegrityError) or "already exists" in words or "database is locked" in words


def _unusable(place: str, error: Exception) -> InputError:
    # Optuna's own error only says that there is one. The first line says it; then come addresses of manuals.
    cause = error.__cause__ if isinstance(error, StorageInternalError) and error.__cause__ else error
    reason = (str(cause).splitlines() or [type(cause).__name__])[0]
    shown = without_password(place)
    return InputError(f"The storage {shown!r} cannot be opened: {reason}", where="storage", allowed=ALLOWED)
