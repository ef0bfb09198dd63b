"""Edits that look like restrictions and claim more: surer priors, other scales, better scores, idle samplers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.model import Configuration, TaskType
from recommender.grounding import check
from recommender.proposal import MaxTrials, PredictedScore, Prediction, Stagnation, Termination
from recommender.validation.leeway import default_derivation
from recommender.validation.repairs import is_restriction, plain
from recommender.validation.shape import is_shape_kept, says_otherwise

C = {"name": "C", "kind": "float", "low": 0.1, "high": 1e4, "log": True, "prior": {"center": 0.3, "spread": 0.2}}
KERNEL = {"name": "kernel", "kind": "categorical", "choices": ["rbf", "poly", "linear"], "prior": [0.7, 0.2, 0.1]}


def other(parameter, **changes):
    return {**parameter, **changes}


class TestShape:
    @pytest.mark.parametrize(
        "after",
        [
            C,
            other(C, prior=None),
            other(C, prior={"center": 0.3, "spread": 0.5}),
            other(C, low=10.0, high=100.0, log=False),
            KERNEL,
            other(KERNEL, prior=None),
            other(KERNEL, prior=[0.5, 0.27, 0.23]),
            other(KERNEL, choices=["poly", "rbf"], prior=[0.2 / 0.9, 0.7 / 0.9]),
        ],
    )
    def test_what_says_as_much_or_less_is_kept(self, after):
        assert is_shape_kept(C if after["kind"] == "float" else KERNEL, after)

    @pytest.mark.parametrize(
        "after",
        [
            other(C, prior={"center": 0.7, "spread": 0.2}),
            other(C, prior={"center": 0.3, "spread": 1e-9}),
            other(C, log=False),
            other(KERNEL, prior=[0.0, 0.9, 0.1]),
            other(KERNEL, prior=[0.9, 0.05, 0.05]),
        ],
    )
    def test_what_says_otherwise_is_named(self, after):
        before = C if after["kind"] == "float" else KERNEL
        assert not is_shape_kept(before, after)
        assert says_otherwise({"parameters": [C, KERNEL]}, {"parameters": [after]}) == (after["name"],)

    def test_a_prior_where_the_rule_gives_none_is_a_claim(self):
        assert not is_shape_kept(other(C, prior=None), C)
        assert not is_shape_kept(other(KERNEL, prior=None), KERNEL)

    @given(st.lists(st.floats(0.01, 1), min_size=2, max_size=6), st.floats(0, 1))
    def test_weights_drawn_towards_even_ones_say_less(self, weights, share):
        former = [w / sum(weights) for w in weights]
        drawn = [share / len(former) + (1 - share) * w for w in former]
        before = {"name": "x", "kind": "categorical", "choices": list(range(len(former))), "prior": former}
        assert is_shape_kept(before, other(before, prior=drawn))


def is_less(field, before, after):
    return is_restriction(field, plain(before), plain(after), learner="svm", task_type=TaskType.CLASSIFICATION)


def predicted(metric="accuracy", level=0.9, **score):
    return Prediction(metric=metric, level=level, scores=(PredictedScore(k=1, **score),))


class TestPrediction:
    BEFORE = predicted(low=0.7, expected=0.8, high=0.9)

    def test_a_wider_interval_around_no_better_a_score_claims_less(self):
        assert is_less("prediction", self.BEFORE, predicted(low=0.6, expected=0.8, high=0.95))
        assert is_less("prediction", self.BEFORE, predicted(level=0.5, low=0.7, expected=0.75, high=0.9))
        assert is_less("prediction", self.BEFORE, self.BEFORE.replace(scores=()))

    def test_a_better_score_within_the_interval_claims_more(self):
        assert not is_less("prediction", self.BEFORE, predicted(low=0.7, expected=0.89, high=0.9))

    def test_better_is_less_for_a_loss(self):
        before = predicted("log_loss", low=0.1, expected=0.3, high=0.5)
        assert not is_less("prediction", before, predicted("log_loss", low=0.1, expected=0.2, high=0.5))
        assert is_less("prediction", before, predicted("log_loss", low=0.1, expected=0.4, high=0.5))

    def test_what_further_trials_bring_may_go_and_not_come(self):
        loss = {"after": 5, "k": 10, "least": 0.5, "expected": 0.8}
        told = self.BEFORE.replace(remaining=(loss,))
        assert is_less("prediction", told, self.BEFORE)
        assert is_less("prediction", told, told.replace(scores=()))
        assert not is_less("prediction", self.BEFORE, told)
        assert not is_less("prediction", told, told.replace(remaining=({**loss, "expected": 0.6},)))

    def test_the_same_interval_held_for_surer_claims_more(self):
        assert not is_less("prediction", self.BEFORE, self.BEFORE.replace(level=0.99))


class TestTermination:
    BEFORE = Termination(rules=(MaxTrials(n_trials=40),))

    def rules(self, *rules, combine="any"):
        return Termination(rules=(*self.BEFORE.rules, *rules), combine=combine)

    def test_a_patient_rule_may_be_added(self):
        assert is_less("termination", self.BEFORE, self.rules(Stagnation(patience=10)))

    @pytest.mark.parametrize("rule", [Stagnation(patience=9), Stagnation(patience=20, tolerance=0.01)])
    def test_an_impatient_or_tolerant_one_may_not(self, rule):
        assert not is_less("termination", self.BEFORE, self.rules(rule))

    def test_none_may_be_added_where_all_must_hold(self):
        before = self.BEFORE.replace(combine="all")
        assert not is_less("termination", before, self.rules(Stagnation(patience=20), combine="all"))


@pytest.fixture
def found(composer):
    """Return a function that gives path, code and outcome of what grounding finds in a proposal."""

    def find(proposal):
        findings = check(proposal, composer.store, surfaces=composer.surfaces)
        return {(f.field, f.code, str(f.outcome)) for f in findings}

    return find


def changed(proposal, field, **changes):
    grounded = getattr(proposal, field)
    return proposal.replace(**{field: grounded.replace(value=grounded.value.replace(**changes))})


def with_parameter(proposal, name, **changes):
    space = proposal.search_space.value
    one = space[name].replace(**changes)
    return changed(proposal, "search_space", parameters=tuple(one if p.name == name else p for p in space.parameters))


class TestHeldAgainstTheRule:
    def test_a_prior_at_the_other_end_is_refused(self, composed, found):
        prior = composed.search_space.value["C"].prior
        turned = with_parameter(composed, "C", prior=prior.replace(center=min(1.0, prior.center + 0.3)))
        assert ("search_space.C", "value_differs", "failed") in found(turned)

    def test_a_prior_may_be_taken_off(self, composed, found):
        assert ("search_space.C", "value_differs", "repaired") in found(with_parameter(composed, "C", prior=None))

    def test_a_range_without_the_good_values_is_refused_though_a_citation_spans_it(self, composed, found):
        high = composed.search_space.value["C"].high
        cut = with_parameter(composed, "C", low=high * 0.999, prior=None)
        assert ("search_space.C", "value_differs", "failed") in found(cut)

    def test_a_sampler_that_waits_for_all_trials_is_refused(self, composed, found):
        n_trials = composed.budget.value.n_trials
        waiting = changed(composed, "sampler", n_startup_trials=n_trials * 2)
        assert ("sampler", "value_differs", "failed") in found(waiting)

    def test_only_another_limit_to_name_is_refused(self, composed, found):
        binding = "n_trials" if composed.budget.value.binding == "wall_clock_s" else "wall_clock_s"
        assert ("budget", "value_differs", "failed") in found(changed(composed, "budget", binding=binding))

    def test_a_neighbour_by_another_name_is_refused(self, composed, found):
        first, *others = composed.neighbours
        renamed = composed.replace(neighbours=(first.replace(name="mine"), *others))
        assert ("neighbours", "neighbour_differs", "failed") in found(renamed)

    def test_evidence_cited_again_counts_once(self, composed, found):
        budget = composed.budget
        again = composed.replace(budget=budget.replace(citations=(budget.citations[0],) * 30 + budget.citations))
        assert found(again) == {("budget", "cited_twice", "repaired")}

    def test_fewer_starts_in_a_narrower_space_are_no_fault_of_sampler_and_budget(self, composed, found):
        starts = composed.warm_starts.value
        kept = [start for start in starts if start["C"] != starts[0]["C"]]
        low, high = min(s["C"] for s in kept), max(s["C"] for s in kept)
        assert len(kept) < len(starts)
        narrower = with_parameter(composed, "C", low=low, high=high, prior=None)
        value = tuple(s for s in starts if low <= s["C"] <= high)
        fewer = narrower.replace(warm_starts=narrower.warm_starts.replace(value=value, parts={}))
        assert not {one for one in found(fewer) if one[1] == "argument_not_supported"}

    def test_the_librarys_default_may_be_tried_without_a_reason(self, composed):
        default = {"C": 1.0, "kernel": "rbf", "gamma": 1 / composed.task.n_columns, "shrinking": True}
        derivation = default_derivation("warm_starts.0", Configuration(default), composed)
        assert derivation.arguments["rule"] == "default_warm_starts"
        former = derivation.arguments["value"]
        assert is_less("warm_starts", former, Configuration(default))

    @pytest.mark.parametrize(
        ("path", "start"),
        [("warm_starts.0", {"C": 2.0, "kernel": "rbf"}), ("warm_starts.0", {}), ("fixed", {"C": 1.0})],
    )
    def test_no_other_value_may(self, composed, path, start):
        assert default_derivation(path, Configuration(start), composed) is None


def test_what_is_no_space_has_no_shape():
    assert says_otherwise([{"C": 1.0}], [{"C": 2.0}]) == ()
    assert says_otherwise(30, 60) == ()
