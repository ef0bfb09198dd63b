"""Which learner a group of rows in a table is of."""

from __future__ import annotations

import re

from ingest.claims.masking import masked
from ingest.claims.naming import hyperparameter_of, known_parameters, learner_of, mentions_in
from ingest.claims.parameters import clean_name
from ingest.claims.rules.place import Place
from ingest.documents.model import Block
from kg.iris import plain_name


def group_of_row(place: Place) -> tuple[str, ...]:
    """Return the learner that labels the group of rows which this one is in; none where the rows have no labels.

    A label is a line of its own above its group, or stands on the first row of its group, or, where its cell spans the
    group, on the row in the middle.
    """
    blocks, here = place.document.blocks, place.block
    first, last = place.number, place.number
    while first > 0 and _same_table(blocks[first - 1], here):
        first -= 1
    while last + 1 < len(blocks) and _same_table(blocks[last + 1], here):
        last += 1
    above = next((name for n in range(place.number - 1, first - 1, -1) if (name := _lone_label(blocks[n].reading))), "")
    if above:
        return (above,)
    labels = [(n - first, name) for n in range(first, last + 1) if (name := _label(blocks[n].reading))]
    if not labels:
        before = (name for n in range(first - 1, max(-1, first - 4), -1) if (name := _lone_label(blocks[n].reading)))
        return tuple(before)[:1]
    return (_nearest_label(labels, place.number - first, last - first),)


def learner_of_table(place: Place) -> tuple[str, ...]:
    """Return the learner of the document that has most of the names in the rows around this one; none where two do."""
    blocks, here = place.document.blocks, place.block
    first, last = place.number, place.number
    while first > 0 and _same_table(blocks[first - 1], here) and not _lone_label(blocks[first - 1].reading):
        first -= 1
    while last + 1 < len(blocks) and _same_table(blocks[last + 1], here) and not _lone_label(blocks[last + 1].reading):
        last += 1
    names = [
        block.cells[0] if len(block.cells) > 1 else block.reading.split(" ")[0] for block in blocks[first : last + 1]
    ]
    scores = {
        learner: sum(hyperparameter_of(spec.name, clean_name(name)) is not None for name in names)
        for learner in place.context.methods
        if (spec := learner_of(learner))
    }
    best = max(scores.values(), default=0)
    winners = {spec.name: name for name, score in scores.items() if score == best and (spec := learner_of(name))}
    return tuple(winners.values()) if best >= 2 and len(winners) == 1 else ()


def is_one_of_several(place: Place) -> bool:
    """Say whether the header of the table is said again below its caption: there each table may have its learner."""
    blocks, here = place.document.blocks, place.block
    place_of = (here.header, here.caption, here.page)
    return bool(here.caption) and sum((block.reading, block.caption, block.page) == place_of for block in blocks) > 1


def _nearest_label(labels: list[tuple[int, str]], at: int, last: int) -> str:
    """Return the label of the group that row `at` is in, of labels with their rows; `last` is the last row."""
    start = 0
    for number, (position, label) in enumerate(labels):
        following = labels[number + 1][0] if number + 1 < len(labels) else last + 1
        end = 2 * position - start if start < position else following - 1
        if at <= end:
            return label
        start = end + 1
    return labels[-1][1]


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
