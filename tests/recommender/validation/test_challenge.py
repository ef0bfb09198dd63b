"""What a model proposes is test-run beside the composed proposal, on the same folds; the better one is shown."""

import pytest

from kg.model import Configuration, IntParameter, SearchSpace
from recommender.proposal import Proposal
from recommender.validation.challenge import compared, size_of
from recommender.validation.gate import Gate
from recommender.validation.loop import validated
from recommender.validation.repairs import replace_value
from recommender.validation.stage import GateContext, StageVerdict, failed
from recommender.validation.verdict import Outcome, TestRun, Verdict
from tests.recommender.validation.gate_cases import propose, small_table, task


def run(scores, role="warm_start", rows=120, status="done", fidelity=None):
    return TestRun(
        role=role,
        label="0",
        configuration=Configuration({}),
        status=status,
        scores=tuple(scores),
        seconds=(0.1,) * len(scores),
        rows=rows,
        folds=3,
        fidelity=fidelity,
    )


def side(proposer, *runs, **changes):
    verdict = Verdict(outcome=Outcome.PASS, stages=(), test_runs=runs)
    return propose(**changes).replace(proposer=proposer, verdict=verdict)


def against(left, right, **changes):
    return compared(side("a:model", *left, **changes), side("composer", *right, **changes))


GOOD, BAD = run((0.90, 0.91, 0.92)), run((0.70, 0.72, 0.74))


class TestComparing:
    def test_what_is_surely_worse_gives_way(self):
        found = against([BAD], [GOOD])
        assert found.composed_is_better
        assert (found.proposed_score, found.composed_score) == (pytest.approx(0.72), pytest.approx(0.91))
        assert (found.rows, found.folds, found.configurations) == (120, 3, 1)
        assert found.difference == pytest.approx(-0.19)
        assert "0.72 against 0.91 accuracy" in found.decision

    def test_what_is_better_or_level_within_noise_stands(self):
        assert not against([GOOD], [BAD]).composed_is_better
        assert not against([GOOD], [GOOD]).composed_is_better
        noisy = run((0.99, 0.60, 0.95))
        assert not against([noisy], [GOOD]).composed_is_better

    def test_less_is_better_where_it_is_an_error(self):
        changes = {"metric": "rmse", "task_type": "regression", "n_classes": None, "meta_features": {}}
        assert against([GOOD], [BAD], **changes).composed_is_better
        assert not against([BAD], [GOOD], **changes).composed_is_better

    def test_as_many_of_each_are_compared_warm_starts_first(self):
        late = run((0.99, 0.99, 0.99), role="random")
        found = against([BAD], [GOOD.replace(scores=(0.70, 0.72, 0.75)), late])
        assert found.configurations == 1
        assert not found.composed_is_better
        assert against([BAD, BAD], [late, GOOD.replace(scores=(0.70, 0.72, 0.75))]).composed_is_better

    @pytest.mark.parametrize(
        "other",
        [
            run((0.9, 0.9, 0.9), role="default"),
            run((0.9, 0.9, 0.9), role="corner"),
            run((0.9, 0.9), status="timeout"),
            run((0.9, 0.9, 0.9), fidelity=0.1),
            run((0.9, 0.9, 0.9), rows=60),
        ],
    )
    def test_what_is_no_trial_of_the_same_size_is_not_compared(self, other):
        found = against([BAD], [other])
        assert not found.composed_is_better
        assert found.configurations == 0
        assert "nothing was fitted of both" in found.decision

    def test_other_folds_are_another_comparison(self):
        left = side("a:model", BAD)
        right = side("composer", GOOD)
        unlike = replace_value(right, "protocol", right.protocol.value.replace(shuffle=False))
        assert "other ways" in compared(left, unlike.replace(verdict=right.verdict)).decision
        assert "other ways" in compared(left, right.replace(task=task(seed=7))).decision
        other = right.replace(metric=right.metric.replace(value="roc_auc"))
        assert "roc_auc" in compared(left, other).decision

    def test_the_size_that_most_was_tried_on(self):
        assert size_of([run((1, 1, 1), rows=60), GOOD, BAD, run((1, 1, 1), role="default", rows=9)]) == (120, 3)
        assert size_of([run((1, 1, 1), role="default")]) is None


TABLE = small_table(rows=240, noise=0.05, missing=False)
GIVEN = GateContext(table=TABLE, test_run_seconds=12)


def stump() -> Proposal:
    """A tree of a single split, where the target follows from two columns."""
    space = SearchSpace(parameters=(IntParameter(name="min_samples_leaf", low=1, high=8),))
    found = replace_value(propose("decision_tree", n_rows=240), "search_space", space)
    found = replace_value(found, "fixed", Configuration({"max_depth": 1}))
    return replace_value(found, "warm_starts", (Configuration({"min_samples_leaf": 1}),))


def linear() -> Proposal:
    return propose("logistic_regression", n_rows=240)


class TestTheLoop:
    def test_shows_the_composed_proposal_where_it_is_better(self):
        found = validated(stump().replace(proposer="a:model"), None, GIVEN, composed=linear)
        comparison = found.verdict.comparison
        assert comparison.composed_is_better
        assert found.proposal.learner.value == "logistic_regression"
        assert found.proposal.verdict == found.verdict
        assert comparison.decision in found.proposal.warnings[-1]
        assert {(r.rows, r.folds) for r in found.verdict.test_runs if r.role == "random"} == {
            (comparison.rows, comparison.folds)
        }

    def test_shows_what_was_proposed_where_the_composed_one_is_not_better(self):
        found = validated(linear().replace(proposer="a:model"), None, GIVEN, composed=stump)
        assert not found.verdict.comparison.composed_is_better
        assert found.proposal.proposer == "a:model"
        assert found.proposal.warnings == linear().warnings
        assert Proposal.from_json(found.proposal.to_json()) == found.proposal


class RefusesTheComposer:
    name = "refuses"

    def judge(self, proposal, context):
        found = (failed("learner", "bad", "Bad."),) if proposal.proposer == "composer" else ()
        return StageVerdict(proposal, found)


def test_a_composed_proposal_that_does_not_hold_is_said_to():
    found = validated(
        propose().replace(proposer="a:model"),
        None,
        GIVEN,
        composed=lambda: propose().replace(proposer="composer"),
        gate=Gate([RefusesTheComposer()]),
    )
    assert found.proposal.proposer == "a:model"
    assert [attempt.proposer for attempt in found.verdict.attempts] == ["composer"]
    assert found.verdict.comparison is None


def test_without_fits_there_is_nothing_to_compare():
    def never():
        raise AssertionError

    found = validated(propose(), None, GateContext(test_run_seconds=0), composed=never)
    assert found.verdict.comparison is None


def test_each_has_its_share_of_the_time():
    seen = []

    class Clock:
        name = "clock"

        def judge(self, proposal, context):
            seen.append((proposal.proposer, context.seconds_left, context.fit_size))
            return StageVerdict(proposal, (), test_runs=(GOOD,))

    context = GateContext(table=TABLE, test_run_seconds=10)
    draft = propose().replace(proposer="a:model")
    validated(draft, None, context, composed=lambda: propose().replace(proposer="composer"), gate=Gate([Clock()]))
    (first, half, free), (second, rest, held) = seen
    assert (first, second) == ("a:model", "composer")
    assert 4 < half <= 5
    assert 9 < rest <= 10
    assert (free, held) == (None, (120, 3))
