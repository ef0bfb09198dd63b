"""OpenML: data sets, tasks, and the runs of all flows whose learner the registry knows, read from the mirror.

The mirror (`ingest.sources.openml.mirror`) is what was fetched, untouched: what cannot be mapped stays there and is
counted, flow by flow with one run as an example. It grows. Runs are told by their OpenML id, not by the page they stand
in: however the pages are cut, whatever came later, a run keeps its name in the run table, so a mirror that has grown
adds what is new and leaves the rest unchanged. It is read again as a whole, but nothing is fetched again.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ingest.normalize import reason_of
from ingest.records import Items, Page, RawRuns, Rejected
from ingest.sources.base import Source
from ingest.sources.openml.described import Described, Task, described, server_of
from ingest.sources.openml.dialects import Table
from ingest.sources.openml.evaluations import RunsPage, TaskEvaluations
from ingest.sources.openml.files import Files, Setups, is_id, mapping
from ingest.sources.openml.flows import FlowReading, read_flow, read_setup
from kg.errors import RecordError

_KINDS = ("datasets", "tasks", "flows", "runs", "setups", "evaluations/*/*")
#: What the fetcher notes for itself; it goes with the rest when the source is forgotten.
_OF_FETCHING = ("suites/*.json", "state.json")


class OpenmlSource(Source):
    """What was fetched from OpenML."""

    name = "openml"
    title = "OpenML: data sets, tasks and runs"
    licence = "CC-BY-4.0"
    url = "https://www.openml.org"
    family = "openml"
    files = (*(f"openml/{kind}/*.json" for kind in _KINDS), *(f"openml/{name}" for name in _OF_FETCHING))

    def digest(self, folder: Path) -> str:
        """Return a digest of what was fetched and from where; that it was asked for again changes nothing."""
        total = hashlib.sha256(server_of(Files(folder / "openml")).encode())
        for path in self.paths(folder):
            place = path.relative_to(folder)
            if not any(place.match(f"openml/{name}") for name in _OF_FETCHING):
                total.update(place.as_posix().encode() + b"\0")
                with path.open("rb") as handle:
                    total.update(hashlib.file_digest(handle, "sha256").digest())
        return total.hexdigest()[:16]

    def read(self, folder: Path, *, retrieved: date) -> Iterator[Page]:
        """Yield the data sets, then the runs page by page, then what could not be mapped."""
        files = Files(folder / "openml")
        known = described(files)
        yield Items("openml/datasets", known.items(lambda locator: self.provenance(retrieved, locator)))
        reading = _Reading(files, known, Setups(files))
        for path in _task_folders(files.folder):
            yield from reading.runs(path)
        rejected = (*files.faults.values(), *reading.rejected)
        yield Items("openml/flows", (), rejected, reading.unmapped())


@dataclass
class _Reading:
    """One pass over the runs of a mirror."""

    files: Files
    known: Described
    setups: Setups
    rejected: list[Rejected] = field(default_factory=list)
    """Records of pages that have no run to go with."""
    counts: Counter[str] = field(default_factory=Counter)
    """What cannot be mapped, and why -> runs of it."""
    examples: dict[str, int] = field(default_factory=dict)
    """What cannot be mapped -> one of its runs."""

    def runs(self, folder: Path) -> Iterator[RawRuns]:
        """Yield the runs of one task."""
        number = int(folder.name)
        task = self.known.tasks.get(number)
        for page in TaskEvaluations(self.files, folder, fits=task.fits if task else 1).pages():
            if page.malformed:
                place = self.files.name(page.path)
                self.rejected += [Rejected(place, "evaluation without ids")] * page.malformed
            found = self._page(page, number, task)
            if len(found.frame):
                yield found
            else:
                self.rejected += found.rejected

    def unmapped(self) -> Mapping[str, int]:
        """Return what was left in the mirror, with one run as an example -> runs of it."""
        return {f"{what} (run {self.examples[what]})": n for what, n in sorted(self.counts.items())}

    def _page(self, page: RunsPage, number: int, task: Task | None) -> RawRuns:
        place = f"openml/evaluations/{number}"
        flows = {name: read_flow(name) for name in page.frame["flow_name"].unique()}
        pairs = zip(page.frame["data_id"].tolist(), page.frame["flow_name"], strict=True)
        problems = [self._problem(task, data_id, flows[name]) for data_id, name in pairs]
        for run, problem in zip(page.frame["run_id"].tolist(), problems, strict=True):
            if problem:
                self.counts[problem] += 1
                self.examples.setdefault(problem, run)
        usable = page.frame[np.array([not problem for problem in problems], dtype=bool)].reset_index(drop=True)
        configurations = _Configurations(self.files, self.known.table(task) if task else None)
        indices = configurations.indices(usable, self.setups, flows)
        rejected = [
            Rejected(f"{place}:{run}", reason_of(fault), fault)
            for run, fault in zip(usable["run_id"].tolist(), indices, strict=True)
            if isinstance(fault, str)
        ]
        kept = usable[np.array([isinstance(index, int) for index in indices], dtype=bool)].reset_index(drop=True)
        frame = kept.drop(columns=["setup_id", "flow_id", "data_id", "flow_name", "run_id"]).assign(
            row=kept["run_id"],
            dataset=[self.known.key(data_id) for data_id in kept["data_id"]],
            learner=kept["flow_name"],
            configuration=[index for index in indices if isinstance(index, int)],
            seconds=_believable_seconds(kept, flows),
        )
        return RawRuns(place, frame, configurations.found, tuple(rejected), _unused_times(kept, flows))

    def _problem(self, task: Task | None, data_id: int, flow: FlowReading) -> str:
        if problem := self.known.problem(task, data_id):
            return problem
        return f"flow {flow.name or '(no name)'}: {flow.problem}" if flow.problem else ""


class _Configurations:
    """The distinct configurations of a page.

    Args:
        files: The mirror's files.
        table: What some settings depend on.
    """

    def __init__(self, files: Files, table: Table | None) -> None:
        self._files, self._table = files, table
        self._by_content: dict[str, int] = {}
        self._found: list[Mapping[str, Any]] = []

    @property
    def found(self) -> tuple[Mapping[str, Any], ...]:
        """The configurations, by index."""
        return tuple(self._found)

    def indices(self, runs: pd.DataFrame, setups: Setups, flows: Mapping[str, FlowReading]) -> list[int | str]:
        """Return the index of each run's configuration, or what is wrong with it."""
        names = runs["flow_name"].tolist()
        rows: dict[int, list[int]] = defaultdict(list)
        for at, setup_id in enumerate(runs["setup_id"].tolist()):
            rows[setup_id].append(at)
        found: dict[int, int | str] = {}
        for setup_id, setup in setups.of(rows):
            read: dict[str, int | str] = {}
            for at in rows[setup_id]:
                if names[at] not in read:
                    read[names[at]] = self._index(flows[names[at]], setup.get("parameters") or [])
                found[at] = read[names[at]]
        ids = zip(runs["run_id"].tolist(), runs["flow_id"].tolist(), strict=True)
        return [found[at] if at in found else self._of_run(*pair, flows[names[at]]) for at, pair in enumerate(ids)]

    def _index(self, flow: FlowReading, parameters: list[dict[str, Any]]) -> int | str:
        try:
            settings = read_setup(flow, parameters, self._table)
        except RecordError as error:
            return str(error)
        except (KeyError, TypeError, AttributeError) as error:
            return f"malformed setup: {type(error).__name__} {error}"
        content = json.dumps(settings, sort_keys=True, default=str)
        if content not in self._by_content:
            self._by_content[content] = len(self._found)
            self._found.append(settings)
        return self._by_content[content]

    def _of_run(self, run_id: int, flow_id: int, flow: FlowReading) -> int | str:
        """Return the index of the configuration that the run itself says, where the mirror has no setup."""
        path = self._files.folder / "runs" / f"{run_id}.json"
        if not path.is_file():
            return "setup not in the mirror"
        names = self._component_names(flow_id)
        given = self._files.record(path).get("parameter_settings")
        settings = [mapping(one) for one in given] if isinstance(given, list) else []
        return self._index(flow, [{**one, "flow_name": names.get(_id(one.get("component")), "")} for one in settings])

    def _component_names(self, flow_id: int) -> dict[int, str]:
        path = self._files.folder / "flows" / f"{flow_id}.json"
        return dict(_ids_and_names(self._files.record(path))) if path.is_file() else {}


def _id(value: object) -> int:
    return value if isinstance(value, int) else 0


def _ids_and_names(flow: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    if is_id(flow.get("id")):
        yield flow["id"], str(flow.get("name", ""))
    for part in mapping(flow.get("components")).values():
        yield from _ids_and_names(mapping(part))


def _task_folders(folder: Path) -> list[Path]:
    paths = (path for path in (folder / "evaluations").glob("*") if path.name.isdecimal() and path.is_dir())
    return sorted(paths, key=lambda path: int(path.name))


def _is_r(flow: FlowReading) -> bool:
    return flow.vocabulary in ("openml-mlr", "openml-kernlab")


def _believable_seconds(runs: pd.DataFrame, flows: Mapping[str, FlowReading]) -> pd.Series:
    """Return the seconds without those of R's flows, whose unit is not what the name says."""
    return runs["seconds"].mask(pd.Series([_is_r(flows[name]) for name in runs["flow_name"]], dtype=bool))


def _unused_times(runs: pd.DataFrame, flows: Mapping[str, FlowReading]) -> dict[str, int]:
    of_r = [_is_r(flows[name]) for name in runs["flow_name"]]
    unused = int(runs["seconds"].notna()[of_r].sum())
    return {"usercpu_time_millis of R's flows: unit unsure": unused} if unused else {}
