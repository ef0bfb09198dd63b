"""Reads a SPARQL query before it is answered: what form it has, and whether it may be answered at all.

The engine's own parser does not hand out what it found, so the query is parsed a second time, by rdflib. That two
parsers see the same in it is what makes the check worth something: whatever the two are known to read differently
(escapes of characters, which the standard resolves before anything else, and a carriage return at the end of a
comment) is resolved or refused before either of them sees it.
"""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from kg.errors import InputError

if TYPE_CHECKING:
    from pyparsing import ParseResults

#: Python frames that the parser may nest; thirty parentheses take about a thousand.
_FRAMES: Final = 30_000
_SETTING_FRAMES = threading.Lock()
_ALLOWED: Final = "one SPARQL 1.1 query that reads: SELECT, ASK, CONSTRUCT or DESCRIBE"


#: How SPARQL writes a character by its number (SPARQL 1.1, section 19.2).
_ESCAPE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


class Form(StrEnum):
    """What a query asks for."""

    SELECT = "SELECT"
    ASK = "ASK"
    CONSTRUCT = "CONSTRUCT"
    DESCRIBE = "DESCRIBE"

    @property
    def is_graph(self) -> bool:
        """Whether the answer is a graph."""
        return self in {Form.CONSTRUCT, Form.DESCRIBE}


_FORMS: Final = {
    "SelectQuery": Form.SELECT,
    "AskQuery": Form.ASK,
    "ConstructQuery": Form.CONSTRUCT,
    "DescribeQuery": Form.DESCRIBE,
}


class RefusedQueryError(InputError):
    """A query that can be read, but would do what is not done here: write, or ask another server."""


@dataclass(frozen=True)
class ReadQuery:
    """A query that may be answered."""

    text: str
    """As the engine is to see it: escapes of characters are resolved."""
    form: Form
    has_dataset: bool
    """Whether it says with FROM or FROM NAMED which graphs to ask."""


def read_query(text: str) -> ReadQuery:
    """Return the query that `text` is.

    Raises:
        RefusedQueryError: It is an update, or would ask another server (SERVICE).
        InputError: It cannot be parsed; says where.
    """
    from rdflib.plugins.sparql.parser import parseQuery, parseUpdate

    text = _plain_text(text)
    with _deep_recursion():
        try:
            parsed = _parse(parseQuery, text)
        except InputError:
            if _is_update(parseUpdate, text):
                raise RefusedQueryError("This is an update.", where="query", allowed=_ALLOWED) from None
            raise
    query = parsed[1]
    if "ServiceGraphPattern" in set(_names(query)):
        raise RefusedQueryError("SERVICE would ask another server.", where="query", allowed="what this graph holds")
    return ReadQuery(text, _FORMS[query.name], has_dataset="datasetClause" in query)


def _plain_text(text: str) -> str:
    r"""Return `text` with its escapes of characters (``\u0041``) resolved, so that every parser reads the same.

    Not by rdflib, which takes the letters after ``\u00e9`` in ``d\u00e9cade`` for digits of it. But what rdflib would
    go on to resolve by itself is refused.
    """
    from rdflib.plugins.sparql.parser import expandUnicodeEscapes

    try:
        plain = _ESCAPE.sub(lambda found: chr(int(found[1] or found[2], 16)), text)
        again: str = expandUnicodeEscapes(plain)
        plain.encode()
    except (ValueError, OverflowError) as error:  # no such character, or half of one
        raise InputError(f"An escape names no character: {error}.", where="query", allowed="such as \\u00e9") from error
    if again != plain:
        raise InputError(
            "An escape within an escape, or one of too few digits.",
            where="query",
            allowed="each character escaped once, such as \\u00e9 or \\U0001F600",
        )
    if "\r" in plain.replace("\r\n", ""):
        raise InputError("A carriage return stands alone.", where="query", allowed="lines that end with LF or CR LF")
    return plain


def _parse(parse: Callable[[str], ParseResults], text: str) -> Any:
    from pyparsing import ParseException

    try:
        return parse(text)
    except ParseException as error:
        where = f"line {error.lineno}, column {error.column}"
        raise InputError(f"The query cannot be parsed: {error.msg}.", where=where, allowed=_ALLOWED) from error
    except RecursionError as error:
        raise InputError("The query is nested too deep.", where="query", allowed="some hundred levels") from error


def _is_update(parse: Callable[[str], Any], text: str) -> bool:
    try:
        return bool(_parse(parse, text).request)
    except InputError:
        return False


@contextmanager
def _deep_recursion() -> Iterator[None]:
    """Let Python nest as deep as a sensible query makes the parser go."""
    with _SETTING_FRAMES:
        before = sys.getrecursionlimit()
        sys.setrecursionlimit(max(before, _FRAMES))
        try:
            yield
        finally:
            sys.setrecursionlimit(before)


def _names(parsed: Any) -> Iterator[str]:
    """Yield the name of every part of a parsed query."""
    from pyparsing import ParseResults
    from rdflib.plugins.sparql.parserutils import CompValue

    stack = [parsed]
    while stack:
        part = stack.pop()
        if isinstance(part, CompValue):
            yield part.name
            stack.extend(part.values())
        elif isinstance(part, list | tuple | set | ParseResults):
            stack.extend(part)
