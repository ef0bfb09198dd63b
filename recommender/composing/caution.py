"""What a proposal takes for granted, and what its reader should beware of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kg.learners.registry import is_installed, learner_named
from kg.model import Dataset, Iri
from recommender.composing.rule import ENOUGH_SOURCES
from recommender.proposal import Grounded
from recommender.recognition import recognised
from recommender.retrieval import Retrieved

#: Above this share of nearer sources, the task is told to be unlike all that is known.
UNLIKE = 0.95
#: A source this near, by at least this many meta-features, may be the very data set.
SAME_DISTANCE, SAME_COMPARED = 0.01, 6


def assumptions_of(found: Retrieved, fields: Mapping[str, Grounded[Any]]) -> tuple[str, ...]:
    """Return what was taken for granted because nobody said it."""
    task, taken = found.task, []
    if task.constraints.wall_clock_s is None:
        taken.append(f"You set no time limit: {fields['budget'].value.wall_clock_s:g} s are planned.")
    if found.is_stand_in and found.has_responses:
        taken.append(f"Runs are known in {found.metric}, not in {task.metric}: configurations are taken to rank alike.")
    if len(task.meta_features) < SAME_COMPARED:
        taken.append(f"Only {len(task.meta_features)} meta-features are known: likeness rests on them alone.")
    return tuple(taken)


def warnings_of(
    found: Retrieved, fields: Mapping[str, Grounded[Any]], datasets: Mapping[Iri, Dataset]
) -> tuple[str, ...]:
    """Return what the reader should beware of: thin, far or borrowed evidence, a data set that is publicly known."""
    del fields
    warnings = [*_thin(found), *_far(found), *_known(found, datasets)]
    spec = learner_named(found.learner)
    if spec.distribution is None:
        warnings.append(f"{spec.label} has no Python implementation here: the proposal cannot be test-run or tuned.")
    elif not is_installed(spec):
        extra = f"pip install 'tunegraph[{spec.extra}]'" if spec.extra else f"pip install {spec.distribution}"
        warnings.append(f"{spec.label} is not installed, so nothing was test-run: {extra}.")
    return tuple(warnings)


def _thin(found: Retrieved) -> list[str]:
    if not found.has_responses:
        known = f"{len(found.spaces)} published spaces and {len(found.studies)} finished studies"
        if not found.spaces and not found.studies:
            return [
                f"The graph knows nothing of {found.learner} for this kind of task: library defaults and wide ranges."
            ]
        return [f"No runs of {found.learner} were measured for this kind of task; this rests on {known}."]
    if len(found.responses) < ENOUGH_SOURCES:
        return [f"Only {len(found.responses)} data sets were measured with {found.learner}: the evidence is thin."]
    if all(response.standing == "surrogate" for response in found.responses):
        return [f"The runs of {found.learner} are predictions of published surrogate models, not measurements."]
    return []


def _far(found: Retrieved) -> list[str]:
    novelty = found.similarity.novelty if found.similarity else None
    if novelty is None:
        if found.has_responses:
            return ["No source can be compared with this data set: all of them count the same."]
        return []
    if novelty >= UNLIKE:
        return [f"This data set is unlike all that is known: {novelty:.0%} of the sources are nearer to another one."]
    return []


def _known(found: Retrieved, datasets: Mapping[Iri, Dataset]) -> list[str]:
    """Return a warning where the data set looks like one that is public: its scores may be known by heart."""
    if found.similarity is None:
        return []
    same = [
        item.dataset
        for item in found.similarity.neighbours
        if item.distance is not None and item.distance <= SAME_DISTANCE and item.compared >= SAME_COMPARED
    ]
    surest = [one.dataset for one in recognised(found.task, datasets.values())]
    known = list(dict.fromkeys(d.name for d in (*surest, *same) if not d.provenance.is_own))
    if not known:
        return []
    return [f"This looks like a public data set ({', '.join(known[:3])}): what is known of it is in the evidence."]
