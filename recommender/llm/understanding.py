"""From words to a task: what was said, what is taken for granted, and what is asked for, at most three questions.

understood = understand("40,000 loan records, 3 % defaults, ten minutes on a laptop, must explain it")
understood.stated.minority_share, understood.metric, understood.questions

By rules alone; a model may add what the rules did not see (`recommender.llm.understanding_by_model`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from kg.errors import InputError
from kg.model import TaskType, metric_named
from kg.model.base import FrozenMapping, Value
from recommender.llm.cues import INTERPRETABLE
from recommender.llm.language import language_of
from recommender.llm.model import LanguageModel
from recommender.llm.reading import read
from recommender.llm.stated import Reading, Said, Stated
from recommender.metric_choice import choose_metric

#: Questions that are asked at once.
MOST_QUESTIONS = 3


class Understanding(Value):
    """What somebody's words come to."""

    stated: Stated
    said: FrozenMapping[str, Said] = FrozenMapping({})
    """Field of `stated` -> the words that it rests on."""
    metric: str
    """Canonical name: what was asked for, or what suits."""
    metric_reason: str
    assumptions: tuple[str, ...] = ()
    """What was taken for granted."""
    questions: tuple[str, ...] = ()
    """What would help most to know, the most important first; at most `MOST_QUESTIONS`."""
    notes: tuple[str, ...] = ()
    """What of the words, or of a model's reading of them, was not used, and why."""

    @property
    def task_type(self) -> TaskType:
        """What is predicted: as said, or classification."""
        return self.stated.task_type or TaskType.CLASSIFICATION


def understand(words: str, *, model: LanguageModel | None = None) -> Understanding:
    """Return what `words` say of a task.

    Args:
        words: What somebody wants; in English where there is no model.
        model: Adds what rules do not see; each figure of it must stand in the words. Where it fails, that is told.

    Raises:
        InputError: What was said contradicts itself, such as a regression with ROC AUC, or is not in English.
    """
    return understanding_of(read_words(words, model))


def read_words(words: str, model: LanguageModel | None = None) -> Reading:
    """Return what `words` say: by rules, with what a model adds; by the model alone where they are not in English.

    Raises:
        InputError: They are in another language, and there is no model: rules would misread them.
    """
    from recommender.llm.understanding_by_model import added

    language = language_of(words)
    if not language:
        return read(words) if model is None else added(read(words), words, model)
    if model is None:
        raise InputError(
            f"These words look {language}. Without a language model only English is read, so nothing of them was.",
            where=repr(words[:80]),
            allowed="English, or any language with a model (--llm) from which no words are withheld",
        )
    told = f"The words look {language}: {model.name} alone read them, for rules read English only."
    return added(Reading(notes=(told,)), words, model, language=language)


def understanding_of(reading: Reading) -> Understanding:
    """Return what a reading comes to: with a metric, the assumptions, and the questions.

    Raises:
        InputError: What was said contradicts itself.
    """
    stated, assumed = _completed(stated_of(reading))
    metric, reason, notes = _metric(stated, reading)
    whys = [f"{said.why}." for name, said in reading.said.items() if said.why and name not in ("task_type", "metric")]
    return Understanding(
        stated=stated,
        said=reading.said,
        metric=metric,
        metric_reason=reason,
        assumptions=tuple(dict.fromkeys(_sentence(text) for text in (*whys, *assumed, *_interpretable(stated)))),
        questions=_questions(stated, has_metric="metric" in reading.said)[:MOST_QUESTIONS],
        notes=tuple(dict.fromkeys((*reading.notes, *notes))),
    )


def stated_of(reading: Reading) -> Stated:
    """Return the fields that a reading fills.

    Raises:
        InputError: A figure cannot be, such as zero trials.
    """
    values: Mapping[str, Any] = {name: said.value for name, said in reading.said.items()}
    try:
        return Stated.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = str(first["loc"][0])
        quote = reading.said[field].quote if field in reading.said else ""
        raise InputError(f"{quote!r} cannot be.", where=field, allowed=first["msg"].lower()) from None


def _completed(stated: Stated) -> tuple[Stated, list[str]]:
    """Return what was said with what follows from it, and what was taken for granted."""
    assumed = []
    if stated.task_type is None:
        assumed.append("It is taken to be classification.")
    classification = stated.task_type in (None, TaskType.CLASSIFICATION)
    if classification and stated.n_classes is None:
        stated = stated.replace(n_classes=2)
        assumed.append("It is taken to have two classes.")
    if not classification and stated.minority_share is not None:
        stated = stated.replace(minority_share=None)
    if stated.minority_share is not None and stated.minority_share > 1 / (stated.n_classes or 2):
        stated = stated.replace(minority_share=1 / (stated.n_classes or 2))
    if stated.n_columns is not None:
        assumed.append(f"The target is not counted among the {stated.n_columns} columns.")
    if stated.n_rows is None:
        assumed.append("Nothing is taken for granted on the number of rows: likeness rests on what else is known.")
    return stated, assumed


def _metric(stated: Stated, reading: Reading) -> tuple[str, str, list[str]]:
    """Return the metric, why, and what is to be told of the choice."""
    task_type = stated.task_type or TaskType.CLASSIFICATION
    if (said := reading.said.get("metric")) is not None:
        metric = metric_named(str(said.value), task_type)
        if metric.binary_only and (stated.n_classes or 2) > 2:
            told = f"'{said.quote}' needs two classes; balanced accuracy is taken instead."
            return "balanced_accuracy", told, [told]
        return metric.name, _sentence(said.why) if said.why else f"You asked for it ('{said.quote}').", []
    counts = _class_counts(stated)
    if stated.is_rare and not counts and task_type is TaskType.CLASSIFICATION:
        name = "average_precision" if (stated.n_classes or 2) == 2 else "balanced_accuracy"
        return name, "You say that a class is rare: accuracy would reward ignoring it.", []
    choice = choose_metric(task_type, counts if task_type is TaskType.CLASSIFICATION else ())
    return choice.metric.name, choice.reason, []


def _class_counts(stated: Stated) -> tuple[int, ...]:
    """Return class sizes (of a million rows) that the share of the rarest class implies; none where it is unknown."""
    if stated.minority_share is None:
        return ()
    classes, smallest = stated.n_classes or 2, stated.minority_share * 1e6
    return (round(smallest), *(round((1e6 - smallest) / (classes - 1)) for _ in range(classes - 1)))


def _interpretable(stated: Stated) -> list[str]:
    if not stated.interpretable:
        return []
    readable = [n for n in stated.candidates(stated.task_type or TaskType.CLASSIFICATION) if n in INTERPRETABLE]
    if not stated.learners:
        return [f"To be explained, the model must be readable: {' or '.join(readable)}."]
    if not readable:
        return [f"You name {', '.join(stated.learners[:3])}, which nobody can read: explain it by other means."]
    return []


def _questions(stated: Stated, *, has_metric: bool) -> tuple[str, ...]:
    """Return what is missing, by how much it changes what is proposed."""
    classification = stated.task_type is not TaskType.REGRESSION
    asked = (
        (stated.task_type is None, "Is the target a class (which one of a few) or a number (how much)?"),
        (stated.n_rows is None, "How many rows has the table?"),
        (
            classification and stated.minority_share is None and not has_metric,
            "What share of the rows is of the rarest class?",
        ),
        (stated.n_columns is None, "How many columns has the table, without the target?"),
        (stated.wall_clock_s is None, "How long may tuning take?"),
        (not stated.interpretable and not stated.learners, "Must people be able to read the model?"),
    )
    return tuple(question for is_missing, question in asked if is_missing)


def _sentence(text: str) -> str:
    text = text.rstrip(".") + "."
    return text[0].upper() + text[1:]
