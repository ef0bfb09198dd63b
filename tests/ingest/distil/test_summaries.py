"""A run summary says what the runs of a learner on a data set amount to."""

import numpy as np
import pandas as pd
import pytest

from ingest.distil.batch import Group
from ingest.distil.figures import LEVELS
from ingest.distil.summaries import expected_best
from kg.model import METRICS, Run


def summary_of(evidence, learner, metric, dataset):
    return next(
        e
        for e in evidence
        if getattr(e, "kind", "") == "run_summary"
        and (e.learner, e.metric) == (learner, metric)
        and e.dataset.endswith(dataset)
    )


def group(scores, metric="accuracy"):
    rows = pd.DataFrame({"score": scores, "run_id": [str(i) for i in range(len(scores))], "standing": "measured"})
    return Group(dataset="https://example.org/d", metric=METRICS[metric], rows=rows)


@pytest.fixture(scope="module")
def adaboost(small_data):
    """The raw runs of AdaBoost on OpenML task 6, as the file has them."""
    names = ["algorithm", "learning_rate", "max_depth", "n_estimators", "imputer", "accuracy", "task"]
    lines = (small_data / "openml-pimp" / "adaboost.arff").read_text().splitlines()
    rows = [line.split(",") for line in lines if line.endswith(",6")]
    return pd.DataFrame(rows, columns=names).assign(accuracy=lambda t: t["accuracy"].astype(float))


def test_figures_are_those_of_the_raw_table(evidence, adaboost):
    summary = summary_of(evidence, "adaboost", "accuracy", "openml-task-6")
    assert summary.n == len(adaboost) == 400
    assert (summary.best, summary.worst) == (adaboost["accuracy"].max(), adaboost["accuracy"].min())
    assert summary.median == pytest.approx(adaboost["accuracy"].median(), rel=1e-5)
    assert summary.default is None


def test_top_runs_are_the_best_and_say_what_was_set(evidence, adaboost):
    summary = summary_of(evidence, "adaboost", "accuracy", "openml-task-6")
    runs = {item.iri: item for item in evidence if isinstance(item, Run)}
    top = [runs[iri] for iri in summary.top_runs]
    assert [run.scores["accuracy"] for run in top] == sorted(adaboost["accuracy"], reverse=True)[:10]
    best = adaboost.loc[adaboost["accuracy"].idxmax()]
    assert top[0].configuration["learning_rate"] == float(best["learning_rate"])
    assert top[0].configuration["estimator__max_depth"] == int(best["max_depth"])
    assert top[0].configuration["algorithm"] == best["algorithm"]


def test_quantiles_are_those_of_the_best_tenth(evidence, adaboost):
    summary = summary_of(evidence, "adaboost", "accuracy", "openml-task-6")
    of = {quantiles.parameter: quantiles for quantiles in summary.quantiles}
    tenth = adaboost.sort_values("accuracy", ascending=False, kind="stable").head(40)
    rates = np.quantile(tenth["learning_rate"].astype(float), LEVELS)
    assert of["learning_rate"].levels == LEVELS
    assert of["learning_rate"].values == pytest.approx(rates, rel=0.1)  # which of equal scores are in may differ
    assert sum(of["algorithm"].shares.values()) == pytest.approx(1, abs=0.001)
    assert of["algorithm"].shares['"SAMME"'] == pytest.approx((tenth["algorithm"] == "SAMME").mean(), abs=0.05)


def test_the_score_of_the_default_is_given_where_it_was_run(evidence):
    summary = summary_of(evidence, "knn", "accuracy", "pmlb-vowel")
    assert summary.default == 0.935  # five neighbours, uniform weights


def test_a_loss_is_best_where_it_is_least(evidence):
    summary = summary_of(evidence, "rpart", "log_loss", "openml-4135")
    assert summary.best < summary.median < summary.worst
    curve = [score for _, score in summary.random_search]
    assert curve == sorted(curve, reverse=True)


def test_only_runs_at_full_fidelity_count(evidence):
    assert summary_of(evidence, "rpart", "accuracy", "openml-4135").n == 80
    assert summary_of(evidence, "shaped_mlp", "accuracy", "openml-task-7593").n == 200


def test_few_runs_cite_few(evidence):
    assert len(summary_of(evidence, "knn", "accuracy", "pmlb-vowel").top_runs) == 3
    assert len(summary_of(evidence, "rpart", "log_loss", "openml-4135").top_runs) == 5


def test_the_best_of_random_draws_is_expected_as_simulated():
    scores = np.random.default_rng(0).random(30)
    simulated = np.random.default_rng(1).permuted(np.tile(scores, (20_000, 1)), axis=1)
    for k, expected in expected_best(group(scores)):
        assert expected == pytest.approx(simulated[:, :k].max(1).mean(), abs=0.005)


def test_one_draw_is_the_mean_and_all_draws_are_the_best():
    scores = [0.1, 0.5, 0.9, 0.7, 0.3]
    assert expected_best(group(scores)) == ((1, pytest.approx(0.5)), (2, pytest.approx(0.7)), (5, pytest.approx(0.9)))
    assert dict(expected_best(group(scores, "log_loss")))[5] == pytest.approx(0.1)
