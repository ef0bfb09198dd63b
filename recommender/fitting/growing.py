"""Go on with a fit: more rounds, trees or epochs on top of those that are there.

A rung of a successive halving then costs what it adds, and not all that is below it again. Which way is gone follows
from what the estimator offers, not from its name:

* ``warm_start`` with a number of trees or rounds (forests, gradient boosting of scikit-learn): the same model as one
  that was fitted in one go;
* ``partial_fit`` with a number of epochs (multi-layer perceptron, linear models by stochastic gradient): an epoch a
  call. Unlike ``fit`` it does not stop early, so all of a study's trials are run in this way, from the first rung on;
* a fitted booster that is handed on (XGBoost's ``xgb_model``, LightGBM's ``init_model``).

What offers none of these (AdaBoost, CatBoost) is fitted anew at each rung.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

#: The way of going on: estimator, parameter, what is there, what is wanted, features, target.
_Way = Callable[[Any, str, float, float, tuple[Any, Any]], None]

#: Numbers of trees, rounds or epochs, by the names that libraries give them.
ROUNDS = frozenset({"n_estimators", "max_iter"})


def grown(model: Any, parameter: str, reached: float, value: float, rows: tuple[Any, Any]) -> bool:
    """Fit the pipeline `model` until its `parameter` is `value`; say whether there is a way of going on.

    Args:
        model: A pipeline of the steps ``prepare`` and ``learn`` (`recommender.pipeline`), changed in place.
        parameter: What grows.
        reached: What it is fitted to; 0 where it is not fitted at all.
        value: What is wanted, above `reached`.
        rows: Features and target to train on, the same each time.
    """
    prepare, learn = model.named_steps["prepare"], model.named_steps["learn"]
    way = _way_of(learn, parameter)
    if way is None:
        return False
    features = prepare.transform(rows[0]) if reached else prepare.fit_transform(rows[0], rows[1])
    way(learn, parameter, reached, value, (features, rows[1]))
    return True


def _way_of(learn: Any, parameter: str) -> _Way | None:
    # A classifier whose labels are recoded (`recommender.recoding`) learns through the estimator inside.
    inner = getattr(learn, "learner", learn)
    if parameter not in ROUNDS:
        return None
    if "xgb_model" in inspect.signature(inner.fit).parameters or hasattr(type(inner), "booster_"):
        return _on_a_booster
    settings = inner.get_params(deep=False)
    if inner is not learn or settings.get("early_stopping") is True:
        return None
    if parameter == "max_iter" and hasattr(inner, "partial_fit"):
        return _by_epochs
    return _by_warm_start if "warm_start" in settings and parameter in settings else None


def _by_warm_start(learn: Any, parameter: str, reached: float, value: float, rows: tuple[Any, Any]) -> None:
    del reached
    learn.set_params(**{parameter: round(value), "warm_start": True})
    learn.fit(*rows)


def _by_epochs(learn: Any, parameter: str, reached: float, value: float, rows: tuple[Any, Any]) -> None:
    import numpy as np
    from sklearn.base import is_classifier

    del parameter
    features, target = rows
    classes = {"classes": np.unique(target)} if is_classifier(learn) else {}
    if not reached and isinstance(learn.random_state, int):
        # A state that moves on, or every epoch would see the rows in the same order.
        learn.set_params(random_state=np.random.RandomState(learn.random_state))
    for _ in range(round(value) - round(reached)):
        learn.partial_fit(features, target, **classes)


def _on_a_booster(learn: Any, parameter: str, reached: float, value: float, rows: tuple[Any, Any]) -> None:
    import numpy as np

    inner = getattr(learn, "learner", learn)
    features, target = rows
    if inner is not learn:
        learn.classes_, target = np.unique(np.asarray(target), return_inverse=True)
    before: dict[str, Any] = {}
    if reached and hasattr(type(inner), "booster_"):
        before = {"init_model": inner.booster_}
    elif reached:
        before = {"xgb_model": inner.get_booster()}
    inner.set_params(**{parameter: round(value) - round(reached)})
    inner.fit(features, target, **before)
