"""Answers of queries as text: the standard's forms of solutions and truth values, row by row.

The engine has writers of its own, but they cannot be stopped after so many rows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias
from xml.sax.saxutils import escape, quoteattr

from pyoxigraph import BlankNode, Literal, NamedNode

from kg.errors import InputError

#: One solution: a term or None for every variable.
Row: TypeAlias = Sequence[Any]
Writer: TypeAlias = Callable[[Sequence[str], Iterable[Row]], Iterator[str]]

_STRING: Final = "http://www.w3.org/2001/XMLSchema#string"
_XML_HEAD: Final = '<?xml version="1.0"?>\n<sparql xmlns="http://www.w3.org/2005/sparql-results#">'
#: White space at either end of a text.
_OUTER_SPACE: Final = re.compile(r"\A\s+|\s+\Z")
#: Characters that XML 1.0 cannot hold.
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: What makes a cell of CSV stand in quotes (RFC 4180).
_QUOTED: Final = re.compile('[",\r\n]')


def json_rows(names: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """Yield solutions as SPARQL 1.1 Query Results JSON."""
    yield '{"head":{"vars":' + json.dumps(list(names)) + '},"results":{"bindings":['
    comma = ""
    for row in rows:
        bound = {name: _json_term(term) for name, term in zip(names, row, strict=True) if term is not None}
        yield comma + json.dumps(bound, ensure_ascii=False, separators=(",", ":"))
        comma = ",\n"
    yield "]}}\n"


def xml_rows(names: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """Yield solutions as SPARQL Query Results XML."""
    yield _XML_HEAD + "<head>" + "".join(f"<variable name={quoteattr(name)}/>" for name in names) + "</head><results>\n"
    for row in rows:
        bound = zip(names, row, strict=True)
        cells = (
            f"<binding name={quoteattr(name)}>{_xml_term(term)}</binding>" for name, term in bound if term is not None
        )
        yield "<result>" + "".join(cells) + "</result>\n"
    yield "</results></sparql>\n"


def csv_rows(names: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """Yield solutions as SPARQL 1.1 Query Results CSV: what terms say, not what they are."""
    yield ",".join(names) + "\r\n"
    for row in rows:
        yield ",".join(map(_csv_term, row)) + "\r\n"


def tsv_rows(names: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """Yield solutions as SPARQL 1.1 Query Results TSV: terms as Turtle writes them."""
    yield "\t".join(f"?{name}" for name in names) + "\n"
    for row in rows:
        yield "\t".join("" if term is None else str(term).replace("\t", "\\t") for term in row) + "\n"


#: Media type -> writer of solutions.
ROW_WRITERS: Final[Mapping[str, Writer]] = {
    "application/sparql-results+json": json_rows,
    "application/sparql-results+xml": xml_rows,
    "text/csv": csv_rows,
    "text/tab-separated-values": tsv_rows,
}


def truth_text(answer: bool, media_type: str) -> str:
    """Return the answer of an ASK query in `media_type`, one of `ROW_WRITERS`."""
    word = "true" if answer else "false"
    if media_type.endswith("+json"):
        return f'{{"head":{{}},"boolean":{word}}}\n'
    if media_type.endswith("+xml"):
        return f"{_XML_HEAD}<head/><boolean>{word}</boolean></sparql>\n"
    return f"{word}\n"


def _json_term(term: Any) -> dict[str, str]:
    match term:
        case NamedNode():
            return {"type": "uri", "value": term.value}
        case BlankNode():
            return {"type": "bnode", "value": term.value}
        case Literal() if term.language:
            return {"type": "literal", "value": term.value, "xml:lang": term.language}
        case Literal() if term.datatype.value == _STRING:
            return {"type": "literal", "value": term.value}
        case Literal():
            return {"type": "literal", "value": term.value, "datatype": term.datatype.value}
    raise _not_written(term)


def _xml_term(term: Any) -> str:
    match term:
        case NamedNode():
            return f"<uri>{_xml_text(term.value)}</uri>"
        case BlankNode():
            return f"<bnode>{_xml_text(term.value)}</bnode>"
        case Literal() if term.language:
            return f"<literal xml:lang={quoteattr(term.language)}>{_xml_text(term.value)}</literal>"
        case Literal() if term.datatype.value == _STRING:
            return f"<literal>{_xml_text(term.value)}</literal>"
        case Literal():
            return f"<literal datatype={quoteattr(term.datatype.value)}>{_xml_text(term.value)}</literal>"
    raise _not_written(term)


def _xml_text(text: str) -> str:
    if found := _NOT_XML.search(text):
        raise InputError(
            f"A literal holds the character {found[0]!a}, which XML cannot.",
            where="answer",
            allowed="application/sparql-results+json",
        )
    # A bare carriage return would be read back as a line feed.
    escaped = escape(text, {"\r": "&#13;"})
    # Some readers take white space at either end for layout, and leave it out.
    return _OUTER_SPACE.sub(lambda found: "".join(f"&#{ord(character)};" for character in found[0]), escaped)


def _csv_term(term: Any) -> str:
    if term is None:
        return ""
    text = str(term) if isinstance(term, BlankNode) else getattr(term, "value", None)
    if text is None:
        raise _not_written(term)
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def _not_written(term: Any) -> InputError:
    return InputError(f"{term} is no term of RDF 1.1.", where="answer", allowed="IRIs, literals and blank nodes")
