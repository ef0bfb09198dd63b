"""Drafts that fail go back to their proposer, then make way for the composed proposal and the defaults."""

import time

import pytest

from kg.errors import EvidenceError
from recommender.defaults import PROPOSER, default_proposal
from recommender.validation.gate import Gate
from recommender.validation.loop import MOST_REVISIONS, validated
from recommender.validation.repairs import replace_value
from recommender.validation.stage import GateContext, StageVerdict, failed
from recommender.validation.verdict import Outcome
from tests.recommender.validation.gate_cases import draft, propose, task

NO_FITS = GateContext(test_run_seconds=0)


class Model:
    """Proposes what it is told to, and keeps the findings that it is given."""

    name = "canned:model"

    def __init__(self, *revisions):
        self.revisions, self.heard = list(revisions), []

    def revise(self, draft, findings):
        self.heard.append(findings)
        return self.revisions.pop(0) if self.revisions else None


class RefusesAll:
    name = "refuses"

    def judge(self, proposal, context):
        return StageVerdict(proposal, (failed("learner", "bad", "Bad."),))


def spoilt():
    found = draft()
    found["budget"]["value"]["n_trials"] = 10**8
    found["proposer"] = "canned:model"
    return found


def composed():
    return propose().replace(proposer="composer")


def test_a_sound_draft_is_taken_as_it_is():
    found = validated(propose(), None, NO_FITS)
    assert found.proposal.verdict == found.verdict
    assert found.verdict.attempts == ()


def test_findings_go_back_to_the_proposer():
    model = Model(draft())
    found = validated(spoilt(), model, NO_FITS)
    assert found.verdict.may_be_shown
    assert {f.code for f in model.heard[0]} >= {"absurd_budget"}
    assert [attempt.proposer for attempt in found.verdict.attempts] == ["canned:model"]


def test_they_go_back_at_most_twice():
    model = Model(*[spoilt() for _ in range(5)])
    found = validated(spoilt(), model, NO_FITS, composed=composed)
    assert len(model.heard) == MOST_REVISIONS
    assert found.proposal.proposer == "composer"
    assert len(found.verdict.attempts) == 1 + MOST_REVISIONS


def test_a_proposer_that_gives_up_makes_way_at_once():
    model = Model()
    found = validated(spoilt(), model, NO_FITS, composed=composed)
    assert len(model.heard) == 1
    assert found.proposal.proposer == "composer"
    assert len(found.verdict.attempts) == 1, "what it does not draft is no attempt"


def test_after_the_composed_proposal_come_the_defaults():
    bad = replace_value(propose(), "budget", propose().budget.value.replace(n_trials=10**8))
    found = validated(bad, None, NO_FITS)
    assert found.proposal.proposer == PROPOSER
    assert "refused at stage sanity" in found.proposal.warnings[-1]
    assert "predefined defaults" in found.proposal.warnings[0]


def test_a_composer_that_abstains_makes_way_for_the_defaults():
    def abstains():
        raise EvidenceError("nothing to go by")

    found = validated(spoilt(), None, NO_FITS, task=task(constraints={"learners": ("knn",)}), composed=abstains)
    assert found.proposal.proposer == PROPOSER
    assert found.proposal.learner.value == "knn"


def test_nothing_unsound_is_ever_shown():
    found = validated(propose(), None, NO_FITS, gate=Gate([RefusesAll()]))
    assert found.proposal is None
    assert found.verdict.outcome is Outcome.FAILED
    assert len(found.verdict.attempts) >= 1


@pytest.mark.parametrize("given", ["", "{}", "null", '{"task": {}}', b"\xff\xfe"])
def test_what_is_no_draft_at_all_is_refused_without_a_traceback(given):
    assert validated(given, None, NO_FITS).proposal is None


def test_all_attempts_together_keep_to_the_time():
    seen = []

    class Slow:
        name = "slow"

        def judge(self, proposal, context):
            seen.append(context.seconds_left)
            time.sleep(context.seconds_left)
            return StageVerdict(proposal, (failed("learner", "bad", "Bad."),))

    started = time.monotonic()
    validated(propose(), None, GateContext(test_run_seconds=1.0), gate=Gate([Slow()]), composed=composed)
    assert time.monotonic() - started < 2
    assert len(seen) == 3
    assert all(left > 0.05 for left in seen), "what comes later has time, too"


def test_defaults_keep_to_the_users_limits():
    given = task(constraints={"wall_clock_s": 42.0, "n_trials": 7, "n_workers": 2})
    budget = default_proposal(given, "svm").budget.value
    assert (budget.wall_clock_s, budget.n_trials, budget.n_workers) == (42.0, 7, 2)


def test_defaults_begin_with_the_librarys_default():
    proposal = default_proposal(task(), "knn")
    assert len(proposal.warm_starts.value) == 1
    assert proposal.search_space.value.contains(proposal.warm_starts.value[0].root)
