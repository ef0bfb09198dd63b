"""A list is read whole and once, whatever is asked for, in whatever portions, while it grows."""

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.sources.openml.listing import Listing
from ingest.sources.openml.mirror import ListKey, Mirror

KEY = ListKey(31, "predictive_accuracy")
Row = dict[str, Any]


class Server:
    """A list that grows at its end; counts how often each row was given as a new one."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.asked: list[tuple[int, int]] = []

    def grow(self, n: int) -> None:
        first = len(self.rows)
        self.rows += [{"run_id": 10 + 3 * number, "day": number // 7} for number in range(first, first + n)]

    def __call__(self, key: ListKey, *, offset: int, limit: int) -> list[Row]:
        assert 1 <= limit < 10_000
        self.asked.append((offset, limit))
        return self.rows[offset : offset + limit]


def visit(mirror: Mirror, server: Server, *, size: int, most: int | None = None, day: int | None = None) -> str:
    listing = Listing(KEY, mirror, server, page_size=size)
    wanted = None if day is None else (lambda row: row["day"] >= day)
    return listing.walk(wanted=wanted, most=most, until_run=None, before=lambda _: None, done=lambda _: None)


def runs_in(mirror: Mirror) -> list[int]:
    return [row["run_id"] for page in mirror.pages(KEY, 1) for row in page.rows()]


VISITS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 25), st.none() | st.integers(1, 30), st.none() | st.integers(0, 12)),
    max_size=4,
)


@settings(max_examples=25, deadline=None)
@given(VISITS)
def test_after_any_visits_a_whole_one_leaves_every_row_in_the_mirror_once(
    visits: list[tuple[int, int, int | None, int | None]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        mirror, server = Mirror(Path(folder)), Server()
        for growth, size, most, day in visits:
            server.grow(growth)
            visit(mirror, server, size=size, most=most, day=day)
        assert visit(mirror, server, size=20) == "end"
        assert sorted(runs_in(mirror)) == [row["run_id"] for row in server.rows]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 300), st.integers(1, 40), st.integers(0, 45))
def test_from_a_day_on_nothing_is_missed_and_little_is_asked_for(n: int, size: int, day: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        mirror, server = Mirror(Path(folder)), Server()
        server.grow(n)
        assert visit(mirror, server, size=size, day=day) == "end"
        wanted = [row["run_id"] for row in server.rows if row["day"] >= day]
        got = sorted(runs_in(mirror))
        assert got[len(got) - len(wanted) :] == wanted
        assert len(got) <= len(wanted) + max(1, size // 4)


def test_a_run_that_two_engines_scored_does_not_end_the_list() -> None:
    with tempfile.TemporaryDirectory() as folder:
        mirror, server = Mirror(Path(folder)), Server()
        server.grow(50)

        def once_a_run(key: ListKey, *, offset: int, limit: int) -> list[Row]:
            twice = [row for row in server.rows for _ in range(2 if row["run_id"] % 2 else 1)]
            return list({row["run_id"]: row for row in twice[offset : offset + limit]}.values())

        listing = Listing(KEY, mirror, once_a_run, page_size=10)
        assert listing.walk(wanted=None, most=None, until_run=None, before=lambda _: None, done=lambda _: None) == "end"
        assert set(runs_in(mirror)) == {row["run_id"] for row in server.rows}
