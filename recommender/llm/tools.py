"""The tools of the agent: questions to the graph with short answers, numbered for citing. None of them has an effect.

An answer is JSON: ``{"rows": [{"cite": "E3", ...}, ...], "page": 1, "pages": 4}``. Texts in it (names of data sets,
quotes) come from others; they are data, and never more than a line each.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from kg.errors import TunegraphError
from kg.model import Parameter
from recommender.llm.library import Library
from recommender.llm.model import Tool

T = TypeVar("T")
Row = dict[str, Any]

#: Rows of one page.
PAGE_ROWS = 8
#: Stands in for a text that reads like an instruction to a model.
WITHHELD = "[withheld: reads like an instruction]"
#: How texts speak to a model that reads them, and data sets and papers hardly ever.
_ORDERS = re.compile(
    r"(?i)\b(ignore|disregard|forget|override)\b.{0,40}\b(rules?|instructions?|prompts?|above|previous|guidelines)\b"
    r"|\b(system|developer) (prompt|message)\b|\byou (are|must|should|will) now\b|<\|?(im_start|system|assistant)"
    r"|\b(as|dear) (an? )?(ai|language model|assistant)\b|\bnew instructions?\b"
)
#: Characters of a text that is shown.
MOST_CHARACTERS = 300


class Arguments(BaseModel):
    """What a tool is told; what it does not know is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Paged(Arguments):
    """A tool with pages."""

    page: int = Field(default=1, ge=1, le=10_000, description="From 1.")


class OfLearner(Paged):
    """A tool about a learner."""

    learner: str = Field(max_length=100, description="Name of the learner, such as svm.")


def tool(
    library: Library, name: str, text: str, arguments: type[Arguments], answer: Callable[[Any], Mapping[str, Any]]
) -> Tool:
    """Return a tool whose answers are JSON, noted in the book; errors of ours are answers, too."""

    def call(given: Any) -> str:
        with library.lock:  # labels are given one after the other, whatever threads ask
            try:
                found = answer(given)
            except TunegraphError as error:
                found = {"error": short(str(error))}
            return library.book.show(json.dumps(found, ensure_ascii=False, separators=(",", ":")))

    return Tool(name, text, arguments, call)


def page_of(items: Sequence[T], page: int, row: Callable[[T], Row]) -> Row:
    """Return a page of rows; only what is shown is given labels."""
    pages = max(1, -(-len(items) // PAGE_ROWS))
    shown = items[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]
    return {"rows": [row(item) for item in shown], "page": page, "pages": pages}


def short(text: str, most: int = MOST_CHARACTERS) -> str:
    """Return a text on one line, without control characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= most else line[: most - 3] + "..."


def foreign(text: str, most: int = MOST_CHARACTERS) -> str:
    """Return a text of others as it is shown to a model: short, and withheld where it speaks to the model.

    No filter finds all such texts. What an obedient model drafts is held to the evidence like any other draft.
    """
    return WITHHELD if _ORDERS.search(text) else short(text, most)


def rounded(value: Any) -> Any:
    """Return a number to five significant digits, whole numbers as they are."""
    return float(f"{value:.5g}") if isinstance(value, float) else value


def configuration_row(configuration: Mapping[str, Any]) -> Row:
    """Return a configuration as it is shown."""
    return {name: rounded(value) for name, value in configuration.items()}


def parameter_row(parameter: Parameter) -> Row:
    """Return a parameter as it is shown: exactly, so that it can be taken over."""
    row = parameter.model_dump(mode="json", exclude={"prior"})
    return row if row.get("log", True) else {k: v for k, v in row.items() if k != "log"}


def toolbox(library: Library) -> tuple[Tool, ...]:
    """Return all tools over `library`."""
    from recommender.llm.tools_composed import composed_tool
    from recommender.llm.tools_evidence import evidence_tools
    from recommender.llm.tools_texts import text_tools

    made: Iterable[Tool] = (*evidence_tools(library), composed_tool(library), *text_tools(library))
    return tuple(made)
