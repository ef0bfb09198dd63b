"""What a model says for people, held to what it was shown: a sentence with a figure from nowhere is left out.

That a sentence makes sense no code can tell; that its numbers, quotes and citations were shown, it can.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from recommender.llm.book import Book, numbers_in
from recommender.llm.notes import Note, dropped
from recommender.llm.tools import short

#: Characters of a rationale that are shown.
MOST_CHARACTERS = 400

_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_QUOTED = re.compile('["“”«»„]([^"“”«»„]+)["“”«»„]')
_LABEL = re.compile(r"\bE\d{1,6}\b")
_LINK = re.compile(r"(?i)https?:|www\.|[<>]|\]\(|```")


def checked_words(field: str, text: str, book: Book, also: Iterable[float] = ()) -> tuple[str, tuple[Note, ...]]:
    """Return the sentences of `text` that hold to what was shown, and a note for each other one.

    Args:
        field: What the words are on.
        text: The words of the model.
        book: What was shown.
        also: Numbers that may be named beside those that were shown: of what is proposed itself.
    """
    known = tuple(also)
    kept, notes = [], []
    for sentence in _SENTENCE.split(short(text, 4000)):
        why = _fault(sentence, book, known)
        if why is None:
            kept.append(sentence)
        else:
            notes.append(dropped(f"{field} (words)", why))
    return short(" ".join(kept), MOST_CHARACTERS).replace('"', "'").replace("“", "'").replace("”", "'"), tuple(notes)


def _fault(sentence: str, book: Book, known: tuple[float, ...]) -> str | None:
    if _LINK.search(sentence):
        return "a sentence holds a link or markup"
    if strangers := [label for label in _LABEL.findall(sentence) if book.find(label) is None]:
        return f"a sentence cites {strangers[0]}, which was not shown"
    if invented := [number for number in numbers_in(sentence) if not _is_known(number, book, known)]:
        return f"a sentence names {invented[0]:g}, which was not shown"
    quoted = [words for words in _QUOTED.findall(sentence) if not book.has_text(words)]
    return "a sentence quotes what was not shown" if quoted else None


def _is_known(number: float, book: Book, known: tuple[float, ...]) -> bool:
    return book.has_number(number, known)
