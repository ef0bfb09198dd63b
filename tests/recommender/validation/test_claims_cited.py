"""A claim that is cited bears on what cites it, does not say otherwise, and its quote stands in its document."""

import pytest

from kg.iris import evidence_iri
from kg.model import CategoricalParameter, Configuration, ConstantParameter, FloatParameter, SearchSpace
from recommender.composing.compose import Composer
from recommender.grounding import check
from recommender.proposal import Budget, Fidelity, Grounding, Stagnation, Termination, WallClock
from recommender.validation.claimed import claim_faults
from recommender.validation.quotes import quotations, quote_faults
from tests.recommender.composing.world import evidence, small_store, task

QUOTE = "We search the cost C between 0.01 and 1000 on a log scale."
GUIDE = f"Support vector machines. {QUOTE} The kernel matters   more\nthan you think it does. Stop after 30 trials."


def claim(statement="range", **changes):
    fields = {"document": "guide", "quote": QUOTE, "statement": statement, "learner": "svm", "hyperparameter": "C"}
    fields |= {"standing": "claimed", "n": 1}
    return evidence("claim", statement, *sorted(map(str, changes.items())), **{**fields, **changes})


def text_of(name):
    return {"guide": GUIDE}.get(name)


def codes(findings):
    return [f.code for f in findings]


RANGE = claim(low=0.01, high=1000.0, log=True)


def c(low, high):
    return FloatParameter(name="C", low=low, high=high)


class TestSayingOtherwise:
    def about(self, field, part, value, cited):
        return codes(claim_faults(field, part, value, cited))

    @pytest.mark.parametrize(
        ("parameter", "expected"),
        [
            (c(0.01, 1000.0), []),
            (c(1.0, 10.0), []),
            (c(0.0001, 10.0), ["citation_says_otherwise"]),
            (c(1.0, 5000.0), ["citation_says_otherwise"]),
            (c(2000.0, 5000.0), ["citation_says_otherwise"]),
            (CategoricalParameter(name="C", choices=(1, 10)), []),
            (CategoricalParameter(name="C", choices=(5000, 9000)), ["citation_says_otherwise"]),
            (ConstantParameter(name="C", value=5.0), []),
            (ConstantParameter(name="C", value=5000.0), ["citation_says_otherwise"]),
        ],
    )
    def test_of_a_range(self, parameter, expected):
        assert self.about("search_space", "C", parameter, RANGE) == expected

    def test_of_the_space_as_a_whole(self):
        wide = SearchSpace(parameters=(c(1.0, 1e6), FloatParameter(name="gamma", low=0.1, high=1)))
        assert self.about("search_space", "", wide, RANGE) == ["citation_says_otherwise"]
        assert self.about("search_space", "", wide.replace(parameters=wide.parameters[1:]), RANGE) == [
            "citation_beside_the_point"
        ]

    def test_of_a_range_with_one_end(self):
        at_least = claim(low=10.0)
        assert self.about("search_space", "C", c(20.0, 1e9), at_least) == []
        assert self.about("search_space", "C", c(1.0, 20.0), at_least) == ["citation_says_otherwise"]

    def test_of_a_range_that_is_one_value_is_of_that_value(self):
        assert self.about("search_space", "C", c(1.0, 100.0), claim(low=10.0, high=10.0)) == []

    @pytest.mark.parametrize("ends", [(10.0, 20.0), (1.0, 10.0)])
    def test_of_a_value_that_is_an_end_is_none(self, ends):
        assert self.about("search_space", "C", c(*ends), claim("default", value=10.0)) == []

    @pytest.mark.parametrize("statement", ["recommended_value", "default"])
    def test_of_a_value(self, statement):
        one = claim(statement, value=10.0)
        assert self.about("search_space", "C", c(1.0, 100.0), one) == []
        assert self.about("search_space", "C", c(20.0, 100.0), one) == ["citation_says_otherwise"]
        assert self.about("search_space", "C", c(1.0, 5.0), one) == ["citation_says_otherwise"]
        assert self.about("fixed", "C", 10, one) == []
        assert self.about("fixed", "C", 11.0, one) == ["citation_says_otherwise"]
        assert self.about("fixed", "", Configuration({"C": 11.0}), one) == ["citation_says_otherwise"]
        assert self.about("warm_starts", "0", Configuration({"C": 10.0}), one) == []
        assert self.about("warm_starts", "0", Configuration({"C": 3.0}), one) == ["citation_says_otherwise"]
        starts = (Configuration({"C": 3.0}), Configuration({"C": 10.0}))
        assert self.about("warm_starts", "", starts, one) == []

    def test_of_a_word(self):
        kernel = claim("recommended_value", hyperparameter="kernel", value="RBF")
        assert self.about("fixed", "kernel", "rbf", kernel) == []
        assert self.about("fixed", "kernel", "poly", kernel) == ["citation_says_otherwise"]
        assert self.about("search_space", "C", c(1, 2), claim("recommended_value", value="small")) == [
            "citation_says_otherwise"
        ]

    @pytest.mark.parametrize("statement", ["importance", "condition"])
    def test_is_nothing_that_a_number_of_importance_does(self, statement):
        assert self.about("search_space", "C", c(20.0, 100.0), claim(statement, value=0.5)) == []

    def test_of_a_budget(self):
        trials, hours = claim("budget", value=100, unit="trials"), claim("budget", value=2, unit="hours")
        budget = Budget(n_trials=150, wall_clock_s=7000, per_trial_s=60, binding="n_trials")
        assert self.about("budget", "", budget, trials) == []
        assert self.about("budget", "", budget, hours) == []
        assert self.about("budget", "", budget.replace(n_trials=500), trials) == ["citation_says_otherwise"]
        assert self.about("budget", "", budget.replace(n_trials=10), trials) == ["citation_says_otherwise"]
        assert self.about("budget", "", budget.replace(wall_clock_s=120), hours) == ["citation_says_otherwise"]
        assert self.about("budget", "", budget, claim("budget", value="plenty")) == []

    @pytest.mark.parametrize(("unit", "says"), [("hrs", True), ("evaluations", True), ("", True), ("epochs", False)])
    def test_of_a_budget_is_in_the_unit_of_the_claim(self, unit, says):
        budget = Budget(n_trials=50, wall_clock_s=600, per_trial_s=60, binding="n_trials")
        expected = ["citation_says_otherwise"] if says else []
        assert self.about("budget", "", budget, claim("budget", value=9, unit=unit)) == expected

    @pytest.mark.parametrize("unit", ["GPU hours", "cpu-hours", "steps", "samples", "%"])
    def test_of_a_budget_is_nothing_that_another_unit_does(self, unit):
        budget = Budget(n_trials=50, wall_clock_s=600, per_trial_s=60, binding="n_trials")
        assert self.about("budget", "", budget, claim("budget", value=9, unit=unit)) == []

    def test_of_a_share_may_be_in_percent(self):
        half = claim("recommended_value", hyperparameter="subsample", value=50, unit="%")
        share = FloatParameter(name="subsample", low=0.4, high=0.6)
        assert self.about("search_space", "subsample", share, half) == []
        low = share.replace(high=0.45)
        assert self.about("search_space", "subsample", low, half) == ["citation_says_otherwise"]

    def test_of_a_patience_in_minutes_is_none_of_trials(self):
        rules = Termination(rules=(Stagnation(patience=100),))
        assert self.about("termination", "", rules, claim("termination", value=10, unit="minutes")) == []
        assert self.about("termination", "", rules, claim("termination", value=10, unit="iterations")) != []

    def test_of_a_patience(self):
        patience = claim("termination", value=30)
        rules = Termination(rules=(Stagnation(patience=100),))
        assert self.about("termination", "", rules, patience) == ["citation_says_otherwise"]
        assert self.about("termination", "", Termination(rules=(Stagnation(patience=25),)), patience) == []
        assert self.about("termination", "", Termination(rules=(WallClock(seconds=9),)), patience) == []

    def test_of_a_fidelity(self):
        share = claim("fidelity", low=0.1, high=0.3)
        fidelity = Fidelity(parameter="training_fraction", kind="training_fraction", min=0.2, max=1.0)
        assert self.about("fidelity", "", fidelity, share) == []
        assert self.about("fidelity", "", fidelity.replace(min=0.05), share) == ["citation_says_otherwise"]

    @pytest.mark.parametrize(
        ("field", "part", "value", "cited"),
        [
            ("search_space", "gamma", FloatParameter(name="gamma", low=0.1, high=1), RANGE),
            ("fixed", "gamma", 0.1, claim("default", value=1.0)),
            ("search_space", "C", c(1, 2), claim("budget", value=100)),
            ("search_space", "C", c(1, 2), claim(hyperparameter=None, low=0.1, high=9.0)),
            ("prediction", "", None, RANGE),
            ("metric", "", "accuracy", claim("algorithm_choice")),
            ("budget", "", None, RANGE),
        ],
    )
    def test_is_not_asked_of_a_claim_that_is_beside_the_point(self, field, part, value, cited):
        assert self.about(field, part, value, cited) == ["citation_beside_the_point"]

    def test_names_field_value_and_claim(self):
        (finding,) = claim_faults("search_space", "C", c(1.0, 5000.0), RANGE)
        assert (finding.field, finding.evidence) == ("search_space.C", (RANGE.iri,))
        assert "from 0.01 to 1000" in finding.message


class TestQuotes:
    def about(self, claims, rationale="", texts=text_of):
        return [(str(f.outcome), f.code) for f in quote_faults("budget", claims, rationale, texts)]

    def test_that_stand_in_their_document(self):
        assert self.about([RANGE]) == []
        assert self.about([claim(quote="the KERNEL matters more than you think")]) == []
        assert self.about([claim(quote="Support vector machines")]) == [], "where the document begins"

    def test_that_do_not(self):
        invented = claim(quote="We search the cost C between 0.5 and 2 on a log scale.")
        assert self.about([invented]) == [("failed", "quote_not_found")]
        assert self.about([claim(quote=" ")]) == [("failed", "quote_not_found")]
        assert self.about([claim(quote="... […] …")]) == [("failed", "quote_not_found")]

    def test_of_documents_that_are_not_kept(self):
        assert self.about([claim(document="lost")]) == [("skipped", "not_checked")]
        assert self.about([RANGE], texts=None) == [("skipped", "not_checked")]

    def test_in_a_rationale(self):
        assert self.about([RANGE], 'It says "search the cost C between 0.01" and so do we.') == []
        assert self.about([RANGE], "It says “the kernel … than you think”.") == []
        assert self.about([RANGE], 'It says "always set C to 7 whatever happens".') == [("failed", "quote_not_found")]
        assert self.about([RANGE], "It says “than you think … the kernel matters”.") == [("failed", "quote_not_found")]

    def test_of_a_claim_need_no_document(self):
        rationale = 'It says "search the cost C between 0.01".'
        assert self.about([RANGE], rationale, texts=None) == [("skipped", "not_checked")]

    def test_of_nothing_that_is_cited(self):
        assert self.about([], 'As they say: "search the cost C between 0.01".') == [("failed", "quote_not_found")]

    def test_are_more_than_a_term(self):
        assert quotations('the "one standard error" rule, "a rule of four", “the same as this one”') == (
            "a rule of four",
            "the same as this one",
        )


@pytest.fixture(scope="module")
def composer():
    with small_store() as store:
        store.add([RANGE, claim("default", hyperparameter="gamma", value=0.5)])
        yield Composer(store)


def with_part(proposal, name, **changes):
    grounded = proposal.search_space
    parts = {**grounded.parts, name: grounded.parts[name].replace(**changes)}
    return proposal.replace(search_space=grounded.replace(parts=parts))


def test_grounding_looks_at_claims_and_quotes(composer):
    proposal = composer.compose(task("svm"))
    part = proposal.search_space.parts["C"]

    def found(spoilt):
        return {
            (f.field, f.code)
            for f in check(spoilt, composer.store, surfaces=composer.surfaces, text_of=text_of)
            if f.outcome == "failed"
        }

    assert found(with_part(proposal, "C", citations=(*part.citations, RANGE.iri), confidence=0.1)) == set()
    assert found(with_part(proposal, "gamma", citations=(*part.citations, RANGE.iri), confidence=0.1)) == {
        ("search_space.gamma", "citation_beside_the_point")
    }
    other = evidence_iri("claim", "default", *sorted(map(str, {"hyperparameter": "gamma", "value": 0.5}.items())))
    assert found(with_part(proposal, "gamma", citations=(*part.citations, other), confidence=0.1)) == {
        ("search_space.gamma", "citation_says_otherwise")
    }
    lying = 'The guide says "C is best at 7 or more".'
    assert found(with_part(proposal, "C", rationale=lying)) == {("search_space.C", "quote_not_found")}


def test_a_learner_is_not_supported_by_another_ones_claim(composer):
    proposal = composer.compose(task("lightgbm"))
    cited = Grounding(citations=(RANGE.iri,)).citations
    spoilt = proposal.replace(fixed=proposal.fixed.replace(citations=cited))
    found = {(f.field, f.code) for f in check(spoilt, composer.store, surfaces=composer.surfaces)}
    assert ("fixed", "citation_beside_the_point") in found
