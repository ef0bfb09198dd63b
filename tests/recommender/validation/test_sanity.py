"""Stage 4, check by check: what cannot be meant, at the least that cannot and the most that can."""

import pytest

from kg.learners.registry import learner_named
from kg.model import (
    METRICS,
    CategoricalParameter,
    Configuration,
    ConstantParameter,
    FloatParameter,
    Forbidden,
    IntParameter,
    SearchSpace,
)
from recommender.proposal import (
    Budget,
    Cost,
    ExpectedImprovement,
    Fidelity,
    MaxTrials,
    PredictedScore,
    Prediction,
    Pruner,
    Sampler,
    Stagnation,
    TargetReached,
    Termination,
    WallClock,
)
from recommender.validation.repairs import replace_value
from recommender.validation.sanity.budget import check_budget, with_budget
from recommender.validation.sanity.effort import check_effort
from recommender.validation.sanity.fidelity import check_fidelity, drop_fidelity
from recommender.validation.sanity.prediction import check_prediction
from recommender.validation.sanity.scores import is_percent, is_possible, trivial_score
from recommender.validation.sanity.space import check_space
from recommender.validation.sanity.termination import check_termination
from tests.recommender.validation.gate_cases import propose, task


def found(check, proposal):
    return [(f.field, str(f.outcome), f.code) for f in check(proposal)[1]]


def spaced(*parameters, **changes):
    return replace_value(propose(**changes), "search_space", SearchSpace(parameters=parameters))


def number(name="a", low=1, high=9, **changes):
    return IntParameter(name=name, low=low, high=high, **changes)


class TestSpace:
    def test_of_more_parameters_than_anybody_searches(self):
        fifty = [number(f"p{i}") for i in range(50)]
        assert found(check_space, spaced(*fifty)) == []
        assert found(check_space, spaced(*fifty, number("one_more"))) == [
            ("search_space", "failed", "astronomic_space")
        ]
        assert found(check_space, spaced(*fifty, ConstantParameter(name="c", value=1))) == []

    def test_of_more_choices_than_anybody_has(self):
        field = "search_space.parameters.a"
        for n, expected in ((200, []), (201, [(field, "failed", "astronomic_space")])):
            assert found(check_space, spaced(CategoricalParameter(name="a", choices=tuple(range(n))))) == expected

    def test_of_a_width_without_end(self):
        field = "search_space.parameters.a"
        assert found(check_space, spaced(number(low=0, high=10**6))) == []
        assert found(check_space, spaced(number(low=0, high=10**6 + 1))) == [(field, "failed", "astronomic_space")]

    def test_of_decades_without_end(self):
        field = "search_space.parameters.a"
        log = FloatParameter(name="a", low=1e-7, high=1e7, log=True)
        assert found(check_space, spaced(log)) == []
        assert found(check_space, spaced(log.replace(high=1.1e7))) == [(field, "failed", "astronomic_space")]

    def test_of_decades_that_are_not_seen_on_a_line(self):
        field = "search_space.parameters.a"
        line = FloatParameter(name="a", low=1e-3, high=10)
        assert found(check_space, spaced(line)) == []
        assert found(check_space, spaced(line.replace(low=0.9e-3))) == [(field, "pass", "log_scale_advised")]
        assert found(check_space, spaced(line.replace(low=0.0))) == []

    def test_with_fewer_points_than_trials(self):
        assert found(check_space, spaced(number(high=49))) == [("budget.n_trials", "pass", "more_trials_than_points")]
        assert found(check_space, spaced(number(high=50))) == []

    def test_with_nothing_to_search(self):
        assert found(check_space, spaced(ConstantParameter(name="c", value=1))) == [
            ("search_space", "failed", "empty_space")
        ]
        assert found(check_space, spaced(number(high=1))) == [("search_space", "failed", "one_point")]


class TestBudget:
    def with_budget(self, **changes):
        return replace_value(propose(), "budget", propose().budget.value.replace(**changes))

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"n_trials": 10_000}, None),
            ({"n_trials": 10_001}, "absurd_budget"),
            ({"wall_clock_s": 30 * 86_400.0 + 1}, "absurd_budget"),
            ({"wall_clock_s": 0.09, "per_trial_s": 0.09}, "absurd_budget"),
            ({"per_trial_s": 0.09}, "absurd_budget"),
            ({"n_workers": 1001}, "absurd_budget"),
            ({"per_trial_s": 601.0}, "contradiction"),
            ({"per_trial_s": 600.0}, None),
            ({"n_trials": 1}, "one_trial"),
            ({"n_trials": 10}, "sampler_never_learns"),
            ({"n_trials": 11}, None),
            ({"wall_clock_s": 10.0, "per_trial_s": 1.0}, "unit_slip"),
            ({"wall_clock_s": 36_000.0}, "unit_slip"),
            ({"wall_clock_s": 0.6, "per_trial_s": 0.5}, "unit_slip"),
            ({"wall_clock_s": 300.0, "per_trial_s": 30.0}, None),
        ],
    )
    def test_that_can_or_cannot_be_meant(self, changes, code):
        assert {c for _, _, c in found(check_budget, self.with_budget(**changes))} == ({code} if code else set())

    def test_without_a_limit_there_is_no_other_unit_of_it(self):
        proposal = self.with_budget(wall_clock_s=10.0, per_trial_s=1.0)
        free = proposal.replace(task=task(constraints={}))
        assert found(check_budget, free) == []

    def test_of_one_point_and_one_trial_says_nothing(self):
        proposal = replace_value(spaced(), "budget", propose().budget.value.replace(n_trials=1))
        assert found(check_budget, proposal) == []

    @pytest.mark.parametrize(("name", "codes"), [("tpe", 1), ("gp", 1), ("random", 0), ("transfer", 0)])
    def test_samplers_that_never_learn(self, name, codes):
        proposal = replace_value(self.with_budget(n_trials=10), "sampler", Sampler(name=name, n_startup_trials=10))
        assert len(found(check_budget, proposal)) == codes

    def test_takes_rules_and_predictions_with_it(self):
        rules = (MaxTrials(n_trials=50), WallClock(seconds=600), Stagnation(patience=30), TargetReached(score=0.9))
        proposal = replace_value(propose(), "termination", Termination(rules=rules))
        scores = tuple(PredictedScore(k=k, low=0.5, expected=0.6, high=0.7) for k in (1, 10, 50))
        proposal = replace_value(proposal, "prediction", Prediction(metric="accuracy", scores=scores))
        small = Budget(n_trials=10, wall_clock_s=60, per_trial_s=6, binding="n_trials")
        cut = with_budget(proposal, small, "Cut.")
        assert cut.termination.value.rules == (
            MaxTrials(n_trials=10),
            WallClock(seconds=60),
            Stagnation(patience=30),
            TargetReached(score=0.9),
        )
        assert [score.k for score in cut.prediction.value.scores] == [1, 10]
        large = small.replace(n_trials=500, wall_clock_s=6000)
        assert with_budget(proposal, large, "").termination.value.rules == rules


class TestTermination:
    def stopping(self, *rules, combine="any", **changes):
        return replace_value(propose(**changes), "termination", Termination(rules=rules, combine=combine))

    @pytest.mark.parametrize(
        ("rule", "code"),
        [
            (MaxTrials(n_trials=2), None),
            (MaxTrials(n_trials=1), "fires_at_once"),
            (MaxTrials(n_trials=50), None),
            (MaxTrials(n_trials=51), "never_fires"),
            (WallClock(seconds=0.5), None),
            (WallClock(seconds=0.4), "fires_at_once"),
            (WallClock(seconds=600), None),
            (WallClock(seconds=601), "never_fires"),
            (Stagnation(patience=3), None),
            (Stagnation(patience=2), "fires_at_once"),
            (Stagnation(patience=49), None),
            (Stagnation(patience=50), "never_fires"),
            (Stagnation(patience=9, tolerance=0.2), None),
            (Stagnation(patience=9, tolerance=0.21), "unit_slip"),
            (TargetReached(score=0.61), None),
            (TargetReached(score=0.6), "target_reached_at_once"),
            (TargetReached(score=1.01), "unit_slip"),
            (TargetReached(score=-0.1), "unreachable_target"),
        ],
    )
    def test_alone(self, rule, code):
        assert [c for _, _, c in found(check_termination, self.stopping(rule))] == ([code] if code else [])

    def test_below_what_the_first_trial_is_predicted_to_have(self):
        score = PredictedScore(k=1, low=0.8, expected=0.85, high=0.9)
        proposal = replace_value(
            self.stopping(TargetReached(score=0.75)), "prediction", Prediction(metric="accuracy", scores=(score,))
        )
        assert [c for _, _, c in found(check_termination, proposal)] == ["target_reached_at_once"]
        later = replace_value(proposal, "prediction", Prediction(metric="accuracy", scores=(score.replace(k=2),)))
        assert found(check_termination, later) == []

    def test_of_a_single_trial_is_no_fault(self):
        one = replace_value(self.stopping(MaxTrials(n_trials=1)), "budget", propose().budget.value.replace(n_trials=1))
        assert found(check_termination, one) == []
        waits = replace_value(one, "termination", Termination(rules=(Stagnation(patience=3),)))
        assert found(check_termination, waits) == []

    def test_of_few_trials_may_be_impatient(self):
        few = replace_value(self.stopping(Stagnation(patience=2)), "budget", propose().budget.value.replace(n_trials=3))
        assert found(check_termination, few) == []

    @pytest.mark.parametrize(
        ("rules", "combine", "outcomes"),
        [
            ((MaxTrials(n_trials=1), MaxTrials(n_trials=9)), "any", ["failed"]),
            ((MaxTrials(n_trials=1), MaxTrials(n_trials=9)), "all", []),
            ((MaxTrials(n_trials=99), MaxTrials(n_trials=9)), "any", ["repaired"]),
            ((MaxTrials(n_trials=99), MaxTrials(n_trials=9)), "all", ["failed"]),
            ((MaxTrials(n_trials=1), WallClock(seconds=0.1)), "all", ["failed", "failed"]),
            ((MaxTrials(n_trials=99), WallClock(seconds=999)), "any", ["failed", "failed"]),
            ((TargetReached(score=80.0), MaxTrials(n_trials=9)), "any", ["failed"]),
        ],
    )
    def test_together(self, rules, combine, outcomes):
        assert [o for _, o, _ in found(check_termination, self.stopping(*rules, combine=combine))] == outcomes

    def test_what_is_sound_is_not_touched(self):
        assert check_termination(propose()) == (propose(), ())

    def test_rules_that_never_fire_are_left_out(self):
        proposal, _ = check_termination(self.stopping(MaxTrials(n_trials=99), MaxTrials(n_trials=9)))
        assert proposal.termination.value.rules == (MaxTrials(n_trials=9),)


MEMBERS = {"parameter": "n_estimators", "kind": "estimators", "min": 10, "max": 100}


class TestFidelity:
    def of(self, learner="random_forest", **fields):
        known = {"parameter": "training_fraction", "kind": "training_fraction", "min": 0.1, "max": 1.0}
        return replace_value(propose(learner), "fidelity", Fidelity(**{**known, **fields}))

    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            ({}, []),
            ({"min": 1.0}, [("fidelity.min", "fidelity_min_not_below_max")]),
            ({"min": 0.5}, [("fidelity.eta", "no_rungs")]),
            ({"min": 0.5, "eta": 2}, []),
            ({"min": 10, "max": 100}, [("fidelity.max", "unit_slip")]),
            ({"kind": "folds"}, [("fidelity.parameter", "not_a_fidelity"), ("fidelity.min", "unit_slip")]),
            ({"parameter": "folds", "kind": "folds", "min": 1, "max": 5}, []),
            ({"parameter": "folds", "kind": "folds", "min": 1, "max": 6}, [("fidelity.max", "beyond_folds")]),
            ({"parameter": "folds", "kind": "folds", "min": 1, "max": 3.5}, [("fidelity.max", "unit_slip")]),
            ({**MEMBERS}, []),
            ({**MEMBERS, "min": 0.5}, [("fidelity.min", "unit_slip")]),
            ({**MEMBERS, "kind": "epochs"}, [("fidelity.kind", "not_a_fidelity")]),
            ({**MEMBERS, "parameter": "max_depth"}, [("fidelity.parameter", "not_a_fidelity")]),
            ({"parameter": "n_estimators"}, [("fidelity.parameter", "not_a_fidelity")]),
        ],
    )
    def test_that_is_or_is_none(self, fields, expected):
        seen = {(field, code) for field, _, code in found(check_fidelity, self.of(**fields))}
        assert seen >= set(expected)
        assert bool(seen) == bool(expected)

    def test_of_a_learner_that_has_none_of_its_own(self):
        epochs = self.of("svm", parameter="max_iter", kind="epochs", min=1, max=9)
        assert [c for _, _, c in found(check_fidelity, epochs)] == ["not_a_fidelity"]
        assert "training_fraction, folds" in check_fidelity(epochs)[1][0].allowed

    def test_of_values_that_the_library_refuses(self, monkeypatch):
        members = self.of(**MEMBERS)
        monkeypatch.setattr(type(learner_named("random_forest")["n_estimators"]), "is_legal", lambda *_: False)
        codes = [("fidelity.min", "failed", "out_of_domain"), ("fidelity.max", "failed", "out_of_domain")]
        assert found(check_fidelity, members) == codes

    @pytest.mark.parametrize("name", ["successive_halving", "hyperband"])
    def test_that_goes_takes_its_pruner_along(self, name):
        proposal = replace_value(self.of(), "pruner", Pruner(name=name))
        assert drop_fidelity(proposal, "Gone.").pruner.value.name == "none"
        assert drop_fidelity(proposal, "Gone.").fidelity.value is None
        alone = replace_value(propose(), "pruner", Pruner(name=name))
        assert found(check_fidelity, alone) == [("pruner.name", "repaired", "pruner_without_fidelity")]

    def test_a_pruner_that_needs_no_rungs_stays(self):
        proposal = replace_value(self.of(), "pruner", Pruner(name="median"))
        assert drop_fidelity(proposal, "Gone.").pruner.value.name == "median"
        assert found(check_fidelity, drop_fidelity(proposal, "Gone.")) == []


class TestPrediction:
    def of(self, *scores, metric="accuracy"):
        predicted = tuple(
            PredictedScore(k=k, low=low, expected=expected, high=high) for k, low, expected, high in scores
        )
        changes = {"metric": metric}
        if metric == "rmse":
            changes |= {"task_type": "regression", "n_classes": None}
        return replace_value(propose(**changes), "prediction", Prediction(metric=metric, scores=predicted))

    @pytest.mark.parametrize(
        ("scores", "codes"),
        [
            ([(1, 0.5, 0.6, 0.7), (5, 0.5, 0.6, 0.7)], []),
            ([(5, 0.5, 0.6, 0.7), (1, 0.5, 0.5, 0.7)], []),
            ([(1, 0.5, 0.6, 0.7), (5, 0.5, 0.59, 0.7)], ["prediction_gets_worse"]),
            ([(1, 0.5, 0.8, 0.7)], ["interval_disordered"]),
            ([(1, 0.5, 0.4, 0.7)], ["interval_disordered"]),
            ([(1, 0.5, 0.6, 1.0)], []),
            ([(1, 0.5, 0.6, 1.1)], ["unit_slip"]),
            ([(1, -0.1, 0.6, 0.9)], ["impossible_score"]),
            ([(1, 0.5, 0.6, 101.0)], ["impossible_score"]),
            ([(51, 0.5, 0.6, 0.7)], ["beyond_budget"]),
            ([(50, 0.5, 0.6, 0.7)], []),
        ],
    )
    def test_of_accuracy(self, scores, codes):
        assert [c for _, _, c in found(check_prediction, self.of(*scores))] == codes

    def test_of_an_error_gets_better_downwards(self):
        assert found(check_prediction, self.of((1, 1, 2, 3), (5, 1, 1.5, 3), metric="rmse")) == []
        assert [c for _, _, c in found(check_prediction, self.of((1, 1, 2, 3), (5, 1, 2.5, 3), metric="rmse"))] == [
            "prediction_gets_worse"
        ]


class TestScores:
    @pytest.mark.parametrize(
        ("changes", "score"),
        [
            ({}, 0.6),
            ({"meta_features": {}}, 0.5),
            ({"meta_features": {"NumberOfClasses": 4.0}, "n_classes": None}, 0.25),
            ({"meta_features": {}, "n_classes": None}, None),
            ({"metric": "balanced_accuracy", "n_classes": 4}, 0.25),
            ({"metric": "roc_auc"}, 0.5),
            ({"metric": "log_loss", "n_classes": 2}, pytest.approx(0.6931, abs=1e-4)),
            ({"metric": "log_loss", "n_classes": None, "meta_features": {}}, None),
            ({"metric": "f1"}, None),
            ({"metric": "r2", "task_type": "regression", "n_classes": None}, 0.0),
            ({"metric": "rmse", "task_type": "regression", "n_classes": None}, None),
        ],
    )
    def test_of_a_constant_prediction(self, changes, score):
        assert trivial_score(task(**changes)) == score

    def test_that_can_be_had(self):
        accuracy, rmse = METRICS["accuracy"], METRICS["rmse"]
        assert [is_possible(accuracy, x) for x in (-0.1, 0.0, 1.0, 1.1)] == [False, True, True, False]
        assert [is_possible(rmse, x) for x in (-0.1, 0.0, 1e9)] == [False, True, True]
        assert [is_percent(accuracy, x) for x in (1.0, 1.1, 100.0, 101.0)] == [False, True, True, False]
        assert not is_percent(rmse, 50.0)


class TestWhatCannotBeMeant:
    """Rules, shares, repeats and prohibitions: the least that cannot be meant and the most that can."""

    @staticmethod
    def stopping(*rules, **changes):
        return replace_value(propose(**changes), "termination", Termination(rules=rules))

    @pytest.mark.parametrize(
        ("rule", "expected"),
        [
            (Cost(seconds=0.4), [("failed", "fires_at_once")]),
            (Cost(seconds=0.5), []),
            (Cost(seconds=1e9), [("repaired", "never_fires")]),
            (ExpectedImprovement(threshold=0.11), [("failed", "fires_at_once")]),
        ],
    )
    def test_a_cost_and_an_expectation(self, rule, expected):
        proposal = self.stopping(rule, MaxTrials(n_trials=propose().budget.value.n_trials))
        assert [(outcome, code) for _, outcome, code in found(check_termination, proposal)] == expected

    def test_an_expectation_just_small_enough_stops_in_time(self):
        proposal = self.stopping(ExpectedImprovement(threshold=0.1))
        transfer = replace_value(proposal, "sampler", Sampler(name="transfer"))
        assert found(check_termination, transfer) == []

    def test_a_loss_of_nothing_is_never_reached(self):
        proposal = self.stopping(TargetReached(score=0.0))
        loss = proposal.replace(task=proposal.task.replace(metric="log_loss"))
        assert ("termination.rules.0", "failed", "never_fires") in found(check_termination, loss)

    def test_a_share_of_the_rows_that_is_a_handful(self):
        def with_share(share, n_rows):
            least = Fidelity(parameter="training_fraction", kind="training_fraction", min=share, max=1.0)
            proposal = propose()
            proposal = proposal.replace(task=proposal.task.replace(n_rows=n_rows))
            return replace_value(proposal, "fidelity", least)

        folds = propose().protocol.value.folds
        rows = 100 * folds
        share = 5 / (100 * (folds - 1))
        assert ("fidelity.min", "failed", "too_few_rows") in found(check_fidelity, with_share(share * 0.99, rows))
        assert found(check_fidelity, with_share(share * 1.01, rows)) == []
        assert found(check_fidelity, with_share(share * 0.99, None)) == []

    def test_folds_over_and_over(self):
        def repeated(repeats):
            protocol = propose().protocol.value
            return replace_value(propose(), "protocol", protocol.replace(folds=5, repeats=repeats))

        assert found(check_budget, repeated(200)) == []
        assert ("protocol.repeats", "failed", "absurd_budget") in found(check_budget, repeated(201))

    def test_a_space_of_which_everything_is_forbidden(self):
        choices = CategoricalParameter(name="a", choices=("x", "y"))
        every = (Forbidden(clauses={"a": ("x", "y")}),)
        one = (Forbidden(clauses={"a": ("x",)}),)
        for forbidden, expected in ((every, [("search_space.forbidden", "failed", "empty_space")]), (one, [])):
            space = SearchSpace(parameters=(choices, number("b", high=2**20)), forbidden=forbidden)
            found_in = found(check_space, replace_value(propose(), "search_space", space))
            assert [one for one in found_in if one[2] == "empty_space"] == expected


class TestEffort:
    """A setting a hundred times what anybody searches is a slip; it is found without fitting anything."""

    def test_of_fixed_values_warm_starts_and_ranges(self):
        most = 100 * learner_named("random_forest")["n_estimators"].default_for("classification")
        base = propose()
        base = base.replace(learner=base.learner.replace(value="random_forest"))

        def fixed(n):
            return replace_value(base, "fixed", Configuration({"n_estimators": n}))

        assert found(check_effort, fixed(most)) == []
        assert found(check_effort, fixed(most + 1)) == [("fixed.n_estimators", "failed", "absurd_cost")]
        started = base.replace(warm_starts=base.warm_starts.replace(value=(Configuration({"n_estimators": 10**6}),)))
        assert ("warm_starts.0.n_estimators", "failed", "absurd_cost") in found(check_effort, started)
        field = "search_space.parameters.n_estimators"
        for parameter in (
            number("n_estimators", high=10**6),
            ConstantParameter(name="n_estimators", value=10**6),
            CategoricalParameter(name="n_estimators", choices=(10, 10**6)),
        ):
            ranged = replace_value(base, "search_space", SearchSpace(parameters=(parameter,)))
            assert (field, "failed", "absurd_cost") in found(check_effort, ranged)

    def test_of_a_setting_that_costs_nothing_nothing_is_said(self):
        assert found(check_effort, spaced(number("min_samples_leaf", high=10**6))) == []
