"""A small graph for tests: two data sets, a few runs, and one piece of evidence of every kind."""

from datetime import UTC, date, datetime

from kg import model
from kg.iris import dataset_iri, evidence_iri, run_iri

IRIS, WINE = dataset_iri("openml-61"), dataset_iri("openml-187")


def provenance(source="bench", locator="row 1"):
    return model.Provenance(
        source=source,
        licence="CC-BY-4.0",
        url="https://example.org/bench",
        version="3f2a",
        retrieved=date(2026, 11, 1),
        activity=model.Activity(
            source=source,
            digest="77af",
            version="3f2a",
            licence="CC-BY-4.0",
            started=datetime(2026, 11, 1, 9, 30, tzinfo=UTC),
            software="tunegraph 0.1.0",
        ),
        locator=locator,
    )


def dataset(iri=IRIS, rows=150.0, source="bench", **changes):
    return model.Dataset(
        iri=iri,
        name="iris",
        openml_id=61,
        task_type="classification",
        description="flowers",
        meta_features={"NumberOfInstances": rows, "J48.00001.ErrRate": 0.06},
        same_as=(WINE,),
        provenance=provenance(source),
    ).replace(**changes)


def run(i=0, score=0.9, source="bench", learner="random_forest"):
    return model.Run(
        iri=run_iri(f"{learner}-{i}"),
        dataset=IRIS,
        learner=learner,
        configuration={"max_features": 0.1 * (i + 1), "bootstrap": True, "max_depth": None, "criterion": "gini"},
        scores={"accuracy": score, "roc_auc": score},
        cost=model.Cost(seconds=1.5),
        fidelity=model.FidelitySetting(kind="estimators", value=10, full=100) if i == 0 else None,
        standing="measured",
        provenance=provenance(source),
    )


def space(high=1.0):
    return model.SearchSpace(
        parameters=(
            model.FloatParameter(
                name="max_features", low=0.1, high=high, prior=model.NumericPrior(center=0.5, spread=0.2)
            ),
            model.IntParameter(name="min_samples_leaf", low=1, high=20, log=True),
            model.CategoricalParameter(name="criterion", choices=("gini", None, True, 1), prior=(0.25,) * 4),
            model.ConstantParameter(name="bootstrap", value=True),
        ),
        conditions=(model.Condition(child="min_samples_leaf", parent="criterion", values=("gini", None)),),
        forbidden=(model.Forbidden(clauses={"criterion": (None, True), "bootstrap": (True,)}, reason="no"),),
    )


def evidence(kind, *identity, source="bench", **fields):
    common = {"standing": "measured", "n": 100, "provenance": provenance(source)}
    named = {"dataset": IRIS, "learner": "random_forest", "metric": "accuracy"}
    cls = model.EVIDENCE_KINDS[kind]
    named = {name: value for name, value in named.items() if name in cls.model_fields}
    return cls(iri=evidence_iri(kind, *identity), **{**common, **named, **fields})


def summary(**fields):
    given = {
        "best": 0.95,
        "median": 0.9,
        "worst": 0.3,
        "default": 0.92,
        "top_runs": (run(2).iri, run(1).iri),
        "quantiles": (
            model.ParameterQuantiles(parameter="max_features", levels=(0.05, 0.5, 0.95), values=(0.1, 0.3, 0.7)),
            model.ParameterQuantiles(parameter="criterion", shares={'"gini"': 0.6, "null": 0.4}),
        ),
        "random_search": ((1, 0.88), (10, 0.94)),
    }
    return evidence("run_summary", "s", **{**given, **fields})


def response_model(**fields):
    given = {
        "best": 0.95,
        "median": 0.9,
        "space": space(),
        "parameters": ("max_features", "criterion"),
        "support": ((0.1, "gini"), (0.5, None), (1, True)),
        "regrets": (0.0, 1.0, 2.0),
        "length_scales": (0.3, 1.0),
        "signal": 1.0,
        "noise": 0.1,
        "level": 0.5,
        "fit": 0.8,
    }
    return evidence("response_model", "m", **{**given, **fields})


def fidelity_point(value, score, change, n=50):
    return model.FidelityPoint(
        value=value,
        score=score,
        change=change,
        best_low_change=change - 0.05,
        best_change=change / 2,
        best_high_change=change / 2 + 0.02,
        configurations=n,
    )


def all_evidence():
    """One piece of every kind."""
    return (
        summary(),
        response_model(),
        evidence("parameter_importance", 1, importances={"max_features": 0.7, "criterion": 0.1}),
        evidence(
            "fidelity_profile",
            1,
            fidelity="estimators",
            parameter="n_estimators",
            full=100.0,
            levels=(
                model.FidelityLevel(value=10, rank_correlation=0.7, cost_ratio=0.1),
                model.FidelityLevel(value=30, rank_correlation=0.9, top_quarter_correlation=0.5, cost_ratio=0.3),
            ),
        ),
        evidence("cost_profile", 1, seconds=(0.1, 0.4, 2.0), coefficients={"max_features": 0.7}),
        evidence(
            "study_summary",
            1,
            task_type="classification",
            space=space(),
            sampler="tpe",
            n_trials=100,
            best_configuration={"criterion": "gini"},
            special_values={"max_features": 0},
        ),
        evidence(
            "published_space",
            1,
            standing="published",
            name="a paper's space",
            task_types=("regression", "classification"),
            space=space(high=0.9),
            expressions=(model.BoundExpression(parameter="max_features", side="high", expression="min(1, 10 / d)"),),
            initial={"bootstrap": True},
            citation="Author 2020",
            notes=("a", "b"),
        ),
        evidence(
            "claim",
            1,
            standing="claimed",
            document="guide",
            quote='Use "few" features\n(< 0.5).',
            statement="range",
            hyperparameter="max_features",
            learner="random_forest",
            high=0.5,
            page=3,
        ),
        evidence("system_result", 1, system="XGBoost", tuned=True, constraint="30 configurations", score=0.9),
        evidence(
            "suite_result",
            1,
            standing="published",
            suite="AMLB",
            system="AutoGluon",
            constraint="4h8c",
            measure="rescaled loss",
            greater_is_better=False,
            score=0.04,
            learner=None,
            citation="Author 2024",
            notes=("1040 task-folds",),
        ),
        evidence(
            "published_budget",
            1,
            standing="published",
            name="TPE",
            trials_low=100,
            trials_high=1000,
            citation="Author 2025",
        ),
        evidence(
            "fidelity_curve",
            1,
            fidelity="estimators",
            parameter="n_estimators",
            full=100.0,
            score=0.9,
            points=(fidelity_point(10, 0.85, -0.04, 90), fidelity_point(30, 0.88, -0.01, 80)),
        ),
    )


def small_graph():
    """Data sets, runs and evidence."""
    return (
        dataset(),
        dataset(WINE, rows=5000.0, name="wine"),
        *(run(i, 0.9 + i / 100) for i in range(3)),
        *all_evidence(),
    )
