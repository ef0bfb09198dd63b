"""Every number that is shown has to come from somewhere: the evidence, the proposal itself, or the task.

``python -m benchmarks.llm.traced`` holds conversations and looks at each number in what is said of a proposal: its
reasons against what they cite and what they account for; its warnings and assumptions against all that the model was
shown or drafted. It knows nothing of how the words were made. As a check of itself, it looks at the same words with
each number changed by a third, too, and tells how many of those it finds.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.faults.sound import TABLES
from benchmarks.llm import tempers
from benchmarks.llm.bench import Bench, Conversation, pauses
from kg.model import Iri
from kg.store import KnowledgeStore
from recommender.explain import grounded_fields
from recommender.llm.streaming import Transcript
from recommender.llm.training_log import predicted_log, told
from recommender.proposal import Grounding, Proposal
from tests.recommender.llm.openai_server import serving
from ui.view import sections_of

#: Relative difference up to which a number is the one that it is rounded from.
ROUNDING = 0.006
#: What the numbers are multiplied by for the check of the check.
CHANGED = 1.37
#: Seconds in the units that are told, and percent.
_UNITS = (1.0, 100.0, 1 / 60, 1 / 3_600, 60.0)
#: A number; those within names (``E3``, ``f1``, ``openml-31``) are none.
_NUMBER = re.compile(r"(?<![\w.-])-?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w-])")


@dataclass(frozen=True)
class Said:
    """Words that are shown, and the numbers that they may hold."""

    field: str
    text: str
    known: frozenset[float]


def said(done: Conversation, proposal: Proposal, store: KnowledgeStore) -> Iterator[Said]:
    """Yield all that is said of a proposal, with what it may rest on."""
    about = _numbers(_plain(proposal.task)) | {float(len(proposal.neighbours)), float(len(store.datasets()))}
    for name, whole in grounded_fields(proposal).items():
        own = _numbers(_plain(whole.value)) | about
        yield Said(name, whole.rationale, own | _cited(whole, store))
        for part, grounding in whole.parts.items():
            yield Said(f"{name}.{part}", grounding.rationale, own | _cited(grounding, store))
    everything = _numbers(_plain(proposal)) | about
    shown = frozenset(done.numbers) | _numbers(done.drafts)
    for text in proposal.warnings:
        yield Said("warnings", text, everything | shown)
    for text in proposal.assumptions:
        yield Said("assumptions", text, everything | shown | _numbers(_plain(done.usage)))
    for section in sections_of(proposal):
        for line in section.lines:
            yield Said(section.title, line.value, everything | {float(len(proposal.warm_starts.value))})
    log = predicted_log(proposal, store)
    figures = _numbers(_plain(log)) | everything
    for line in told(log):
        yield Said("training log", line, figures)


def untraced(items: Iterable[Said], *, factor: float = 1.0) -> Iterator[tuple[str, float, str]]:
    """Yield the numbers that come from nowhere: where they stand, which, and the words.

    Args:
        items: What is shown.
        factor: Changes each number, for a check of this check.
    """
    for one in items:
        for token in _NUMBER.findall(one.text):
            number, decimals = _read(token)
            if not _is_known(number * factor, decimals, one.known):
                yield one.field, number, one.text


def count(items: Iterable[Said]) -> int:
    """Return how many numbers are shown."""
    return sum(len(_NUMBER.findall(one.text)) for one in items)


def _read(token: str) -> tuple[float, int]:
    plain = token.replace(",", "")
    return float(plain), len(plain.partition(".")[2].partition("e")[0])


def _is_known(number: float, decimals: int, known: frozenset[float]) -> bool:
    """Say whether a number is one that is known, in some unit, rounded as it is written."""
    values = _in_units(known)
    step = 0.5 * 10.0**-decimals if decimals else 0.0
    whole = np.where(np.abs(values) >= 20, 0.5, 0.0) if not decimals else step
    slack = np.maximum(ROUNDING * np.abs(values), whole)
    return bool((np.abs(values - number) <= slack + 1e-12).any())


@lru_cache(maxsize=512)
def _in_units(known: frozenset[float]) -> npt.NDArray[np.float64]:
    return np.outer(np.fromiter(known, dtype=float), _UNITS).ravel()


def _cited(grounding: Grounding, store: KnowledgeStore) -> frozenset[float]:
    """Return the numbers that citations hold, of how many they are, and what the rule was told."""
    found = {float(n) for n in range(len(grounding.citations) + 1)}
    if grounding.derivation is not None:
        found |= _numbers(grounding.derivation.arguments)
    return frozenset(found).union(*(_told_by(store, iri) for iri in grounding.citations))


@lru_cache(maxsize=100_000)
def _told_by(store: KnowledgeStore, iri: Iri) -> frozenset[float]:
    """Return the numbers in a piece of evidence and in the runs that it names."""
    if not store.has(iri):
        return frozenset()
    item = store.get(iri)
    runs = getattr(item, "top_runs", ())
    return _numbers(_plain(item)).union(*(_numbers(_plain(run)) for run in store.runs(runs)))


def _plain(value: Any) -> Any:
    return json.loads(value.model_dump_json()) if hasattr(value, "model_dump_json") else value


#: Fields of a proposal that are words about it, and must not account for themselves.
_WORDS = frozenset({"rationale", "warnings", "assumptions", "metric_reason", "verdict"})


def _numbers(value: Any) -> frozenset[float]:
    """Return the numbers in a JSON value, those in its texts as well, but for what is words about a proposal."""
    if isinstance(value, bool) or value is None:
        return frozenset()
    if isinstance(value, int | float):
        return frozenset({float(value)})
    if isinstance(value, str):
        return frozenset(_read(token)[0] for token in _NUMBER.findall(value))
    if hasattr(value, "items"):
        parts = [_numbers(_plain(one)) for name, one in value.items() if name not in _WORDS]
        keys = [_numbers(str(name)) for name in value]
        return frozenset().union(*parts, *keys)
    return frozenset({float(len(value))}).union(*(_numbers(_plain(one)) for one in value))


def main() -> None:
    """Hold conversations and print what is not traced; fails where anything is not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="the folder of source tables")
    parser.add_argument("--home", type=Path, required=True, help="where the graph is")
    parser.add_argument("--conversations", type=int, default=100, help="with each of the two models")
    parser.add_argument("--tables", type=int, default=10)
    given = parser.parse_args()
    os.environ.setdefault("OPENAI_API_KEY", "none")
    bench = Bench(given.home, [given.data / "raw-datasets" / name for name in TABLES][: given.tables])
    lost: list[str] = []
    shown = changed = 0
    with serving(tempers.always("")) as server, pauses(0.01):
        for i in range(2 * given.conversations):
            make = tempers.hallucinating if i % 2 else tempers.honest
            path = bench.tables[(i // 2) % len(bench.tables)]
            done = bench.converse(server, make(i), path, heard=Transcript().hear if i % 4 > 1 else None)
            items = () if done.shown.proposal is None else tuple(said(done, done.shown.proposal, bench.composer.store))
            lost += [f"{path.name}: {field}: {number:g}: {text}" for field, number, text in untraced(items)]
            print(f"{i + 1}: {shown} numbers, {len(lost)} from nowhere", file=sys.stderr)
            shown, changed = shown + count(items), changed + sum(1 for _ in untraced(items, factor=CHANGED))
    print(f"{2 * given.conversations} conversations, {shown:,} numbers shown, {len(lost)} from nowhere.")
    print(f"Changed by a third, {changed / max(shown, 1):.1%} of them are found out.")
    print("\n".join(dict.fromkeys(lost)))
    raise SystemExit(bool(lost))


if __name__ == "__main__":
    main()
