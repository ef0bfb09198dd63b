"""What each part is worth: ``python -m benchmarks.llm.ablation --data FOLDER --home HOME``.

On data sets left out of the graph under all their names: the composer alone, a scripted model alone, the same with the
graph's tools, and the same with the graph and the gate. The model plants each kind of lie with a chance of a half
(`benchmarks.llm.lies`). Without the gate a draft is taken at its word: warm starts first, then points drawn from its
space, as a sampler begins. Regret is that of `benchmarks.quality`, answered by the nearest run; a trial that the
library would refuse has that of a failure.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np

from benchmarks.evidence.measuring import answerable
from benchmarks.llm import tempers
from benchmarks.llm.bench import pauses
from benchmarks.llm.held_out import HeldOut
from benchmarks.llm.lies import spoilt
from benchmarks.llm.memo import Memo
from benchmarks.llm.scripts import Json, Seen, seen
from benchmarks.quality.methods import Fold, nearest_rows
from benchmarks.quality.suites import Suite, load_suites
from benchmarks.quality.warm_starts import bootstrap
from benchmarks.recording import made_on, recorded
from kg.learners.legality import FaultCode, legal_faults
from kg.learners.registry import learner_named
from kg.model import Configuration, TaskType
from kg.response import CLIP
from kg.store import KnowledgeStore
from recommender.composing.compose import Composer
from recommender.grounding import check
from recommender.llm.agent import Agent
from recommender.llm.library import Library
from recommender.llm.proposing import asked, judged
from recommender.llm.providers import open_model
from recommender.llm.usage import Limits
from recommender.proposal import Proposal
from recommender.task import Constraints, TuningTask
from recommender.validation.stage import GateContext
from tests.recommender.llm.openai_server import Answer, Calls, Server, serving
from ui.compose import Settings, Tunegraph

#: Numbers of trials at which regret is told.
KS = (1, 5, 10)
#: Suite -> each how-manieth of its data sets is left out.
EVERY = {"RandomForest": 4, "AdaBoost": 4}
COMPOSER, ALONE, GRAPH, GATE = "composer alone", "model alone", "model with graph", "model with graph and gate"


@dataclass
class Arm:
    """What came of one way to propose."""

    regrets: list[list[float]] = field(default_factory=list)
    """Best of the first k of `KS`, one row a data set."""
    refused: list[float] = field(default_factory=list)
    """Share of the first trials that the library would refuse."""
    unsupported: list[float] = field(default_factory=list)
    """Share of the hyper-parameters' settings that nothing supports, or that miss what they cite."""

    def add(self, fold: Fold, trials: Sequence[Mapping[str, Any]], unsupported: float) -> None:
        """Count the first trials of one data set."""
        legal = [_legal(fold, trial) for trial in trials[: KS[-1]]]
        regrets = np.array([_regret(fold, point) for point in legal])
        best = np.minimum.accumulate(regrets)
        self.regrets.append([float(best[k - 1]) for k in KS])
        self.refused.append(float(np.mean([point is None for point in legal])))
        self.unsupported.append(unsupported)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--home", type=Path, required=True, help="where the graph is")
    parser.add_argument("--suite", action="append", choices=list(EVERY))
    parser.add_argument("--every", type=int, help="each how-manieth data set; default: 4")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/llm-ablation.md"))
    given = parser.parse_args()
    os.environ.setdefault("OPENAI_API_KEY", "none")
    store = Tunegraph(Settings(home=given.home)).store
    with tempfile.TemporaryDirectory(prefix="tunegraph-ablation-") as scratch:
        suites = load_suites(given.data, Path(scratch), given.suite or list(EVERY))
    every = {suite.name: given.every or EVERY[suite.name] for suite in suites}
    found = {suite.name: measured(suite, store, every[suite.name]) for suite in suites}
    suites_told = {name: {arm: vars(one) for arm, one in arms.items()} for name, arms in found.items()}
    seeds = {target for suite in suites for target in range(0, len(suite.pools), every[suite.name])}
    content = recorded({"suites": suites_told}, seeds=sorted(seeds))
    given.out.write_text(page(found, made_on(content)), encoding="utf-8")
    given.out.with_suffix(".json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    print(given.out.read_text("utf-8"))


def measured(suite: Suite, store: KnowledgeStore, every: int) -> dict[str, Arm]:
    """Return what came of each way to propose, over data sets of one suite."""
    arms = {name: Arm() for name in (COMPOSER, ALONE, GRAPH, GATE)}
    with serving(tempers.always("")) as server, pauses(0.01):
        for target in range(0, len(suite.pools), every):
            _left_out(Fold(suite, target), store, server, arms)
            print(suite.name, target, {name: arm.regrets[-1] for name, arm in arms.items()}, flush=True)
    return arms


def _left_out(fold: Fold, store: KnowledgeStore, server: Server, arms: Mapping[str, Arm]) -> None:
    pools = fold.suite.pools
    gone = frozenset(pools[i].dataset.iri for i in np.flatnonzero(fold.suite.held_out[fold.target]))
    gone |= frozenset(iri for pool in pools if pool.dataset.iri in gone for iri in pool.dataset.same_as)
    graph = cast("KnowledgeStore", Memo(HeldOut(store, gone)))
    composer, task, seed = Composer(graph), _task(fold), fold.target
    composed = composer.compose(task)
    arms[COMPOSER].add(fold, _trials_of(composed, seed), _unsupported(composed, composer))
    draft, _ = spoilt(_from_memory(fold.suite.learner), Seen(), random.Random(seed), 0.5)
    arms[ALONE].add(fold, _trials_at_its_word(draft, {}, seed), 1.0)
    shown, agent, answers = _talk(server, tempers.hallucinating(seed, fold.suite.learner), task, composer, composed)
    last = _last_draft(server)
    wishes = max(1, len(last.get("parameters", ())))
    noted = {note.text.split(":")[0] for note in agent.notes if note.text.startswith("parameters.")}
    arms[GRAPH].add(fold, _trials_at_its_word(last, _configurations(answers), seed), min(1.0, len(noted) / wishes))
    arms[GATE].add(fold, _trials_of(shown, seed), _unsupported(shown, composer))


def _talk(
    server: Server, answer: Answer, task: TuningTask, composer: Composer, composed: Proposal
) -> tuple[Proposal, Agent, Seen]:
    server.answer, server.asked[:] = answer, []
    model = open_model("openai:scripted", base_url=server.url, limits=Limits())
    library = Library(task, composer)
    library.take(composed)

    def grounded(proposal: Proposal) -> Any:
        return check(proposal, composer.store, surfaces=composer.surfaces)

    agent = Agent(model, library, grounded)
    found = asked(agent)
    answers = seen(server.asked[-1]["messages"])
    context = GateContext(store=composer.store, test_run_seconds=0.0, check_grounding=lambda p, _: grounded(p))
    shown = judged(found, library.composed(), context).proposal
    assert shown is not None
    return shown, agent, answers


def _task(fold: Fold) -> TuningTask:
    dataset = fold.pool.dataset
    features = dataset.meta_features
    return TuningTask(
        task_type=TaskType.CLASSIFICATION,
        metric=fold.suite.metric,
        n_rows=int(features.get("NumberOfInstances", 1000.0)),
        n_columns=int(features.get("NumberOfFeatures", 11.0)) - 1,  # OpenML counts the target, too
        meta_features=features,
        constraints=Constraints(learners=(fold.suite.learner,), wall_clock_s=600.0),
    )


def _from_memory(learner: str) -> Json:
    """Return the draft of a model that looks nothing up: the library's own wide ranges, which it knows by heart."""
    space = learner_named(learner).space(TaskType.CLASSIFICATION)
    ranges = [
        {"name": p.name, "action": "range", "low": p.low, "high": p.high, "citations": []}
        for p in space.parameters
        if p.kind in ("int", "float")
    ]
    choices = [
        {"name": p.name, "action": "choices", "choices": list(p.choices), "citations": []}
        for p in space.parameters
        if p.kind == "categorical"
    ]
    return {"learner": learner, "learner_citations": [], "parameters": [*ranges, *choices], "rationale": "By heart."}


def _trials_of(proposal: Proposal, seed: int) -> list[dict[str, Any]]:
    """Return the first trials of a proposal."""
    fixed, space = dict(proposal.fixed.value.items()), proposal.search_space.value
    starts = [{**fixed, **start.root} for start in proposal.warm_starts.value]
    rng = random.Random(seed)
    wishes = [
        {"name": p.name, "action": "range", "low": p.low, "high": p.high, "log": p.log, "kind": p.kind}
        if p.kind in ("int", "float")
        else {"name": p.name, "action": "choices", "choices": list(getattr(p, "choices", (getattr(p, "value", None),)))}
        for p in space.parameters
    ]
    drawn = [{**fixed, **{wish["name"]: _drawn(wish, rng) for wish in wishes}} for _ in range(KS[-1])]
    return [*starts, *drawn]


def _trials_at_its_word(draft: Json, known: Mapping[str, Mapping[str, Any]], seed: int) -> list[dict[str, Any]]:
    """Return the first trials of a draft that nobody checks: a label that was never shown gives nothing to run."""
    rng = random.Random(seed)
    starts = [dict(known[label]) for label in draft.get("warm_starts", ()) if label in known]
    drawn = [{w["name"]: _drawn(w, rng) for w in draft.get("parameters", ())} for _ in range(KS[-1])]
    return [*starts, *drawn]


def _drawn(wish: Mapping[str, Any], rng: random.Random) -> Any:
    if wish["action"] == "fix":
        return wish.get("value")
    if wish["action"] == "choices":
        return rng.choice(wish["choices"]) if wish.get("choices") else None
    low, high = wish.get("low"), wish.get("high")
    if not isinstance(low, int | float) or not isinstance(high, int | float) or low > high:
        return None
    whole = wish.get("kind") == "int" or (isinstance(low, int) and isinstance(high, int))
    log = wish.get("log", low > 0 and high / low >= 100)
    value = low * (high / low) ** rng.random() if log and low > 0 else low + (high - low) * rng.random()
    return round(value) if whole else value


def _legal(fold: Fold, trial: Mapping[str, Any]) -> Configuration | None:
    """Return a trial in the terms of the published runs; None where the library would refuse it."""
    faults = legal_faults(learner_named(fold.suite.learner), trial, TaskType.CLASSIFICATION)
    # What is not active is passed over, and no error.
    if any(fault.code is not FaultCode.INACTIVE for fault in faults):
        return None
    return answerable(fold, dict(trial))


def _regret(fold: Fold, point: Configuration | None) -> float:
    if point is None:
        return float(max(CLIP, fold.pool.regrets.max()))
    return float(fold.pool.regrets[nearest_rows(fold, [point])[0]])


def _unsupported(proposal: Proposal, composer: Composer) -> float:
    names = set(proposal.search_space.value.names)
    wrong = {f.field.split(".")[-1] for f in check(proposal, composer.store, surfaces=composer.surfaces)} & names
    return len(wrong) / max(1, len(names))


def _last_draft(server: Server) -> Json:
    for body in reversed(server.asked):
        reply = server.answer(body)
        for name, text in reply.calls if isinstance(reply, Calls) else ():
            if name == "Draft":
                return cast("Json", json.loads(text))
    return {}


def _configurations(known: Seen) -> dict[str, Mapping[str, Any]]:
    rows = [*known.rows("top_configurations"), *known.composed.get("warm_starts", ())]
    return {row["cite"]: row["configuration"] for row in rows}


def page(found: Mapping[str, Mapping[str, Arm]], made: str) -> str:
    """Return the tables for people; `made` says when and where the figures were."""
    lines = ["# What graph and gate are worth to a language model", ""]
    lines += [line.strip() for line in (__doc__ or "").splitlines()[2:]]
    lines += [
        "",
        f"Means over data sets [95 % bootstrap interval], measured {made}. The model is scripted: it stands for no "
        "real one. AdaBoost's trials are answered as the installed library would run them, by runs with SAMME.",
        "",
    ]
    for suite, arms in found.items():
        n = len(next(iter(arms.values())).regrets)
        head = [f"{suite}, {n} data sets", *(f"regret k={k}" for k in KS), "trials refused", "unsupported settings"]
        lines += ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
        for name, arm in arms.items():
            regrets = np.array(arm.regrets)
            low, high = bootstrap(regrets)
            cells = [f"{regrets[:, j].mean():.3f} [{low[j]:.3f}, {high[j]:.3f}]" for j in range(len(KS))]
            lines.append(f"| {name} | {' | '.join(cells)} | {_share(arm.refused)} | {_share(arm.unsupported)} |")
        lines.append("")
    return "\n".join(lines)


def _share(values: Sequence[float]) -> str:
    return f"{np.mean(values):.0%}"


if __name__ == "__main__":
    main()
