"""Likeness by names and descriptions: what weighing sources by words would do, which the product does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from math import log, sqrt

from kg.model import Dataset
from recommender.retrieval import Retrieved
from recommender.similarity import EQUAL_SHARE, Similarity
from recommender.text_tokens import tokens


def by_text(found: Retrieved, target: Dataset, share: float) -> Retrieved:
    """Return `found` with a share of the weights by words; those by meta-features keep the rest."""
    if found.similarity is None or not share:
        return found
    weights = text_weights(target, found.sources)
    words = {dataset.iri: weight for dataset, weight in zip(found.sources, weights, strict=True)}
    mixed = [
        replace(item, weight=(1 - share) * item.weight + share * words[item.dataset.iri])
        for item in found.similarity.neighbours
    ]
    ordered = tuple(sorted(mixed, key=lambda item: (-item.weight, item.dataset.iri)))
    # Made anew, because the weights of a bundle are computed once.
    return replace(found, similarity=Similarity(ordered, found.similarity.novelty, found.similarity.compared))


def text_weights(target: Dataset, sources: Sequence[Dataset]) -> list[float]:
    """Return a weight for each source, sum 1: cosines of rare words, and the share spread equally that is always kept.

    Equal weights where no source shares a word with the target.
    """
    bags = [Counter(tokens(f"{one.name} {one.description}")) for one in (*sources, target)]
    seen = Counter(word for bag in bags for word in bag)
    vectors = [{word: n * log(len(bags) / seen[word]) for word, n in bag.items()} for bag in bags]
    alike = [_cosine(vector, vectors[-1]) for vector in vectors[:-1]]
    total, n = sum(alike), len(sources)
    if not total:
        return [1.0 / n] * n
    return [(1 - EQUAL_SHARE) * one / total + EQUAL_SHARE / n for one in alike]


def _cosine(left: dict[str, float], right: dict[str, float]) -> float:
    norm = sqrt(sum(v * v for v in left.values()) * sum(v * v for v in right.values()))
    return sum(value * right.get(word, 0.0) for word, value in left.items()) / norm if norm else 0.0
