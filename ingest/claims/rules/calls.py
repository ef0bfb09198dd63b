"""Calls in program text, read without running it: the function, its arguments, and what it is assigned to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

_CALL = re.compile(
    r"(?:[\"'](?P<key>[\w.:-]+)[\"']\s*[:=]\s*|(?<![\w.])(?P<var>[A-Za-z][\w.]*)\s*(?:=|<-|:)\s*)?"
    r"(?<![\w.$])(?P<function>(?:[A-Za-z_]\w*[.$:]{1,2}){0,8}[A-Za-z_]\w*)\s?\("
)
_OPEN, _CLOSE = "([{", ")]}"
_QUOTES = "\"'"
#: A comment or a string, of which a simple one ends with its line.
_LITERAL = re.compile(
    r"#[^\n]*"
    r"|\"{3}(?:.*?\"{3}|[^\n]*)|'{3}(?:.*?'{3}|[^\n]*)"
    r"|\"(?:[^\"\\\n]|\\.)*\"?|'(?:[^'\\\n]|\\.)*'?",
    re.DOTALL,
)
#: A call is not followed further than this many characters.
_LONGEST = 1500


@dataclass(frozen=True)
class Call:
    """A call as it is written."""

    function: str
    """Dotted name."""
    target: str
    """The dictionary key or variable that it is the value of; empty where it is none."""
    start: int
    end: int
    positional: tuple[str, ...] = ()
    keywords: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The last part of the function's name."""
        return _last_part(self.function)


def _last_part(function: str) -> str:
    return re.split(r"[.$:]+", function)[-1]


def calls_in(code: str, is_wanted: Callable[[str], object]) -> Iterator[Call]:
    """Yield calls of `code`, those within others as well, in order.

    Args:
        code: Program text.
        is_wanted: Says of the last part of a function's name whether its calls are.
    """
    for match in _CALL.finditer(code):
        if not is_wanted(_last_part(match["function"])):
            continue
        end = closing(code, match.end() - 1)
        if end is None:
            continue
        positional, keywords = _arguments(code[match.end() : end])
        yield Call(match["function"], match["key"] or match["var"] or "", match.start(), end + 1, positional, keywords)


def closing(code: str, start: int) -> int | None:
    """Return where the bracket at `start` closes; None where it does not, or only far away."""
    depth = 0
    for position, character in _bare(code, start, min(len(code), start + _LONGEST)):
        depth += (character in _OPEN) - (character in _CLOSE)
        if depth == 0:
            return position
    return None


def argument_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the parts of `text` between commas start and end; commas in brackets, strings and comments are none.

    Args:
        text: What stands between the brackets of a call.
    """
    depth, start = 0, 0
    for position, character in _bare(text, 0, len(text)):
        depth += (character in _OPEN) - (character in _CLOSE)
        if character == "," and depth == 0:
            yield start, position
            start = position + 1
    yield start, len(text)


def split_arguments(text: str) -> list[str]:
    """Return the parts of `text` between commas that are in no bracket and no string, without their comments."""
    parts = (uncommented(text[start:end]) for start, end in argument_spans(text))
    return [part.strip() for part in parts if part.strip()]


def _bare(code: str, start: int, end: int) -> Iterator[tuple[int, str]]:
    """Yield the characters that stand in no string and no comment, with their places.

    A string in simple quotes ends with its line at the latest: an apostrophe opens none for long.
    """
    position = start
    while position < end:
        character = code[position]
        if character == "#" or character in _QUOTES:
            position = _LITERAL.match(code, position, end).end()  # type: ignore[union-attr]  # it matches any of them
        else:
            yield position, character
            position += 1


def uncommented(text: str) -> str:
    """Return program text without its comments; a ``#`` in a string begins none."""
    return _LITERAL.sub(lambda match: "" if match[0].startswith("#") else match[0], text)


def _arguments(text: str) -> tuple[tuple[str, ...], dict[str, str]]:
    positional, keywords = [], {}
    for part in split_arguments(text):
        match = re.match(r"([A-Za-z_.]\w*)\s*=(?!=)\s*(.+)$", part, re.DOTALL)
        if match:
            keywords[match[1].lower()] = match[2].strip()
        else:
            positional.append(part)
    return tuple(positional), keywords


def literal_text(text: str) -> str | None:
    """Return the content of a string literal, or None where `text` is none."""
    match = re.fullmatch(r"[rbuf]?(?P<q>[\"'])(?P<inner>[^\"']*)(?P=q)", text.strip())
    return match["inner"].strip() if match else None
