"""Settings of OpenML's flows whose meaning depends on other settings or on the data set.

What a table can say (names, words, fixed values, values that change nothing) stands in the registry
(`kg/learners/families`, under ``openml-sklearn``, ``openml-mlr``, ``openml-kernlab``, ``openml-weka``). Here is the
rest: one function a learner and vocabulary, from settings to settings that the registry can read.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from kg.errors import RecordError
from kg.learners.transforms import literal

Settings: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Table:
    """What some settings depend on; None where it is not known."""

    training_rows: float | None = None
    """Rows that a fit of the run is made of."""
    columns: float | None = None
    """Columns to learn from."""
    classes: float | None = None


Rule: TypeAlias = Callable[[Settings, str, Table], Settings]
"""From the settings of a flow of that name, on such a table, to settings that the registry reads."""


def translated(vocabulary: str, learner: str, flow: str, settings: Mapping[str, Any], table: Table) -> Settings:
    """Return `settings` of a flow in terms that the registry can read one by one.

    Raises:
        RecordError: A combination has no counterpart, or depends on what is not known of the table.
    """
    found = dict(settings)
    for key in ((vocabulary, "*"), (vocabulary, learner)):
        if key in _RULES:
            found = _RULES[key](found, flow, table)
    return found


# scikit-learn: what releases since 0.15 called otherwise, where a word alone does not tell.


def _sklearn(settings: Settings, flow: str, table: Table) -> Settings:
    del table
    is_regressor = flow.rstrip(")").endswith("Regressor")
    if is_regressor and settings.get("max_features") == "auto":
        return {**settings, "max_features": None}  # all columns; for a classifier "auto" was their root
    return settings


def _adaboost(settings: Settings, flow: str, table: Table) -> Settings:
    """Drop the base estimator where it is not set: it is a stump then, as ours is."""
    del flow, table
    unset = (None, "deprecated", "warn")
    return {n: v for n, v in settings.items() if not (n in ("estimator", "base_estimator") and v in unset)}


def _logistic(settings: Settings, flow: str, table: Table) -> Settings:
    """Leave one of ``penalty`` and ``l1_ratio``; the latter counted for the elastic net only, and alone since 1.8."""
    del flow, table
    penalty = settings.get("penalty", "deprecated")
    if penalty in (None, "none"):
        raise RecordError("penalty without counterpart in logistic_regression: none at all")
    dropped = "penalty" if penalty in ("elasticnet", "deprecated") else "l1_ratio"
    kept = {name: value for name, value in settings.items() if name != dropped}
    return kept if kept.get("l1_ratio", 0.0) is not None else {n: v for n, v in kept.items() if n != "l1_ratio"}


def _sgd(settings: Settings, flow: str, table: Table) -> Settings:
    """Put epochs where they are now (``n_iter`` up to 0.20, 5 by default), and drop a step size that is none."""
    del flow, table
    found = {name: value for name, value in settings.items() if name != "n_iter"}
    if settings.get("n_iter") is not None:
        found |= {"max_iter": settings["n_iter"], "tol": None}
    elif found.get("max_iter", 1) is None:
        found |= {"max_iter": 5, "tol": None} if found.get("tol") is None else {"max_iter": 1000}
    if found.get("eta0") == 0 and found.get("learning_rate", "optimal") == "optimal":
        del found["eta0"]
    return found


def _hist_gradient_boosting(settings: Settings, flow: str, table: Table) -> Settings:
    """Say in today's words that nothing stops early (``n_iter_no_change`` of None, up to 0.22)."""
    del flow, table
    if settings.get("n_iter_no_change", 0) is not None:
        return settings
    return {n: v for n, v in settings.items() if n != "n_iter_no_change"} | {"early_stopping": False}


def _mlp(settings: Settings, flow: str, table: Table) -> Settings:
    """Make number and width of hidden layers that are all alike."""
    del flow, table
    found = {name: value for name, value in settings.items() if name != "hidden_layer_sizes"}
    layers = settings.get("hidden_layer_sizes")
    if layers is None:
        return found
    widths = layers if isinstance(layers, list) else [layers]
    if len(set(map(str, widths))) != 1:
        raise RecordError(f"hidden_layer_sizes without counterpart in mlp: layers of different widths, {layers}")
    return found | {"n_hidden_layers": len(widths), "hidden_layer_width": widths[0]}


def _nulls_are_defaults(settings: Settings, flow: str, table: Table) -> Settings:
    """Drop what is null: XGBoost and LightGBM take their own default then."""
    del flow, table
    return {name: value for name, value in settings.items() if value is not None}


# mlr: only what was set is there; R's defaults stand in the registry.


def _mlr(settings: Settings, flow: str, table: Table) -> Settings:
    """Drop what is NULL; refuse transformations by caret's wrapper that change what is learnt from."""
    del flow, table
    found = {name: value for name, value in settings.items() if str(value).strip() != "NULL"}
    for name in [name for name in found if name.startswith("ppc.")]:
        value = literal(found.pop(name))
        if name not in ("ppc.center", "ppc.scale", "ppc.range", "ppc.zv") and value is True:
            raise RecordError(f"preprocessing by {name}: it changes what is learnt from")
    return found


def _ranger(settings: Settings, flow: str, table: Table) -> Settings:
    """Make ``mtry`` a share of the columns; refuse samples without replacement, which scikit-learn's forest lacks."""
    found = dict(settings)
    if literal(found.get("replace", True)) is False and _number(found, "sample.fraction", 0.632) != 1:
        raise RecordError("sample.fraction without counterpart in random_forest: a part of the rows, none twice")
    if "mtry" in found and table.columns and "dummied" not in flow:
        found["mtry.ratio"] = _number(found, "mtry") / table.columns
        del found["mtry"]
    return found


def _glmnet(settings: Settings, flow: str, table: Table) -> Settings:
    """Make ``lambda`` a C: glmnet adds lambda x norm to the *mean* loss, scikit-learn multiplies the *sum* by C.

    Friedman, Hastie and Tibshirani 2010, Journal of Statistical Software 33(1), equation 2. mlr predicts at ``s``, 0.01
    by default, where no lambda is given.
    """
    found = {name: value for name, value in settings.items() if name not in ("lambda", "s")}
    strength = _number(settings, "lambda" if "lambda" in settings else "s", 0.01)
    if "regr.glmnet" in flow:
        return found | {"lambda": strength}
    if not table.training_rows:
        raise RecordError("lambda without counterpart in logistic_regression: the number of rows is not known")
    if strength <= 0:
        raise RecordError("lambda without counterpart in logistic_regression: no penalty at all")
    return found | {"C": 1 / (table.training_rows * strength)}


def _ksvm(settings: Settings, flow: str, table: Table) -> Settings:
    """Put in kernlab's defaults; refuse a width that is estimated from the data."""
    del flow, table
    kernel = settings.get("kernel", "rbfdot")
    if kernel == "rbfdot" and "sigma" not in settings:
        raise RecordError("sigma without counterpart in svm: estimated from the data")
    if kernel == "polydot":
        return {"degree": 1, "scale": 1.0, "offset": 1.0} | settings
    return {"scale": 1.0, "offset": 1.0} | settings if kernel == "tanhdot" else settings


# WEKA: option letters, flags that are true or false; numbers in text.


def _weka_forest(settings: Settings, flow: str, table: Table) -> Settings:
    """Make ``K`` a share of the columns; 0 stands for the whole part of log2(columns) + 1."""
    del flow
    if not table.columns:
        raise RecordError("K without counterpart in random_forest: the number of columns is not known")
    wanted = _number(settings, "K", 0) or math.floor(math.log2(table.columns) + 1)
    found = {name: value for name, value in settings.items() if name != "K"}
    return {"I": 100, **found, "K.ratio": min(1.0, wanted / table.columns)}


def _weka_neighbours(settings: Settings, flow: str, table: Table) -> Settings:
    """Make one setting of the flags: ``I`` weighs by the inverse of the distance, ``F`` by 1 - distance."""
    del flow, table
    found = {name: value for name, value in settings.items() if name not in ("I", "F") and "__" not in name}
    if literal(settings.get("F", False)) is True:
        raise RecordError("F without counterpart in knn: weights of 1 - distance")
    return found | {"weights": "distance"} if literal(settings.get("I", False)) is True else found


def _weka_boosting(settings: Settings, flow: str, table: Table) -> Settings:
    """Refuse more than two classes: AdaBoost.M1 is another algorithm than SAMME then (Zhu et al. 2009, 1)."""
    del flow
    if table.classes != 2:
        raise RecordError("weka.AdaBoostM1 without counterpart in adaboost: more than two classes, or not known")
    return {name: value for name, value in settings.items() if "__" not in name}


def _weka_logistic(settings: Settings, flow: str, table: Table) -> Settings:
    """Drop a limit on the steps that is none."""
    del flow, table
    found = {"R": 1e-8, **settings}
    return {n: v for n, v in found.items() if not (n == "M" and _number(found, "M") < 0)}


def _smo(settings: Settings, flow: str, table: Table) -> Settings:
    """Name the kernel: PolyKernel is (x.y)^E, with L (x.y + 1)^E, so E = 1 is linear; RBFKernel's G is gamma."""
    del table
    found = dict(settings)
    if "RBFKernel" in flow:
        return {"RBFKernel__G": 0.01, **found, "kernel": "rbf"}
    exponent = _number(found, "PolyKernel__E", 1)
    lower_order = literal(found.pop("PolyKernel__L", False)) is True
    found.pop("PolyKernel__E", None)
    if exponent == 1:
        return found | {"kernel": "linear"}
    return found | {"kernel": "poly", "degree": exponent, "gamma": 1.0, "coef0": float(lower_order)}


def _number(settings: Settings, name: str, default: float | None = None) -> float:
    value = literal(settings.get(name, default))
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise RecordError(f"{name}: cannot read {settings.get(name)!r}")
    return float(value)


_RULES: Mapping[tuple[str, str], Rule] = {
    ("openml-sklearn", "*"): _sklearn,
    ("openml-sklearn", "adaboost"): _adaboost,
    ("openml-sklearn", "logistic_regression"): _logistic,
    ("openml-sklearn", "sgd"): _sgd,
    ("openml-sklearn", "hist_gradient_boosting"): _hist_gradient_boosting,
    ("openml-sklearn", "mlp"): _mlp,
    ("openml-sklearn", "xgboost"): _nulls_are_defaults,
    ("openml-sklearn", "lightgbm"): _nulls_are_defaults,
    ("openml-mlr", "*"): _mlr,
    ("openml-kernlab", "*"): _mlr,
    ("openml-mlr", "random_forest"): _ranger,
    ("openml-mlr", "logistic_regression"): _glmnet,
    ("openml-mlr", "elastic_net"): _glmnet,
    ("openml-kernlab", "svm"): _ksvm,
    ("openml-weka", "random_forest"): _weka_forest,
    ("openml-weka", "knn"): _weka_neighbours,
    ("openml-weka", "adaboost"): _weka_boosting,
    ("openml-weka", "logistic_regression"): _weka_logistic,
    ("openml-weka", "svm"): _smo,
}
