"""Proposals and tables that many tests of this folder use."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kg.model import (
    CategoricalParameter,
    Condition,
    Configuration,
    FloatParameter,
    Forbidden,
    IntParameter,
    SearchSpace,
    TaskType,
)
from recommender.composing.compose import Composer
from recommender.proposal import (
    Advice,
    Budget,
    Grounded,
    Grounding,
    MaxTrials,
    Prediction,
    Proposal,
    Protocol,
    Pruner,
    Sampler,
    Termination,
)
from recommender.task import TuningTask
from tests.recommender.composing.world import small_store, task

TREE_SPACE = SearchSpace(
    parameters=(
        IntParameter(name="max_depth", low=1, high=16, log=True),
        FloatParameter(name="min_samples_leaf", low=0.001, high=0.2, log=True),
        CategoricalParameter(name="criterion", choices=("gini", "entropy")),
    )
)
SVM_SPACE = SearchSpace(
    parameters=(
        FloatParameter(name="gamma", low=1e-4, high=1, log=True),
        FloatParameter(name="C", low=0.01, high=100, log=True),
        CategoricalParameter(name="kernel", choices=("linear", "rbf", "poly")),
        IntParameter(name="degree", low=2, high=4),
        CategoricalParameter(name="shrinking", choices=(True, False)),
    ),
    conditions=(
        Condition(child="gamma", parent="kernel", values=("rbf", "poly")),
        Condition(child="degree", parent="kernel", values=("poly",)),
    ),
    forbidden=(Forbidden(clauses={"kernel": ("poly",), "shrinking": (False,)}, reason="slow"),),
)


def make_proposal(learner: str = "decision_tree", space: SearchSpace = TREE_SPACE, **fields: Any) -> Proposal:
    """Return a proposal with the values given, each bare or as a `Grounded`; the rest is small and plain."""
    task = fields.pop("task", TuningTask(task_type=TaskType.CLASSIFICATION, metric="accuracy"))
    values: dict[str, Any] = {
        "learner": learner,
        "metric": task.metric,
        "protocol": Protocol(folds=3, stratified=True),
        "search_space": space,
        "warm_starts": (),
        "sampler": Sampler(name="tpe", n_startup_trials=3),
        "pruner": Pruner(name="none"),
        "budget": Budget(n_trials=8, wall_clock_s=60, per_trial_s=30, binding="n_trials"),
        "fidelity": None,
        "termination": Termination(rules=(MaxTrials(n_trials=100),)),
        "prediction": Prediction(metric=task.metric),
        "fixed": Configuration({}),
        "advice": Advice.TUNE,
    }
    values |= fields
    grounded = {n: v if isinstance(v, Grounded) else {"value": v} for n, v in values.items()}
    return Proposal.model_validate({"task": task, **grounded})


@pytest.fixture
def proposal() -> Callable[..., Proposal]:
    """Return `make_proposal`."""
    return make_proposal


@pytest.fixture
def svm_space() -> SearchSpace:
    """A space with conditions and a forbidden pair."""
    return SVM_SPACE


@pytest.fixture
def cited() -> Callable[..., Grounded[Any]]:
    """Return a function that cites made-up evidence for each warm start."""

    def build(*configurations: dict[str, Any]) -> Grounded[Any]:
        iri = "https://w3id.org/tunegraph/evidence/run_summary/0"
        parts = {str(i): Grounding(citations=(iri,), rationale=f"best of {i}") for i in range(len(configurations))}
        starts = tuple(Configuration(c) for c in configurations)
        return Grounded[tuple[Configuration, ...]].model_validate(
            {"value": starts, "citations": (iri,), "parts": parts}
        )

    return build


@pytest.fixture(scope="session")
def mixed_frame() -> pd.DataFrame:
    """Numbers, categories, dates and gaps; the target follows from two of them."""
    rng = np.random.default_rng(0)
    n = 150
    frame = pd.DataFrame(
        {
            "size": rng.normal(size=n),
            "colour": rng.choice(["red", "green", "blue"], n),
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, n), unit="D"),
            "flag": rng.random(n) < 0.5,
            "same": 1,
        }
    )
    frame["label"] = np.where(frame["size"] + (frame["colour"] == "red") > 0.3, "yes", "no")
    frame.loc[::11, "size"] = np.nan
    frame.loc[::13, "colour"] = None
    return frame


@pytest.fixture(scope="module")
def composer() -> Iterator[Composer]:
    """A composer over a small graph."""
    with small_store() as store:
        yield Composer(store)


@pytest.fixture(scope="module")
def composed(composer: Composer) -> Proposal:
    """What it composes for a support vector machine."""
    return composer.compose(task("svm"))
