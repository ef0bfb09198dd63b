"""What a model card says: the learner, its hyper-parameters, the metric and what it claims to have scored."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kg.errors import RecordError, UnknownNameError
from kg.learners.registry import canonical_value, learner_named, value_fault
from kg.model import Configuration, TaskType, metric_named
from kg.model.base import ParameterValue
from recommender.llm import card_text
from recommender.llm.card_data import put_task
from recommender.llm.card_values import SaidOfCard, first, listed, mapping, number_of, text_of, texts_of
from recommender.llm.tools import short

_ESTIMATOR = re.compile(r"\b([A-Z][A-Za-z]+(?:Classifier|Regressor)|SVC|SVR|LogisticRegression|ElasticNet)\b")


@dataclass(frozen=True)
class ModelSaid:
    """What a model card says, and what it set and measured."""

    said: SaidOfCard
    learner: str | None
    configuration: Configuration
    reported: dict[str, float]


def model_said(front: Mapping[str, Any], text: str) -> ModelSaid:
    """Return what a model card says.

    Args:
        front: Its front matter.
        text: All of it.
    """
    said = SaidOfCard()
    index = first(front.get("model-index"))
    results = [one for one in listed(index.get("results")) if isinstance(one, dict)]
    put_task(said, front)
    for result in results:
        put_task(said, {"task_categories": text_of(mapping(result.get("task")).get("type"))})
    datasets = [text_of(mapping(result.get("dataset")).get("name")) for result in results] + texts_of(
        front.get("datasets")
    )
    said.put("name", short(next(filter(None, datasets), ""), 100), "the data set of the card")
    reported = _reported(results)
    metrics = [metric for one in (*texts_of(front.get("metrics")), *reported) if (metric := _metric(one))]
    if metrics:
        said.put("metric", metrics[0], f"metrics: {metrics[0]}", "The model card reports it")
    learner = _learner(front, index, text)
    configuration = Configuration({})
    if learner is not None:
        said.put("learners", (learner,), f"the card's model: {learner}")
        configuration = _configuration(learner, card_text.settings(text), said)
    return ModelSaid(said, learner, configuration, reported)


def _reported(results: list[Any]) -> dict[str, float]:
    found: dict[str, float] = {}
    for result in results:
        for one in listed(result.get("metrics")):
            metric, value = _metric(text_of(mapping(one).get("type"))), number_of(mapping(one).get("value"))
            if metric is not None and value is not None:
                found.setdefault(metric, value)
    return found


def _metric(name: str) -> str | None:
    try:
        return metric_named(name).name if name else None
    except UnknownNameError:
        return None


def _learner(front: Mapping[str, Any], index: Mapping[str, Any], text: str) -> str | None:
    """Return the learner that a card names: in its front matter, or by an estimator's class in its body."""
    said = [*texts_of(front.get("base_model")), *texts_of(front.get("tags")), text_of(index.get("name"))]
    said += [card_text.title(text), *texts_of(front.get("library_name"))]
    classes = [match[1] for match in _ESTIMATOR.finditer(card_text.body(text))]
    for name in (*classes, *said):
        try:
            return learner_named(name.rsplit("/", maxsplit=1)[-1]).name
        except UnknownNameError:
            continue
    return None


def _configuration(learner: str, settings: Mapping[str, str], said: SaidOfCard) -> Configuration:
    """Return the settings that are legal for a learner, under canonical names; what is left out is noted."""
    spec = learner_named(learner)
    known = said.found.get("task_type")
    task_type = TaskType(str(known.value)) if known is not None else spec.task_types[0]
    kept: dict[str, ParameterValue] = {}
    for name, raw in settings.items():
        plain = name.rsplit("__", maxsplit=1)[-1].replace(" ", "_")
        if plain not in spec:
            continue  # of another step of a pipeline, or what is no hyper-parameter (n_jobs, verbose)
        try:
            value = canonical_value(spec, "", plain, _plain(raw))
        except RecordError as error:
            said.notes.append(f"The card's {short(plain, 40)} is not used: {short(str(error), 150)}.")
            continue
        if (fault := value_fault(spec, plain, value, task_type)) is not None:
            said.notes.append(f"The card's {plain} is not used: {short(fault.message, 150)}.")
        else:
            kept.setdefault(plain, value)
    return Configuration(kept)


def _plain(raw: str) -> ParameterValue:
    """Return the text of a value as Python would read it."""
    text = raw.strip().strip("'\"`")
    words: dict[str, ParameterValue] = {"none": None, "null": None, "true": True, "false": False}
    if text.lower() in words:
        return words[text.lower()]
    for read in _READERS:
        try:
            return read(text)
        except ValueError:
            continue
    return text


_READERS: tuple[Callable[[str], ParameterValue], ...] = (int, float)
