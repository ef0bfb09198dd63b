"""Asks the client, again where that helps; what cannot be had is noted, and the rest goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from ingest.sources.openml.client import OpenmlClient
from ingest.sources.openml.faults import FetchError, FetchStopped, TransientError
from ingest.sources.openml.journal import Journal
from ingest.sources.openml.limits import Retrying

T = TypeVar("T")
Progress: TypeAlias = Callable[[str], None]
"""Called with a short text at each step."""


@dataclass
class Asker:
    """One client, the patience that we have with its server, and where failures are noted."""

    client: OpenmlClient
    retrying: Retrying
    journal: Journal
    progress: Progress
    _failed_in_a_row: int = field(default=0, init=False)

    def ask(self, ask: Callable[[], T]) -> T:
        """Return what `ask` returns.

        Raises:
            FetchError: It cannot be had.
            FetchStopped: The time is over; or the server is down: too much has failed in a row.
        """
        try:
            answer = self.retrying.call(ask)
        except TransientError as error:
            self._failed_in_a_row += 1
            if self._failed_in_a_row >= self.client.limits.failures_in_a_row:
                raise FetchStopped("server down") from error
            raise
        except FetchError:
            self._failed_in_a_row = 0
            raise
        self._failed_in_a_row = 0
        return answer

    @contextmanager
    def noting(self, what: str, run: int | None = None) -> Iterator[None]:
        """Note a failure within the block, and go on after it.

        Args:
            what: What is asked for.
            run: A run that has it, where it is to be asked for again the next time.
        """
        try:
            yield
        except FetchError as error:
            self.note(what, error, run)
        except FetchStopped as stop:
            if isinstance(stop.__cause__, FetchError):
                self.note(what, stop.__cause__, run)
            raise

    def note(self, what: str, error: FetchError, run: int | None = None) -> None:
        """Note a failure (see `noting`)."""
        self.journal.failed(what, error, run)
        self.progress(f"openml: {what} failed: {error}")
