"""Screening in the benchmark: pruned trials cost what they took, and complete ones their whole."""

import numpy as np
import optuna
import pytest

from benchmarks.fidelity import Curves, _climbed, markdown
from kg.model import FidelityKind
from recommender.proposal import Fidelity
from recommender.samplers import halving_pruner

EPOCHS = Fidelity(parameter="epochs", kind=FidelityKind.EPOCHS, min=4, max=52)


@pytest.fixture
def curves():
    """Nine runs, each better than the one before at every level; an epoch takes a second."""
    levels = np.array([4.0, 16.0, 52.0])
    return Curves(levels, np.arange(9)[::-1, None] + levels / 52, np.tile(levels, (9, 1)))


def test_between_levels_the_logarithm_counts(curves):
    assert curves.at(0, 8.0) == (pytest.approx(8 + 4 / 52 + 6 / 52), pytest.approx(10.0))


def test_in_full_a_run_costs_its_whole(curves):
    study = optuna.create_study(direction="maximize")
    assert _climbed(study.ask(), curves, 0, None) == (pytest.approx(9.0), 52.0)


def test_what_is_pruned_costs_what_it_took(curves):
    study = optuna.create_study(direction="maximize", pruner=halving_pruner(EPOCHS))
    found = [_climbed(study.ask(), curves, row, EPOCHS) for row in range(4)]
    assert found[0] == (pytest.approx(9.0), 52.0)
    assert found[3] == (None, 4.0)


def test_fits_anew_are_charged_for_each_rung(curves):
    study = optuna.create_study(direction="maximize", pruner=optuna.pruners.NopPruner())
    anew = Fidelity(parameter="training_fraction", kind=FidelityKind.TRAINING_FRACTION, min=4, max=52, eta=13)
    assert _climbed(study.ask(), curves, 0, anew)[1] == 4.0 + 52.0


def test_the_table_tells_what_was_advised_and_refused():
    row = {"suite": "LCBench", "from": 8.0, "cost": 0.25, "given_up": 0.01, "right": True}
    text = markdown([{**row, "advised": True}, {**row, "advised": False}])
    assert "screen from [8.0]" in text
    assert "refused | +0.010" in text
