"""The mirror: what was fetched from one server of OpenML, as raw files, each written whole. It is cache and checkpoint.

<home>/raw/openml/
  datasets/<data id>.json   tasks/<task id>.json   flows/<flow id>.json   runs/<run id>.json
  suites/<id or alias>.json                                 {id, alias, name, tasks, data, fetched}
  setups/<first id>-<digest>.json                           [{setup_id, flow_id, parameters: [...]}, ...]
  evaluations/<task id>/<list>/page-<offset>-<rows>.json    {request, fetched, rows}
  state.json                                                which server, and what the last fetch has completed

A list is named ``<function>``, with ``.flow-<id>`` where it was asked for one flow; the second time that it had to be
asked from the start it is ``<function>.v2``, and so on: nothing is ever deleted, so that a run may be in several pages.
All ids are whole numbers above zero, and a function is a word: no name from a server becomes a path.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TypeAlias

from ingest.sources.openml.faults import MalformedError
from ingest.sources.openml.records import Record
from kg.atomic_files import write_atomically
from kg.errors import InputError, StoreError
from kg.iris import digest
from kg.model.base import FrozenMapping, Value

Kind: TypeAlias = Literal["datasets", "tasks", "flows", "runs"]

#: The folder below the folder of raw files.
FOLDER = "openml"
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")
_SUITE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_PAGE = re.compile(r"page-(\d+)-(\d+)\.json")
#: Where records are, as against notes.
_RECORDS = ("datasets/*", "tasks/*", "flows/*", "runs/*", "setups/*", "evaluations/*/*/page-*")
# Written by us, without blanks: within a text of JSON the quotes would be escaped.
_SETUP_ID = re.compile(rb'\{"setup_id":(\d+),')


@dataclass(frozen=True)
class ListKey:
    """A list of evaluations: of one task, by one function, of all flows or of one."""

    task: int
    function: str
    flow: int | None = None

    def __post_init__(self) -> None:
        _checked_id(self.task)
        if self.flow is not None:
            _checked_id(self.flow)
        if not _WORD.fullmatch(self.function):
            raise InputError(f"{self.function!r} names no function.", where="--function", allowed="letters, digits, _")

    def __str__(self) -> str:
        flow = "" if self.flow is None else f", flow {self.flow}"
        return f"task {self.task}, {self.function}{flow}"

    @property
    def stem(self) -> str:
        """The name of its folder, before it had to be asked again."""
        return self.function if self.flow is None else f"{self.function}.flow-{self.flow}"


@dataclass(frozen=True)
class Page:
    """A file of evaluations."""

    path: Path
    offset: int
    """Number of the first evaluation in the server's list."""
    n: int
    """How many there are in it."""

    @property
    def end(self) -> int:
        """Number of the evaluation behind the last."""
        return self.offset + self.n

    def read(self) -> Record:
        """Return what is in the file: ``{request, fetched, rows}``.

        Raises:
            StoreError: It cannot be read.
        """
        return _read(self.path)

    def rows(self) -> list[Record]:
        """Return the evaluations.

        Raises:
            StoreError: They cannot be read.
        """
        rows: list[Record] = self.read()["rows"]
        return rows


class State(Value):
    """How far the last fetch has come."""

    server: str
    request: FrozenMapping[str, str] = FrozenMapping({})
    """What was asked for, without its limits: the same again goes on."""
    started: str = ""
    finished: str = ""
    """Empty where it was interrupted, or ran into its limits."""
    complete: tuple[str, ...] = ()
    """The lists that this fetch has read to their end."""
    open: FrozenMapping[str, int] = FrozenMapping({})
    """Flows and setups that could not be had (``flow 31``, ``setup 7``) -> a run that has them; asked for next time."""


class Mirror:
    """The raw files of one server.

    Args:
        folder: ``<home>/raw/openml``; made when something is written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def is_empty(self) -> bool:
        """Say whether there is no record, whatever notes there are."""
        return not any(True for pattern in _RECORDS for _ in self.folder.glob(pattern))

    def drop_notes(self) -> None:
        """Drop what is left of a mirror whose records were deleted: its state and suites."""
        shutil.rmtree(self.folder / "suites", ignore_errors=True)
        (self.folder / "state.json").unlink(missing_ok=True)

    def has(self, kind: Kind, number: int) -> bool:
        """Say whether a record is there."""
        return self._path(kind, number).is_file()

    def read(self, kind: Kind, number: int) -> Record:
        """Return a record.

        Raises:
            StoreError: It cannot be read.
        """
        return _read(self._path(kind, number))

    def write(self, kind: Kind, number: int, record: Record) -> None:
        """Write a record."""
        _write(self._path(kind, number), record)

    def task_type(self, task: int) -> str:
        """Return OpenML's type of a task, empty where the task is not there."""
        return str(self.read("tasks", task)["task_type"]) if self.has("tasks", task) else ""

    def suite(self, named: int | str) -> Record | None:
        """Return a suite as it was fetched, by the id or alias that it was asked by; None where it was not."""
        path = self._suite(named)
        return _read(path) if path.is_file() else None

    def write_suite(self, named: int | str, record: Record) -> None:
        """Write a suite."""
        _write(self._suite(named), {**record, "fetched": now()})

    def version(self, key: ListKey) -> int:
        """Return how often a list was begun; at least 1."""
        version = 1
        while self._list(key, version + 1).is_dir():
            version += 1
        return version

    def pages(self, key: ListKey, version: int) -> tuple[Page, ...]:
        """Return the pages of a list, by offset."""
        folder = self._list(key, version)
        names = [_PAGE.fullmatch(path.name) for path in folder.glob("page-*.json")]
        found = [Page(folder / name[0], int(name[1]), int(name[2])) for name in names if name]
        return tuple(sorted(found, key=lambda page: (page.offset, page.n)))

    def write_page(self, key: ListKey, version: int, *, offset: int, limit: int, rows: list[Record]) -> Page:
        """Write a page. When this returns, the page is safe."""
        path = self._list(key, version) / f"page-{offset}-{len(rows)}.json"
        asked = {"task": key.task, "function": key.function, "flow": key.flow, "offset": offset, "limit": limit}
        _write(path, {"request": asked, "fetched": now(), "rows": rows})
        return Page(path, offset, len(rows))

    def known_setups(self) -> set[int]:
        """Return the ids of the setups that are there, or whose settings a run has."""
        known: set[int] = set()
        for path in (self.folder / "setups").glob("*.json"):
            known.update(int(found) for found in _SETUP_ID.findall(path.read_bytes()))
        known.update(int(_read(path)["setup_id"]) for path in (self.folder / "runs").glob("*.json"))
        return known

    def write_setups(self, setups: list[Record]) -> None:
        """Write setups that were fetched together."""
        ids = [_checked_id(setup["setup_id"]) for setup in setups]
        # The id comes first in each: `known_setups` looks for that.
        ordered = [{"setup_id": setup["setup_id"], **setup} for setup in setups]
        _write(self.folder / "setups" / f"{min(ids)}-{digest(*ids)}.json", ordered)

    def count(self) -> FrozenMapping[str, int]:
        """Return how many files of each kind there are."""
        kinds = ("datasets", "tasks", "flows", "setups", "runs")
        counts = {kind: sum(1 for _ in (self.folder / kind).glob("*.json")) for kind in kinds}
        counts["pages"] = sum(1 for _ in (self.folder / "evaluations").glob("*/*/page-*.json"))
        return FrozenMapping[str, int](counts)

    def state(self) -> State | None:
        """Return the state of the last fetch.

        Raises:
            StoreError: It cannot be read.
        """
        path = self.folder / "state.json"
        return State.model_validate(_read(path)) if path.is_file() else None

    def write_state(self, state: State) -> None:
        """Write the state."""
        write_atomically(self.folder / "state.json", state.model_dump_json().encode())

    def _path(self, kind: Kind, number: int) -> Path:
        return self.folder / kind / f"{_checked_id(number)}.json"

    def _suite(self, named: int | str) -> Path:
        if not _SUITE.fullmatch(str(named)):
            raise InputError(f"{named!r} names no suite.", where="--suite", allowed="an id, or an alias of letters")
        return self.folder / "suites" / f"{named}.json"

    def _list(self, key: ListKey, version: int) -> Path:
        name = key.stem if version == 1 else f"{key.stem}.v{version}"
        return self.folder / "evaluations" / str(key.task) / name


def now() -> str:
    """Return the time, in UTC, as ISO 8601 has it."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def chunks(numbers: Iterable[int], size: int) -> Iterator[list[int]]:
    """Yield `numbers` in order, `size` at a time."""
    ordered = sorted(numbers)
    return (ordered[start : start + size] for start in range(0, len(ordered), size))


def _checked_id(number: object) -> int:
    if isinstance(number, int) and not isinstance(number, bool) and number > 0:
        return number
    raise MalformedError("malformed answer", f"{number!r} is no id")


def _read(path: Path) -> Record:
    try:
        content: Record = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise StoreError(f"{path} cannot be read: {error}. Delete it, and it is fetched again.") from error
    return content


def _write(path: Path, content: Record | list[Record]) -> None:
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    # A server may send half of a character pair, which UTF-8 has no bytes for.
    write_atomically(path, text.encode("utf-8", "backslashreplace"))
