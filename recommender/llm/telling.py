"""A predicted training log in a model's words, held to its figures number by number; what fails is told plainly.

Each sentence says which entry it is about, and may hold that entry's figures alone: a score of fifty trials that is
said of ten is dropped, and so is a score from nowhere. An entry without a sentence that holds is told by template.
"""

from __future__ import annotations

import json

from pydantic import BaseModel, ConfigDict, Field

from kg.errors import ModelError
from recommender.llm.book import Book
from recommender.llm.log_entries import entries, sentence
from recommender.llm.model import LanguageModel
from recommender.llm.notes import Note
from recommender.llm.prompts import prompt
from recommender.llm.tools import rounded, short
from recommender.llm.training_log import TrainingLog
from recommender.llm.words import checked_words

#: Name of the prompt, with its version.
TELL = "training_log.2"


class Told(BaseModel):
    """A sentence on one entry of the log."""

    model_config = ConfigDict(frozen=True)

    about: str = Field(max_length=40, description="Label of the entry, such as T5.")
    text: str = Field(max_length=400, description="One sentence, with figures of that entry alone.")


class ToldLog(BaseModel):
    """A training log in words."""

    model_config = ConfigDict(frozen=True)

    sentences: list[Told] = Field(default=[], max_length=60)


def told_by(model: LanguageModel, log: TrainingLog) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the log in a model's words, and notes on what of them did not hold.

    Args:
        model: Words it; where it fails, the template does.
        log: What is to be told.
    """
    known = entries(log)
    content = _content(log)
    try:
        answer = model.structured(prompt(TELL), content, ToldLog)
    except ModelError as error:
        plain = tuple(sentence(log, label) for label in known)
        return (*plain, *log.reasons), (f"{model.name} did not word this ({str(error).rstrip('.')}).",)
    worded: dict[str, str] = {}
    notes: list[str] = []
    for one in answer.sentences:
        if one.about not in known:
            notes.append(f"{model.name}: a sentence on {short(one.about, 40)!r}, which is no entry, was left out.")
            continue
        text, wrong = _held(log, one)
        notes += [f"{model.name}, on {one.about}: {note.message}; told plainly." for note in wrong]
        if text and not wrong:
            worded.setdefault(one.about, text)
    return (*(worded.get(label) or sentence(log, label) for label in known), *log.reasons), tuple(notes)


def _held(log: TrainingLog, one: Told) -> tuple[str, tuple[Note, ...]]:
    """Return the words of a sentence, and what of them is not of its entry."""
    book = Book()
    book.show(sentence(log, one.about))
    book.show(json.dumps(_figures(log, one.about)))
    return checked_words(one.about, one.text, book)


def _content(log: TrainingLog) -> str:
    told = {label: _figures(log, label) for label in entries(log)}
    head = {"learner": log.learner, "metric": log.metric, "coverage": log.level, "fidelity": log.parameter}
    return json.dumps({**head, "entries": told}, ensure_ascii=False)


def _figures(log: TrainingLog, label: str) -> dict[str, object]:
    return {name: rounded(value) for name, value in entries(log)[label] if value is not None}
