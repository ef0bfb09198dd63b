"""What a conversation has shown to a model, numbered for citing: [E1], [E2], ... A label holds in one of them only."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from kg.model import Configuration, Iri

_LABEL = re.compile(r"\[?\s*(E\d{1,6})\s*\]?")
_NUMBER = re.compile(r"(?<![\w.])(?<![A-Za-z]-)[-+]?\d[\d,]*\.?\d*(?:[eE][-+]?\d+)?")
#: Relative precision to which a number that is told is that which was shown.
PRECISION = 0.006


@dataclass(frozen=True)
class Entry:
    """One thing that may be cited."""

    label: str
    evidence: tuple[Iri, ...]
    """What it is in the graph, the evidence first; behind it a run, where the entry is one."""
    configuration: Configuration | None = None
    """A configuration that may be tried, where the entry is one."""


class Book:
    """The entries of one conversation, and the texts that were shown with them."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._labels: dict[tuple[tuple[Iri, ...], Configuration | None], str] = {}
        self._texts: list[str] = []
        self._numbers: set[float] = set()

    def __len__(self) -> int:
        return len(self._entries)

    def cite(self, *evidence: Iri, configuration: Configuration | None = None) -> str:
        """Return the label of an entry: the one that it has, or a new one."""
        key = (evidence, configuration)
        if key not in self._labels:
            label = f"E{len(self._labels) + 1}"
            self._labels[key] = label
            self._entries[label] = Entry(label, evidence, configuration)
        return self._labels[key]

    def find(self, label: str) -> Entry | None:
        """Return the entry with a label, however it is written (``E3``, ``[E3]``); None where none was shown."""
        found = _LABEL.fullmatch(label.strip())
        return self._entries.get(found[1]) if found else None

    def show(self, text: str) -> str:
        """Note that `text` was shown, and return it."""
        self._texts.append(text)
        self._numbers.update(numbers_in(text))
        return text

    @property
    def numbers(self) -> tuple[float, ...]:
        """All numbers that were shown, least first."""
        return tuple(sorted(self._numbers))

    def has_number(self, number: float, also: Iterable[float] = ()) -> bool:
        """Say whether a number was shown, or is one of `also`, as far as a person would round it."""
        known = (*self._numbers, *also)
        return any(abs(number - one) <= PRECISION * abs(one) + 1e-12 for one in known)

    def has_text(self, text: str) -> bool:
        """Say whether words were shown, but for white space and case."""
        wanted = " ".join(text.split()).casefold()
        return any(wanted in " ".join(shown.split()).casefold() for shown in self._texts)


def numbers_in(text: str) -> tuple[float, ...]:
    """Return the numbers that stand in `text`; those within names (``E3``, ``openml-31``) are none.

    A share that is written as a percentage counts as both: 5 % is 5 and 0.05.
    """
    found: list[float] = []
    for match in _NUMBER.finditer(text):
        try:
            number = float(match[0].replace(",", ""))
        except ValueError:
            continue
        found.append(number)
        if text[match.end() :].lstrip().startswith("%"):
            found.append(number / 100)
    return tuple(found)
