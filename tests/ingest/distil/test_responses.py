"""A response model keeps, in 150 points, how a learner's score answers to its configuration."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from ingest.distil.batch import Group
from ingest.distil.responses import SUPPORT, is_modelled
from kg.model import METRICS, Configuration
from kg.response import ResponseFunction, regret


def models(evidence, learner, metric="accuracy"):
    wanted = [e for e in evidence if getattr(e, "kind", "") == "response_model"]
    return [e for e in wanted if (e.learner, e.metric) == (learner, metric)]


def test_models_predict_the_runs_that_they_were_not_given(evidence, batch_of):
    batch = batch_of["random_forest"]
    for model in models(evidence, "random_forest"):
        group = next(g for g in batch.groups({"accuracy"}) if g.dataset == model.dataset)
        x = batch.points[group.rows["configuration"].to_numpy()]
        predicted = ResponseFunction.from_model(model).mean(x)
        assert spearmanr(predicted, regret(group.rows["score"], group.metric)).statistic > 0.85
        assert model.fit > 0.8


def test_support_is_bounded_and_holds_the_best(evidence):
    for model in models(evidence, "adaboost"):
        assert len(model.support) == len(model.regrets) == SUPPORT < model.n
        assert min(model.regrets) == 0
        assert max(model.regrets) <= 2


@pytest.mark.parametrize("learner", ["adaboost", "svm", "rpart", "shaped_mlp", "decision_tree"])
def test_support_lies_in_the_space_that_was_searched(evidence, learner):
    for model in models(evidence, learner):
        rows = (dict(zip(model.parameters, row, strict=True)) for row in model.support)
        for row in rows:
            given = Configuration({n: v for n, v in row.items() if v is not None or model.space[n].contains(None)})
            faults = [f for f in model.space.faults(given) if "outside" not in f]
            assert faults == []


def test_what_the_library_has_dropped_is_still_in_the_model(evidence):
    assert "algorithm" in models(evidence, "adaboost")[0].space


def test_data_sets_of_a_learner_share_length_scales_and_space(evidence):
    for learner in ("adaboost", "rpart", "svm"):
        found = models(evidence, learner)
        assert len(found) >= 2
        assert len({(model.length_scales, model.space) for model in found}) == 1


def test_models_are_made_for_losses_too(evidence):
    losses = models(evidence, "rpart", "log_loss")
    assert losses
    assert all(model.best < model.median for model in losses)


def group(scores):
    rows = pd.DataFrame({"score": scores, "configuration": range(len(scores)), "standing": "measured"})
    return Group(dataset="https://example.org/d", metric=METRICS["accuracy"], rows=rows)


def test_a_function_needs_runs_and_a_spread():
    assert is_modelled(group(np.linspace(0.5, 0.9, 12)))
    assert not is_modelled(group(np.linspace(0.5, 0.9, 11)))
    assert not is_modelled(group([0.7] * 20))
    assert not is_modelled(group([0.5] * 5 + [0.7] * 15))  # the median run is as good as the best
