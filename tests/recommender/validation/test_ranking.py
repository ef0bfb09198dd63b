"""A low fidelity is worth what it orders: by fits that are given here, at both of its ends."""

import numpy as np
import pytest

from kg.model import METRICS
from recommender.proposal import Fidelity
from recommender.validation.comparable import comparable_runs
from recommender.validation.ranking import FEW_ROWS, fidelity_correlation, fidelity_ranks, rung_rows
from recommender.validation.repairs import replace_value
from tests.recommender.validation.gate_cases import propose
from tests.recommender.validation.test_worth import TABLE, around, codes, judge, run, usual

EVIDENCE = "https://w3id.org/tunegraph/evidence/fidelity_profile/0"


def with_fidelity(order, count=8, least=0.5, cited=False):
    """Return a proposal with a fidelity, and runs whose low fidelity orders them by `order`."""
    fidelity = Fidelity(parameter="training_fraction", kind="training_fraction", min=least, max=1.0)
    runs = usual(points=np.linspace(0.6, 0.9, count))
    for place, r in enumerate(list(runs)):
        if r.role == "random":
            low = around(order(round(float(np.mean(r.scores)), 4)))
            runs.append(run("low_fidelity", low, str(place), fidelity=least))
    proposal = replace_value(propose(), "fidelity", fidelity)
    if cited:
        proposal = proposal.replace(fidelity=proposal.fidelity.replace(citations=(EVIDENCE,)))
    return proposal, runs


def noisy(mean):
    """Order eight means much as they are, but not surely so: Spearman's correlation is 0.74."""
    places = {0: 1, 1: 0, 2: 4, 3: 2, 4: 3, 5: 7, 6: 5, 7: 6}
    return 0.5 + 0.01 * places[round((mean - 0.6) / 0.3 * 7)]


def dropped(proposal, runs):
    found = judge(proposal, runs)
    gone = found.proposal.fidelity.value is None
    assert gone == (("repaired", "fidelity_does_not_rank") in codes(found))
    return gone


def test_a_fidelity_that_ranks_stands():
    proposal, runs = with_fidelity(lambda mean: mean - 0.1)
    assert not dropped(proposal, runs)
    assert judge(proposal, runs).measurements["fidelity_rank"] == pytest.approx(1.0)


@pytest.mark.parametrize("order", [lambda mean: 1 - mean, lambda _: 0.5])
@pytest.mark.parametrize("cited", [True, False])
def test_one_that_does_not_rank_or_tells_nothing_apart_is_dropped(order, cited):
    assert dropped(*with_fidelity(order, cited=cited))


def test_evidence_has_the_benefit_of_the_doubt():
    """A correlation of 0.5 over eight leaves it open whether it is 0.8."""

    def half(mean):
        places = {0: 3, 1: 0, 2: 5, 3: 1, 4: 2, 5: 7, 6: 4, 7: 6}
        return 0.5 + 0.01 * places[round((mean - 0.6) / 0.3 * 7)]

    proposal, runs = with_fidelity(half, cited=True)
    found = judge(proposal, runs).measurements
    assert found["fidelity_rank"] < 0.7
    assert found["fidelity_rank_high"] > 0.8
    assert not dropped(proposal, runs)
    assert dropped(*with_fidelity(half, cited=False))


def test_a_handful_of_rows_must_surely_rank():
    assert not dropped(*with_fidelity(noisy, least=0.5))
    assert dropped(*with_fidelity(noisy, least=0.1))
    assert not dropped(*with_fidelity(noisy, least=0.1, cited=True))


@pytest.mark.parametrize(
    ("least", "cited", "is_dropped"), [(0.5, False, False), (0.1, False, True), (0.1, True, False)]
)
def test_what_was_not_measured_is_unchecked_but_for_a_handful_of_rows(least, cited, is_dropped):
    proposal, runs = with_fidelity(lambda mean: 1 - mean, count=3, least=least, cited=cited)
    assert dropped(proposal, runs) is is_dropped
    assert (("skipped", "not_checked") in codes(judge(proposal, runs))) is not is_dropped


def test_configurations_that_are_all_alike_order_nothing():
    proposal, runs = with_fidelity(lambda mean: 1 - mean)
    alike = [r.replace(scores=around(0.7)) if r.role == "random" else r for r in runs]
    assert ("skipped", "not_checked") in codes(judge(proposal, alike))


def test_only_what_is_of_use_is_compared():
    """Useless points are told from the others at any fidelity; they are no proof that it ranks."""
    proposal, runs = with_fidelity(lambda mean: 1 - mean)
    for number in range(20):
        runs.append(run("random", around(0.5), f"useless {number}"))
        runs.append(run("low_fidelity", around(0.05), str(len(runs) - 1), fidelity=0.5))
    evidence = comparable_runs(runs, METRICS["accuracy"], TABLE.n_rows)
    assert fidelity_correlation(proposal, evidence).n == 8
    assert dropped(proposal, runs)


@pytest.mark.parametrize("missing", ["default", "dummy"])
def test_without_a_baseline_all_are_compared(missing):
    proposal, runs = with_fidelity(lambda mean: 1 - mean)
    kept = [r.replace(status="stopped") if r.role == missing else r for r in runs]
    assert dropped(proposal, kept)


def test_without_a_fidelity_nothing_is_asked():
    evidence = comparable_runs(usual(), METRICS["accuracy"], TABLE.n_rows)
    assert fidelity_ranks(propose(), evidence) == (propose(), ())


def test_folds_as_a_fidelity_need_no_fits_of_their_own():
    fidelity = Fidelity(parameter="folds", kind="folds", min=1, max=3)
    proposal = replace_value(propose(), "fidelity", fidelity)
    found = judge(proposal, usual(points=np.linspace(0.6, 0.9, 8)))
    assert found.measurements["fidelity_rank"] == pytest.approx(1.0)


def test_the_rows_of_the_lowest_rung():
    share = Fidelity(parameter="training_fraction", kind="training_fraction", min=0.1, max=0.5)
    assert rung_rows(share, folds=5, n_rows=1000) == 160
    assert rung_rows(Fidelity(parameter="folds", kind="folds", min=1, max=3), folds=3, n_rows=1000) is None
    assert 0.1 * TABLE.n_rows < FEW_ROWS < 0.5 * TABLE.n_rows


def test_six_configurations_of_three_scores_are_enough_to_see_that_it_does_not_rank():
    assert dropped(*with_fidelity(lambda mean: 1 - mean, count=6))
    proposal, runs = with_fidelity(lambda mean: 1 - mean, count=6)
    places = [place for place, r in enumerate(runs) if r.role == "random"]
    for number, place in enumerate(places):
        full = 0.6 + 0.1 * (number // 2)
        runs[place] = runs[place].replace(scores=around(full))
        low = next(n for n, r in enumerate(runs) if r.role == "low_fidelity" and r.label == str(place))
        runs[low] = runs[low].replace(scores=around(1 - full))
    assert dropped(proposal, runs)


def test_six_that_are_of_use_are_compared_without_the_others():
    proposal, runs = with_fidelity(lambda mean: mean - 0.1, count=6)
    for number in range(6):
        runs.append(run("random", around(0.5), f"useless {number}"))
        runs.append(run("low_fidelity", around(0.05), str(len(runs) - 1), fidelity=0.5))
    evidence = comparable_runs(runs, METRICS["accuracy"], TABLE.n_rows)
    assert fidelity_correlation(proposal, evidence).n == 6


def test_thirty_rows_to_train_on_are_no_handful():
    thirty = FEW_ROWS / (TABLE.n_rows * 0.8)
    assert not dropped(*with_fidelity(noisy, least=thirty))
    assert not dropped(*with_fidelity(noisy, count=3, least=thirty))
    assert dropped(*with_fidelity(noisy, least=thirty - 1 / 96))
