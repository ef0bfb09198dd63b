"""What an anonymised model is told of a data set fits several that are known, and its exact sizes reach it nowhere."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.llm import anonymity, tempers
from kg.model import MetaFeatures
from recommender.llm import bands
from recommender.llm.agent import Agent, told_task
from recommender.llm.bands import LEAST_ALIKE, bands_like, fits, near_equal, told_bands, without_sizes
from recommender.llm.privacy import Mask, WithheldModel
from recommender.llm.providers import open_model
from recommender.validation.stage import failed
from tests.recommender.composing import world
from tests.recommender.llm.conftest import Talk
from tests.recommender.llm.openai_server import serving


def features(rows, columns=10, **others):
    return MetaFeatures({"NumberOfInstances": rows, "NumberOfFeatures": columns + 1, **others})


def datasets(*known):
    return [world.dataset(i).replace(name=f"set {chr(97 + i)}", meta_features=one) for i, one in enumerate(known)]


class TestBands:
    def test_they_are_as_fine_as_enough_known_data_sets_fit(self):
        known = datasets(*[features(500, NumberOfClasses=2)] * 6, features(500, NumberOfClasses=3))
        assert told_bands(known[0].meta_features, known) == {
            "rows": "300 to 1,000",
            "columns": "10 to 30",
            "classes": "2",
        }

    def test_what_too_few_fit_is_told_of_nobody(self):
        known = datasets(*[features(500)] * (LEAST_ALIKE - 1))
        assert told_bands(features(500), known) == {}

    def test_one_data_set_under_many_addresses_counts_once(self):
        known = [one.replace(name="adult") for one in datasets(*[features(500)] * 9)]
        assert told_bands(features(500), known) == {}

    @given(st.lists(st.tuples(st.integers(2, 10**7), st.integers(1, 10**4)), min_size=1, max_size=30))
    def test_whatever_is_told_enough_fit_it_and_it_fits_itself(self, sizes):
        known = datasets(*[features(*size) for size in sizes])
        for one in known:
            told = told_bands(one.meta_features, known)
            assert fits(one.meta_features, told)
            assert not told or len({o.name for o in known if fits(o.meta_features, told)}) >= LEAST_ALIKE

    @pytest.mark.parametrize("rows", [1, 3, 9, 31, 32, 999, 1000, 123_456])
    def test_a_count_lies_in_its_band_but_for_the_rounding_of_its_edges(self, rows):
        known = datasets(*[features(rows)] * LEAST_ALIKE)
        low, high = (int(edge.replace(",", "")) for edge in told_bands(features(rows), known)["rows"].split(" to "))
        assert low <= rows < high * 1.06

    def test_neighbours_are_told_under_the_same_names(self):
        assert bands_like(features(50, NumberOfClasses=2), {"rows": "300 to 1,000"}) == {"rows": "30 to 100"}

    def test_near_are_those_of_about_the_same_rows_and_columns(self):
        near = near_equal(features(100, 10), datasets(features(150, 12), features(150, 40), features(900, 10)))
        assert [one.name for one in near] == ["set a"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("40000 rows, 40,000 rows.", "(withheld) rows, (withheld) rows."),
        ("140000 or 40000.5 or 0.40000", "140000 or 40000.5 or 0.40000"),
        ("of 19 columns", "of (withheld) columns"),
    ],
)
def test_exact_sizes_are_taken_out_of_words(text, told):
    assert without_sizes(text, features(40_000, 19)) == told


@pytest.fixture
def banded_once(monkeypatch):
    """The bands of a data set are worked out once, not once for each that it is compared with."""
    found = {}

    def remembered(features, names, per_ten):
        key = id(features), names, per_ten
        if key not in found:
            found[key] = features, worked_out(features, names, per_ten)
        return found[key][1]

    worked_out = bands._some
    monkeypatch.setattr(bands, "_some", remembered)


@pytest.mark.usefixtures("banded_once")
def test_no_data_set_of_the_graph_is_known_again_by_what_is_told(starter_store):
    """Without bands nineteen of twenty are; letter by letter, with the graph and the code at hand, one of twenty is."""
    known = anonymity.usable(starter_store.datasets())
    assert len(known) > 600
    told = {one.iri: told_bands(one.meta_features, known) for one in known}
    exact = anonymity.alone(known, lambda one: told_task(anonymity.task_of(one)))
    coarse = anonymity.alone(known, lambda one: told_task(anonymity.task_of(one), told[one.iri]))
    assert exact > 0.9
    assert coarse < 0.06
    assert all(len({o.name for o in known if fits(o.meta_features, told[one.iri])}) >= 5 for one in known[::40])


def test_an_anonymised_conversation_holds_no_exact_size(small_composer):
    pytest.importorskip("langchain_openai", reason="needs tunegraph[llm]")
    sizes = MetaFeatures({"NumberOfInstances": 48_611.0, "NumberOfFeatures": 38.0, "NumberOfClasses": 2.0})
    reached = {}
    for hidden in (False, True):
        talk = Talk(small_composer, "svm", n_rows=48_611, n_columns=37, meta_features=sizes)
        known = small_composer.store.datasets()
        talk.library.bands = told_bands(sizes, known) if hidden else None
        with serving(tempers.honest(1)) as server:
            model = WithheldModel(open_model("openai:m", base_url=server.url), Mask.of(talk.library.task))
            agent = Agent(model, talk.library, talk.check)
            agent.revise(agent.propose().proposal, (failed("budget", "cost", "A fit of 48,611 rows takes too long."),))
        reached[hidden] = json.dumps(server.asked)
    assert "48611" in reached[False]
    assert "48,611" in reached[False]
    assert "48611" not in reached[True]
    assert "48,611" not in reached[True]
    assert '\\"distance\\"' not in reached[True]
