"""A rule's arguments are judged: run again with made-up ones it would give whatever a draft likes."""

import pytest

from kg.model import Configuration
from recommender.composing.rule import RuleInputs
from recommender.composing.rules import PART_RULES, RULES
from recommender.grounding import check
from recommender.proposal import Budget, Derivation, Termination, WallClock
from recommender.validation import arguments as module
from recommender.validation.repairs import replace_value
from recommender.validation.spending import TrialCost
from tests.recommender.composing.world import task


@pytest.fixture
def said(composer):
    """Return a function that gives what is said against the arguments of each field."""

    def findings(proposal):
        found = check(proposal, composer.store, surfaces=composer.surfaces)
        return {f.field: f.message for f in found if f.code == "argument_not_supported"}

    return findings


@pytest.fixture
def derived(composer, composed):
    """Return a function that gives the proposal with a field derived by its rule with other arguments."""

    def build(field, part="", **arguments):
        grounded = getattr(composed, field)
        grounding = grounded.parts[part] if part else grounded
        changed = {**grounding.derivation.arguments, **arguments}
        inputs = RuleInputs(
            task=composed.task,
            learner="svm",
            cited=tuple(composer.store.get(iri) for iri in grounding.citations),
            weights={n.dataset: n.weight for n in composed.neighbours},
            datasets={d.iri: d for d in composer.store.datasets()},
            surfaces=composer.surfaces,
            space=composed.search_space.value,
        )
        rule = grounding.derivation.rule
        value = {**RULES, **PART_RULES}[rule](inputs, changed).value
        derivation = Derivation(rule=rule, arguments=changed)
        if part:
            parts = {**grounded.parts, part: grounding.replace(derivation=derivation)}
            return composed.replace(**{field: grounded.replace(parts=parts)})
        return composed.replace(**{field: grounded.replace(value=value, derivation=derivation, parts={})})

    return build


def test_what_was_composed_has_nothing_against_it(composed, said):
    assert said(composed) == {}


def test_a_tighter_cut_than_the_sources_bear(derived, said):
    assert "at most" in said(derived("search_space", level=0.3))["search_space"]
    assert "at most" in said(derived("search_space", "C", level=0.3))["search_space.C"]


def test_where_they_bear_none_every_cut_is_too_tight(composed, composer, monkeypatch):
    monkeypatch.setattr(type(composer.surfaces), "level", lambda *_: None)
    found = check(composed, composer.store, surfaces=composer.surfaces)
    assert {f.field for f in found if "no cut at all" in f.message} >= {"search_space", "search_space.C"}


@pytest.mark.parametrize("level", [0.2, 0.1, None])
def test_a_looser_cut_claims_less(derived, composer, level, monkeypatch):
    def findings(proposal):
        found = check(proposal, composer.store, surfaces=composer.surfaces)
        return [f for f in found if f.field == "search_space"]

    proposal = derived("search_space", level=level)
    assert findings(proposal) == []
    monkeypatch.setattr(type(composer.surfaces), "level", lambda *_: None)
    assert bool(findings(proposal)) is (level is not None)


def test_values_that_the_space_is_widened_for_are_the_portfolios(derived, said, composed):
    known = composed.search_space.derivation.arguments["hold"]
    assert said(derived("search_space", hold=known[:2])) == {}
    other = composed.warm_starts.value[-1].root
    assert dict(other) not in [dict(one) for one in known]
    assert "do not hold" in said(derived("search_space", hold=[other]))["search_space"]
    assert "do not have C" in said(derived("search_space", "C", hold=[other["C"]]))["search_space.C"]


def test_what_is_left_out_is_fixed(derived, said):
    assert "gamma is left out" in said(derived("search_space", fixed=["gamma", "shrinking"]))["search_space"]


def test_the_number_of_warm_starts(derived, said):
    assert said(derived("budget", n_warm_starts=40))["budget"].endswith("n_warm_starts 40: it is 10.")
    assert "n_warm_starts 3" in said(derived("sampler", n_warm_starts=3))["sampler"]


def test_a_made_up_time_of_a_trial(derived, said, monkeypatch):
    assert "nothing in the graph says" in said(derived("budget", trial_s=5.0))["budget"]
    monkeypatch.setattr(module, "predicted_cost", lambda *_: TrialCost(2.0, "predicted", 3))
    assert "about 2 s" in said(derived("budget", trial_s=5.0))["budget"]
    assert "about 2 s" in said(derived("budget", trial_s=0.5))["budget"]
    assert "budget" not in said(derived("budget", trial_s=3.0))


def test_stopping_is_told_the_budget(derived, said):
    assert "n_trials 9" in said(derived("termination", n_trials=9))["termination"]
    assert "wall_clock_s 60.0" in said(derived("termination", wall_clock_s=60.0))["termination"]
    assert "n_trials 9" in said(derived("advice", n_trials=9))["advice"]


def test_the_metric_of_a_prediction_is_that_of_its_evidence(composed, derived, said):
    assert said(derived("prediction", metric="roc_auc"))["prediction"].endswith("what is cited is in accuracy.")


def test_the_pruner_is_told_what_a_trial_reports(derived, said):
    assert "has_fidelity True" in said(derived("pruner", has_fidelity=True))["pruner"]
    assert "folds 4" in said(derived("pruner", folds=4))["pruner"]


def test_figures_are_compared_as_such(derived, said):
    assert "has_fidelity 0" in said(derived("pruner", has_fidelity=0))["pruner"]
    assert said(derived("termination", wall_clock_s=600.00001)) == {}


def test_models_that_there_are_not(composer, said):
    proposal = composer.compose(task())
    arguments = {**proposal.learner.derivation.arguments, "modelled": ["knn", "svm"]}
    lying = proposal.learner.replace(derivation=Derivation(rule="best_learner", arguments=arguments))
    assert "no response models of knn" in said(proposal.replace(learner=lying))["learner"]
    assert said(proposal) == {}


def test_a_repair_elsewhere_is_no_argument_against_what_was_derived_before(composed, said):
    fewer = replace_value(composed, "budget", Budget(n_trials=4, wall_clock_s=90, per_trial_s=9, binding="n_trials"))
    rules = Termination(rules=(WallClock(seconds=90),))
    assert said(replace_value(fewer, "termination", rules)) == {}
    one = replace_value(composed, "warm_starts", composed.warm_starts.value[:1])
    assert said(one) == {}
    assert said(replace_value(composed, "fixed", Configuration({}))) == {}


def test_a_field_that_is_wrong_itself_is_its_own_finding_only(composed, said):
    wrong = composed.budget.replace(value=composed.budget.value.replace(n_trials=7))
    assert said(composed.replace(budget=wrong)) == {}
    bare = composed.warm_starts.replace(value=(Configuration({"C": 1.0}),), parts={})
    assert said(composed.replace(warm_starts=bare)) == {}


def test_arguments_of_rules_without_a_judge_are_names():
    assert list(module.argument_faults("folds", {"anything": 1}, None)) == []


def test_starts_that_a_repair_dropped_were_asked_for_all_the_same(composed, composer, said):
    kept = replace_value(composed, "warm_starts", composed.warm_starts.value[:-1])
    assert said(kept) == {}
    basis = module.Basis(kept, None, composer.store, lambda name: ())
    assert basis.asked_for("warm_starts") == composed.warm_starts.derivation.arguments["k"]


def faults(proposal, composer, rule, arguments, **known):
    basis = module.Basis(proposal, None, composer.store, lambda name: known[name])
    return list(module.argument_faults(rule, arguments, basis))


def test_a_rule_may_find_fewer_starts_than_were_asked_for_and_no_more_are_told(composed, composer):
    asked = composed.warm_starts.derivation.arguments["k"]
    found = {"warm_starts": ([{}] * (asked - 2),)}
    assert faults(composed, composer, "sampler", {"n_warm_starts": asked}, **found) == []
    assert faults(composed, composer, "sampler", {"n_warm_starts": asked + 1}, **found) != []


def test_a_budget_set_by_hand_may_have_been_larger_not_smaller(composed, composer):
    by_hand = composed.replace(budget=composed.budget.replace(derivation=None))
    known = {"budget": ({"n_trials": 10},)}
    assert faults(by_hand, composer, "advice", {"n_trials": 20}, **known) == []
    assert faults(by_hand, composer, "advice", {"n_trials": 5}, **known) != []
    assert faults(composed, composer, "advice", {"n_trials": 20}, **known) != []
