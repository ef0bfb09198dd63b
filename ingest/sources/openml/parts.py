"""The flows and setups that evaluations name, each fetched once; a run, where the server lacks or garbles its setup."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from ingest.sources.openml.asking import Asker
from ingest.sources.openml.client import MOST_SETUPS
from ingest.sources.openml.faults import FetchError, MalformedError
from ingest.sources.openml.mirror import Mirror, chunks
from ingest.sources.openml.records import Record


class Parts:
    """What is fetched beside evaluations.

    Args:
        asker: Asks, and notes what cannot be had.
        mirror: Where it goes.
    """

    def __init__(self, asker: Asker, mirror: Mirror) -> None:
        self._asker, self._mirror = asker, mirror
        self._tried: set[int] = set()
        """Flows that were asked for in vain."""

    def fetch_open(self) -> None:
        """Ask again for what could not be had by the last fetch."""
        for name, run in self._asker.journal.take_open().items():
            kind, number = name.split()
            if kind == "flow":
                self._flow(int(number), run)
            elif int(number) not in self._known:
                self._setups({int(number): run})

    def of(self, rows: Iterable[Record]) -> None:
        """Fetch the flows and setups that `rows` name and the mirror has not."""
        rows = list(rows)
        for flow, run in {row["flow_id"]: row["run_id"] for row in rows}.items():
            self._flow(flow, run)
        runs = {row["setup_id"]: row["run_id"] for row in rows}
        for chunk in chunks(runs.keys() - self._known, MOST_SETUPS):
            self._setups({setup: runs[setup] for setup in chunk})

    @cached_property
    def _known(self) -> set[int]:
        """The setups that are there, or were asked for in vain."""
        waiting = (name.split() for name in self._asker.journal.state.open)
        return self._mirror.known_setups() | {int(number) for kind, number in waiting if kind == "setup"}

    def _flow(self, flow: int, run: int) -> None:
        if self._mirror.has("flows", flow) or flow in self._tried:
            return
        self._tried.add(flow)
        with self._asker.noting(f"flow {flow}", run):
            self._mirror.write("flows", flow, self._asker.ask(lambda: self._asker.client.flow(flow)))
            self._asker.journal.new["flows"] += 1

    def _setups(self, runs: dict[int, int]) -> None:
        """Fetch setups, each given with a run that has it."""
        self._known.update(runs)
        try:
            setups = self._asker.ask(lambda: self._asker.client.setups(runs))
        except MalformedError:
            if len(runs) > 1:
                middle, ids = len(runs) // 2, sorted(runs)
                for half in (ids[:middle], ids[middle:]):
                    self._setups({setup: runs[setup] for setup in half})
                return
            setups = []
        except FetchError as error:
            for setup, run in runs.items():
                self._asker.note(f"setup {setup}", error, run)
            return
        self._keep([setup for setup in setups if setup["setup_id"] in runs], runs)

    def _keep(self, setups: list[Record], runs: dict[int, int]) -> None:
        if setups:
            self._mirror.write_setups(setups)
            self._asker.journal.new["setups"] += len(setups)
        got = {setup["setup_id"] for setup in setups}
        for setup, run in runs.items():
            if setup not in got:
                self._run(setup, run)

    def _run(self, setup: int, run: int) -> None:
        with self._asker.noting(f"setup {setup}", run):
            self._mirror.write("runs", run, self._asker.ask(lambda: self._asker.client.run(run)))
            self._asker.journal.new["runs"] += 1
