"""The response surface: built from response models alone, the same every time, kept on disk."""

from datetime import date

import numpy as np
import pytest

from kg.errors import InputError
from kg.iris import dataset_iri, evidence_iri
from kg.model import (
    CategoricalParameter,
    Condition,
    Configuration,
    FloatParameter,
    Provenance,
    ResponseModel,
    SearchSpace,
    Standing,
)
from recommender.composing.surface import build_surface, cached_surface, residual_draws

SOURCE = Provenance(source="test", licence="CC0-1.0", url="https://example.org", retrieved=date(2026, 1, 1))
SPACE = SearchSpace(
    parameters=(
        CategoricalParameter(name="kernel", choices=("linear", "rbf")),
        FloatParameter(name="gamma", low=0, high=1),
    ),
    conditions=(Condition(child="gamma", parent="kernel", values=("rbf",)),),
)
C_SPACE = SearchSpace(parameters=(FloatParameter(name="C", low=0.01, high=100, log=True),))


def model(key: str, best_gamma: float, *, metric: str = "accuracy") -> ResponseModel:
    """A model whose regret grows with the distance of gamma from `best_gamma`; the linear kernel is middling."""
    gammas = np.linspace(0, 1, 20)
    support = [("linear", None), *(("rbf", float(g)) for g in gammas)]
    return response_model(key, SPACE, ("kernel", "gamma"), support, [1.0, *(2 * abs(gammas - best_gamma))], metric)


def response_model(key, space, parameters, support, regrets, metric="accuracy") -> ResponseModel:
    return ResponseModel(
        iri=evidence_iri("response_model", key, metric),
        standing=Standing.MEASURED,
        n=len(support),
        provenance=SOURCE,
        dataset=dataset_iri(key),
        learner="svm",
        metric=metric,
        best=0.9,
        median=0.8,
        space=space,
        parameters=parameters,
        support=tuple(support),
        regrets=tuple(float(r) for r in regrets),
        length_scales=(1.0, 1.0, 0.3) if space is SPACE else (0.5,),
        signal=1.0,
        noise=0.05,
        level=1.0,
        fit=0.9,
    )


MODELS = [model("a", 0.2), model("b", 0.8)]


def test_each_column_says_what_its_source_says():
    surface = build_surface(MODELS)
    gamma = np.array([c.get("gamma", np.nan) for c in surface.candidates], dtype=float)
    assert surface.regrets.shape == (len(surface.candidates), 2)
    assert gamma[np.argmin(surface.regrets[:, 0])] == pytest.approx(0.2, abs=0.06)
    assert gamma[np.argmin(surface.regrets[:, 1])] == pytest.approx(0.8, abs=0.06)


def test_candidates_are_runs_of_the_sources_each_once_with_where_it_comes_from():
    surface = build_surface(MODELS)
    assert len(set(surface.candidates)) == len(surface.candidates) == 21
    assert Configuration({"kernel": "linear"}) in surface.candidates
    assert set(surface.origins) <= {m.iri for m in MODELS}


def test_few_candidates_are_the_best_and_a_spread():
    surface = build_surface([MODELS[0]], n_candidates=10)
    assert len(surface.candidates) == 10
    assert surface.regrets.min() < 0.1
    assert surface.regrets.max() > 1.2


def test_sources_that_varied_other_parameters_meet_at_the_learners_defaults():
    other = response_model("c", C_SPACE, ("C",), [(0.1,), (1.0,), (10.0,)], [2.0, 0.0, 2.0])
    surface = build_surface([MODELS[0], other], defaults={"C": 1.0, "kernel": "rbf", "gamma": 0.2})
    linear = surface.candidates.index(Configuration({"kernel": "linear", "C": 1.0}))
    assert surface.regrets[linear, 1] == pytest.approx(0, abs=0.1)
    assert Configuration({"C": 10.0, "kernel": "rbf", "gamma": 0.2}) in surface.candidates


def test_models_of_several_metrics_do_not_mix():
    with pytest.raises(InputError, match="one learner and metric"):
        build_surface([MODELS[0], model("b", 0.8, metric="roc_auc")])
    with pytest.raises(InputError, match="a surface of 0 models"):
        build_surface([])


def test_the_same_models_give_the_same_surface():
    left, right = build_surface(MODELS), build_surface(MODELS)
    assert left.candidates == right.candidates
    assert np.array_equal(left.regrets, right.regrets)
    assert np.array_equal(left.residuals, right.residuals)


def test_residuals_are_smooth_of_the_asked_size_and_cancel_for_each_source():
    points = np.linspace(0, 20, 400)[:, None]
    drawn = residual_draws(points, 50, draws=4, spread=0.2)
    assert drawn.shape == (400, 200)
    assert drawn.std() == pytest.approx(0.2, rel=0.1)
    assert drawn.reshape(400, 50, 4).mean(2) == pytest.approx(np.zeros((400, 50)), abs=1e-6)
    assert np.abs(np.diff(drawn, axis=0)).mean() < 0.2 * drawn.std()


def test_a_kept_surface_is_read_back_and_not_built_again(tmp_path):
    built = cached_surface(tmp_path, "key", lambda: build_surface(MODELS))
    read = cached_surface(tmp_path, "key", lambda: pytest.fail("it was built again"))
    assert (read.candidates, read.origins, read.datasets, read.models) == (
        built.candidates,
        built.origins,
        built.datasets,
        built.models,
    )
    assert read.regrets == pytest.approx(built.regrets, abs=1e-6)
    assert read.residuals == pytest.approx(built.residuals, abs=1e-3)


def test_another_key_is_another_surface_and_a_damaged_file_is_built_anew(tmp_path):
    cached_surface(tmp_path, "one", lambda: build_surface(MODELS))
    cached_surface(tmp_path, "two", lambda: build_surface(MODELS[:1]))
    for path in tmp_path.glob("*.npz"):
        path.write_bytes(path.read_bytes()[:100])
    assert len(cached_surface(tmp_path, "two", lambda: build_surface(MODELS[:1])).datasets) == 1


def test_without_a_folder_nothing_is_kept():
    assert len(cached_surface(None, "key", lambda: build_surface(MODELS)).datasets) == 2
