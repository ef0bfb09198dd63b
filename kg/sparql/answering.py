"""Answers a query that was read, in a form that the caller takes, within limits on rows and bytes.

Seconds and memory are not limited here: the engine cannot be interrupted, so who lets others ask does it in a process
that can be ended.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pyoxigraph import (
    NamedNode,
    QueryBoolean,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    Variable,
    serialize,
)

from kg.errors import InputError, RecordError
from kg.rdf_terms import PREFIXES, node
from kg.sparql.reading import ReadQuery
from kg.sparql.results import ROW_WRITERS, truth_text

#: Media type -> how a graph is written in it.
GRAPH_FORMATS: Final = {
    "text/turtle": RdfFormat.TURTLE,
    "application/ld+json": RdfFormat.JSON_LD,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/rdf+xml": RdfFormat.RDF_XML,
}


#: The end of a property's IRI, of which RDF/XML makes the name of an element.
_XML_NAME: Final = re.compile(r"[^\W\d][\w.\-]*$")


class TooLargeError(InputError):
    """An answer has more rows or bytes than are handed out."""


class NotAcceptableError(InputError):
    """The answer exists, but in none of the forms that the caller takes."""


@dataclass(frozen=True)
class Limits:
    """How much of an answer there may be. What is longer is refused: part of an answer looks like all of it."""

    rows: int = 100_000
    """Solutions or triples."""
    bytes: int = 32 * 1024**2
    """Length of the answer as it is sent, before any compression."""


@dataclass(frozen=True)
class Wanted:
    """What the caller takes, and what is asked."""

    rows_type: str | None
    """Media type of solutions and truth values, of `ROW_WRITERS`; None: no such type is taken."""
    graph_type: str | None
    """Media type of graphs, of `GRAPH_FORMATS`; None: no such type is taken."""
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    """Graphs to ask. Where neither is given, it is as the query says, else the union of all."""
    bindings: Mapping[str, str] = field(default_factory=dict)
    """Variable -> the IRI that it is bound to; it must be in the query's projection."""


@dataclass(frozen=True)
class Answer:
    """The answer of a query."""

    media_type: str
    body: bytes
    rows: int
    """Solutions or triples; 1 for a truth value."""


def answer_query(view: Store, query: ReadQuery, wanted: Wanted, limits: Limits) -> Answer:
    """Answer `query` from `view`.

    Raises:
        NotAcceptableError: None of the types that are taken fits its form.
        TooLargeError: The answer is over a limit.
        InputError: The engine cannot answer it, or an IRI of a graph is none.
    """
    media_type = wanted.graph_type if query.form.is_graph else wanted.rows_type
    if media_type is None:
        allowed = GRAPH_FORMATS if query.form.is_graph else ROW_WRITERS
        raise NotAcceptableError(f"{query.form} is not answered in that.", where="Accept", allowed=", ".join(allowed))
    try:
        found = view.query(query.text, prefixes=PREFIXES, substitutions=_bound(wanted), **_dataset(query, wanted))
        return _written(found, media_type, limits)
    except (SyntaxError, ValueError, RuntimeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"The query cannot be answered: {error}", where="query", allowed="SPARQL 1.1") from error


def _bound(wanted: Wanted) -> dict[Variable, Any]:
    try:
        return {Variable(name): node(iri) for name, iri in wanted.bindings.items()}
    except RecordError as error:
        raise InputError(str(error), where="bindings", allowed="absolute IRIs") from error


def _dataset(query: ReadQuery, wanted: Wanted) -> dict[str, Any]:
    """Return which graphs to ask: those of the request, else those of the query, else all of them."""
    if not (wanted.default_graphs or wanted.named_graphs):
        return {} if query.has_dataset else {"use_default_graph_as_union": True}
    try:
        default: list[NamedNode] = list(map(node, wanted.default_graphs))
        named: list[NamedNode] = list(map(node, wanted.named_graphs))
    except RecordError as error:
        raise InputError(str(error), where="default-graph-uri or named-graph-uri", allowed="absolute IRIs") from error
    return {"default_graph": default, "named_graphs": named}


def _written(found: QueryBoolean | QuerySolutions | QueryTriples, media_type: str, limits: Limits) -> Answer:
    if isinstance(found, QueryBoolean):
        return Answer(media_type, truth_text(bool(found), media_type).encode(), 1)
    counted = _Counted(limits.rows)
    if isinstance(found, QuerySolutions):
        names = [variable.value for variable in found.variables]
        lines = ROW_WRITERS[media_type](names, counted.of(found))
        return Answer(media_type, _joined(lines, limits.bytes), counted.rows)
    return graph_answer(counted.of(found), media_type, limits)


def graph_answer(triples: Iterable[Triple], media_type: str, limits: Limits) -> Answer:
    """Return `triples`, each once, in `media_type`.

    Raises:
        TooLargeError: They are over a limit.
        NotAcceptableError: They cannot be written like that, as some properties cannot in RDF/XML.
    """
    # In order, so that what is said of one thing stands together, and the same graph is the same text.
    unique = sorted(set(triples), key=str)
    if GRAPH_FORMATS[media_type] == RdfFormat.RDF_XML:
        _check_xml_names(unique)
    try:
        body = serialize(unique, format=GRAPH_FORMATS[media_type], prefixes=PREFIXES) or b""
    except (OSError, ValueError) as error:
        raise NotAcceptableError(
            f"This graph cannot be written as {media_type}: {error}", where="Accept", allowed="text/turtle"
        ) from error
    if len(body) > limits.bytes:
        raise _too_many_bytes(limits.bytes)
    return Answer(media_type, body, len(unique))


def _check_xml_names(triples: Iterable[Triple]) -> None:
    """Raise where a property has no name in XML, which the engine would write all the same."""
    for predicate in {triple.predicate.value for triple in triples}:
        if not _XML_NAME.search(predicate):
            raise NotAcceptableError(
                f"RDF/XML has no way to write the property {predicate}.", where="Accept", allowed="text/turtle"
            )


class _Counted:
    """Counts what passes, and lets no more than `most` pass."""

    def __init__(self, most: int) -> None:
        self.rows, self._most = 0, most

    def of(self, rows: Iterable[Any]) -> Iterator[Any]:
        for row in rows:
            if self.rows == self._most:
                raise TooLargeError(
                    f"The answer has more than {self._most} rows.", where="query", allowed="LIMIT and OFFSET, or COUNT"
                )
            self.rows += 1
            yield row


def _joined(lines: Iterable[str], most: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    for line in lines:
        parts.append(line.encode())
        size += len(parts[-1])
        if size > most:
            raise _too_many_bytes(most)
    return b"".join(parts)


def _too_many_bytes(most: int) -> TooLargeError:
    return TooLargeError(
        f"The answer is longer than {most} bytes.", where="query", allowed="fewer variables, LIMIT and OFFSET"
    )
