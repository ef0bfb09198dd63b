"""Which learner or method a passage speaks of, where the sentence itself does not say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property

from ingest.claims.masking import masked
from ingest.claims.naming import Mention, hyperparameter_of, learner_of, mentions_in
from ingest.documents.model import Block, BlockKind, Document

#: How many blocks back a method is still spoken of, within its section.
_REACH = 4
#: A mention in the title counts as this many in the text; one in a heading as `_HEADING`.
_TITLE, _HEADING = 40, 4


class Context:
    """The methods that a document speaks of, by place.

    Args:
        document: The document, whose blocks are asked about by their number.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._sections: dict[str, tuple[str, ...]] = {}
        self._blocks: dict[int, tuple[Mention, ...]] = {}

    def methods_at(self, number: int) -> Iterator[str]:
        """Yield what block `number` may speak of, likeliest first: caption, headings, text before, title, all of it."""
        block = self._document.blocks[number]
        yield from self._named(block.caption)
        headings = block.section.split(" > ")
        for heading in reversed(headings[1:] if len(headings) > 1 else headings):
            yield from self._named(heading)
        yield from self._before(number)
        yield from self._named(headings[0])
        yield from self._named(self._document.title)
        yield from self.dominant

    def method_for(self, number: int, parameter: str, nearby: Iterable[str] = ()) -> str:
        """Return the method whose `parameter` block `number` speaks of; empty where nothing tells.

        The first candidate that the registry knows to have the hyper-parameter wins over those that are known to lack
        it; a method that the registry does not know is neither.

        Args:
            number: Index of the block.
            parameter: As in the text.
            nearby: Methods that the sentence names, likeliest first.
        """
        first = ""
        for candidate in (*nearby, *self.methods_at(number)):
            learner = learner_of(candidate)
            if learner is None or not parameter or hyperparameter_of(learner.name, parameter):
                return candidate
            first = first or candidate
        return first

    @cached_property
    def dominant(self) -> tuple[str, ...]:
        """The methods of the document by how much it speaks of them, at most three."""
        counts: Counter[str] = Counter()
        for name in self._named(self._document.title):
            counts[name] += _TITLE
        for number, block in enumerate(self._document.blocks):
            weight = _HEADING if block.kind is BlockKind.HEADING else 0 if block.kind is BlockKind.REFERENCE else 1
            for mention in self._mentions(number):
                counts[mention.name] += weight
        return tuple(name for name, count in counts.most_common(3) if count >= 3)

    def _before(self, number: int) -> Iterator[str]:
        section = self._document.blocks[number].section
        for other in range(number - 1, max(-1, number - 1 - _REACH), -1):
            if self._document.blocks[other].section != section:
                return
            yield from (mention.name for mention in reversed(self._mentions(other)))

    def _mentions(self, number: int) -> tuple[Mention, ...]:
        if number not in self._blocks:
            block: Block = self._document.blocks[number]
            self._blocks[number] = mentions_in(masked(block.text, code=block.kind is BlockKind.CODE).plain)
        return self._blocks[number]

    def _named(self, text: str) -> tuple[str, ...]:
        if text not in self._sections:
            self._sections[text] = tuple(mention.name for mention in mentions_in(masked(text).plain))
        return self._sections[text]
