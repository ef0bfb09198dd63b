"""Retrieval: the evidence on a learner that bears on a task, and nothing of what is held out."""

import pytest

from kg.iris import dataset_iri
from kg.model import METRICS, MetaFeatures, TaskType, metric_named
from kg.rdf_store import RdfStore
from recommender.retrieval import STAND_INS, learner_results, modelled_learners, retrieve
from tests.recommender.composing.world import (
    N_SOURCES,
    dataset,
    importance,
    response,
    result,
    small_store,
    summary,
    task,
)


@pytest.fixture(scope="module")
def store():
    with small_store() as opened:
        yield opened


def test_what_is_known_of_a_measured_learner(store):
    found = retrieve(task("svm"), "svm", store)
    assert found.has_responses
    assert not found.is_stand_in
    assert len(found.responses) == len(found.summaries) == len(found.sources) == N_SOURCES
    assert len(found.importances) == len(found.fidelities) == N_SOURCES
    assert found.spaces == found.studies == ()


def test_summaries_and_sources_are_in_the_order_of_the_responses(store):
    found = retrieve(task("svm"), "svm", store)
    order = [e.dataset for e in found.responses]
    assert order == sorted(order) == [e.dataset for e in found.summaries] == [d.iri for d in found.sources]


def test_the_nearest_source_weighs_most(store):
    near = task("svm", meta_features=MetaFeatures({"NumberOfInstances": 300.0, "NumberOfFeatures": 7.0}))
    found = retrieve(near, "svm", store)
    assert found.neighbours[0].dataset == dataset_iri("s2")
    assert found.weights[dataset_iri("s2")] == found.neighbours[0].weight
    assert sum(found.weights.values()) == pytest.approx(1)


def test_what_is_known_of_a_learner_without_runs(store):
    found = retrieve(task("lightgbm"), "lightgbm", store)
    assert not found.has_responses
    assert (found.metric, found.similarity, found.neighbours) == ("accuracy", None, ())
    assert {s.name for s in found.spaces} == {"flaml", "autogluon"}
    assert len(found.studies) == 5


def test_only_evidence_for_the_kind_of_task_is_brought(store):
    found = retrieve(task("lightgbm", task_type=TaskType.REGRESSION, metric="rmse"), "lightgbm", store)
    assert len(found.spaces) == 2
    assert found.studies == ()
    assert not retrieve(task("svm", task_type=TaskType.REGRESSION, metric="rmse"), "svm", store).has_responses


def test_the_nearest_relative_of_the_metric_stands_in(store):
    found = retrieve(task("svm", metric="log_loss"), "svm", store)
    assert found.is_stand_in
    assert found.metric == "accuracy"
    assert all(e.metric == "accuracy" for e in (*found.responses, *found.summaries, *found.importances))


def test_the_metric_itself_is_preferred_to_a_relative():
    store = RdfStore()
    store.add([dataset(0), *(make(0, metric=m) for make in (response, summary) for m in ("accuracy", "roc_auc"))])
    assert retrieve(task("svm", metric="roc_auc"), "svm", store).metric == "roc_auc"


def test_what_is_held_out_is_not_seen_at_all(store):
    hidden = dataset_iri("s2")
    found = retrieve(task("svm"), "svm", store, held_out=frozenset({hidden}))
    seen = (*found.responses, *found.summaries, *found.importances, *found.fidelities, *found.studies)
    assert hidden not in {e.dataset for e in seen} | {d.iri for d in found.sources}
    assert len(found.responses) == N_SOURCES - 1


def test_a_model_without_a_summary_of_the_same_runs_is_passed_over():
    store = RdfStore()
    store.add([dataset(0), dataset(1), response(0), response(1), summary(1), importance(0)])
    assert [e.dataset for e in retrieve(task("svm"), "svm", store).responses] == [dataset_iri("s1")]


def test_results_compare_tuned_learners_in_the_metric_or_its_nearest_relative(store):
    assert len(learner_results(store, "accuracy")) == 3 * N_SOURCES
    assert {r.metric for r in learner_results(store, "log_loss")} == {"accuracy"}
    assert learner_results(store, "rmse") == ()
    hidden = frozenset({dataset_iri("s0")})
    assert len(learner_results(store, "accuracy", held_out=hidden)) == 3 * (N_SOURCES - 1)


def test_systems_and_untuned_learners_are_no_results_of_learners():
    store = RdfStore()
    store.add([result(0, "svm", 0.5, tuned=False), result(1, "knn", 0.5, learner=None), result(2, "knn", 0.6)])
    assert [r.score for r in learner_results(store, "accuracy")] == [0.6]


def test_learners_with_models_in_the_metric_or_a_relative(store):
    assert modelled_learners(store, "accuracy") == modelled_learners(store, "roc_auc") == {"svm"}
    assert modelled_learners(store, "rmse") == frozenset()


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_is_stood_in_for_by_others_of_its_kind_of_task(name):
    kinds = {metric_named(other).task_type for other in STAND_INS[name]}
    assert kinds == {metric_named(name).task_type}
    assert name not in STAND_INS[name]
