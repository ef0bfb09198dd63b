"""Sound proposals, small tables and ways to look at verdicts, for the tests of the gate."""

import json

import numpy as np
import pandas as pd

from kg.model import TaskType
from kg.tables import prepare_table
from recommender.defaults import default_proposal
from recommender.task import Constraints, TuningTask
from recommender.validation.gate import Gate
from recommender.validation.stage import GateContext


def task(**changes):
    fields = {
        "task_type": TaskType.CLASSIFICATION,
        "metric": "accuracy",
        "n_rows": 200,
        "n_columns": 4,
        "n_classes": 2,
        "meta_features": {"MajorityClassPercentage": 60.0},
        "constraints": Constraints(wall_clock_s=600),
    }
    return TuningTask(**{**fields, **changes})


def propose(learner="decision_tree", **changes):
    """Return the predefined proposal of a learner: sound by construction."""
    return default_proposal(task(**changes), learner)


def draft(learner="decision_tree", **changes):
    """Return a sound proposal as JSON values that a test may spoil."""
    return json.loads(propose(learner, **changes).to_json())


def small_table(rows=120, seed=0, noise=0.3, missing=True):
    """Return a table with a learnable target, a category and missing values."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 3))
    target = np.where(x[:, 0] + 0.5 * x[:, 1] + noise * rng.normal(size=rows) > 0, "yes", "no")
    frame = pd.DataFrame(x, columns=["a", "b", "c"])
    frame["colour"] = rng.choice(["red", "green", "blue"], size=rows)
    if missing:
        frame.loc[::10, "b"] = np.nan
    return prepare_table(frame.assign(goal=target), "goal", name="small")


def judge(spoilt, **context):
    """Return proposal and verdict of the stages that fit nothing."""
    return Gate().judge(spoilt, GateContext(**{"test_run_seconds": 0, **context}))


def codes(verdict):
    """Return stage, outcome and code of every finding."""
    return {(s.name, str(f.outcome), f.code) for s in verdict.stages for f in s.findings}
