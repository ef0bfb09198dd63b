"""Sentence embeddings by sentence-transformers, where it and a model are installed. The only importer of it."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Final

import numpy as np
import numpy.typing as npt

#: Environment variable that names the model: a folder or a name on the Hugging Face hub; ``none`` for none.
MODEL_VARIABLE: Final = "TUNEGRAPH_EMBEDDINGS"
#: What is used where none is named.
DEFAULT_MODEL: Final = "sentence-transformers/all-MiniLM-L6-v2"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SentenceEncoder:
    """A model that is loaded."""

    name: str
    model: Any

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return a row of length one for each text."""
        vectors = self.model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False, batch_size=32)
        return np.asarray(vectors, dtype=np.float32)


def sentence_encoder(model: str | None = None) -> SentenceEncoder | None:
    """Return the encoder; None where sentence-transformers is not installed or has no model on this machine.

    Args:
        model: A folder or a name. Default: ``$TUNEGRAPH_EMBEDDINGS``, else all-MiniLM-L6-v2. A model that is not on
            this machine is not fetched: searching must not need the network.
    """
    name = model or os.environ.get(MODEL_VARIABLE) or DEFAULT_MODEL
    if name == "none" or find_spec("sentence_transformers") is None:
        return None
    from sentence_transformers import SentenceTransformer

    try:
        loaded = SentenceTransformer(name, device="cpu", local_files_only=True)
    except (OSError, ValueError) as error:
        _log.warning("Passages are searched by words alone: the model %s is not on this machine (%s).", name, error)
        return None
    return SentenceEncoder(name, loaded)
