"""A document -> passages: the blocks of a section, put together or parted to about the length of a paragraph."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from ingest.documents.model import Block, BlockKind, Document, squeezed
from kg.iris import passage_iri
from kg.model import Passage, Provenance

#: Words from which a passage is long enough to stand alone.
FEWEST_WORDS = 80
#: Words that a passage has at most.
MOST_WORDS = 200
#: What nobody asks for, or no reader of the document sees.
_LEFT_OUT = frozenset({BlockKind.HEADING, BlockKind.REFERENCE, BlockKind.COMMENT})
_SENTENCE = re.compile(r"(?<=[.!?:;])\s+(?=[\"'“(\[]?[A-Z0-9])")


def passages_of(document: Document, provenance: Provenance) -> tuple[Passage, ...]:
    """Return the passages of a document, in its order.

    Args:
        document: What was read. Headings are part of a passage's section; the bibliography and what is hidden from
            readers are left out.
        provenance: Of the document; the locator becomes page or section.
    """
    kept = [block for block in document.blocks if block.kind not in _LEFT_OUT]
    found: dict[str, Passage] = {}
    for section, blocks in groupby(kept, key=lambda block: block.section):
        for page, text in _texts(blocks):
            iri = passage_iri(document.name, section, text)
            where = f"page {page}" if page is not None else section
            found[iri] = Passage(
                iri=iri,
                document=document.name,
                title=document.title,
                section=section,
                page=page,
                text=text,
                provenance=provenance.replace(locator=where),
            )
    return tuple(found.values())


def _texts(blocks: Iterator[Block]) -> Iterator[tuple[int | None, str]]:
    """Yield the texts of one section, each with the page that it begins on."""
    held: list[str] = []
    page: int | None = None
    count = 0
    for block in blocks:
        for part in _parts(block):
            words = len(part.split())
            if held and (count >= FEWEST_WORDS or count + words > MOST_WORDS):
                yield page, "\n".join(held)
                held, count = [], 0
            page = page if held else block.page
            held.append(part)
            count += words
    if held:
        yield page, "\n".join(held)


def _parts(block: Block) -> Iterator[str]:
    """Yield the text of a block as it is read, in parts of at most `MOST_WORDS`; a row with the header of its table."""
    is_code = block.kind is BlockKind.CODE
    text = block.reading if is_code else squeezed(block.reading)
    if len(text.split()) <= MOST_WORDS:
        yield text
        return
    held: list[str] = []
    for sentence in text.split("\n") if is_code else _SENTENCE.split(text):
        words = sentence.split()
        if held and sum(len(part.split()) for part in held) + len(words) > MOST_WORDS:
            yield ("\n" if is_code else " ").join(held)
            held = []
        for start in range(0, len(words), MOST_WORDS) if len(words) > MOST_WORDS else ():
            yield " ".join(words[start : start + MOST_WORDS])
        if len(words) <= MOST_WORDS:
            held.append(sentence)
    if held:
        yield ("\n" if is_code else " ").join(held)
