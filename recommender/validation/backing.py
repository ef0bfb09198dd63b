"""What a text about a field may lean on: the evidence that the field cites, and what its rules, run again, say."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from kg.errors import EvidenceError
from kg.model import Iri
from kg.store import KnowledgeStore
from recommender.validation.repairs import plain


@dataclass(frozen=True)
class Backing:
    """Looks up what is cited, each thing once."""

    cited: Collection[tuple[str, Iri]]
    """Path (``budget.citations``) and name of each citation of a proposal."""
    store: KnowledgeStore
    """The graph."""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Path of a field (``budget``) or part (``search_space.C``) -> what its rule says; nothing where it was not run."""
    _found: dict[Iri, dict[str, Any]] = field(default_factory=dict)

    def citations(self, name: str) -> tuple[Iri, ...]:
        """Return what a field and its parts cite, each once."""
        return tuple(self._by_field.get(name, ()))

    def evidence(self, name: str) -> list[dict[str, Any]]:
        """Return what a field and its parts cite as plain JSON values; what the graph does not hold is passed over."""
        return [found for iri in self.citations(name) if (found := self._plain(iri))]

    def reason(self, name: str) -> str:
        """Return what the rules of a field and its parts say."""
        return " ".join(reason for path, reason in self.reasons.items() if _is_of(path, name))

    @cached_property
    def _by_field(self) -> Mapping[str, Mapping[Iri, None]]:
        """Field -> what it and its parts cite, each once, in order."""
        found: dict[str, dict[Iri, None]] = {}
        for path, iri in self.cited:
            found.setdefault(path.partition(".")[0], {}).setdefault(iri)
        return found

    def _plain(self, iri: Iri) -> dict[str, Any]:
        if iri not in self._found:
            self._found[iri] = {}
            with contextlib.suppress(EvidenceError):  # named by the check of citations
                self._found[iri] = plain(self.store.get(iri))
        return self._found[iri]


def _is_of(path: str, name: str) -> bool:
    return path.partition(".")[0] == name
