"""Every named question has words, parses, and answers from a small graph what it says it answers."""

import pytest

from kg.errors import InputError, UnknownNameError
from kg.iris import hyperparameter_iri
from kg.questions import parse_question, questions
from kg.rdf_store import RdfStore
from tests.kg import samples


@pytest.fixture
def store():
    with RdfStore() as store:
        store.add(samples.small_graph())
        yield store


#: Question -> parameters that the small graph can answer.
ANSWERABLE = {
    "claims_about": {"learner": "random_forest", "name": "max_features"},
    "cost_of_learner": {"learner": "random_forest"},
    "datasets_by_size": {"max_rows": 1000},
    "evidence_of_learner": {"learner": "random_forest"},
    "evidence_on_dataset": {"dataset": samples.IRIS},
    "fidelity_curves": {"learner": "random_forest", "metric": "accuracy"},
    "fidelity_of_learner": {"learner": "random_forest"},
    "good_ranges": {"learner": "random_forest", "name": "max_features"},
    "learners_with_evidence": {},
    "modelled_learners": {},
    "provenance_of": {"item": samples.IRIS},
    "published_budgets": {"name": "TPE"},
    "published_ranges": {"learner": "random_forest", "name": "max_features"},
    "runs_behind": {"evidence": samples.summary().iri},
    "runs_of_learner": {"learner": "random_forest"},
    "settings_of_run": {"run": samples.run(0).iri},
    "sources": {},
    "suite_results": {"suite": "AMLB"},
    "tuned_against_default": {"dataset": samples.IRIS},
    "what_matters": {"learner": "random_forest"},
}


def test_every_question_is_tried():
    assert set(questions()) == set(ANSWERABLE)


@pytest.mark.parametrize("name", ANSWERABLE)
class TestEveryQuestion:
    def test_says_what_it_answers(self, name):
        question = questions()[name]
        assert len(question.text) > 20
        assert all(parameter.text for parameter in question.parameters)
        assert {parameter.name for parameter in question.parameters} >= set(ANSWERABLE[name])

    def test_answers(self, name, store):
        rows = list(store.ask(name, ANSWERABLE[name]))
        assert rows
        for parameter, value in ANSWERABLE[name].items():
            assert all(str(value) in str(row[parameter]) for row in rows)

    def test_finds_nothing_for_another_subject(self, name, store):
        for parameter, value in ANSWERABLE[name].items():
            other = -1 if isinstance(value, int) else f"{value}-other"
            assert list(store.ask(name, {**ANSWERABLE[name], parameter: other})) == []


def test_the_best_runs_come_best_first(store):
    rows = store.ask("runs_behind", {"evidence": samples.summary().iri})
    assert [(row["place"], row["run"], row["score"]) for row in rows if row["metric"].endswith("/accuracy")] == [
        (1, samples.run(2).iri, 0.92),
        (2, samples.run(1).iri, 0.91),
    ]


def test_published_ranges_come_with_their_citation(store):
    (row,) = store.ask("published_ranges", ANSWERABLE["published_ranges"])
    assert (row["low"], row["high"], row["log"], row["citation"]) == (0.1, 0.9, False, "Author 2020")


def test_fidelity_curves_come_level_by_level(store):
    rows = list(store.ask("fidelity_curves", {"learner": "random_forest"}))
    assert [(row["level"], row["score"], row["change"], row["configurations"]) for row in rows] == [
        (10.0, 0.85, -0.04, 90),
        (30.0, 0.88, -0.01, 80),
    ]
    assert {(row["full"], row["fullScore"]) for row in rows} == {(100.0, 0.9)}


def test_what_matters_is_a_mean_over_data_sets(store):
    more = samples.evidence("parameter_importance", 5, dataset=samples.WINE, importances={"max_features": 0.5})
    store.add([more])
    first = next(iter(store.ask("what_matters", {"learner": "random_forest", "metric": "accuracy"})))
    assert first["hyperparameter"] == hyperparameter_iri("random_forest", "max_features")
    assert first["meanShare"] == pytest.approx(0.6)
    assert first["datasets"] == 2


def test_good_ranges_give_level_and_value(store):
    rows = store.ask("good_ranges", ANSWERABLE["good_ranges"])
    assert [(row["level"], row["value"]) for row in rows] == [(0.05, 0.1), (0.5, 0.3), (0.95, 0.7)]


def test_size_limits_are_optional(store):
    def titles(**limits):
        return [row["title"] for row in store.ask("datasets_by_size", limits)]

    assert titles() == ["iris", "wine"]
    assert titles(min_rows=151) == ["wine"]
    assert titles(min_rows=100, max_rows=150) == ["iris"]


def test_claims_about_a_learner_need_no_hyper_parameter(store):
    store.add([samples.evidence("claim", 2, document="d", quote="q", statement="budget", n=1)])
    assert {row["statement"] for row in store.ask("claims_about", {"learner": "random_forest"})} == {"range", "budget"}


def test_a_missing_parameter_is_named_with_its_meaning(store):
    with pytest.raises(InputError, match=r"question provenance_of: item is missing.*a data set, a run"):
        store.ask("provenance_of")


def test_an_unknown_parameter_is_named_with_those_there_are(store):
    with pytest.raises(UnknownNameError, match="item"):
        store.ask("provenance_of", {"itme": samples.IRIS})


@pytest.mark.parametrize(
    ("question", "parameters"),
    [("provenance_of", {"item": "> . <http://evil"}), ("datasets_by_size", {"max_rows": "many"})],
)
def test_a_value_of_the_wrong_kind_is_named(store, question, parameters):
    with pytest.raises(InputError, match="parameter"):
        store.ask(question, parameters)


def test_a_file_with_an_unknown_kind_is_refused():
    with pytest.raises(InputError, match="'colour' is no kind"):
        parse_question("x", "# What?\n# @param a colour: text\nSELECT ?a WHERE {}")


def test_evidence_of_a_learner_is_about_the_data_set_and_metric_asked_for_and_no_other(store):
    store.add([samples.evidence("parameter_importance", 5, dataset=samples.WINE, importances={"max_features": 0.5})])

    def found(**asked):
        return list(store.ask("evidence_of_learner", {"learner": "random_forest", **asked}))

    assert len(found()) == 11
    assert [(row["dataset"], row["title"]) for row in found(dataset=samples.WINE)] == [(samples.WINE, "wine")]
    assert {row["kind"].rsplit("#", 1)[-1] for row in found()} - {
        row["kind"].rsplit("#", 1)[-1] for row in found(metric="accuracy")
    } == {"Claim", "CostProfile", "PublishedSpace"}
    assert found(metric="rmse") == []


def test_a_space_that_two_sources_lay_down_is_told_once_for_each(store):
    known = samples.all_evidence()[6]
    store.add([known.replace(iri=f"{known.iri}-other", provenance=samples.provenance("other"))])
    rows = list(store.ask("published_ranges", ANSWERABLE["published_ranges"]))
    assert [row["source"].rsplit("/", 1)[-1] for row in rows] == ["bench", "other"]
