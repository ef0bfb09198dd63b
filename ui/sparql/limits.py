"""What a query may take, and all of them together; and how it is said that one took more."""

from __future__ import annotations

from dataclasses import dataclass

from kg.errors import InputError, TunegraphError


@dataclass(frozen=True)
class ServiceLimits:
    """The limits of an endpoint."""

    workers: int = 2
    """Queries that are answered side by side, each in a process of its own."""
    waiting: int = 16
    """Queries that may wait for a process; the next one is turned away."""
    wait_s: float = 10.0
    """Seconds that a query waits for a process before it is turned away."""
    query_s: float = 20.0
    """Wall clock for parsing, answering and writing one query."""
    start_s: float = 60.0
    """Wall clock for starting a process, and for opening a new state of the graph."""
    rows: int = 100_000
    """Solutions or triples of an answer."""
    answer_bytes: int = 32 * 1024**2
    query_bytes: int = 100_000
    memory_mb: int = 1024
    """Memory (address space) of a process beyond what it has when it is ready."""


class QueryLimitError(InputError):
    """A query takes more than it may: seconds, memory, rows, bytes."""


class BusyError(TunegraphError):
    """All processes are at work, and enough queries wait already.

    Args:
        message: What is the case.
        retry_s: Seconds after which it is worth another try.
    """

    def __init__(self, message: str, *, retry_s: int) -> None:
        super().__init__(message)
        self.retry_s = retry_s
