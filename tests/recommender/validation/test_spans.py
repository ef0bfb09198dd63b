"""What a piece of evidence spans of a hyper-parameter."""

import pytest

from kg.model import ConstantParameter, FloatParameter, ParameterQuantiles, SearchSpace
from recommender.validation.spans import Span, good_of, hull, span_of
from tests.recommender.composing.world import evidence, published, response, result, study, summary

PAPER = published("paper", learner="svm", space=SearchSpace(parameters=(FloatParameter(name="C", low=0.1, high=50),)))
TOP = summary(0).replace(
    quantiles=(ParameterQuantiles(parameter="C", levels=(0.1, 0.9), values=(2.0, 20.0)),),
    random_search=((1, 0.5), (16, 0.8), (64, 0.9)),
)


def claim(statement="recommended_value", **changes):
    fields = {"document": "guide", "quote": "q", "statement": statement, "learner": "svm", "hyperparameter": "C"}
    return evidence("claim", *sorted(map(str, changes.items())), **{**fields, "standing": "claimed", "n": 1, **changes})


class TestSpans:
    @pytest.mark.parametrize(
        ("value", "inside"), [(1.0, True), (10.0, True), (10.05, True), (10.2, False), (0.98, False), (0.995, True)]
    )
    def test_ends_have_a_hundredth_of_slack(self, value, inside):
        assert Span(1.0, 10.0).holds(value) is inside

    def test_below_zero_and_at_zero(self):
        assert Span(-1.0, 0.0).holds(-1.005)
        assert not Span(-1.0, 0.0).holds(-1.2)
        assert not Span(-1.0, 0.0).holds(0.001)

    def test_true_is_no_number_and_words_are_choices(self):
        assert not Span(0, 2).holds(True)
        assert Span(choices=("rbf", True)).holds(True)
        assert not Span(choices=("rbf",)).holds("poly")
        assert not Span(choices=("rbf",)).holds(1)

    def test_a_value_beside_a_range_counts(self):
        special = published("s", special_values={"num_leaves": 0})
        assert span_of(special, "num_leaves").holds(0)
        assert not span_of(published("s"), "num_leaves").holds(0)
        assert not span_of(special, "learning_rate").holds(0)

    def test_of_each_kind(self):
        assert (span_of(PAPER, "C").low, span_of(PAPER, "C").high) == (0.1, 50)
        assert (span_of(TOP, "C").low, span_of(TOP, "C").high) == (2.0, 20.0)
        assert span_of(response(0), "C").high == 100
        assert span_of(study(0), "num_leaves").holds(8)
        assert span_of(claim(value=3.0), "C") == Span(3.0, 3.0, (3.0,))
        assert span_of(published("f"), "num_leaves").holds(4), "a starting value"

    @pytest.mark.parametrize("one", [PAPER, TOP, response(0), claim(value=3.0), result(0, "svm", 0.8), claim()])
    def test_of_what_nothing_is_said(self, one):
        assert span_of(one, "degree") is None
        assert good_of(one, "degree") is None

    def test_of_a_claim_with_one_end_are_open(self):
        assert span_of(claim("range", low=2.0), "C").holds(1e9)
        assert not span_of(claim("range", low=2.0), "C").holds(1.0)
        assert span_of(claim("range", high=2.0), "C").holds(-1e9)
        assert not span_of(claim("range", low=2.0, high=3.0), "C").holds(1e9)
        assert not span_of(claim("default", low=2.0, value=2.5), "C").holds(1e9)

    def test_of_a_claim_in_percent_are_shares(self):
        share = span_of(claim("range", low=10, high=50, unit="%"), "C")
        assert (share.low, share.high) == (0.1, 0.5)
        assert span_of(claim("range", low=10, unit="%"), "C").holds(0.2)
        assert span_of(claim(value="half", unit="%"), "C").holds("half")

    def test_a_constant_spans_itself(self):
        space = SearchSpace(parameters=(ConstantParameter(name="C", value=3),))
        assert span_of(PAPER.replace(space=space), "C").holds(3)
        assert not span_of(PAPER.replace(space=space), "C").holds(4)

    def test_the_hull_holds_all(self):
        assert hull([Span(1, 2), Span(5, 9), Span(choices=("a",))]) == Span(1, 9, ("a",))
        assert hull([]) == Span()

    def test_where_good_values_were_found(self):
        assert good_of(study(0), "num_leaves").holds(8)
        assert good_of(TOP, "C") == Span(2.0, 20.0)
        best = good_of(response(0), "C")
        assert best.low == best.high
        assert good_of(claim(value=3.0), "C").holds(3.0)
        assert good_of(claim("default", value=3.0), "C") is None
        assert good_of(PAPER, "C") is None
