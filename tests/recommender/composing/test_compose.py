"""The whole composer: a complete proposal for any task, every value of which its rule gives again."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.errors import InputError, UnknownNameError
from kg.iris import dataset_iri
from kg.model import LANDMARKERS, SIMPLE, MetaFeatures, TaskType
from kg.rdf_store import RdfStore
from recommender.composing import measured_space
from recommender.composing.compose import Composer
from recommender.composing.rule import RuleInputs
from recommender.explain import grounded_fields
from recommender.grounding import check
from recommender.proposal import Advice, Proposal
from recommender.task import Constraints
from tests.recommender.composing.world import N_SOURCES, small_store, task


@pytest.fixture(scope="module")
def composer() -> Iterator[Composer]:
    with small_store() as store:
        yield Composer(store)


@pytest.fixture(scope="module")
def starter_composer(starter_store) -> Composer:
    return Composer(starter_store)


def sound(proposal: Proposal, composer: Composer) -> bool:
    """Assert what holds of every composed proposal."""
    assert check(proposal, composer.store, surfaces=composer.surfaces) == ()
    assert Proposal.from_json(proposal.to_json()) == proposal
    assert all(field.derivation is not None for field in grounded_fields(proposal).values())
    space, starts = proposal.search_space.value, proposal.warm_starts.value
    assert starts
    assert len(set(starts)) == len(starts)
    assert [space.faults(start) for start in starts] == [()] * len(starts)
    assert not set(space.names) & set(proposal.fixed.value)
    assert set(proposal.search_space.parts) in ({*space.names}, set())
    return True


known = st.dictionaries(st.sampled_from((*SIMPLE, *LANDMARKERS)), st.floats(0, 1e7), max_size=8).map(MetaFeatures)
limits = st.builds(
    Constraints,
    wall_clock_s=st.none() | st.floats(1, 1e5),
    n_trials=st.none() | st.integers(1, 500),
    n_workers=st.integers(1, 8),
    learners=st.sampled_from([(), ("svm",), ("lightgbm",), ("knn",), ("knn", "svm")]),
)
tasks = st.builds(
    lambda features, constraints, rows, columns, metric, seed: task(
        meta_features=features, constraints=constraints, n_rows=rows, n_columns=columns, metric=metric, seed=seed
    ),
    known,
    limits,
    st.none() | st.integers(10, 10**6),
    st.none() | st.integers(1, 1000),
    st.sampled_from(["accuracy", "roc_auc", "log_loss"]),
    st.integers(0, 9),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tasks, st.integers(1, 12))
def test_whatever_the_task_the_proposal_is_grounded_and_goes_through_json(composer, wanted, n_warm_starts):
    proposal = composer.compose(wanted, n_warm_starts=n_warm_starts)
    assert sound(proposal, composer)
    assert len(proposal.warm_starts.value) <= n_warm_starts
    assert proposal.budget.value.n_trials == wanted.constraints.n_trials or wanted.constraints.n_trials is None


def test_the_same_task_gives_the_same_bytes(composer):
    again = Composer(small_store()).compose(task("svm"))
    assert composer.compose(task("svm")).to_json() == again.to_json()


def test_measured_runs_make_ranges_starts_prediction_and_neighbours(composer):
    proposal = composer.compose(task("svm"))
    assert proposal.search_space.derivation.rule == "narrowed_space"
    assert set(proposal.search_space.value.names) == {"C", "gamma", "kernel"}
    assert dict(proposal.fixed.value).keys() == {"shrinking"} == proposal.fixed.parts.keys()
    assert len(proposal.warm_starts.value) == 10 == len(proposal.warm_starts.parts)
    assert proposal.prediction.value.scores
    assert len(proposal.neighbours) == N_SOURCES
    assert sum(n.weight for n in proposal.neighbours) == pytest.approx(1)
    assert proposal.advice.value is Advice.TUNE


def test_published_spaces_and_studies_stand_in_for_runs(composer):
    proposal = composer.compose(task("lightgbm"))
    assert proposal.search_space.derivation.rule == "published_space"
    assert proposal.search_space.parts.keys() == set(proposal.search_space.value.names)
    assert proposal.warm_starts.derivation.rule == "study_warm_starts"
    assert (proposal.neighbours, proposal.novelty, proposal.prediction.value.scores) == ((), None, ())


def test_a_learner_of_which_nothing_is_known_gets_the_registrys_space_and_no_confidence(composer):
    proposal = composer.compose(task("knn"))
    assert proposal.search_space.derivation.rule == "registry_space"
    assert proposal.search_space.confidence == 0
    assert proposal.warnings[0].startswith("The graph knows nothing of knn")


def test_an_empty_graph_still_gives_a_proposal():
    composer = Composer(RdfStore())
    assert sound(composer.compose(task()), composer)


def test_a_learner_that_can_be_composed_from_runs_is_preferred(composer):
    proposal = composer.compose(task())
    assert proposal.learner.value == "svm"
    assert len(proposal.learner.citations) == 3 * N_SOURCES


def test_the_learner_may_be_asked_for_by_an_alias(composer):
    proposal = composer.compose(task("SVC"))
    assert proposal.learner.value == "svm"
    assert proposal.search_space == composer.compose(task("svm")).search_space


def test_what_is_held_out_is_neither_cited_nor_a_neighbour(composer):
    hidden = frozenset(dataset_iri(f"s{i}") for i in range(2))
    proposal = composer.compose(task("svm"), held_out=hidden)
    assert not hidden & {n.dataset for n in proposal.neighbours}
    cited = {iri for field in grounded_fields(proposal).values() for iri in field.citations}
    about = {getattr(composer.store.get(iri), "dataset", None) for iri in cited}
    assert len(about) > 5
    assert not hidden & about


@pytest.mark.parametrize(
    ("learners", "task_type", "metric"),
    [(("logistic_regression",), "regression", "rmse"), (("elastic_net",), "classification", "accuracy")],
)
def test_a_learner_that_cannot_do_the_task_is_refused_with_those_that_can(composer, learners, task_type, metric):
    with pytest.raises(InputError, match=r"Allowed: .*knn"):
        composer.compose(task(*learners, task_type=TaskType(task_type), metric=metric))


def test_an_unknown_learner_is_refused(composer):
    with pytest.raises(UnknownNameError, match="Did you mean 'svm'"):
        composer.compose(task("svmm"))


@pytest.mark.parametrize(
    ("learner", "task_type", "metric", "rule"),
    [
        ("rpart", "classification", "accuracy", "narrowed_space"),
        ("lightgbm", "classification", "roc_auc", "published_space"),
        ("lightgbm", "regression", "rmse", "published_space"),
        ("knn", "regression", "rmse", "published_space"),
        ("mlp", "regression", "rmse", "registry_space"),
    ],
)
def test_on_the_graph_that_ships(starter_composer, learner, task_type, metric, rule):
    wanted = task(learner, task_type=TaskType(task_type), metric=metric)
    proposal = starter_composer.compose(wanted)
    assert proposal.search_space.derivation.rule == rule
    assert sound(proposal, starter_composer)


def test_on_the_graph_that_ships_ranges_lie_inside_the_wide_ones(starter_composer):
    proposal = starter_composer.compose(task("rpart"))
    cited = tuple(starter_composer.store.get(iri) for iri in proposal.search_space.citations)
    wide = measured_space.wide_space(RuleInputs(proposal.task, "rpart", cited, {}, {}, starter_composer.surfaces))
    numeric = [p for p in proposal.search_space.value.parameters if p.kind in ("int", "float")]
    assert numeric
    assert all(wide[p.name].low <= p.low <= p.high <= wide[p.name].high for p in numeric)
