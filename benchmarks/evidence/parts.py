"""The parts of the evidence, the graph without some of them, and which combinations are compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from benchmarks.llm.held_out import HeldOut
from kg.iris import digest
from kg.model import Dataset, Evidence, Iri, MetaFeatures
from kg.store import KnowledgeStore


class Part(StrEnum):
    """A part of what the graph knows."""

    META_FEATURES = "meta-features"
    TEXT = "names and descriptions"
    RUNS = "runs"
    SPACES = "published spaces"
    STUDIES = "finished studies"
    CLAIMS = "claims"
    CURVES = "fidelity curves"
    COSTS = "costs"


#: Part -> the kinds of evidence that it consists of; the first two are properties of data sets.
KINDS: Mapping[Part, frozenset[str]] = {
    Part.META_FEATURES: frozenset(),
    Part.TEXT: frozenset(),
    Part.RUNS: frozenset({"response_model", "run_summary", "parameter_importance"}),
    Part.SPACES: frozenset({"published_space"}),
    Part.STUDIES: frozenset({"study_summary", "published_budget"}),
    Part.CLAIMS: frozenset({"claim"}),
    Part.CURVES: frozenset({"fidelity_profile", "fidelity_curve"}),
    Part.COSTS: frozenset({"cost_profile"}),
}
#: Kinds that only the choice of a learner asks for, which is given here.
BESIDE = frozenset({"system_result", "suite_result"})
ALL = frozenset(Part)


@dataclass(frozen=True)
class Variant:
    """What is known when a proposal is made."""

    name: str
    parts: frozenset[Part]
    by_text: float = 0.0
    """Share of likeness by names and descriptions in the weights of the sources; the product has none."""


FULL = Variant("everything", ALL)
NOTHING = Variant("nothing", frozenset())
WITHOUT = tuple(Variant(f"without {part}", ALL - {part}) for part in Part)
ALONE = tuple(Variant(f"{part} alone", frozenset({part})) for part in Part)
PAIR = Variant("runs and meta-features alone", frozenset({Part.RUNS, Part.META_FEATURES}))
BY_TEXT = (
    Variant("everything, likeness by names too", ALL, by_text=0.5),
    Variant("everything, likeness by names instead", ALL, by_text=1.0),
)
VARIANTS = (FULL, *WITHOUT, NOTHING, *ALONE, PAIR, *BY_TEXT)


class View(HeldOut):
    """The graph without some data sets, and without some parts of what it knows of the others.

    Args:
        store: The graph.
        gone: The data sets that are hidden, under all their names.
        parts: What is left.
    """

    def __init__(self, store: KnowledgeStore, gone: frozenset[Iri], parts: frozenset[Part]) -> None:
        super().__init__(store, gone)
        self._parts = parts
        self._kinds = frozenset().union(BESIDE, *(KINDS[part] for part in parts))
        self.asked: set[str] = set()
        """The kinds of evidence that were asked for."""
        self._datasets = tuple(self._seen(dataset) for dataset in super().datasets())

    def datasets(self) -> tuple[Dataset, ...]:
        """Return the data sets that are left, with what is left of them."""
        return self._datasets

    def evidence(self, kind: str | None = None, **named: Any) -> tuple[Evidence, ...]:
        """Return the evidence of the kinds that are left."""
        self.asked.add(kind or "any")
        if kind is not None and kind not in self._kinds:
            return ()
        return tuple(one for one in super().evidence(kind, **named) if one.kind in self._kinds)

    def get(self, iri: Iri) -> Any:
        """Return what `iri` names; of a data set what is left of it."""
        found = self._store.get(iri)
        return self._seen(found) if isinstance(found, Dataset) else found

    def fingerprint(self) -> str:
        """Return a digest of the graph and of what is left of it."""
        return digest([super().fingerprint(), sorted(self._parts)])

    def _seen(self, dataset: Dataset) -> Dataset:
        changes: dict[str, Any] = {}
        if Part.META_FEATURES not in self._parts:
            changes["meta_features"] = MetaFeatures({})
        if Part.TEXT not in self._parts:
            changes |= {"name": "a data set", "description": ""}
        return dataset.replace(**changes) if changes else dataset
