"""OpenML's client, asked for one thing at a time: what comes out is plain JSON values in the mirror's layout.

This is the only importer of the ``openml`` package. Its settings are globals of the process; they are set for each call
and put back after it. Its cache is not used as one: what it writes before it has understood it would be read for good,
so that each call starts with an empty folder, and what it gives goes to the mirror.
"""

from __future__ import annotations

import logging
import re
import shutil
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ingest.sources.openml.faults import FetchError, MalformedError, NoResultError, RefusedError, TransientError
from ingest.sources.openml.limits import Limits, RateLimit
from ingest.sources.openml.records import (
    Record,
    dataset_record,
    evaluation_record,
    flow_record,
    run_record,
    setup_record,
    task_record,
)
from kg.errors import InputError

if TYPE_CHECKING:
    from ingest.sources.openml.session import Wire

#: Where OpenML is, as its client knows it.
PRODUCTION = "https://www.openml.org/api/v1/xml"
#: Setups that are asked for at once: their ids stand in the address, whose length is limited.
MOST_SETUPS = 100

_DATABASE_BUSY = 107
#: What the client raises, by accident or by assertion, on answers that are not what it expects.
_UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, AssertionError, RuntimeError)
#: What every evaluation has, each above zero.
_IDS = ("run_id", "task_id", "setup_id", "flow_id", "data_id")
_ALIAS = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_one_at_a_time = threading.RLock()


def import_openml() -> ModuleType:
    """Return the ``openml`` package.

    Raises:
        InputError: It is not installed.
    """
    try:
        import openml
    except ImportError as error:
        raise InputError(
            f"OpenML's client cannot be imported ({error}).",
            where="openml",
            allowed="pip install 'tunegraph[openml]', then try again",
        ) from error
    module: ModuleType = openml
    if not isinstance(getattr(openml._api_calls, "requests", None), ModuleType | _Requests):
        raise InputError(
            f"OpenML's client {openml.__version__} cannot be given limits for what it reads.",
            where="openml",
            allowed="0.15.1, which pip install 'tunegraph[openml]' brings",
        )
    return module


class OpenmlClient:
    """Asks one server of OpenML.

    Args:
        scratch: A folder of one's own, emptied at each call.
        server: Address of its XML interface, such as `PRODUCTION`; by default the one in OpenML's own settings.
        limits: How fast, how large, how slow.

    Raises:
        InputError: The package is not installed, or `server` is no address of the web.
    """

    def __init__(self, scratch: Path, *, server: str | None = None, limits: Limits | None = None) -> None:
        self._openml = import_openml()
        from ingest.sources.openml.session import Wire

        configured = str(self._openml.config.server)
        self.server = _checked_server(server or configured)
        key = str(self._openml.config.apikey or "")
        # A key belongs to the server that it stands beside in OpenML's settings, and is shown to no other.
        self._key = key if urlsplit(self.server).netloc == urlsplit(configured).netloc else ""
        self.limits = limits or Limits()
        self.wire: Wire = Wire(self.limits, RateLimit(self.limits.requests_per_second))
        self._scratch = scratch

    def suite(self, suite: int | str) -> Record:
        """Return a benchmark suite, by id or alias: ``{id, alias, name, tasks, data}``."""
        if isinstance(suite, str) and not _ALIAS.fullmatch(suite):
            raise InputError(f"{suite!r} names no suite.", where="--suite", allowed="an id, or an alias of letters")
        with self._asking():
            found = self._openml.study.get_suite(suite)
            return {
                "id": int(found.study_id),
                "alias": found.alias,
                "name": found.name,
                "tasks": sorted({int(task) for task in found.tasks or ()}),
                "data": sorted({int(data) for data in found.data or ()}),
            }

    def task(self, task_id: int) -> tuple[Record, Record]:
        """Return a task and its data set, in the mirror's layout."""
        with self._asking():
            task = self._openml.tasks.get_task(task_id, download_data=False, download_qualities=False)
            record = _of(task_id, task_record(task))
            return record, self._dataset(record["data_id"])

    def dataset(self, data_id: int) -> Record:
        """Return a data set: description, qualities and features, without its rows."""
        with self._asking():
            return self._dataset(data_id)

    def statuses(self, data_ids: Iterable[int]) -> dict[int, str]:
        """Return the status (``active``, ``deactivated``, ``in_preparation``) of data sets, as far as it is known."""
        with self._asking():
            listed = self._openml.datasets.list_datasets(
                data_id=sorted(data_ids), status="all", output_format="dataframe"
            )
            if "status" not in listed:
                return {}
            return {int(did): str(status) for did, status in zip(listed["did"], listed["status"], strict=True)}

    def flow(self, flow_id: int) -> Record:
        """Return a flow with its components and the defaults of its parameters."""
        with self._asking():
            return _of(flow_id, flow_record(self._openml.flows.get_flow(flow_id)))

    def setups(self, setup_ids: Iterable[int]) -> list[Record]:
        """Return the setups that the server has of those asked for, at most `MOST_SETUPS`."""
        with self._asking():
            found = self._openml.setups.list_setups(setup=sorted(setup_ids), output_format="object")
            return [setup_record(found[setup_id]) for setup_id in sorted(found)]

    def evaluations(self, function: str, task_id: int, flow_id: int | None, *, offset: int, limit: int) -> list[Record]:
        """Return evaluations from number `offset` on, at most `limit`, a run once; none where the list is over."""
        with self._asking():
            found = self._openml.evaluations.list_evaluations(
                function=function,
                tasks=[task_id],
                flows=None if flow_id is None else [flow_id],
                offset=offset,
                size=limit,
                output_format="object",
            )
            rows = [evaluation_record(evaluation) for evaluation in found.values()]
            if not all(row[name] > 0 for row in rows for name in _IDS):
                raise MalformedError("malformed answer", "an evaluation without ids")
            return rows

    def run(self, run_id: int) -> Record:
        """Return a run with its settings and evaluations."""
        with self._asking():
            return _of(run_id, run_record(self._openml.runs.get_run(run_id)), name="run_id")

    def _dataset(self, data_id: int) -> Record:
        dataset = self._openml.datasets.get_dataset(
            data_id, download_data=False, download_qualities=False, download_features_meta_data=False
        )
        qualities: dict[str, float] = self._if_there(lambda: dataset.qualities)
        features: dict[int, Any] = self._if_there(lambda: dataset.features)
        return _of(data_id, dataset_record(dataset, qualities, list(features.values())))

    def _if_there(self, ask: Callable[[], Any]) -> Any:
        """Return what `ask` gives; nothing where the server has not computed it (yet), which it answers by an error."""
        try:
            return ask() or {}
        except self._openml.exceptions.OpenMLServerException as error:
            if error.code == _DATABASE_BUSY:
                raise
            return {}

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Point the client at our server, folder and session, and say what goes wrong in our words."""
        with _one_at_a_time, self._settings(), self._failures(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield

    @contextmanager
    def _settings(self) -> Iterator[None]:
        config, calls = self._openml.config, self._openml._api_calls
        before = config.get_config_as_dict()
        silent, root = logging.NullHandler(), logging.getLogger()
        shutil.rmtree(self._scratch, ignore_errors=True)
        self._scratch.mkdir(parents=True)
        try:
            config.server, config.apikey = self.server, self._key
            config.set_root_cache_directory(self._scratch)
            config.set_retry_policy("human", 1)
            calls.requests = _Requests(calls.requests, self.wire)
            # The client logs on the root logger, which would else set up logging for the whole process.
            root.addHandler(silent)
            yield
        finally:
            root.removeHandler(silent)
            calls.requests = calls.requests.module
            config.server, config.apikey = before["server"], before["apikey"]
            config.set_root_cache_directory(before["cachedir"])
            config.set_retry_policy(before["retry_policy"], before["connection_n_retries"])
            shutil.rmtree(self._scratch, ignore_errors=True)

    @contextmanager
    def _failures(self) -> Iterator[None]:
        from xml.parsers.expat import ExpatError

        from requests import RequestException

        exceptions = self._openml.exceptions
        try:
            yield
        except FetchError as error:
            error.detail = self._without_key(error.detail)
            raise
        except exceptions.OpenMLServerNoResult as error:
            raise NoResultError("no such record", self._said(error)) from None
        except exceptions.OpenMLServerException as error:
            if error.code == _DATABASE_BUSY:
                raise TransientError("server busy", self._said(error)) from None
            raise RefusedError("refused by the server", self._said(error)) from None
        except ExpatError as error:
            raise TransientError("truncated answer", self._said(error)) from None
        except exceptions.PyOpenMLError as error:
            if "malformed" in str(error) or isinstance(error.__cause__, ExpatError):
                raise TransientError("truncated answer", self._said(error)) from None
            raise RefusedError("refused by the server", self._said(error)) from None
        except RequestException as error:
            raise TransientError("connection failed", self._said(error)) from None
        except _UNREADABLE as error:
            raise MalformedError("malformed answer", f"{type(error).__name__}: {self._said(error)}") from None

    def _said(self, error: Exception) -> str:
        try:
            return self._without_key(str(error))
        except RecursionError:
            return "too deep"

    def _without_key(self, text: str) -> str:
        """Return `text` without the key, which stands in addresses."""
        return text.replace(self._key, "(key)") if self._key else text


class _Requests:
    """The module ``requests`` as the client sees it: as it is, but for its session."""

    def __init__(self, module: ModuleType, wire: Wire) -> None:
        self.module = module
        self.Session = wire.session

    def __getattr__(self, name: str) -> Any:
        return getattr(self.module, name)


def _of(asked: int, record: Record, *, name: str = "id") -> Record:
    """Return an answer that is about what was asked for."""
    if record[name] != asked:
        raise MalformedError("malformed answer", f"asked for {asked}, got {record[name]}")
    return record


def _checked_server(server: str) -> str:
    parts = urlsplit(server)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?", host):
        raise InputError(f"{server!r} is no server.", where="--server", allowed=f"an address such as {PRODUCTION}")
    return server.rstrip("/")
