"""What a proposal takes for granted, and what its reader is warned of."""

import pytest

from kg.model import LANDMARKERS, MetaFeatures, TaskType
from kg.rdf_store import RdfStore
from recommender.composing.caution import assumptions_of, warnings_of
from recommender.proposal import Budget, Grounded
from recommender.retrieval import retrieve
from recommender.task import Constraints
from tests.recommender.composing.world import SOURCE, dataset, response, small_store, summary, task

BUDGET = {"budget": Grounded[Budget](value=Budget(n_trials=9, wall_clock_s=600, per_trial_s=60, binding="n_trials"))}


@pytest.fixture(scope="module")
def world():
    return small_store()


def warned(found, store):
    return warnings_of(found, {}, {d.iri: d for d in store.datasets()})


def sources(n, *, standing="measured", **changes):
    store = RdfStore()
    store.add(made for i in range(n) for made in (dataset(i, **changes), summary(i), response(i, standing=standing)))
    return store


def test_an_open_time_limit_and_few_meta_features_are_assumptions(world):
    taken = assumptions_of(retrieve(task("svm"), "svm", world), BUDGET)
    assert taken == (
        "You set no time limit: 600 s are planned.",
        "Only 3 meta-features are known: likeness rests on them alone.",
    )


def test_a_task_that_says_all_is_taken_by_its_word(world):
    features = MetaFeatures(dict.fromkeys(LANDMARKERS, 0.1))
    said = task("svm", constraints=Constraints(wall_clock_s=9), meta_features=features)
    assert assumptions_of(retrieve(said, "svm", world), BUDGET) == ()


def test_evidence_in_another_metric_is_an_assumption(world):
    taken = assumptions_of(retrieve(task("svm", metric="roc_auc"), "svm", world), BUDGET)
    assert "Runs are known in accuracy, not in roc_auc: configurations are taken to rank alike." in taken


@pytest.mark.parametrize(
    ("learner", "words"),
    [
        ("knn", "The graph knows nothing of knn for this kind of task"),
        ("lightgbm", "No runs of lightgbm were measured for this kind of task; this rests on 2 published spaces and 5"),
    ],
)
def test_a_learner_without_runs_is_warned_of(world, learner, words):
    assert warned(retrieve(task(learner), learner, world), world)[0].startswith(words)


def test_few_sources_are_thin():
    store = sources(3)
    assert warned(retrieve(task("svm"), "svm", store), store)[0].startswith("Only 3 data sets were measured with svm")


def test_surrogates_are_no_measurements():
    store = sources(12, standing="surrogate")
    assert "predictions of published surrogate models" in warned(retrieve(task("svm"), "svm", store), store)[0]


def test_a_data_set_unlike_all_others_is_warned_of(world):
    apart = task("svm", meta_features=MetaFeatures({"NumberOfInstances": 1e9, "NumberOfFeatures": 1.0}))
    assert any("unlike all that is known" in words for words in warned(retrieve(apart, "svm", world), world))
    assert warned(retrieve(task("svm"), "svm", world), world) == ()


def test_a_data_set_of_which_nothing_is_known_is_warned_of(world):
    blind = retrieve(task("svm", meta_features=MetaFeatures({})), "svm", world)
    assert warned(blind, world) == ("No source can be compared with this data set: all of them count the same.",)


def test_a_data_set_that_is_public_is_recognised_by_name_and_by_likeness(world):
    by_name = retrieve(task("svm", name="Source_3"), "svm", world)
    assert warned(by_name, world)[-1].startswith("This looks like a public data set (source 3)")
    features = MetaFeatures(dict.fromkeys(LANDMARKERS, 0.25))
    store = sources(12, meta_features=features)
    found = warned(retrieve(task("svm", meta_features=features), "svm", store), store)
    assert found[-1].startswith("This looks like a public data set (source 0, source 1, source 10)")


def test_what_cannot_be_run_here_is_said(world):
    found = warned(retrieve(task("rpart"), "rpart", world), world)
    assert any("has no Python implementation here" in words for words in found)


def test_a_regression_does_not_use_what_was_measured_for_classification(world):
    found = retrieve(task("svm", task_type=TaskType.REGRESSION, metric="rmse"), "svm", world)
    assert warned(found, world)[0].startswith("The graph knows nothing of svm")


def test_a_data_set_of_ones_own_is_no_public_one():
    own = SOURCE.replace(source="study:churn-1")
    with sources(3, provenance=own) as store:
        datasets = {d.iri: d for d in store.datasets()}
        named = task("svm", name="source 1", meta_features=datasets[dataset(1).iri].meta_features)
        warnings = warnings_of(retrieve(named, "svm", store), {}, datasets)
    assert not [text for text in warnings if "public" in text]
