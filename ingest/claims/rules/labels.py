"""Which learner a group of rows in a table is of.

All of it is worked out once a table, for every row asks about the whole of its table.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from ingest.claims.masking import masked
from ingest.claims.naming import hyperparameter_of, known_parameters, learner_of, mentions_in
from ingest.claims.parameters import clean_name
from ingest.documents.model import Block, Document
from kg.iris import plain_name

#: Blocks before a table among which the line is looked for that labels it.
_REACH = 3
#: Rows by whose names the learner of a table is told; a table of more is of results.
_MOST_NAMES = 200


@dataclass(frozen=True)
class _Table:
    """Rows that stand together."""

    start: int
    """Number of the block that is its first row."""
    groups: tuple[str, ...]
    """The label of the group that each row is in; empty where there is none."""
    parts: tuple[int, ...]
    """Which part each row is in, as lines with nothing but a label part them."""


class Tables:
    """The tables of a document.

    Args:
        document: The document; rows are asked about by the numbers of their blocks.
        methods: The methods that it names.
    """

    def __init__(self, document: Document, methods: Sequence[str]) -> None:
        self._blocks = document.blocks
        self._methods = methods
        self._tables: dict[int, _Table] = {}
        self._learners: dict[tuple[int, int], tuple[str, ...]] = {}

    def group_of(self, number: int) -> tuple[str, ...]:
        """Return the learner that labels the group of rows which row `number` is in; none where rows have no labels.

        A label is a line of its own above its group, or stands on the first row of its group, or, where its cell spans
        the group, on the row in the middle.
        """
        table = self._table(number)
        group = table.groups[number - table.start]
        return (group,) if group else ()

    def learner_of(self, number: int) -> tuple[str, ...]:
        """Return the learner that has most of the names in the rows around row `number`; none where two do."""
        table = self._table(number)
        part = table.parts[number - table.start]
        if (table.start, part) not in self._learners:
            rows = [n for n, other in enumerate(table.parts, start=table.start) if other == part][:_MOST_NAMES]
            self._learners[table.start, part] = self._learner_by_names([_first_name(self._blocks[n]) for n in rows])
        return self._learners[table.start, part]

    def is_one_of_several(self, number: int) -> bool:
        """Say whether the header of the table is said again below its caption: there each may have its learner."""
        here = self._blocks[number]
        return bool(here.caption) and self._said[here.header, here.caption, here.page] > 1

    @cached_property
    def _said(self) -> Counter[tuple[str, str, int | None]]:
        return Counter((block.reading, block.caption, block.page) for block in self._blocks if block.caption)

    def _table(self, number: int) -> _Table:
        if number not in self._tables:
            first = last = number
            while first > 0 and _same_table(self._blocks[first - 1], self._blocks[number]):
                first -= 1
            while last + 1 < len(self._blocks) and _same_table(self._blocks[last + 1], self._blocks[number]):
                last += 1
            self._tables.update(dict.fromkeys(range(first, last + 1), self._read(first, last + 1)))
        return self._tables[number]

    def _read(self, first: int, end: int) -> _Table:
        readings = [block.reading for block in self._blocks[first:end]]
        lines = [_lone_label(reading) for reading in readings]
        above = ["", *_latest(lines)][:-1]
        groups = _spread([_label(reading) for reading in readings]) if not all(above) else above
        if not any(groups):
            before = (_lone_label(self._blocks[n].reading) for n in range(first - 1, max(-1, first - 1 - _REACH), -1))
            groups = [next((name for name in before if name), "")] * len(readings)
        parts = [sum(map(bool, lines[:1]))]
        for line in lines[1:]:
            parts.append(parts[-1] + bool(line))
        return _Table(first, tuple(one or other for one, other in zip(above, groups, strict=True)), tuple(parts))

    def _learner_by_names(self, names: Sequence[str]) -> tuple[str, ...]:
        scores = {
            learner: sum(hyperparameter_of(spec.name, clean_name(name)) is not None for name in names)
            for learner in self._methods
            if (spec := learner_of(learner))
        }
        best = max(scores.values(), default=0)
        winners = {spec.name: name for name, score in scores.items() if score == best and (spec := learner_of(name))}
        return tuple(winners.values()) if best >= 2 and len(winners) == 1 else ()


def _first_name(block: Block) -> str:
    cells = block.cells
    return cells[0] if len(cells) > 1 else block.reading.split(" ")[0]


def _latest(labels: Sequence[str]) -> Iterator[str]:
    """Yield of each row the last label at or above it."""
    latest = ""
    for label in labels:
        latest = label or latest
        yield latest


def _spread(labels: Sequence[str]) -> list[str]:
    """Return the label of the group that each row is in, of labels on the first or the middle rows of their groups."""
    places = [at for at, label in enumerate(labels) if label]
    found: list[str] = []
    start = 0
    for number, at in enumerate(places):
        following = places[number + 1] if number + 1 < len(places) else len(labels)
        end = 2 * at - start if start < at else following - 1
        found += [labels[at]] * (end + 1 - len(found))
        start = end + 1
    found += [labels[places[-1]] if places else ""] * (len(labels) - len(found))
    return found[: len(labels)]


def _same_table(one: Block, other: Block) -> bool:
    return all(getattr(one, f) == getattr(other, f) for f in ("kind", "header", "caption", "section", "page"))


def _lone_label(text: str) -> str:
    """Return the learner or scenario that a line names, where it says nothing else: ``rbv2_svm``."""
    plain = masked(text).plain.strip(" |:")
    if len(plain.split()) > 3 or not plain or re.search(r"\d\s|^\d", plain):
        return ""
    last = plain.split("_")[-1]
    if "_" in plain and " " not in plain:
        return last if learner_of(last) else plain if plain_name(plain) not in known_parameters() else ""
    mentions = mentions_in(plain)
    return mentions[0].name if mentions and mentions[0].end - mentions[0].start > 0.6 * len(plain) else ""


def _label(text: str) -> str:
    """Return the learner that a row names before anything else."""
    plain = masked(text).plain.strip(" |")
    mentions = mentions_in(plain)
    if mentions and mentions[0].start == 0 and plain[mentions[0].end : mentions[0].end + 1] not in {".", "_"}:
        spec = learner_of(mentions[0].name)
        following = plain[mentions[0].end :].split()
        if spec and following and hyperparameter_of(spec.name, plain.split()[0]):
            return ""
        return mentions[0].name
    return ""
