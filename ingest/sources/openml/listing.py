"""One list of evaluations, fetched page by page from where the mirror ends.

OpenML's lists have no date filter and no stated order, and can be sorted by score only; in practice they come by run,
the oldest first, and grow at their end. So what is new is what stands behind what is there. Before a list is gone on
with, its last known row is asked for again: where a row stands there that is not known, the list has changed, and is
asked from the start. Where a page is found to be out of order, nothing is concluded from the order any more.

Several engines may have scored a run, and the client gives a run once: a page with fewer rows than were asked for need
not be the last. The last is the one that has none behind it. For the same reason pages may overlap a little.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal, Protocol, TypeAlias

from ingest.sources.openml.faults import FetchError, MalformedError
from ingest.sources.openml.mirror import ListKey, Mirror, Page
from ingest.sources.openml.records import Record

#: Why a list was left: its end, the limit of rows, or (the end of) the runs that were wanted.
Ending: TypeAlias = Literal["end", "limit", "enough"]

#: Rows that cannot be read, each asked for alone, before a list is given up.
_MOST_BAD_ROWS = 20
#: Where the search for the first wanted row begins; it doubles from there.
_FIRST_STEP = 1_000


class Asking(Protocol):
    """Asks for evaluations, again where that helps."""

    def __call__(self, key: ListKey, *, offset: int, limit: int) -> list[Record]:
        """Return at most `limit` evaluations from `offset` on; none where the list is over."""


@dataclass
class Listing:
    """A list, as far as it is in the mirror.

    Args:
        key: Which list.
        mirror: Where its pages are.
        ask: Asks the server.
        page_size: Evaluations that are asked for at once.
        anew_since: Begin it again where it was begun before this time (ISO 8601); empty for never.
    """

    key: ListKey
    mirror: Mirror
    ask: Asking
    page_size: int
    anew_since: str = ""
    changed: bool = field(default=False, init=False)
    """Whether the server's list was found to be another than the one that is there, and was asked from the start."""
    shifted: bool = field(default=False, init=False)
    """Whether rows seem to have been put in before the end of what is there; they are not in the mirror."""
    ordered: bool = field(default=True, init=False)
    """Whether all pages that were seen have their runs in order."""
    bad: list[tuple[int, FetchError]] = field(default_factory=list, init=False)
    """Rows that cannot be read, by their number."""

    def __post_init__(self) -> None:
        self._version = self.mirror.version(self.key)
        found = self.mirror.pages(self.key, self._version)
        # A list that was empty has a page without rows, which holds no place.
        self._pages = [page for page in found if page.n]
        self._noted = bool(found)
        self._checked = 0
        """Position that the list is known to be unchanged before."""
        if self.anew_since and found and found[0].read()["fetched"] < self.anew_since:
            self._begin_again()

    def walk(
        self,
        *,
        wanted: Callable[[Record], bool] | None,
        most: int | None,
        until_run: int | None,
        before: Callable[[list[Record]], None],
        done: Callable[[Page], None],
    ) -> Ending:
        """Fetch what is missing.

        Args:
            wanted: Holds from some row on; what is before the first such row is not asked for.
            most: Rows to fetch.
            until_run: The run behind which nothing is wanted.
            before: Called with the rows of each new page, before it is written.
            done: Called with each new page, when it is safe.

        Raises:
            FetchError: A page cannot be had; those before it are safe.
        """
        position = self._first(wanted) if wanted else 0
        got, size = 0, self.page_size
        while True:
            position = self._behind(position)
            if until_run is not None and self._has_reached(until_run, position):
                return "enough"
            if most is not None and got >= most:
                return "limit"
            limit = min([size, *([most - got] if most is not None else []), *self._gap_behind(position)])
            try:
                rows = self._next_rows(position, limit)
            except MalformedError as error:
                position, size = self._around(position, limit, error)
                continue
            if rows is None:
                self._begin_again()
                self.changed, position, got = True, 0, 0
                continue
            if rows or not self._noted:
                before(rows)
                done(self._keep(position, limit, rows))
            if not rows:
                return "end"
            got += len(rows)
            size = min(self.page_size, size * 2)

    @property
    def is_begun(self) -> bool:
        """Whether anything is known of the list, be it that it is empty."""
        return self._noted

    def span(self) -> tuple[int, int] | None:
        """Return the first and last run that are there; None where there is none."""
        runs = [row["run_id"] for page in (*self._pages[:1], *self._pages[-1:]) for row in page.rows()]
        return (min(runs), max(runs)) if runs else None

    def _keep(self, offset: int, limit: int, rows: list[Record]) -> Page:
        page = self.mirror.write_page(self.key, self._version, offset=offset, limit=limit, rows=rows)
        self._noted, self._checked = True, page.end
        if rows:
            self._pages = sorted({*self._pages, page}, key=lambda kept: (kept.offset, kept.n))
        runs = [row["run_id"] for row in rows]
        self.ordered = self.ordered and all(before < after for before, after in pairwise(runs))
        return page

    def _begin_again(self) -> None:
        self._version, self._pages, self._noted, self._checked = self._version + 1, [], False, 0

    def _page_at(self, position: int) -> Page | None:
        """Return the page that holds row `position`."""
        return next((page for page in self._pages if page.offset <= position < page.end), None)

    def _behind(self, position: int) -> int:
        """Return the first position from `position` on that is in no page."""
        for page in self._pages:
            if page.offset <= position < page.end:
                position = page.end
        return position

    def _before(self, position: int) -> Page | None:
        return next((page for page in self._pages if page.end == position), None)

    def _has_reached(self, run: int, position: int) -> bool:
        """Say whether the rows before `position` go up to `run`, or beyond."""
        before = self._before(position)
        return self.ordered and before is not None and before.rows()[-1]["run_id"] >= run

    def _gap_behind(self, position: int) -> list[int]:
        """Return how many rows are missing before the next page, where there is one."""
        return [page.offset - position for page in self._pages if page.offset > position][:1]

    def _next_rows(self, position: int, limit: int) -> list[Record] | None:
        """Return the rows at `position`; None where the row before it is none of those that were there."""
        before = None if self._checked == position else self._before(position)
        if before is None:
            return self.ask(self.key, offset=position, limit=limit)
        # One row more; the server's own limit is well above a page.
        rows = self.ask(self.key, offset=position - 1, limit=limit + 1)
        known = [row["run_id"] for row in before.rows()]
        if not rows or rows[0]["run_id"] not in known:
            return None
        self.shifted = self.shifted or rows[0]["run_id"] != known[-1]
        return rows[1:]

    def _around(self, position: int, limit: int, error: MalformedError) -> tuple[int, int]:
        """Return where to go on, and with how many rows, where an answer cannot be read: closer, then past it."""
        if limit > 1:
            return position, limit // 2
        self.bad.append((position, error))
        if len(self.bad) >= _MOST_BAD_ROWS:
            raise error
        return position + 1, 1

    def _first(self, wanted: Callable[[Record], bool]) -> int:
        """Return a number at or a little before the first wanted row, by doubling and halving."""
        seen: dict[int, int] = {}

        def reached(position: int) -> bool:
            row = self._row(position)
            if row is not None:
                seen[position] = row["run_id"]
            return row is None or wanted(row)

        low, high = 0, _FIRST_STEP
        if reached(0):
            return 0
        while not reached(high):
            low, high = high, high * 2
        while high - low > max(1, self.page_size // 4):
            middle = (low + high) // 2
            low, high = (low, middle) if reached(middle) else (middle, high)
        runs = [seen[position] for position in sorted(seen)]
        self.ordered = self.ordered and runs == sorted(runs)
        return low if self.ordered else 0

    def _row(self, position: int) -> Record | None:
        page = self._page_at(position)
        if page is not None:
            return page.rows()[position - page.offset]
        rows = self.ask(self.key, offset=position, limit=1)
        return rows[0] if rows else None
