"""The proposer that needs no language model: from a task and the graph to a complete, grounded proposal.

Every field is `ground`ed: a rule applied to cited evidence. Which rules depends on what the graph holds: response
models (everything is derived from measured runs), else published spaces and finished studies, else the registry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kg.errors import InputError
from kg.learners.registry import is_installed, learner_named, learners
from kg.model import Evidence, Iri, SystemResult, TaskType
from kg.store import KnowledgeStore
from recommender.composing import fixed_values, measured_space, measured_starts
from recommender.composing.caution import assumptions_of, warnings_of
from recommender.composing.published import by_preference
from recommender.composing.rule import RuleInputs, confidence_of, ground, grounding_of
from recommender.composing.rules import PART_RULES, RULES
from recommender.composing.surfaces import CachedSurfaces
from recommender.proposal import Derivation, Grounded, Grounding, Proposal
from recommender.retrieval import Retrieved, learner_results, modelled_learners, retrieve
from recommender.task import TuningTask

#: Data sets whose results are cited for the choice of a learner: the nearest.
COMPARED_DATASETS = 25
#: Numbers of trials after which a score is foretold, where the budget has them.
TRIALS_FORETOLD = (1, 5, 10, 25, 50)


@dataclass(frozen=True)
class _Draft:
    """What the composing of one proposal knows."""

    found: Retrieved
    inputs: RuleInputs

    def ground(self, rule: str, cited: Sequence[Evidence] = (), **arguments: Any) -> Grounded[Any]:
        return ground(RULES, rule, replace(self.inputs, cited=tuple(cited)), arguments)

    def within(self, space: Any) -> _Draft:
        return _Draft(self.found, replace(self.inputs, space=space))


class Composer:
    """Composes proposals from a graph.

    Args:
        store: The graph.
        cache: Folder for what is computed once a graph; None to keep nothing between processes.
    """

    def __init__(self, store: KnowledgeStore, *, cache: Path | None = None) -> None:
        self.store = store
        self.surfaces = CachedSurfaces(store, cache)

    def compose(self, task: TuningTask, *, n_warm_starts: int = 10, held_out: frozenset[Iri] = frozenset()) -> Proposal:
        """Return a proposal for `task`.

        Args:
            task: The task.
            n_warm_starts: Warm starts, at most.
            held_out: Data sets whose evidence must not be used (leave-one-data-set-out evaluation).

        Raises:
            InputError: No learner can do the task, or the one asked for cannot.
        """
        datasets = {dataset.iri: dataset for dataset in self.store.datasets()}
        bare = RuleInputs(task, "", (), {}, datasets, self.surfaces)
        learner = self._learner(task, bare, held_out)
        found = retrieve(task, learner.value, self.store, held_out=held_out)
        return self.around(found, {"learner": learner}, n_warm_starts=n_warm_starts)

    def around(self, found: Retrieved, settled: Mapping[str, Grounded[Any]], *, n_warm_starts: int = 10) -> Proposal:
        """Return the proposal in which the fields `settled` stand, and all others are composed to go with them.

        Args:
            found: What the graph knows of the learner for the task.
            settled: Field -> what it is. The learner, and any of ``fixed``, ``search_space``, ``warm_starts``,
                ``budget``, ``fidelity`` and ``termination``.
            n_warm_starts: Warm starts, at most, where these are composed.
        """
        datasets = {dataset.iri: dataset for dataset in self.store.datasets()}
        inputs = RuleInputs(found.task, found.learner, (), found.weights, datasets, self.surfaces)
        draft = _Draft(found, inputs)
        fixed = settled.get("fixed") or _fixed(draft)
        space = settled.get("search_space") or _space(draft, tuple(fixed.value.keys()), self.surfaces)
        draft = draft.within(space.value)
        starts = settled.get("warm_starts") or self._warm_starts(draft, n_warm_starts)
        return self._proposal(draft, {**settled, "fixed": fixed, "search_space": space, "warm_starts": starts})

    @staticmethod
    def candidates(task: TuningTask) -> tuple[str, ...]:
        """Return the learners that may be proposed for `task`: fit for it, installed, and not ruled out by the user.

        Raises:
            InputError: There is none.
        """
        return tuple(_candidates(task))

    def _learner(self, task: TuningTask, bare: RuleInputs, held_out: frozenset[Iri]) -> Grounded[str]:
        candidates = _candidates(task)
        if len(task.constraints.learners) == 1:
            return ground(RULES, "best_learner", bare, {"candidates": candidates, "modelled": []})
        is_known = task.task_type is TaskType.CLASSIFICATION
        known = modelled_learners(self.store, task.metric) if is_known else frozenset()
        modelled = [name for name in candidates if name in known]
        results = _nearest_results(learner_results(self.store, task.metric, held_out=held_out), bare, candidates)
        arguments = {"candidates": candidates, "modelled": modelled}
        return ground(RULES, "best_learner", replace(bare, cited=results), arguments)

    def _warm_starts(self, draft: _Draft, k: int) -> Grounded[Any]:
        found = draft.found
        if found.has_responses:
            whole = draft.ground("covering_portfolio", found.responses, k=k)
            if whole.value:
                return _with_parts(whole, self._picks(draft, k))
        if found.studies or found.spaces:
            return draft.ground("study_warm_starts", (*by_preference(found.spaces), *found.studies), k=k)
        return draft.ground("default_warm_starts")

    def _picks(self, draft: _Draft, k: int) -> dict[str, Grounding]:
        """Return why each warm start is tried: what it was found in (cited first), and what it is there to cover."""
        found = draft.found
        inputs = replace(draft.inputs, cited=found.responses)
        surface = inputs.surfaces.surface(found.responses)
        names = {dataset.iri: dataset.name for dataset in found.sources}
        models = {response.iri: response for response in found.responses}
        summaries = {summary.dataset: summary for summary in found.summaries}
        parts = {}
        picks = measured_starts.portfolio(inputs, surface, k, free_steps=measured_starts.free_steps(inputs))
        for index, (pick, point) in enumerate(picks):
            covered = [found.responses[i] for i in pick.covers]
            candidate, origin = surface.candidates[pick.candidate], models[surface.origins[pick.candidate]]
            origin, row = measured_starts.found_in(candidate, point, (*covered, origin), inputs)
            cited = list({model.iri: model for model in (origin, *covered)}.values())
            runs = self.store.runs(summaries[origin.dataset].top_runs)
            parts[str(index)] = Grounding(
                citations=(*(model.iri for model in cited), *measured_starts.same_runs(point, runs, inputs)),
                derivation=Derivation(rule="support_point", arguments={"row": row}),
                rationale=measured_starts.pick_reason(pick, surface, origin.dataset, names),
                confidence=confidence_of(cited, inputs.weights),
            )
        return parts

    def _proposal(self, draft: _Draft, done: Mapping[str, Grounded[Any]]) -> Proposal:
        found, responses = draft.found, draft.found.responses
        n_starts = len(done["warm_starts"].value)
        protocol = draft.ground("folds")
        fidelity = done.get("fidelity") or draft.ground(
            "fidelity", [f for f in found.fidelities if f.metric == found.metric]
        )
        budget = done.get("budget") or draft.ground("budget", responses, trial_s=None, n_warm_starts=n_starts)
        limits = {"n_trials": budget.value.n_trials, "wall_clock_s": budget.value.wall_clock_s}
        ks = sorted({*(k for k in TRIALS_FORETOLD if k < budget.value.n_trials), budget.value.n_trials})
        prediction = draft.ground("prediction", (*responses, *found.curves), ks=ks, metric=found.metric)
        fields = {
            **done,
            "metric": draft.ground("task_metric"),
            "protocol": protocol,
            "sampler": _sampler(draft, n_starts),
            "pruner": draft.ground(
                "pruner",
                has_fidelity=fidelity.value is not None,
                folds=protocol.value.folds * protocol.value.repeats,
            ),
            "budget": budget,
            "fidelity": fidelity,
            "termination": done.get("termination") or draft.ground("termination", responses, **limits),
            "prediction": prediction,
            "advice": self._advice(draft, budget.value.n_trials),
        }
        return Proposal(
            task=draft.inputs.task,
            **fields,
            neighbours=found.neighbours,
            novelty=None if found.similarity is None else found.similarity.novelty,
            assumptions=assumptions_of(found, fields),
            warnings=warnings_of(found, fields, draft.inputs.datasets),
        )

    def _advice(self, draft: _Draft, n_trials: int) -> Grounded[Any]:
        return draft.ground("advice", (*draft.found.responses, *draft.found.summaries), n_trials=n_trials)


def _sampler(draft: _Draft, n_warm_starts: int) -> Grounded[Any]:
    if draft.found.has_responses and draft.inputs.space.tunable:
        return draft.ground("transfer_sampler", draft.found.responses, n_warm_starts=n_warm_starts)
    return draft.ground("sampler", n_warm_starts=n_warm_starts)


def _candidates(task: TuningTask) -> list[str]:
    """Return the learners to choose from, by name.

    Raises:
        InputError: There is none.
    """
    asked = task.constraints.learners
    specs = [learner_named(name) for name in asked] if asked else list(learners(task.task_type, installed_only=True))
    fitting = [spec for spec in specs if task.task_type in spec.task_types]
    small = [s for s in fitting if asked or s.max_rows is None or task.n_rows is None or task.n_rows <= s.max_rows]
    if not small:
        allowed = ", ".join(spec.name for spec in learners(task.task_type) if is_installed(spec))
        raise InputError(f"No learner of {list(asked)} does {task.task_type}.", where="learner", allowed=allowed)
    return sorted(spec.name for spec in small)


def _nearest_results(
    results: Sequence[SystemResult], bare: RuleInputs, candidates: Sequence[str]
) -> tuple[SystemResult, ...]:
    """Return the results of `candidates`, tuned, on the data sets nearest to the task, nearest first."""
    from recommender.similarity import similarity

    usable = [r for r in results if r.learner in candidates and r.dataset in bare.datasets]
    by_dataset: dict[Iri, list[SystemResult]] = {}
    for result in usable:
        by_dataset.setdefault(result.dataset, []).append(result)
    compared = [bare.datasets[iri] for iri, group in sorted(by_dataset.items()) if len(group) > 1]
    near = similarity(bare.task.meta_features, compared).neighbours[:COMPARED_DATASETS] if compared else ()
    return tuple(result for item in near for result in by_dataset[item.dataset.iri])


def _fixed(draft: _Draft) -> Grounded[Any]:
    found = draft.found
    if not found.has_responses:
        return draft.ground("nothing_fixed")
    cited: tuple[Evidence, ...] = (*found.importances, *found.responses)
    inputs = replace(draft.inputs, cited=cited)
    names = fixed_values.not_worth_tuning(inputs)
    if not names:
        return draft.ground("nothing_fixed")
    whole = draft.ground("fixed", cited, names=list(names))
    return _with_parts(whole, {n: ground(PART_RULES, "fixed_value", inputs, {"parameter": n}) for n in names})


def _space(draft: _Draft, fixed: tuple[str, ...], surfaces: CachedSurfaces) -> Grounded[Any]:
    found = draft.found
    if found.has_responses:
        cited: tuple[Evidence, ...] = (*found.responses, *by_preference(found.spaces))
        inputs = replace(draft.inputs, cited=cited)
        level = surfaces.level(found.responses, measured_space.wide_space(inputs), draft.inputs.datasets)
        hold = measured_starts.free_picks(inputs, surfaces.surface(found.responses))
        plain = [dict(configuration.items()) for configuration in hold]
        whole = draft.ground("narrowed_space", cited, level=level, hold=plain, fixed=list(fixed))
        arguments = {p.name: measured_space.range_arguments(p.name, level, hold) for p in whole.value.parameters}
        ranges = {n: ground(PART_RULES, "narrowed_parameter", inputs, a) for n, a in arguments.items()}
        return _with_parts(whole, ranges)
    if found.spaces:
        spaces = by_preference(found.spaces)
        inputs = replace(draft.inputs, cited=spaces)
        whole = draft.ground("published_space", spaces)
        names = whole.value.names
        return _with_parts(
            whole, {n: ground(PART_RULES, "published_parameter", inputs, {"parameter": n}) for n in names}
        )
    return draft.ground("registry_space")


def _with_parts(whole: Grounded[Any], parts: Mapping[str, Grounding]) -> Grounded[Any]:
    return whole.replace(parts={name: grounding_of(part) for name, part in parts.items()})
