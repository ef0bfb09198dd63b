"""Finds passages by their words: BM25 always, embeddings where there are some, fused by reciprocal rank.

    index = TextIndex(table.all(), cache=home / "cache")
    index.search("how many trials for TPE", 5)

Names of parameters and numbers are what such questions turn on, and words find these best; so embeddings are joined to
BM25 with less weight (`MEANING`), and never replace it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from kg.model import Passage
from kg.model.base import Value
from recommender.text_tokens import tokens

#: BM25's saturation of repeated words and its weight of length, as in Lucene.
_K1: Final = 1.2
_B: Final = 0.75
#: Constant of reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009, section 2).
FUSION: Final = 60
#: Weight of the ranking by meaning beside that by words. Asked for 175 claims of real guides by learner and parameter,
#: among 1,320 passages, words alone have a right one among the first ten in 85 %, with this weight in 86 %, with equal
#: weights in 78 %: who asks for a parameter names it. Meaning finds what shares no word with the question.
MEANING: Final = 0.25
#: Passages of each ranking that are fused.
_DEPTH: Final = 100
#: Cosine below which a passage has nothing to do with the question.
_LEAST_COSINE: Final = 0.2


class Encoder(Protocol):
    """Turns texts into vectors whose inner product says how alike they are."""

    @property
    def name(self) -> str:
        """Name of the model: vectors of one model are not those of another."""
        ...

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return a matrix of a row a text, each of length one."""
        ...


class Hit(Value):
    """A passage that was found."""

    passage: Passage
    score: float
    """For comparing the hits of one search: BM25, or reciprocal ranks where embeddings take part."""
    rank_words: int | None = None
    """Place in the ranking by words, from 1; None where it is not among them."""
    rank_meaning: int | None = None
    """Place in the ranking by embeddings, from 1."""


class TextIndex:
    """Passages that can be searched.

    Args:
        passages: What can be found.
        cache: Folder for what is computed once for these passages; nothing is kept without it.
        encoder: Gives embeddings. Without it, words alone count.
    """

    def __init__(
        self, passages: Sequence[Passage], *, cache: Path | None = None, encoder: Encoder | None = None
    ) -> None:
        self.passages = tuple(passages)
        self._cache = cache
        self._encoder = encoder

    def search(self, query: str, k: int = 5) -> tuple[Hit, ...]:
        """Return at most `k` passages, best first; none where no word (and no meaning) is shared.

        Args:
            query: A question or some words. It is only ever compared, never executed.
            k: How many, at least 1.
        """
        if not self.passages or k < 1:
            return ()
        by_words = self._by_words(query)
        if self._encoder is None:
            return tuple(
                Hit(passage=self.passages[at], score=score, rank_words=rank)
                for rank, (at, score) in enumerate(by_words[:k], start=1)
            )
        words = {at: rank for rank, (at, _) in enumerate(by_words[:_DEPTH], start=1)}
        meaning = {at: rank for rank, at in enumerate(self._by_meaning(query)[:_DEPTH], start=1)}
        scores = {
            at: _reciprocal(words.get(at)) + MEANING * _reciprocal(meaning.get(at))
            for at in words.keys() | meaning.keys()
        }
        best = sorted(scores, key=lambda at: (-scores[at], at))[:k]
        return tuple(
            Hit(
                passage=self.passages[at],
                score=scores[at],
                rank_words=words.get(at),
                rank_meaning=meaning.get(at),
            )
            for at in best
        )

    @cached_property
    def digest(self) -> str:
        """Name of what is indexed: the same passages, the same name."""
        total = hashlib.sha256()
        for passage in self.passages:
            total.update(passage.iri.encode() + b"\0" + passage.title.encode() + b"\0")
        return total.hexdigest()[:16]

    def _by_words(self, query: str) -> list[tuple[int, float]]:
        """Return (place, score) of the passages that share a word with `query`, best first."""
        wanted = [word for word in tokens(query) if word in self._words.vocab_dict]
        if not wanted:
            return []
        scores = np.asarray(self._words.get_scores(wanted), dtype=float)
        order = np.argsort(-scores, kind="stable")
        return [(int(at), float(scores[at])) for at in order if scores[at] > 0]

    @cached_property
    def _words(self) -> Any:
        import bm25s

        folder = self._cache / "passages" / f"bm25-{self.digest}" if self._cache is not None else None
        if folder is not None and folder.is_dir():
            return bm25s.BM25.load(folder)
        index = bm25s.BM25(k1=_K1, b=_B, method="lucene")
        # A section's heading says what a passage is about, often in words that the passage does not repeat.
        index.index([tokens(_shown(passage)) or ["-"] for passage in self.passages], show_progress=False)
        if folder is not None:
            _keep(index, folder)
        return index

    def _by_meaning(self, query: str) -> list[int]:
        """Return the places of passages that mean something like `query`, best first."""
        assert self._encoder is not None  # noqa: S101 - the caller has one
        likeness = self._vectors @ self._encoder.encode([query])[0]
        order = np.argsort(-likeness, kind="stable")
        return [int(at) for at in order if likeness[at] >= _LEAST_COSINE]

    @cached_property
    def _vectors(self) -> npt.NDArray[np.float32]:
        assert self._encoder is not None  # noqa: S101 - the caller has one
        key = hashlib.sha256(self._encoder.name.encode()).hexdigest()[:8]
        path = self._cache / "passages" / f"vectors-{self.digest}-{key}.npy" if self._cache is not None else None
        if path is not None and path.is_file():
            stored: npt.NDArray[np.float32] = np.load(path, allow_pickle=False)
            return stored
        vectors = self._encoder.encode([_shown(passage) for passage in self.passages])
        if path is not None:
            from io import BytesIO

            from kg.atomic_files import write_atomically

            buffer = BytesIO()
            np.save(buffer, vectors, allow_pickle=False)
            write_atomically(path, buffer.getvalue())
        return vectors


def _shown(passage: Passage) -> str:
    """Return what a passage is found by: title, section and text."""
    return f"{passage.title}\n{passage.section}\n{passage.text}"


def _reciprocal(rank: int | None) -> float:
    return 0.0 if rank is None else 1.0 / (FUSION + rank)


def _keep(index: Any, folder: Path) -> None:
    """Save an index so that it is there as a whole or not at all."""
    import shutil
    import tempfile

    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".bm25-", dir=folder.parent))
    index.save(scratch)
    try:
        scratch.rename(folder)
    except OSError:  # Another process was first.
        shutil.rmtree(scratch, ignore_errors=True)
