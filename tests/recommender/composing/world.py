"""A small world for tests of the whole composer: twelve data sets on which an SVM was tuned, and what papers say.

The best SVM has `C` about 1 and, with the `rbf` kernel, `gamma` about 0.01, a little elsewhere on each data set; the
`linear` kernel is worse; `shrinking` matters nowhere. Of LightGBM there are a published space and finished studies.
"""

from datetime import date

import numpy as np

from kg.iris import dataset_iri, evidence_iri
from kg.model import (
    EVIDENCE_KINDS,
    BoundExpression,
    CategoricalParameter,
    Condition,
    Configuration,
    Dataset,
    Evidence,
    FidelityLevel,
    FloatParameter,
    IntParameter,
    MetaFeatures,
    Provenance,
    ResponseModel,
    SearchSpace,
    SystemResult,
    TaskType,
)
from kg.rdf_store import RdfStore
from kg.response import Encoder
from recommender.composing.rule import RuleInputs
from recommender.composing.surfaces import CachedSurfaces
from recommender.task import Constraints, TuningTask

SOURCE = Provenance(source="test", licence="CC0-1.0", url="https://example.org", retrieved=date(2026, 1, 1))
N_SOURCES = 12
SVM_SPACE = SearchSpace(
    parameters=(
        FloatParameter(name="C", low=0.01, high=100, log=True),
        FloatParameter(name="gamma", low=1e-4, high=1, log=True),
        CategoricalParameter(name="kernel", choices=("linear", "rbf")),
        CategoricalParameter(name="shrinking", choices=(True, False)),
    ),
    conditions=(Condition(child="gamma", parent="kernel", values=("rbf",)),),
)
TREES_SPACE = SearchSpace(
    parameters=(
        IntParameter(name="num_leaves", low=4, high=256, log=True),
        FloatParameter(name="learning_rate", low=0.01, high=0.3, log=True),
        IntParameter(name="min_child_samples", low=2, high=500, log=True),
    )
)


def dataset(i: int, **changes) -> Dataset:
    features = {"NumberOfInstances": 100.0 * (i + 1), "NumberOfFeatures": 5.0 + i, "NumberOfClasses": 2.0}
    given = {
        "iri": dataset_iri(f"s{i}"),
        "name": f"source {i}",
        "task_type": TaskType.CLASSIFICATION,
        "meta_features": MetaFeatures(features),
        "provenance": SOURCE,
    }
    return Dataset.model_validate({**given, **changes})


def evidence(kind: str, *identity, **fields):
    given = {"iri": evidence_iri(kind, *identity), "standing": "measured", "n": 200, "provenance": SOURCE}
    return EVIDENCE_KINDS[kind].model_validate({**given, **fields})


def response(i: int, *, n: int = 60, metric: str = "accuracy", space: SearchSpace = SVM_SPACE, **changes):
    """A response model of an SVM on data set `i`, its best near `C` = 1, `gamma` = 0.01, `kernel` = rbf."""
    generator = np.random.default_rng(i)
    rows, regrets = [], []
    for _ in range(n // 2):
        log_c, log_gamma = generator.uniform(-2, 2), generator.uniform(-4, 0)
        is_rbf = generator.random() < 0.7
        gap = np.hypot(log_c - 0.1 * (i % 3), log_gamma + 2) if is_rbf else 1.0 + abs(log_c) / 2
        values = {"C": float(f"{10**log_c:.4g}"), "gamma": float(f"{10**log_gamma:.4g}") if is_rbf else None}
        values["kernel"] = "rbf" if is_rbf else "linear"
        for shrinking in (True, False):
            rows.append(tuple({**values, "shrinking": shrinking}[name] for name in space.names))
            regrets.append(min(2.0, 0.8 * gap))
    dims = Encoder(space).encode([]).shape[1]
    given = {
        "dataset": dataset_iri(f"s{i}"),
        "learner": "svm",
        "metric": metric,
        "best": 0.9,
        "median": 0.8,
        "space": space,
        "parameters": space.names,
        "support": tuple(rows),
        "regrets": tuple(float(r - min(regrets)) for r in regrets),
        "length_scales": (0.4,) * dims,
        "signal": 0.6,
        "noise": 0.05,
        "level": 1.0,
        "fit": 0.9,
    }
    return evidence("response_model", i, metric, **{**given, **changes})


def summary(i: int, *, metric: str = "accuracy"):
    named = {"dataset": dataset_iri(f"s{i}"), "learner": "svm", "metric": metric, "top_runs": ()}
    return evidence("run_summary", i, metric, best=0.9, median=0.8, worst=0.3, **named)


def importance(i: int, **shares: float):
    named = {"dataset": dataset_iri(f"s{i}"), "learner": "svm", "metric": "accuracy"}
    shares = shares or {"C": 0.5, "gamma": 0.3, "kernel": 0.1, "shrinking": 0.001}
    return evidence("parameter_importance", i, importances=shares, **named)


def profile(i: int, *levels: tuple[float, float, float], full: float = 1.0, **changes):
    """A fidelity profile: (level, rank correlation, cost ratio)."""
    named = {"dataset": dataset_iri(f"s{i}"), "learner": "svm", "metric": "accuracy", "full": full}
    named |= {"fidelity": "training_fraction", "parameter": "training_fraction"}
    found = [FidelityLevel(value=v, rank_correlation=r, cost_ratio=c) for v, r, c in levels]
    return evidence("fidelity_profile", i, **{**named, "levels": tuple(found), **changes})


def published(name: str = "flaml", *, space: SearchSpace = TREES_SPACE, **changes):
    given = {
        "standing": "published",
        "n": 1,
        "name": name,
        "learner": "lightgbm",
        "task_types": (TaskType.CLASSIFICATION, TaskType.REGRESSION),
        "space": space,
        "expressions": (BoundExpression(parameter="num_leaves", side="high", expression="min(32768, n)"),),
        "initial": Configuration({"num_leaves": 4, "learning_rate": 0.1}),
        "citation": "Authors 2021",
    }
    return evidence("published_space", name, **{**given, **changes})


def study(i: int, **changes):
    best = {"num_leaves": 8 * (i + 1), "learning_rate": 0.02 * (i + 1), "min_child_samples": 10}
    given = {
        "dataset": dataset_iri(f"s{i}"),
        "learner": "lightgbm",
        "metric": "accuracy",
        "task_type": TaskType.CLASSIFICATION,
        "space": TREES_SPACE,
        "sampler": "tpe",
        "n_trials": 100,
        "best_configuration": Configuration(best),
    }
    return evidence("study_summary", i, **{**given, **changes})


def result(i: int, learner: str, score: float, /, **changes) -> SystemResult:
    given = {"dataset": dataset_iri(f"s{i}"), "system": learner, "learner": learner, "tuned": True}
    given |= {"constraint": "30 configurations", "metric": "accuracy", "score": score}
    return evidence("system_result", i, learner, **{**given, **changes})


def everything() -> tuple[Dataset | Evidence, ...]:
    every = range(N_SOURCES)
    measured = [make(i) for make in (response, summary, importance) for i in every]
    told = [published("flaml"), published("autogluon"), *(study(i) for i in range(5))]
    results = [result(i, name, score) for i in every for name, score in (("svm", 0.8), ("lightgbm", 0.9), ("knn", 0.5))]
    profiles = [profile(i, (0.1, 0.5, 0.1), (0.3, 0.7, 0.3)) for i in every]
    return (*map(dataset, every), *measured, *told, *results, *profiles)


def small_store() -> RdfStore:
    store = RdfStore()
    store.add(everything())
    return store


def task(*learners: str, **changes) -> TuningTask:
    given = {
        "task_type": TaskType.CLASSIFICATION,
        "metric": "accuracy",
        "n_rows": 500,
        "n_columns": 7,
        "meta_features": MetaFeatures({"NumberOfInstances": 500.0, "NumberOfFeatures": 8.0, "NumberOfClasses": 2.0}),
        "constraints": Constraints(learners=learners),
    }
    return TuningTask.model_validate({**given, **changes})


def inputs(*cited: Evidence, learner: str = "svm", store: RdfStore | None = None, **changes) -> RuleInputs:
    """What a rule sees that cites `cited`; every data set weighs the same."""
    datasets = {d.iri: d for d in map(dataset, range(N_SOURCES))}
    weights = {e.dataset: 1.0 for e in cited if isinstance(e, ResponseModel)}
    given = {
        "task": task(learner),
        "learner": learner,
        "cited": cited,
        "weights": {iri: w / len(weights) for iri, w in weights.items()},
        "datasets": datasets,
        "surfaces": CachedSurfaces(store or RdfStore()),
    }
    return RuleInputs(**{**given, **changes})
