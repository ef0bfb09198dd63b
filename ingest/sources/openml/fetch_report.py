"""What a fetch brought, what it could not, and what is left for the next one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from kg.model.base import FrozenMapping, Value


class Failure(Value):
    """One thing that could not be had."""

    what: str
    """Such as ``data set 31`` or ``task 3, predictive_accuracy``."""
    reason: str
    """A stable name, such as ``server error``."""
    detail: str = ""


class FetchReport(Value):
    """What one fetch did."""

    server: str
    new: FrozenMapping[str, int] = FrozenMapping({})
    """``datasets``, ``tasks``, ``flows``, ``setups``, ``runs`` (singly), ``pages``, ``evaluations`` -> how many."""
    n_lists: int = 0
    """Lists of evaluations: one a task, function and flow."""
    n_complete: int = 0
    """Lists that were read to their end, now or by the fetch that this one went on with."""
    empty: tuple[str, ...] = ()
    """Lists in which the server has nothing."""
    changed: tuple[str, ...] = ()
    """Lists that were no longer what they had been, and were asked from the start."""
    shifted: tuple[str, ...] = ()
    """Lists that seem to have got rows before the end of what was there; ``--refresh`` asks them from the start."""
    unordered: tuple[str, ...] = ()
    """Lists that do not come by run, so that all of them had to be asked for."""
    failures: tuple[Failure, ...] = ()
    stopped: str = ""
    """``max runs``, ``time budget``, ``server down``; empty where all was fetched that was asked for."""
    requests: int = 0
    retries: int = 0
    megabytes: float = 0.0
    """Received, unpacked."""
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether nothing failed; a limit of the user's own is no failure."""
        return not self.failures and self.stopped != "server down"

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        got = ", ".join(f"{n:,} {what}" for what, n in self.new.items() if n) or "nothing new"
        yield f"fetched from {self.server}: {got}"
        yield (
            f"  {self.n_complete:,} of {self.n_lists:,} lists complete; {self.requests:,} requests, {self.retries:,} of"
            f" them again, {self.megabytes:.1f} MB, {self.seconds:.1f} s"
        )
        if self.stopped:
            yield f"  stopped: {self.stopped}; the same command goes on from here"
        for title, lists in (
            ("nothing there", self.empty),
            ("changed, asked from the start", self.changed),
            ("seems to have grown before its end (--refresh asks anew)", self.shifted),
            ("not by run, so all of it was read", self.unordered),
        ):
            if lists:
                yield f"  {title}: {len(lists):,} lists, e.g. {lists[0]}"
        examples = {failure.reason: f"{failure.what}: {failure.detail}" for failure in reversed(self.failures)}
        for reason, n in Counter(failure.reason for failure in self.failures).most_common():
            yield f"  failed: {n:,} {reason}, e.g. {examples[reason]}"
