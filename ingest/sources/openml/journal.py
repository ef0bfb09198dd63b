"""What a fetch has done so far: for its report, and in the mirror for the fetch that goes on with it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ingest.sources.openml.faults import FetchError
from ingest.sources.openml.fetch_report import Failure
from ingest.sources.openml.listing import Listing
from ingest.sources.openml.mirror import Mirror, State, now
from ingest.sources.openml.request import FetchRequest
from kg.errors import InputError


@dataclass
class Journal:
    """The course of one fetch."""

    mirror: Mirror
    state: State
    new: Counter[str] = field(default_factory=Counter)
    """What was written, by kind."""
    failures: list[Failure] = field(default_factory=list)
    lists: dict[str, list[str]] = field(default_factory=dict)
    """``empty``, ``changed``, ``shifted``, ``unordered`` -> the lists that are."""

    @classmethod
    def open(cls, mirror: Mirror, server: str, request: FetchRequest) -> Journal:
        """Go on with a fetch of the same request that did not come to its end, or begin one.

        Raises:
            InputError: The mirror is of another server.
        """
        last = check_server(mirror, server)
        if last is None:
            mirror.drop_notes()
        state = State(server=server, request=request.identity(), started=now(), open=last.open if last else {})
        if last is not None and not last.finished and last.request == request.identity():
            state = last
        mirror.write_state(state)
        return cls(mirror, state)

    def has_complete(self, name: str) -> bool:
        """Say whether this fetch, or the one that it goes on with, has read a list to its end."""
        return name in self.state.complete

    def failed(self, what: str, error: FetchError, run: int | None = None) -> None:
        """Note a failure; with a run that has the flow or setup, it is asked for again the next time."""
        self.failures.append(Failure(what=what, reason=error.reason, detail=error.detail))
        if run is not None:
            self._write(open={**self.state.open, what: run})

    def take_open(self) -> dict[str, int]:
        """Return what could not be had the last time, with a run each; it is no longer noted."""
        left = dict(self.state.open)
        if left:
            self._write(open={})
        return left

    def listed(self, listing: Listing, *, ended: bool) -> None:
        """Note what a list is like, and that it is complete if its end was reached."""
        name = str(listing.key)
        for row, error in listing.bad:
            self.failed(f"{name}, row {row}", error)
        facts = {
            "empty": ended and listing.span() is None,
            "changed": listing.changed,
            "shifted": listing.shifted,
            "unordered": not listing.ordered,
        }
        for fact, holds in facts.items():
            if holds:
                self.lists.setdefault(fact, []).append(name)
        if ended:
            self._write(complete=(*self.state.complete, name))

    def finish(self) -> None:
        """Note that the fetch came to its end: the next one looks for what is new."""
        self._write(finished=now())

    def _write(self, **changes: object) -> None:
        self.state = self.state.replace(**changes)
        self.mirror.write_state(self.state)


def check_server(mirror: Mirror, server: str) -> State | None:
    """Return the state of the last fetch, if there was one whose records are still there.

    Raises:
        InputError: The mirror is of another server, on which ids mean other things.
    """
    state = None if mirror.is_empty() else mirror.state()
    if state is not None and state.server != server:
        raise InputError(
            f"The mirror {mirror.folder} is of {state.server}, whose ids mean other things.",
            where="--server",
            allowed=f"{state.server}, another --home, or tunegraph forget openml first",
        )
    return state
