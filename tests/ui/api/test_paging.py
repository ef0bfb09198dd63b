"""Pages show every item once, whatever the size of a page and what comes and goes meanwhile."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.api.conftest import Service, assert_problem
from ui.api.paging import page_after, page_at
from ui.api.problems import ApiError

NAMES = st.lists(st.text(min_size=1), unique=True).map(sorted)


@given(names=NAMES, limit=st.integers(1, 7))
def test_all_pages_together_are_the_list(names: list[str], limit: int):
    seen, cursor = [], None
    while True:
        items, cursor = page_after(names, str, cursor=cursor, limit=limit)
        assert len(items) <= limit
        seen += items
        if cursor is None:
            break
    assert seen == names


@given(names=NAMES, limit=st.integers(1, 5), data=st.data())
def test_what_stays_is_shown_once_whatever_comes_and_goes(names: list[str], limit: int, data: st.DataObject):
    gone = data.draw(st.sets(st.sampled_from(names)) if names else st.just(set()))
    new = data.draw(st.sets(st.text(min_size=1)))
    first, cursor = page_after(names, str, cursor=None, limit=limit)
    changed = sorted(({*names} - gone) | new)
    rest, _ = page_after(changed, str, cursor=cursor, limit=10_000) if cursor else ((), None)
    seen = [*first, *rest]
    assert len(seen) == len(set(seen))
    assert {*names} - gone <= set(seen)


@pytest.mark.parametrize("cursor", ["x", "é", "eyJ9", "bnVsbA", "MQ", "W10", "W1tdLCAtMV0", "=" * 9])
def test_what_is_no_cursor_is_told_so(cursor: str):
    with pytest.raises(ApiError) as told:
        page_after(["a"], str, cursor=cursor, limit=1)
    assert told.value.status == 422
    with pytest.raises(ApiError):
        page_at(["a"], "state", cursor=cursor, limit=1)


def test_rows_without_names_are_paged_as_long_as_the_graph_is_the_same():
    _, cursor = page_at([1, 2, 3], "before", cursor=None, limit=2)
    assert page_at([1, 2, 3], "before", cursor=cursor, limit=2) == ([3], None)
    with pytest.raises(ApiError) as told:
        page_at([1, 2, 3], "after", cursor=cursor, limit=2)
    assert told.value.status == 410


def test_a_list_is_walked_by_its_cursor(service: Service):
    client, seen, cursor = service(), [], None
    while True:
        page = client.get("/v1/evidence", params={"limit": 3} | ({"cursor": cursor} if cursor else {})).json()
        seen += [item["iri"] for item in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert len(seen) == len(set(seen)) == page["total"] == 12
    assert_problem(client.get("/v1/evidence?cursor=nonsense"), 422)
