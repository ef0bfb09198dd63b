"""A search space in Optuna: its distributions, and points that are suggested from it."""

import optuna
from hypothesis import given, settings
from hypothesis import strategies as st
from optuna.trial import TrialState

from kg.model import ConstantParameter, SearchSpace
from recommender.proposal import Sampler
from recommender.spaces import suggest, to_distributions
from recommender.studies import configure_study, quiet
from recommender.trial_notes import REASON


class TestSpaces:
    def test_distributions_are_those_of_the_space_without_constants(self, svm_space):
        space = SearchSpace(parameters=(*svm_space.parameters, ConstantParameter(name="tol", value=0.01)))
        found = to_distributions(space)
        assert set(found) == set(svm_space.names)
        assert found["C"] == optuna.distributions.FloatDistribution(0.01, 100, log=True)
        assert found["degree"] == optuna.distributions.IntDistribution(2, 4)

    @settings(max_examples=40, deadline=None)
    @given(seed=st.integers(0, 10_000))
    def test_every_suggestion_is_a_point_of_the_space_or_pruned_with_a_reason(self, seed):
        space = _svm_space()
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
        trial = study.ask()
        try:
            assert space.contains(suggest(trial, space).root)
        except optuna.TrialPruned:
            assert trial.params["kernel"] == "poly"
            assert "kernel = 'poly', shrinking = False (slow)" in trial.user_attrs[REASON]

    def test_tpe_learns_in_a_space_with_conditions(self, proposal, svm_space):
        study = configure_study(proposal("svm", svm_space, sampler=Sampler(name="tpe", n_startup_trials=3)))
        with quiet():
            study.optimize(lambda trial: suggest(trial, svm_space)["C"], n_trials=20)
        assert all(t.state in {TrialState.COMPLETE, TrialState.PRUNED} for t in study.trials)


def _svm_space():
    from kg.model import CategoricalParameter, Condition, FloatParameter, Forbidden

    return SearchSpace(
        parameters=(
            FloatParameter(name="gamma", low=1e-4, high=1, log=True),
            CategoricalParameter(name="kernel", choices=("linear", "rbf", "poly")),
            CategoricalParameter(name="shrinking", choices=(True, False)),
        ),
        conditions=(Condition(child="gamma", parent="kernel", values=("rbf", "poly")),),
        forbidden=(Forbidden(clauses={"kernel": ("poly",), "shrinking": (False,)}, reason="slow"),),
    )
