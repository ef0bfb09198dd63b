"""What a fit raises is a failed fit, with its reason, and never the end of a study or of a test run."""

import sys
from types import SimpleNamespace

import pytest

from recommender.fitting import folds
from recommender.fitting.errors import fit_errors, in_words
from recommender.fitting.folds import Fit, FitError, FoldFits

from .test_growing import setup_of


@pytest.mark.parametrize(
    "error",
    [
        OSError(28, "No space left on device"),
        ImportError("libgomp.so.1: cannot allocate memory in static TLS block"),
        MemoryError("1 TB"),
        NotImplementedError("sparse"),
        FloatingPointError("underflow"),
        KeyError("a class"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_the_machine_or_a_library_refuses_is_a_failed_fit(monkeypatch, error):
    def refuse(*_, **__):
        raise error

    monkeypatch.setattr(folds, "build_pipeline", refuse)
    with pytest.raises(FitError, match=f"^{type(error).__name__}: "):
        FoldFits(setup_of("decision_tree")).scored(Fit({}, 0))


@pytest.mark.parametrize(("module", "name"), [("lightgbm.basic", "LightGBMError"), ("catboost", "CatBoostError")])
def test_errors_of_libraries_are_those_of_a_fit_where_they_are_loaded(monkeypatch, module, name):
    error = type(name, (Exception,), {})
    monkeypatch.setitem(sys.modules, module, SimpleNamespace(**{name: error}))
    assert error in fit_errors()
    monkeypatch.delitem(sys.modules, module)
    assert error not in fit_errors()


def test_to_be_stopped_by_the_user_is_no_failed_fit():
    assert not issubclass(KeyboardInterrupt, fit_errors())
    assert not issubclass(SystemExit, fit_errors())


def test_words_are_short():
    assert in_words(ValueError("n_neighbors")) == "ValueError: n_neighbors"
    assert len(in_words(ValueError("x" * 10_000))) == 500
