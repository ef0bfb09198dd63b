"""A graph of an earlier layout is brought forward step by step; one of a later layout is refused."""

import pytest

from kg.errors import StoreError
from kg.migrations import LAYOUT, MIGRATIONS, NOTE, Migration, layout_of, migrate
from kg.rdf_starter import open_store
from kg.rdf_store import RdfStore
from tests.kg import samples


@pytest.fixture
def store():
    with RdfStore() as store:
        yield store


def adds(to, i):
    return Migration(to, f"adds run {i}", lambda store: store.add([samples.run(i)]))


def fails(store):
    store.add([samples.run(9)])
    raise StoreError("no space left")


def test_a_graph_that_says_nothing_has_the_first_layout(store):
    assert layout_of(store) == 1
    assert migrate(store) == ()
    assert store.note(NOTE) is None


def test_steps_are_taken_in_order_and_once(store):
    steps = (adds(3, 1), adds(2, 0))
    assert migrate(store, migrations=steps, layout=3) == ("adds run 0", "adds run 1")
    assert (layout_of(store), store.counts()["run"]) == (3, 2)
    assert migrate(store, migrations=steps, layout=3) == ()


def test_a_step_that_fails_leaves_the_graph_as_the_one_before_made_it(store):
    with pytest.raises(StoreError, match="no space"):
        migrate(store, migrations=(adds(2, 0), Migration(3, "fails", fails)), layout=3)
    assert (layout_of(store), store.counts()["run"]) == (2, 1)


def test_a_graph_from_the_future_is_refused_with_what_to_do(tmp_path):
    with RdfStore(tmp_path / "graph") as store:
        store.keep_note(NOTE, str(LAYOUT + 1))
    with pytest.raises(StoreError, match=r"later version.*pip install --upgrade"):
        open_store(tmp_path)


@pytest.mark.parametrize(("text", "steps", "words"), [("two", (), "no number"), ("1", (), "no way from layout 1")])
def test_what_cannot_be_brought_forward_is_said(store, text, steps, words):
    store.keep_note(NOTE, text)
    with pytest.raises(StoreError, match=words):
        migrate(store, migrations=steps, layout=2)


def test_the_steps_that_ship_lead_from_the_first_layout_to_this_one():
    assert [step.to for step in MIGRATIONS] == list(range(2, LAYOUT + 1))
