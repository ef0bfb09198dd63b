"""Judging spoilt proposals by the real gate, with a trip wire where the first fit would be."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from benchmarks.faults.planting import FAULTS, Fault, Plot, Unplantable, World
from benchmarks.faults.sound import Sound
from benchmarks.faults.texts import Guide, WithClaims, guide
from kg.model import PublishedSpace
from kg.store import KnowledgeStore
from kg.tables import Table, prepare_table
from recommender.grounding import check
from recommender.proposal import Proposal
from recommender.validation.gate import Gate, default_stages
from recommender.validation.stage import Draft, GateContext, StageVerdict
from recommender.validation.stages.test_run import TestRunStage
from recommender.validation.verdict import Outcome, Verdict
from ui.compose import Tunegraph

#: How often one sound proposal may carry the same kind of fault, each time planted by other chance.
MOST_REUSE = 2


class TripWire:
    """Stands where the test run does, fits nothing, and counts how often something would have been fitted."""

    name = TestRunStage.name

    def __init__(self) -> None:
        self.reached = 0

    def judge(self, proposal: Proposal, context: GateContext) -> StageVerdict:  # noqa: ARG002  # the stages' interface
        """Count, and pass."""
        self.reached += 1
        return StageVerdict(proposal, skipped=True)


@dataclass(frozen=True)
class Judged:
    """What the gate made of one spoilt proposal."""

    fault: Fault
    sound: str
    verdict: Verdict
    would_fit: bool
    """Whether the gate would have begun to fit; a repaired proposal may be, a refused one must not."""

    @property
    def is_caught(self) -> bool:
        """Whether the proposal was refused, or the fault was found and repaired."""
        if self.verdict.outcome is Outcome.FAILED:
            return True
        return self.verdict.outcome is Outcome.REPAIRED and self.is_named

    @property
    def is_named(self) -> bool:
        """Whether the expected stage found it and called it by a name that is expected."""
        return any(
            f.code in self.fault.codes and f.outcome in (Outcome.FAILED, Outcome.REPAIRED)
            for stage in self.verdict.stages
            if stage.name in self.fault.stage.split("/")
            for f in stage.findings
        )

    @property
    def is_staged(self) -> bool:
        """Whether the expected stage found something, whatever it calls it."""
        return any(
            s.name in self.fault.stage.split("/") and s.outcome in (Outcome.FAILED, Outcome.REPAIRED)
            for s in self.verdict.stages
        )

    @property
    def found(self) -> str:
        """What was found, in short."""
        return "; ".join(
            f"{stage.name}: {f.code} ({f.field})"
            for stage in self.verdict.stages
            for f in stage.findings
            if f.outcome in (Outcome.FAILED, Outcome.REPAIRED)
        )


@dataclass
class Bench:
    """Judges proposals against one graph.

    Args:
        tunegraph: Whose graph is asked.
        seed: Of all that is left to chance.
    """

    tunegraph: Tunegraph
    seed: int = 0
    _tables: dict[Path, Table] = field(default_factory=dict)

    @cached_property
    def world(self) -> World:
        """The response models and published spaces that the graph holds, by learner."""
        found: dict[str, list[str]] = {}
        for kind in ("response_model", "published_space"):
            for one in self.tunegraph.store.evidence(kind):
                found.setdefault(getattr(one, "learner", ""), []).append(str(one.iri))
        evidence = {learner: tuple(iris) for learner, iris in found.items()}
        return World(evidence, self.guide.claims, self.guide.contrary, self.guide.forged)

    @cached_property
    def guide(self) -> Guide:
        """A document to cite truly and falsely."""
        spaces = self.tunegraph.store.evidence("published_space")
        return guide(space for space in spaces if isinstance(space, PublishedSpace))

    def judge(self, draft: Draft, table: Path | None = None) -> tuple[Verdict, bool]:
        """Return the verdict of the stages that fit nothing, and whether a fit would have followed."""
        wire = TripWire()
        free = [stage for stage in default_stages() if stage.name not in ("test_run", "worth")]
        _, verdict = Gate([*free, wire]).judge(draft, self.context(table))
        return verdict, bool(wire.reached)

    def context(self, table: Path | None, seconds: float = 30.0) -> GateContext:
        """Return what the gate is given: the graph, and the table where there is one."""
        surfaces, text_of = self.tunegraph.composer.surfaces, self.guide.text_of
        return GateContext(
            table=self._table(table),
            store=cast("KnowledgeStore", WithClaims(self.tunegraph.store, self.guide.all)),
            test_run_seconds=seconds,
            check_grounding=lambda proposal, store: check(proposal, store, surfaces=surfaces, text_of=text_of),
        )

    def planted(self, fault: Fault, sounds: Sequence[Sound], each: int) -> Iterator[tuple[Sound, dict[str, Any]]]:
        """Yield `each` spoilt proposals of one kind, over as many different sound ones as have a place for it."""
        rng = random.Random(f"{self.seed}/{fault.name}")
        made = 0
        for _ in range(MOST_REUSE):
            for sound in rng.sample(list(sounds), len(sounds)):
                if made == each:
                    return
                draft = sound.draft()
                try:
                    fault.plant(Plot(draft, rng, self.world))
                except Unplantable:
                    continue
                made += 1
                yield sound, draft

    def run(self, fault: Fault, sounds: Sequence[Sound], each: int) -> list[Judged]:
        """Plant one kind of fault, and return what the gate made of it, without any fit."""
        judged = []
        for sound, draft in self.planted(fault, sounds, each):
            verdict, would_fit = self.judge(draft, sound.table)
            judged.append(Judged(fault, sound.name, verdict, would_fit))
        return judged

    def _table(self, path: Path | None) -> Table | None:
        if path is None:
            return None
        if path not in self._tables:
            self._tables[path] = prepare_table(path)
        return self._tables[path]


def free_faults() -> tuple[Fault, ...]:
    """Return the kinds that show without a fit."""
    return tuple(fault for fault in FAULTS.values() if not fault.needs_fit)
