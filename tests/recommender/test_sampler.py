"""The transfer sampler: good from the second trial on, at home in every space, and never stuck."""

import math
import pickle
import warnings

import numpy as np
import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution
from optuna.trial import TrialState, create_trial

from kg.iris import dataset_iri, evidence_iri
from kg.model import Configuration, Provenance, ResponseModel, SearchSpace, Standing
from recommender.observing import PRUNED_NOISE, UNEXPLAINED_NOISE, observed
from recommender.proposal import ExpectedImprovement, MaxTrials, Sampler, Termination
from recommender.sampler import HOPE, STAND_IN, TransferSampler, attach_sources
from recommender.spaces import suggest, to_distributions
from recommender.studies import STOP_REASON, configure_study
from recommender.transfer.lattice import Lattice
from recommender.transfer.process import Unit
from recommender.transfer.sources import TransferSources
from recommender.trial_notes import FOLD_SCORES, REASON, SECONDS
from recommender.tuning import optimise, stop_callback
from tests.recommender.conftest import SVM_SPACE

N_SOURCES = 12


@pytest.fixture(autouse=True)
def _quiet():
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)
    yield
    optuna.logging.set_verbosity(before)


def regret_of(configuration, centre=0.5):
    """Best for an rbf kernel with C = 10 ** centre; the kernel matters most."""
    kernels = {"rbf": 0.0, "poly": 0.8, "linear": 1.5}
    return kernels[configuration["kernel"]] + 0.5 * abs(np.log10(configuration["C"]) - centre)


def sources_of(svm_space):
    """Other data sets, whose best C differs a little."""
    lattice, generator = Lattice(svm_space), np.random.default_rng(0)
    knots = lattice.random(150, generator)
    points = [lattice.configuration(row) for row in knots]
    centres = 0.5 + 0.3 * generator.standard_normal(N_SOURCES)
    regrets = np.array([[min(regret_of(point, centre), 2.0) for centre in centres] for point in points])
    return TransferSources(
        space=svm_space,
        names=tuple(f"source-{i}" for i in range(N_SOURCES)),
        weights=np.full(N_SOURCES, 1 / N_SOURCES),
        knots=knots,
        regrets=regrets,
        length_scales=np.full(len(lattice.encoder.dims), 0.7),
        unit=Unit(float(np.log(0.05)), 0.5),
        starts=(Configuration({"kernel": "linear", "C": 1.0, "shrinking": True}),),
    )


@pytest.fixture
def sources(svm_space):
    return sources_of(svm_space)


def study_with(sources, *, storage=None, seed=1, name=None, direction="maximize", pruner=None):
    study = optuna.create_study(
        storage=storage, study_name=name, direction=direction, sampler=TransferSampler(seed=seed), pruner=pruner
    )
    attach_sources(study, sources)
    return study


def run(study, space, n, centre=0.5):
    study.optimize(lambda trial: 0.9 - 0.05 * regret_of(suggest(trial, space), centre), n_trials=n)
    return [dict(trial.params) for trial in study.trials]


@pytest.fixture(scope="module")
def thirty():
    """A study of thirty trials: look at it, and leave it as it is."""
    study = study_with(sources_of(SVM_SPACE))
    run(study, SVM_SPACE, 30)
    return study


class TestSuggestions:
    def test_it_finds_in_few_trials_what_the_sources_point_at(self, sources, svm_space):
        study = study_with(sources)
        run(study, svm_space, 6)
        assert study.best_params["kernel"] == "rbf"
        assert (0.9 - study.best_value) / 0.05 < 0.15

    def test_where_the_sources_mislead_it_finds_the_best_all_the_same(self, sources, svm_space):
        def turned(trial):
            return 0.05 * regret_of(suggest(trial, svm_space))

        study = study_with(sources)
        study.optimize(turned, n_trials=25)
        assert study.best_params["kernel"] == "linear"
        assert study.best_value > 0.05 * 2.4

    def test_every_suggestion_is_allowed_and_none_comes_twice(self, thirty, svm_space):
        assert all(trial.state is TrialState.COMPLETE for trial in thirty.trials)
        points = [svm_space.active_part(trial.params) for trial in thirty.trials]
        assert all(svm_space.contains(point) for point in points)
        assert len(set(points)) == 30

    @pytest.mark.parametrize("value", [math.inf, -math.inf])
    def test_an_infinite_value_ends_no_study(self, sources, svm_space, value):
        study = study_with(sources)

        def objective(trial):
            found = 0.9 - 0.05 * regret_of(suggest(trial, svm_space))
            return value if trial.number == 1 else found

        study.optimize(objective, n_trials=8)
        assert all(trial.state is TrialState.COMPLETE for trial in study.trials)
        assert len({str(trial.params) for trial in study.trials}) == 8

    def test_a_small_space_may_be_exhausted(self, sources):
        space = SearchSpace(parameters=(sources.space["kernel"], sources.space["shrinking"]))
        lattice = Lattice(space)
        small = TransferSources(
            space=space,
            names=("one",),
            weights=np.ones(1),
            knots=lattice.random(4, np.random.default_rng(0)),
            regrets=np.linspace(0, 1, 4)[:, None],
            length_scales=np.ones(len(lattice.encoder.dims)),
            unit=Unit(0.0, 1.0),
        )
        study = study_with(small)
        study.optimize(lambda trial: float(suggest(trial, space)["shrinking"]), n_trials=8)
        assert len({tuple(trial.params.items()) for trial in study.trials}) == 6

    def test_it_minimises_too(self, sources, svm_space):
        study = study_with(sources, direction="minimize")
        study.optimize(lambda trial: 0.05 * regret_of(suggest(trial, svm_space)), n_trials=6)
        assert study.best_value < 0.05 * 0.15


class TestExpectations:
    def test_what_is_expected_of_a_trial_falls_as_the_space_becomes_known(self, thirty):
        hopes = [trial.system_attrs.get(HOPE) for trial in thirty.trials]
        assert hopes[0] is None
        assert all(hope >= 0 for hope in hopes[1:])
        assert max(hopes[-5:]) < 0.1 * max(hopes[1:6])

    def test_a_study_stops_once_next_to_nothing_is_expected(self, proposal, sources, svm_space):
        rules = (ExpectedImprovement(threshold=1e-3, trials=3), MaxTrials(n_trials=100))
        made = proposal("svm", svm_space, termination=Termination(rules=rules), sampler=Sampler(name="transfer"))
        study = study_with(sources)
        study.optimize(
            lambda trial: 0.9 - 0.05 * regret_of(suggest(trial, svm_space)),
            n_trials=100,
            callbacks=[stop_callback(made)],
        )
        assert 4 < len(study.trials) < 60
        assert "of each of the last 3 trials" in study.user_attrs[STOP_REASON]


class TestDeterminism:
    def test_the_same_seed_gives_the_same_trials_and_another_seed_others(self, sources, svm_space):
        one, two, three = (run(study_with(sources, seed=seed), svm_space, 5) for seed in (3, 3, 4))
        assert one == two
        assert one != three

    def test_a_study_gone_on_with_from_storage_is_the_study_that_was_never_left(self, sources, svm_space, tmp_path):
        storage = f"sqlite:///{tmp_path}/study.db"
        run(study_with(sources, storage=storage, name="s", seed=3), svm_space, 4)
        again = optuna.load_study(study_name="s", storage=storage, sampler=TransferSampler(seed=3))
        assert run(again, svm_space, 4) == run(
            study_with(TransferSources.from_text(sources.to_text()), seed=3), svm_space, 8
        )

    def test_it_can_be_sent_to_another_process(self, sources, svm_space):
        sampler = pickle.loads(pickle.dumps(TransferSampler(seed=3)))
        study = study_with(sources, seed=3)
        study.sampler = sampler
        assert run(study, svm_space, 4) == run(study_with(sources, seed=3), svm_space, 4)


class TestParallel:
    @pytest.mark.parametrize("told", [0, 3])
    def test_many_asked_before_any_is_told_are_spread_out(self, sources, svm_space, told):
        study = study_with(sources)
        run(study, svm_space, told)
        trials = [study.ask() for _ in range(8)]
        points = [suggest(trial, svm_space) for trial in trials]
        assert len(set(points)) == 8
        x = sources.lattice.encoder.encode([point.root for point in points])
        gaps = np.linalg.norm(x[:, None] - x[None], axis=-1)[np.triu_indices(8, 1)]
        assert np.median(gaps) > 0.1

    def test_what_was_suggested_and_not_asked_for_yet_is_seen_by_others(self, sources, svm_space):
        study = study_with(sources)
        run(study, svm_space, 3)
        first = study.ask()
        first.suggest_float("C", 0.01, 100, log=True)
        running = study.get_trials(states=(TrialState.RUNNING,))
        seen = observed(running, sources, maximise=True)
        assert len(seen.pending) == 1
        assert next(iter(seen.taken)) == suggest(first, svm_space)

    def test_before_any_score_the_portfolio_comes_first(self, sources, svm_space):
        study = study_with(sources)
        assert suggest(study.ask(), svm_space) == sources.starts[0]
        assert suggest(study.ask(), svm_space) != sources.starts[0]


class TestOtherTrials:
    def test_a_failed_region_is_left_and_the_study_goes_on(self, sources, svm_space):
        def objective(trial):
            configuration = suggest(trial, svm_space)
            if configuration["kernel"] == "rbf":
                trial.set_user_attr(REASON, "it does not converge")
                return float("nan")
            return 0.9 - 0.05 * regret_of(configuration)

        study = study_with(sources)
        study.optimize(objective, n_trials=20)
        states = [trial.state for trial in study.trials]
        assert states.count(TrialState.COMPLETE) > 12

    def test_each_state_is_seen_for_what_it_says(self, sources, svm_space):
        distributions = {n: d for n, d in to_distributions(svm_space).items() if n not in ("gamma", "degree")}

        def trial(c, state, **more):
            params = {"kernel": "linear", "C": c, "shrinking": True}
            return create_trial(params=params, distributions=distributions, state=state, **more)

        trials = [
            trial(1.0, TrialState.COMPLETE, value=0.8),
            trial(2.0, TrialState.COMPLETE, value=0.6),
            trial(3.0, TrialState.PRUNED, intermediate_values={1: 0.5, 3: 0.4}),
            trial(4.0, TrialState.PRUNED, user_attrs={FOLD_SCORES: [0.9, 1.0]}),
            trial(5.0, TrialState.PRUNED),
            trial(6.0, TrialState.FAIL, user_attrs={REASON: "too slow"}),
            trial(7.0, TrialState.FAIL),
            trial(8.0, TrialState.RUNNING),
            create_trial(params={"C": 9.0}, distributions={"C": distributions["C"]}, state=TrialState.RUNNING),
        ]
        seen = observed(trials, sources, maximise=True)
        assert seen.trials is not None
        assert seen.trials.losses.tolist() == [-0.8, -0.6, -0.4, -0.7, np.inf, np.inf]
        assert seen.trials.noise.tolist() == [1, 1, PRUNED_NOISE, PRUNED_NOISE, 1, UNEXPLAINED_NOISE]
        assert len(seen.pending) == 1

    def test_a_trial_that_was_stopped_after_a_fold_would_have_taken_so_many_times_as_long(self, sources, svm_space):
        distributions = {n: d for n, d in to_distributions(svm_space).items() if n not in ("gamma", "degree")}

        def trial(c, state, seconds, **more):
            notes = {SECONDS: seconds, FOLD_SCORES: [0.5] * len(seconds)}
            params = {"kernel": "linear", "C": c, "shrinking": True}
            return create_trial(params=params, distributions=distributions, state=state, user_attrs=notes, **more)

        whole = trial(1.0, TrialState.COMPLETE, [1.0, 2.0, 3.0], value=0.5)
        stopped = trial(2.0, TrialState.PRUNED, [4.0])
        seen = observed([whole, stopped], sources, maximise=True, timed=True)
        assert seen.trials is not None
        assert seen.trials.seconds.tolist() == [6.0, 12.0]

    @pytest.mark.parametrize("pruner", [optuna.pruners.HyperbandPruner(1, 9), optuna.pruners.SuccessiveHalvingPruner()])
    def test_it_works_under_pruners(self, sources, svm_space, pruner):
        def objective(trial):
            value = 0.9 - 0.05 * regret_of(suggest(trial, svm_space))
            for step in (1, 3, 9):
                trial.report(value - 0.1 / step, step)
                if trial.should_prune():
                    raise optuna.TrialPruned
            return value

        study = study_with(sources, pruner=pruner)
        study.optimize(objective, n_trials=15)
        assert study.best_params["kernel"] == "rbf"


class TestStandIn:
    def test_without_sources_tpe_stands_in_and_the_study_says_so(self, svm_space):
        study = optuna.create_study(sampler=TransferSampler(seed=1))
        with pytest.warns(UserWarning, match="carries no response functions"):
            run(study, svm_space, 12)
        assert "TPE stands in for the transfer sampler" in study.user_attrs[STAND_IN]
        assert len(study.trials) == 12

    def test_an_objective_with_choices_of_its_own_is_left_to_tpe(self, sources, svm_space):
        study = study_with(sources)
        theirs = CategoricalDistribution(["sigmoid", "rbf"])
        study.add_trial(create_trial(params={"kernel": "sigmoid"}, distributions={"kernel": theirs}, value=0.5))
        with pytest.warns(UserWarning, match="takes kernel from another distribution"):
            study.optimize(lambda trial: len(trial.suggest_categorical("kernel", ["sigmoid", "rbf"])), n_trials=3)
        assert len(study.trials) == 4

    def test_an_objective_that_asks_for_a_part_of_the_space_is_left_to_tpe(self, sources, svm_space):
        cost = svm_space["C"]
        study = study_with(sources)
        with pytest.warns(UserWarning, match="does not ask for kernel"):
            study.optimize(lambda trial: trial.suggest_float("C", cost.low, cost.high, log=cost.log), n_trials=6)
        assert len({trial.params["C"] for trial in study.trials}) == 6

    def test_several_objectives_are_left_to_tpe(self, sources):
        study = optuna.create_study(directions=["maximize", "minimize"], sampler=TransferSampler(sources, seed=1))
        with pytest.warns(UserWarning, match="several objectives"):
            study.optimize(lambda trial: (trial.suggest_float("C", 0.01, 100, log=True), 1.0), n_trials=2)

    def test_a_parameter_beyond_the_space_is_suggested_independently(self, sources, svm_space):
        study = study_with(sources)

        def objective(trial):
            trial.suggest_float("tol", 1e-5, 1e-2, log=True)
            return 0.9 - 0.05 * regret_of(suggest(trial, svm_space))

        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            study.optimize(objective, n_trials=5)
        assert study.trials[-1].distributions["tol"] == FloatDistribution(1e-5, 1e-2, log=True)


class TestFromAProposal:
    @pytest.fixture
    def models(self):
        """Response models of decision trees: depth 6 is best, everywhere."""
        space = SearchSpace.model_validate(
            {"parameters": [{"kind": "int", "name": "max_depth", "low": 1, "high": 16, "log": True}]}
        )
        depths = tuple(range(1, 17))
        regrets = tuple(min(2.0, abs(np.log2(depth / 6))) for depth in depths)
        provenance = Provenance(source="test", licence="CC0-1.0", url="https://example.org", retrieved="2026-01-01")
        return tuple(
            ResponseModel(
                iri=evidence_iri("response_model", f"source-{i}"),
                standing=Standing.MEASURED,
                n=16,
                provenance=provenance,
                dataset=dataset_iri(f"source-{i}"),
                learner="decision_tree",
                metric="accuracy",
                best=0.9,
                median=0.8,
                space=space,
                parameters=("max_depth",),
                support=tuple((depth,) for depth in depths),
                regrets=regrets,
                length_scales=(0.4,),
                signal=0.7,
                noise=0.05,
                level=1.0,
                fit=0.9,
            )
            for i in range(N_SOURCES)
        )

    @pytest.fixture
    def starts(self, cited):
        return cited(*({"max_depth": d, "min_samples_leaf": 0.01, "criterion": "gini"} for d in (12, 3, 2)))

    def test_the_sampler_takes_over_after_the_first_warm_starts(self, proposal, models, starts):
        made = proposal(sampler=Sampler(name="transfer", n_startup_trials=1), warm_starts=starts)
        study = configure_study(made, models=models)
        assert [trial.state for trial in study.trials] == [TrialState.WAITING]
        optimise(study, lambda trial: 0.9 - 0.1 * abs(np.log2(suggest(trial, space_of(made))["max_depth"] / 6)), made)
        assert study.trials[0].params["max_depth"] == 12
        assert 5 <= study.trials[1].params["max_depth"] <= 7
        assert STAND_IN not in study.user_attrs

    def test_without_models_all_warm_starts_are_run_and_tpe_stands_in(self, proposal, starts):
        made = proposal(sampler=Sampler(name="transfer", n_startup_trials=1), warm_starts=starts)
        study = configure_study(made)
        assert len(study.trials) == 3
        with pytest.warns(UserWarning, match="TPE stands in"):
            optimise(study, lambda trial: suggest(trial, space_of(made))["max_depth"], made)
        assert len(study.trials) == made.budget.value.n_trials


def space_of(proposal):
    return proposal.search_space.value
