"""A contestant of another package, in an environment of its own: nothing of Tunegraph is imported here.

``python peers.py FOLDER flaml|flaml_zero_shot|hgb_default SECONDS SEED THREADS`` reads ``train.csv``, ``test.csv`` and
``about.json`` and writes ``CONTESTANT.csv`` (predictions) and ``CONTESTANT.json`` (seconds, what was chosen).
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor


def main(folder: str, contestant: str, seconds: str, seed: str, threads: str) -> None:
    place = Path(folder)
    about = json.loads((place / "about.json").read_text())
    text = dict.fromkeys(about["categories"], str)
    train, test = (pd.read_csv(place / f"{name}.csv", dtype=text) for name in ("train", "test"))
    target = train.pop("target")
    for name in about["categories"]:
        known = pd.CategoricalDtype(sorted(set(train[name].dropna())))
        train[name], test[name] = train[name].astype(known), test[name].astype(known)
    started = time.monotonic()
    make = {"flaml": flaml, "flaml_zero_shot": flaml_zero_shot, "hgb_default": hgb_default}[contestant]
    model, chosen = make(train, target, about, float(seconds), int(seed), int(threads))
    spent = time.monotonic() - started
    predicted = model.predict(test) if about["task_type"] == "regression" else model.predict_proba(test)
    pd.DataFrame(predicted).to_csv(place / f"{contestant}.csv", header=False, index=False)
    (place / f"{contestant}.json").write_text(json.dumps({"seconds": spent, "chosen": chosen}))


def flaml(train: Any, target: Any, about: Any, seconds: float, seed: int, threads: int) -> tuple[Any, str]:
    """FLAML's AutoML; its time budget includes the last fit on all rows where it is left to itself."""
    from flaml import AutoML  # noqa: PLC0415  # not every contestant needs it

    metric = {"roc_auc": "roc_auc", "log_loss": "log_loss", "rmse": "rmse"}[about["metric"]]
    model = AutoML()
    model.fit(
        train, target, task=about["task_type"], metric=metric, time_budget=seconds, seed=seed, n_jobs=threads, verbose=0
    )
    return model, f"{model.best_estimator} {model.best_config}"


def flaml_zero_shot(train: Any, target: Any, about: Any, seconds: float, seed: int, threads: int) -> tuple[Any, str]:
    """FLAML's zero-shot configuration (Wang et al. 2021): LightGBM with what its portfolio has for such a table."""
    from flaml.default import LGBMClassifier, LGBMRegressor  # noqa: PLC0415  # not every contestant needs it

    del seconds
    kind = LGBMRegressor if about["task_type"] == "regression" else LGBMClassifier
    model = kind(random_state=seed, n_jobs=threads, verbose=-1).fit(train, target)
    return model, str(model.get_params())


def hgb_default(train: Any, target: Any, about: Any, seconds: float, seed: int, threads: int) -> tuple[Any, str]:
    """scikit-learn's histogram gradient boosting as it comes, which takes gaps and categories by itself."""
    del seconds, threads
    kind = HistGradientBoostingRegressor if about["task_type"] == "regression" else HistGradientBoostingClassifier
    return kind(categorical_features="from_dtype", random_state=seed).fit(train, target), "default"


if __name__ == "__main__":
    main(*sys.argv[1:])
