"""Questions to Neo4j: the named ones of `kg/queries` in Cypher, and free Cypher that only reads.

A named question has the words and parameters of its ``.rq`` file and the query of the ``.cypher`` file of that name.
Parameters arrive as ``$name``; one that is optional and not given is null. A text parameter arrives a second time as
``$name_segment``, quoted as IRIs of ours quote names. Columns come back as the SPARQL query's do; what a property
writes out as text (dates) is returned under its name with the ending, as in ``AS `retrieved@date```.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from kg.errors import InputError
from kg.neo4j_terms import to_column, to_parameter
from kg.questions import Question, is_name, question_named, terms_of

if TYPE_CHECKING:
    from kg.neo4j_connection import Tx

#: What may hold a word that is no keyword: comments, strings, quoted names, labels, properties, parameters.
_OPAQUE: Final = re.compile(
    r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:``|[^`])*`|[:.$]\s*\w+""", re.DOTALL
)
#: Words that a query that reads has no use for: they write, change the schema, fetch files, or call what may do so.
_WRITING: Final = re.compile(
    r"\b(CREATE|MERGE|SET|DELETE|REMOVE|FOREACH|DROP|ALTER|GRANT|REVOKE|DENY|LOAD|START|STOP|TERMINATE|USE|ENABLE|"
    r"RENAME|REALLOCATE|DEALLOCATE|INSERT|CALL(?!\s*(?:\{|\()))\b",
    re.IGNORECASE,
)


#: A character by its number, which servers put in before they read anything else: within or without a string.
_ESCAPE: Final = re.compile(r"\\u")


@cache
def cypher_of(name: str) -> str:
    """Return the Cypher of a named question."""
    return resources.files("kg.queries").joinpath(f"{name}.cypher").read_text("utf-8")


def prepared(question: str, parameters: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the query and its parameters for a named question, or for free Cypher.

    Raises:
        UnknownNameError: There is no such question.
        InputError: A parameter is missing, unknown or of the wrong kind; or the query would write.
    """
    if is_name(question):
        named = question_named(question)
        return cypher_of(named.name), _values(named, parameters)
    if _ESCAPE.search(question):
        raise InputError(
            "A character is written by its number.", where="query", allowed="the character itself, or a parameter"
        )
    if found := _WRITING.search(_OPAQUE.sub(" ", question)):
        raise InputError(
            f"{found[0].upper()} is not for reading.", where="query", allowed="Cypher that matches and returns"
        )
    return question, dict(parameters)


def rows(tx: Tx, query: str, parameters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the rows of a prepared query as plain values."""
    result = tx.run(query, dict(parameters))
    for record in result:
        row: dict[str, Any] = {}
        for name, value in record.data().items():
            bare, plain = to_column(name, value)
            row[bare] = plain
        yield row


def _values(question: Question, parameters: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: to_parameter(term) for name, term in terms_of(question, parameters).items()}
    values: dict[str, Any] = {}
    for parameter in question.parameters:
        value = values[parameter.name] = given.get(parameter.name)
        if parameter.kind == "text":
            values[f"{parameter.name}_segment"] = None if value is None else quote(value, safe="-._~")
    return values
