"""The tables, laid out so that every contestant sees the same rows, and sees the target of the training rows only."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

from kg.columns import ColumnKind
from kg.model import TaskType
from kg.tables import Table, prepare_table

#: File and task type; 500 to 20 000 rows, numbers and categories, with and without gaps, 2 to 11 classes.
TABLES = (
    ("churn.tsv.gz", "classification"),
    ("cmc.tsv.gz", "classification"),
    ("coil2000.tsv.gz", "classification"),
    ("dna.tsv.gz", "classification"),
    ("magic.tsv.gz", "classification"),
    ("page_blocks.tsv.gz", "classification"),
    ("ring.tsv.gz", "classification"),
    ("satimage.tsv.gz", "classification"),
    ("spambase.tsv.gz", "classification"),
    ("vowel.tsv.gz", "classification"),
    ("yeast.tsv.gz", "classification"),
    ("cylinder.bands.arff", "classification"),
    ("sick.arff", "classification"),
    ("197_cpu_act.tsv.gz", "regression"),
    ("225_puma8NH.tsv.gz", "regression"),
)
#: Share of the rows that are tested on.
TEST_SHARE = 0.3


@dataclass(frozen=True)
class LaidOut:
    """One table on disk: ``train.csv``, ``test.csv`` (without its target) and ``about.json`` in `folder`."""

    name: str
    folder: Path
    metric: str
    n_classes: int
    train_target: np.ndarray
    test_target: np.ndarray


def metric_of(table: Table) -> str:
    """Return what is measured, as the AutoML benchmark does (Gijsbers et al. 2024): AUC, log loss, RMSE."""
    if table.task_type is TaskType.REGRESSION:
        return "rmse"
    return "roc_auc" if len(table.classes) == 2 else "log_loss"


def lay_out(path: Path, task_type: str, folder: Path, *, seed: int) -> LaidOut:
    """Split the table in `path` and write it below `folder`; classes become whole numbers from 0."""
    table = prepare_table(path, None, task_type)
    target = table.encoded_target
    strata = target if table.task_type is TaskType.CLASSIFICATION and np.bincount(target).min() > 1 else None
    train, test = train_test_split(np.arange(len(target)), test_size=TEST_SHARE, random_state=seed, stratify=strata)
    folder.mkdir(parents=True)
    features = table.features[list(table.usable)]
    features = features.set_axis([f"c{number}" for number in range(features.shape[1])], axis=1)
    features.iloc[train].assign(target=target[train]).to_csv(folder / "train.csv", index=False)
    features.iloc[test].to_csv(folder / "test.csv", index=False)
    kinds = [table.kinds[name] is ColumnKind.CATEGORICAL for name in table.usable]
    name = path.name.split(".tsv")[0].removesuffix(".arff")
    about = {
        "name": name,
        "task_type": str(table.task_type),
        "metric": metric_of(table),
        "n_classes": len(table.classes),
        "categories": [f"c{number}" for number, is_category in enumerate(kinds) if is_category],
    }
    (folder / "about.json").write_text(json.dumps(about))
    return LaidOut(name, folder, metric_of(table), len(table.classes), target[train], target[test])


def read_predictions(folder: Path, contestant: str) -> np.ndarray:
    """Return what a contestant predicts for the test rows, shape (rows, classes) or (rows,)."""
    return np.asarray(pd.read_csv(folder / f"{contestant}.csv", header=None)).squeeze()
