"""Names that a language model must not see: of the data set, its columns and its classes. They are put back here.

mask = Mask.of(task, table, recognised(task, datasets))
model = WithheldModel(open_model("openai:m"), mask)      # what is sent holds dataset_1, column_3, class_2
model.structured(...), model.conversation(...)           # what comes back holds the names again

The model is wrapped, not its users: whatever is sent goes through one place. The prompts, which are files of ours and
hold nothing of a table, are sent as they are. A name that is a number (class ``1``) is none, and stays.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel
from typing_extensions import override

from kg.iris import digest
from kg.model import Dataset
from recommender.llm.model import Conversation, ConversingModel, Tool
from recommender.llm.streaming import Heard, Piece
from recommender.llm.usage import Usage
from recommender.recognition import Recognised
from recommender.task import TuningTask

if TYPE_CHECKING:
    from kg.tables import Table

T = TypeVar("T", bound=BaseModel)

#: What a text is cut short with; the beginning of a name before it is withheld, too.
_CUT = "..."
#: Stands for a spelling of a name that leads to none of them.
_WITHHELD = "withheld"
#: Letters of the beginning of a name that are enough to withhold it.
_LEAST_BEGINNING = 4
#: Recognised data sets whose names are withheld.
MOST_RECOGNISED = 20
_STAND_IN = re.compile(r"\b(?:dataset|column|class)_\d+\b")
_NUMBER = re.compile(r"[-+]?[\d.,]+(?:[eE][-+]?\d+)?")


@dataclass(frozen=True)
class Mask:
    """Names and what stands for them. `scope` holds the names of data sets, which the graph's answers may hold, too."""

    names: Mapping[str, str]
    """Name -> what stands for it."""
    scope: frozenset[str] = frozenset()
    _pattern: re.Pattern[str] = field(init=False, repr=False, compare=False)
    _in_scope: re.Pattern[str] = field(init=False, repr=False, compare=False)
    _stand_ins: dict[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        stand_ins = {_folded(name): stand_in for name, stand_in in self.names.items()}
        object.__setattr__(self, "_stand_ins", stand_ins)
        object.__setattr__(self, "_pattern", _pattern(self.names))
        object.__setattr__(self, "_in_scope", _pattern(self.scope))

    @classmethod
    def of(
        cls,
        task: TuningTask,
        table: Table | None = None,
        known: Iterable[Recognised] = (),
        near: Iterable[Dataset] = (),
    ) -> Mask:
        """Return what withholds the names of a task: of the data set (its own and public ones), columns and classes.

        Args:
            task: Names the data set and the target.
            table: Names columns and classes.
            known: Public data sets that it looks like.
            near: Public data sets that are about as large: the names of these would give it away.
        """
        looks_like = [one.dataset.name for one in list(known)[:MOST_RECOGNISED]]
        # In an order that says nothing of how near they are.
        datasets = [task.name, *sorted({*looks_like, *(one.name for one in near)}, key=digest)]
        columns = [task.target, *(map(str, table.features.columns) if table is not None else ())]
        classes = map(str, table.classes) if table is not None else ()
        names: dict[str, str] = {}
        withheld: set[str] = set()
        for kind, said in (("dataset", datasets), ("column", columns), ("class", classes)):
            number = 0
            for name in dict.fromkeys(" ".join(one.split()) for one in said):
                folded = _folded(name)
                if name and not _NUMBER.fullmatch(name) and folded not in withheld:
                    number += 1
                    withheld.add(folded)
                    names[name] = f"{kind}_{number}"
        return cls(names, frozenset(name for name, stand_in in names.items() if stand_in.startswith("dataset")))

    def hidden(self, text: str) -> str:
        """Return a text with what stands for each name, whole names and beginnings that were cut short."""
        return self._replaced(text, self._pattern, self.names)

    def hidden_datasets(self, text: str) -> str:
        """Return a text of the graph, which knows of no column or class of a table, without the names of data sets."""
        return self._replaced(text, self._in_scope, self.scope)

    def shown(self, text: str) -> str:
        """Return a text with the names in their places again."""
        back = {stand_in: name for name, stand_in in self.names.items()}
        return _STAND_IN.sub(lambda match: back.get(match[0], match[0]), text)

    def shown_in(self, answer: T) -> T:
        """Return a typed answer with the names in their places again, in its values."""
        return type(answer).model_validate(_mapped(answer.model_dump(mode="json"), self.shown))

    def _replaced(self, text: str, pattern: re.Pattern[str], names: Iterable[str]) -> str:
        return _without_beginnings(
            pattern.sub(lambda match: self._stand_ins.get(_folded(match[0]), _WITHHELD), text), names
        )


class WithheldModel(ConversingModel):
    """A model that is sent no name of a mask.

    Args:
        model: The model.
        mask: What is withheld from it.
    """

    def __init__(self, model: ConversingModel, mask: Mask) -> None:
        self.name = model.name
        self._model, self._mask = model, mask

    @property
    @override
    def usage(self) -> Usage:
        return self._model.usage

    @override
    def structured(self, instructions: str, content: str, schema: type[T]) -> T:
        return self._mask.shown_in(self._model.structured(instructions, self._mask.hidden(content), schema))

    @override
    def conversation(
        self,
        instructions: str,
        tools: Sequence[Tool],
        schema: type[T],
        *,
        most_steps: int,
        heard: Heard | None = None,
    ) -> Conversation[T]:
        withheld = [_withheld(tool, self._mask) for tool in tools]
        told = None if heard is None else _Unmasking(self._mask, heard).hear
        inner = self._model.conversation(instructions, withheld, schema, most_steps=most_steps, heard=told)
        return _WithheldConversation(inner, self._mask)


class _Unmasking:
    """Puts names in their places again in what is written; a word is told when it is whole, for it may be a name's."""

    def __init__(self, mask: Mask, heard: Heard) -> None:
        self._mask, self._heard = mask, heard
        self._kept = Piece("words", "")

    def hear(self, piece: Piece) -> None:
        if piece.kind != self._kept.kind:
            self._tell(self._kept)
            self._kept = Piece(piece.kind, "")
        if piece.kind == "end":
            self._heard(piece)
            return
        text = self._kept.text + piece.text
        cut = max(text.rfind(" "), -1) + 1
        self._tell(Piece(piece.kind, text[:cut]))
        self._kept = Piece(piece.kind, text[cut:])

    def _tell(self, piece: Piece) -> None:
        if piece.text:
            self._heard(Piece(piece.kind, self._mask.shown(piece.text)))


class _WithheldConversation(Conversation[T]):
    def __init__(self, inner: Conversation[T], mask: Mask) -> None:
        self._inner, self._mask = inner, mask

    @override
    def ask(self, content: str, *, seconds: float | None = None) -> T:
        return self._mask.shown_in(self._inner.ask(self._mask.hidden(content), seconds=seconds))


def _withheld(tool: Tool, mask: Mask) -> Tool:
    """Return a tool that is asked with names, and answers without those of data sets."""
    return Tool(
        tool.name,
        tool.text,
        tool.arguments,
        lambda given: mask.hidden_datasets(tool.call(mask.shown_in(given))),
    )


def _folded(name: str) -> str:
    """Return what all spellings of a name that are withheld have in common."""
    return re.sub(r"[\W_]+", "", _json_free(name).casefold()) or name.casefold()


def _json_free(text: str) -> str:
    """Return a text without the back strokes that JSON puts before quotes."""
    return text.replace('\\"', '"').replace("\\\\", "\\")


def _pattern(names: Iterable[str]) -> re.Pattern[str]:
    """Return what finds names as whole words, the longer before the shorter, however they are cased and spaced."""
    ordered = sorted(names, key=len, reverse=True)
    either = "|".join(_spelt(name) for name in ordered)
    return re.compile(rf"(?<![^\W_])(?:{either})(?![^\W_])" if either else r"(?!)", re.IGNORECASE)


def _spelt(name: str) -> str:
    words = [re.escape(word) for word in re.split(r"[\W_]+", name) if word]
    if not words:  # a name of nothing but marks
        return re.escape(json.dumps(name, ensure_ascii=False)[1:-1])
    return r"[\W_]{0,3}".join(words)


def _without_beginnings(text: str, names: Iterable[str]) -> str:
    """Return a text in which no beginning of a name stands before a cut."""
    longest = [name for name in names if len(name) > _LEAST_BEGINNING]
    parts = text.split(_CUT)
    for place in range(len(parts) - 1):
        for name in longest:
            cut = _overlap(parts[place].lower(), name.lower())
            if cut >= _LEAST_BEGINNING:
                parts[place] = parts[place][: len(parts[place]) - cut]
    return _CUT.join(parts)


def _overlap(text: str, name: str) -> int:
    """Return how many of the first letters of a name a text ends with."""
    return next((n for n in range(min(len(text), len(name)), 0, -1) if text.endswith(name[:n])), 0)


def _mapped(value: object, change: Callable[[str], str]) -> object:
    """Return a JSON value with its texts changed; the names of its fields stay."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_mapped(one, change) for one in value]
    if isinstance(value, dict):
        return {name: _mapped(one, change) for name, one in value.items()}
    return value


def warning(known: Sequence[Recognised], *, anonymised: bool) -> str:
    """Return what is to be said of the risk that a model knows the best scores of a data set by heart; '' for none.

    Args:
        known: Public data sets that a task looks like.
        anonymised: Whether its name was withheld.
    """
    if not known:
        return ""
    seen = "; ".join(dict.fromkeys(one.text for one in known[:3]))
    kept = (
        "Its names were withheld, and of its meta-features all but coarse bands."
        if anonymised
        else "With --anonymise, its names are withheld from the model."
    )
    return f"Snooping risk: the data set looks publicly known ({seen}), so a model may have read its results. {kept}"
