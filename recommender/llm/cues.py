"""The words by which people say what they want: task types, metrics, learners, machines. Rules as small tables.

English only. A phrase is a regular expression over lower-case words; the first that is found counts, unless it is
denied (``no xgboost``, ``not accuracy``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from kg.model import TaskType

C, R = TaskType.CLASSIFICATION, TaskType.REGRESSION

#: Learners that people can read: a small tree, or one weight a column (Rudin 2019, "Stop explaining black boxes").
INTERPRETABLE = ("decision_tree", "logistic_regression", "elastic_net")
_BOOSTING = ("xgboost", "lightgbm", "catboost", "hist_gradient_boosting", "gradient_boosting")
_TREES = ("decision_tree", "random_forest", "extra_trees", *_BOOSTING, "adaboost")

#: What is said -> the learners that it means, the longer phrase before the shorter one that stands in it.
LEARNERS: Mapping[str, tuple[str, ...]] = {
    r"hist(ogram)?[-_ ]?gradient[-_ ]?boosting|histgbm": ("hist_gradient_boosting",),
    r"extreme gradient boosting|xgb(oost)?(classifier|regressor)?": ("xgboost",),
    r"light[-_ ]?gbm|lgbm(classifier|regressor)?": ("lightgbm",),
    r"cat[-_ ]?boost(classifier|regressor)?": ("catboost",),
    r"ada[-_ ]?boost(ing|classifier|regressor)?": ("adaboost",),
    r"gradient[-_ ]?boosting|(gradient[-_ ])?boosted (decision )?tree( model)?s?|boosting|gbdt|gbms?": _BOOSTING,
    r"extra[-_ ]?trees?|extremely randomi[sz]ed trees": ("extra_trees",),
    r"random[-_ ]?forests?(classifier|regressor)?": ("random_forest",),
    r"forests": ("random_forest", "extra_trees"),
    r"(single|one|simple|small) (decision )?trees?|decision[-_ ]?trees?(classifier|regressor)?": ("decision_tree",),
    r"trees?|tree[-_ ]based( models?| learners?)?": _TREES,
    r"logistic[-_ ]?regression|logit|logreg": ("logistic_regression",),
    r"elastic[-_ ]?net|lasso|ridge|linear regression": ("elastic_net",),
    r"linear (models?|learners?|classifiers?|ones)|glms?": ("logistic_regression", "elastic_net", "sgd"),
    r"stochastic gradient descent|sgd(classifier|regressor)?": ("sgd",),
    r"support[-_ ]vector( machines?| classifiers?)?|svms?|svc|svr": ("svm",),
    r"neural[-_ ]?net(work)?s?|deep learning|mlps?|multi-?layer perceptrons?": ("mlp",),
    r"(k[- ]?)?nearest neighbou?rs?|k-?nn": ("knn",),
}

#: What is said -> metric, and why where the words do not name it.
METRICS: Mapping[str, tuple[str, str]] = {
    r"balanced[-_ ]accuracy": ("balanced_accuracy", ""),
    r"average[-_ ]precision|au-?pr-?c?|pr[-_ ]auc|area under the precision": ("average_precision", ""),
    r"roc[-_ ]?auc|au-?roc|auc|area under the (roc )?curve": ("roc_auc", ""),
    r"log[-_ ]?loss|cross[-_ ]entropy": ("log_loss", ""),
    r"brier": ("brier", ""),
    r"f1|f[-_ ]measure|f[-_ ]score": ("f1", ""),
    r"(share of right answers|accuracy)": ("accuracy", ""),
    r"rmse|root mean squared error|mean squared error|squared error|mse": ("rmse", ""),
    r"mae|mean absolute error|absolute error": ("mae", ""),
    r"r\^?2|r²|r[- ]squared|explained variance": ("r2", ""),
    r"recall|sensitivity|miss as few|miss (none|no)|false negatives?|catch (all|as many|every)|find (all|every)": (
        "balanced_accuracy",
        "Recall alone is perfect for a model that always says yes; balanced accuracy is the mean recall of all classes",
    ),
    r"false (positives?|alarms?)|precision": (
        "average_precision",
        "Precision alone is perfect for a model that hardly ever says yes; average precision is its mean over recalls",
    ),
    r"calibrated|probabilit(y|ies)": ("log_loss", "Log loss scores the probabilities themselves"),
    r"rank(ing|ed)? (the|them|customers|cases|leads)": ("roc_auc", "ROC AUC scores the order"),
    r"outliers?": ("mae", "The mean absolute error is not ruled by a few large ones"),
}

#: Words of a task type; the one with more of them is meant.
TASK_TYPES: Mapping[TaskType, str] = {
    C: r"classif\w*|whether|defaults?|defaulted|churn\w*|fraud\w*|spam|detect\w*|diagnos\w*|disease|positives?|"
    r"class(es)?|yes or no|categor(y|ies)|imbalanced?|minority|binary|multi-?class|labels?|sick|sentiment",
    R: r"regress\w*|how (much|many|long)|prices?|amounts?|revenue|sales|demand|temperature|forecast\w*|salar(y|ies)|"
    r"numeric target|continuous|consumption|costs?|duration|quantity",
}
EXPLAIN = (
    r"explain\w*|interpret\w*|transparen\w*|white[- ]box|understandable|regulat(or|ors|ed|ory)|auditable|justify|"
    r"readable|human[- ]readable"
)
RARE = r"(highly |very |heavily )?(im|un)balanced|rare (class|cases|events?|positives?)|few positives|skewed classes"
BALANCED = r"(?<!im)(?<!un)(well[- ])?balanced (classes|data|labels|target)|classes are (about )?balanced|evenly split"
#: Machine -> trials side by side and memory that are taken for granted, where no figure is said.
MACHINES: Mapping[str, tuple[int, float]] = {
    r"raspberry pi": (1, 1024.0),
    r"laptops?|notebook computer|macbook": (1, 8192.0),
    r"(desktop|workstation)( computer)?|my pc": (4, 16384.0),
}
GPU = r"gpus?|cuda"
OVERNIGHT = r"overnight|over night|by tomorrow( morning)?"

_DENIED = re.compile(
    r"\b(no|not|non|without|avoid|except|excluding|never|anything but|instead of|don'?t (use|want|need|like|care about)"
    r"|rather than|drop|skip|isn'?t|ban(ned)?)[ \t]+((the|a|an|any|use|using|about|or|to|for|of)[ \t]+)*$"
)


def found(phrase: str, words: str) -> Iterator[tuple[re.Match[str], bool]]:
    """Yield where a phrase stands in lower-case `words`, and whether it is denied there."""
    for match in re.finditer(rf"(?<![\w])(?:{phrase})(?![\w])", words):
        yield match, _DENIED.search(words[: match.start()]) is not None


def says(phrase: str, words: str) -> bool:
    """Say whether lower-case `words` hold a phrase that is not denied."""
    return any(not denied for _, denied in found(phrase, words))
