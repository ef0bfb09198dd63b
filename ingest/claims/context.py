"""Which learner or method a passage speaks of, where the sentence itself does not say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property

from ingest.claims.masking import masked
from ingest.claims.naming import (
    Mention,
    group_of,
    hyperparameter_of,
    known_parameters,
    learner_of,
    mentions_in,
    registry_parameters,
    usual_name,
)
from ingest.documents.model import Block, BlockKind, Document
from kg.iris import plain_name

#: How many blocks back a method is still spoken of, within its section.
_REACH = 4
#: A mention in the title counts as this many in the text; one in a heading as `_HEADING`.
_TITLE, _HEADING = 40, 4
#: Techniques that are spoken of everywhere; a hyper-parameter is theirs only where nothing else can have it.
_WEAK = frozenset(
    {
        "grid search", "random search", "Gaussian process", "early stopping", "learning rate decay",
        "data augmentation", "ensemble selection", "PCA", "L-BFGS", "coordinate descent", "GridSearchCV",
        "RandomizedSearchCV",
    }
)  # fmt: skip


#: What an optimiser of networks has, rather than the network or the loop around it.
_OF_TRAINING = re.compile(r"lr|learning|step size|momentum|beta|eps|decay|rho|warm|clip|smooth|optimi", re.IGNORECASE)
_CLASS_NAME = re.compile(r"[A-Z][A-Za-z0-9]*[a-z][A-Z]\w*")
#: Classes that search, by the end of their names.
_SEARCH_CLASS = re.compile(r"(?:SearchCV|Search|Sampler|Pruner|Scheduler|Tuner|Facade|ClassifierCV)$")


class Context:
    """The methods that a document speaks of, by place.

    Args:
        document: The document, whose blocks are asked about by their number.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._named_in: dict[str, tuple[str, ...]] = {}
        self._blocks: dict[int, tuple[Mention, ...]] = {}

    def method_for(self, number: int, parameter: str, nearby: Iterable[str] = (), *, searches: bool = False) -> str:
        """Return the method whose `parameter` block `number` speaks of; empty where nothing tells.

        Near comes before far: the sentence, the caption, the headings, the text before, the title, all of the document.
        A learner that the registry knows to have the hyper-parameter, where others have it too, comes before one that
        lacks it; and everything before techniques that are spoken of everywhere.

        Args:
            number: Index of the block.
            parameter: As in the text.
            nearby: Methods that the sentence names, likeliest first.
            searches: Whether it is a setting of a search (trials, budgets) rather than of a model.
        """
        nearby = tuple(nearby)
        near, far = (
            [*nearby, *self._near(number)],
            [name for name in self._far(number) if group_of(name) != "training" or _OF_TRAINING.search(parameter)],
        )
        known = plain_name(parameter) in registry_parameters() and not searches
        named = next((name for name in nearby if usual_name(name) not in _WEAK), "")
        if named and not searches and plain_name(parameter) not in known_parameters():
            return named  # nobody knows better than the sentence
        if not nearby and not searches and (owner := self._unknown_class(number)):
            return owner
        everywhere = [name for name, _ in self._counts.most_common()] if known else []
        having = [name for name in nearby if _has(name, parameter)] if known else []
        titled = self._titled
        distant = [name for name in (*titled, *far, *everywhere) if _has(name, parameter)] if known else []
        for name in (*having, *(n for n in near if _fits(n, parameter, known=known, searches=searches)), *distant):
            return self._class_of(number, name)
        ordered = [*near, *far]
        strong = [
            name for name in ordered if usual_name(name) not in _WEAK and _is_right_group(name, searches=searches)
        ]
        return self._class_of(
            number, next(iter([*strong, *(n for n in ordered if usual_name(n) not in _WEAK), *ordered]), "")
        )

    def _unknown_class(self, number: int) -> str:
        """Return the class that the outermost heading of block `number` is, where the registry does not know it.

        Below it stand its own arguments, not those of a learner that has some of the same names.
        """
        heading = self._document.blocks[number].section.partition(" > ")[0]
        named = any(found.name == heading for found in mentions_in(heading)) and _CLASS_NAME.fullmatch(heading)
        is_model = named and learner_of(heading) is None and group_of(heading) in {"models", None}
        return heading if is_model and not _SEARCH_CLASS.search(heading) else ""

    def _class_of(self, number: int, name: str) -> str:
        """Return the class of a library that the section around the block has for the method `name`, or `name`."""
        if not name or learner_of(name) or group_of(name) != "optimisers":
            return name
        words = [word for word in name.lower().split() if len(word) >= 5]
        classes = self._classes.get(self._document.blocks[number].section, Counter())
        fitting = (found for found, _ in classes.most_common() if any(word in found.lower() for word in words))
        return next(fitting, name)

    @cached_property
    def _classes(self) -> dict[str, Counter[str]]:
        """The classes of libraries that each section names, and how often."""
        found: dict[str, Counter[str]] = {}
        for number, block in enumerate(self._document.blocks):
            named = [mention.name for mention in self._mentions(number) if mention.is_code]
            found.setdefault(block.section, Counter()).update(named)
        return found

    @cached_property
    def _titled(self) -> tuple[str, ...]:
        """The methods of the title; of several, first what the text speaks of most (``Random forests in XGBoost``)."""
        return tuple(sorted(self._named(self._document.title), key=lambda name: -self._counts[name]))

    @cached_property
    def _counts(self) -> Counter[str]:
        counts: Counter[str] = Counter()
        for name in self._named(self._document.title):
            counts[name] += _TITLE
        for number, block in enumerate(self._document.blocks):
            weight = _HEADING if block.kind is BlockKind.HEADING else 0 if block.kind is BlockKind.REFERENCE else 1
            for mention in self._mentions(number):
                counts[mention.name] += weight
        return counts

    @property
    def systems(self) -> tuple[str, ...]:
        """The systems that the document speaks of most, such as ``Optuna``."""
        named = [name for name, _ in self._counts.most_common(8) if group_of(name) == "systems"]
        modules = Counter(re.findall(r"\b([a-z_]{3,20})\.[a-z_]", self._document.text)).most_common(5)
        named += [usual_name(module) for module, count in modules if count >= 3 and group_of(module) == "systems"]
        return tuple(named)

    @property
    def methods(self) -> tuple[str, ...]:
        """All methods that the document names, the most frequent first."""
        return tuple(name for name, _ in self._counts.most_common())

    def names_near(self, number: int) -> bool:
        """Say whether the caption or a heading of block `number`, but the outermost, names a method."""
        return any(True for _ in self._near(number))

    def _near(self, number: int) -> Iterator[str]:
        """Yield what the caption, the headings but the outermost, and the classes of the section name."""
        block = self._document.blocks[number]
        yield from self._named(block.caption)
        headings = block.section.split(" > ")
        for heading in reversed(headings[1:] if len(headings) > 1 else headings):
            yield from sorted(self._named(heading), key=lambda name: -self._counts[name])

    def _far(self, number: int) -> Iterator[str]:
        titled = [
            *self._named(self._document.blocks[number].section.split(" > ")[0]),
            *self._titled,
        ]
        if self._document.blocks[number].kind is BlockKind.ITEM:
            yield from titled
        yield from self._before(number)
        yield from titled
        yield from (name for name, count in self._counts.most_common(4) if count >= 3)

    def _before(self, number: int) -> Iterator[str]:
        """Yield what the blocks before name, the nearest first; the other items of a list say nothing of this one."""
        here = self._document.blocks[number]
        for other in range(number - 1, max(-1, number - 1 - _REACH), -1):
            block = self._document.blocks[other]
            if block.section != here.section:
                return
            if not (here.kind is BlockKind.ITEM and block.kind is BlockKind.ITEM):
                yield from (mention.name for mention in reversed(self._mentions(other)))

    def _mentions(self, number: int) -> tuple[Mention, ...]:
        if number not in self._blocks:
            block: Block = self._document.blocks[number]
            is_code = block.kind is BlockKind.CODE
            text = (
                re.sub(r"[\"'][^\"'\n]{1,40}[\"']", lambda m: " " * len(m[0]), block.reading)
                if is_code
                else block.reading
            )
            self._blocks[number] = mentions_in(masked(text, code=is_code).plain)
        return self._blocks[number]

    def _named(self, text: str) -> tuple[str, ...]:
        if text not in self._named_in:
            self._named_in[text] = tuple(mention.name for mention in mentions_in(masked(text).plain))
        return self._named_in[text]


def _has(name: str, parameter: str) -> bool:
    """Say whether the registry knows that the learner `name` has the hyper-parameter."""
    learner = learner_of(name)
    return learner is not None and hyperparameter_of(learner.name, parameter) is not None


def _fits(name: str, parameter: str, *, known: bool, searches: bool) -> bool:
    """Say whether `parameter` is surely, or may well be, a setting of the method `name`."""
    if usual_name(name) in _WEAK:
        return False
    learner = learner_of(name)
    if learner is None:
        return _is_right_group(name, searches=searches) and not (known and group_of(name) == "systems")
    return bool(hyperparameter_of(learner.name, parameter)) or not (known or searches)


def _is_right_group(name: str, *, searches: bool) -> bool:
    group = "models" if learner_of(name) else group_of(name)
    if group is None and _SEARCH_CLASS.search(name):
        group = "optimisers"
    return group in ({"optimisers", "systems", None} if searches else {"models", "training", "systems", None})
