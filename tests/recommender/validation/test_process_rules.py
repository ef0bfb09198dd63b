"""Rules that ask a Gaussian process must be asked before the study is over."""

import pytest

from recommender.proposal import (
    Budget,
    ExpectedImprovement,
    MaxTrials,
    MinimumRegret,
    RegretBound,
    Sampler,
    Termination,
)
from recommender.validation.sanity.termination import check_termination


def left(proposal, rule, *, n_trials, sampler="transfer"):
    """What is left of a rule beside the limit of trials, and what was found."""
    made = proposal(
        termination=Termination(rules=(MaxTrials(n_trials=n_trials), rule)),
        budget=Budget(n_trials=n_trials, wall_clock_s=60, per_trial_s=30, binding="n_trials"),
        sampler=Sampler(name=sampler),
    )
    checked, findings = check_termination(made)
    return checked.termination.value.rules[1:], [finding.code for finding in findings]


@pytest.mark.parametrize("rule", [ExpectedImprovement(), RegretBound(), MinimumRegret()])
def test_a_rule_that_is_never_asked_is_left_out(proposal, rule):
    assert left(proposal, rule, n_trials=100) == ((rule,), [])
    assert left(proposal, rule, n_trials=5) == ((), ["never_fires"])


def test_only_the_transfer_sampler_says_what_it_expects(proposal):
    assert left(proposal, ExpectedImprovement(), n_trials=100, sampler="tpe") == ((), ["never_fires"])
