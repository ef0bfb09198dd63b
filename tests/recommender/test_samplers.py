"""The pruner of a proposal: the same in the study and in the exported script."""

import optuna
import pytest

from kg.model import FidelityKind
from recommender.proposal import Fidelity, Protocol, Pruner
from recommender.samplers import halving_pruner, pruner_of, pruner_options

EPOCHS = Fidelity(parameter="max_iter", kind=FidelityKind.EPOCHS, min=3, max=81, eta=3)
NAMES = ["none", "successive_halving", "hyperband", "median", "wilcoxon"]


@pytest.mark.parametrize("name", NAMES)
def test_every_pruner_is_made_of_the_options_that_a_script_writes_down(proposal, name):
    made = proposal(pruner=Pruner(name=name), protocol=Protocol(folds=4, repeats=2, stratified=True))
    kind, options = pruner_options(made, fidelity=None)
    pruner = pruner_of(made)
    assert type(pruner) is getattr(optuna.pruners, kind)
    for option, value in options.items():
        assert getattr(pruner, f"_{option}") == value


def test_without_a_fidelity_hyperband_counts_folds(proposal):
    made = proposal(pruner=Pruner(name="hyperband"), protocol=Protocol(folds=4, repeats=2, stratified=True))
    assert pruner_options(made, None)[1] == {"min_resource": 1, "max_resource": 8, "reduction_factor": 2}


def test_with_one_the_steps_are_its_levels(proposal):
    made = proposal(pruner=Pruner(name="hyperband"))
    assert pruner_options(made, EPOCHS)[1] == {"min_resource": 3, "max_resource": 81, "reduction_factor": 3}
    halving = halving_pruner(EPOCHS)
    assert (halving._min_resource, halving._reduction_factor) == (3, 3)
