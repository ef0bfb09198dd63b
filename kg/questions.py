"""Questions that the graph answers: the named ones of `kg/queries`, and free SPARQL that only reads.

A named question is a file ``<name>.rq`` whose comments say what it answers and what it is to be told:

    # The runs that a piece of evidence rests on, best first.
    # @param evidence iri: the piece of evidence

A parameter is a variable of the query. Its value is bound as a term, and never becomes part of the query's text. The
query must project it, and must not ask whether it is BOUND: to SPARQL it is not (use COALESCE). Comments after the
parameters are for who reads the query.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from pyoxigraph import NamedNode, QueryBoolean, QuerySolutions, QueryTriples, Store, Variable

from kg.errors import InputError, RecordError, UnknownNameError
from kg.iris import learner_iri, metric_iri, source_iri
from kg.rdf_terms import PREFIXES, Term, float_term, integer_term, node, text_term, tg, to_plain, value_term

#: Kind of parameter -> how its value becomes a term.
_KINDS: Final[dict[str, Callable[[Any], Term]]] = {
    "iri": lambda value: node(str(value)),
    "learner": lambda value: NamedNode(learner_iri(str(value))),
    "metric": lambda value: NamedNode(metric_iri(str(value))),
    "source": lambda value: NamedNode(source_iri(str(value))),
    "term": lambda value: tg(str(value)),
    "text": lambda value: text_term(str(value)),
    "integer": integer_term,
    "number": float_term,
}
_PARAM = re.compile(r"#\s*@param\s+(?P<name>\w+)\s+(?P<kind>\w+)(?P<optional>\?)?:\s*(?P<text>.*)")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
#: What may hold a word that is no keyword: comments, IRIs, strings, prefixed names, variables.
_OPAQUE = re.compile(
    r"""\#[^\n\r]*|<[^<>"{}|^`\\\s]*>|\"{3}(?:\\.|(?!\"{3}).)*\"{3}|'{3}(?:\\.|(?!'{3}).)*'{3}"""
    r"""|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|[?$@]\w+|[\w.\-]*:[\w.\-:%]*""",
    re.DOTALL,
)
_SERVICE = re.compile(r"\bSERVICE\b", re.IGNORECASE)


@dataclass(frozen=True)
class QuestionParameter:
    """What a question has to be told."""

    name: str
    kind: str
    """One of ``iri``, ``learner``, ``metric``, ``source``, ``term``, ``text``, ``integer``, ``number``."""
    optional: bool
    """Where it is not given, the question is answered for all of them."""
    text: str
    """What it means."""


@dataclass(frozen=True)
class Question:
    """A named question."""

    name: str
    text: str
    """What it answers."""
    parameters: tuple[QuestionParameter, ...]
    query: str


@cache
def questions() -> Mapping[str, Question]:
    """Return the named questions, by name."""
    folder = resources.files("kg.queries")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".rq")), key=lambda file: file.name)
    return {
        question.name: question
        for question in (parse_question(file.name[: -len(".rq")], file.read_text("utf-8")) for file in files)
    }


def parse_question(name: str, query: str) -> Question:
    """Return the question that the text of a file lays down.

    Raises:
        InputError: A parameter is of no known kind.
    """
    comments = [line for line in query.splitlines() if line.startswith("#")]
    found = [match for match in map(_PARAM.match, comments) if match]
    if unknown := [match["kind"] for match in found if match["kind"] not in _KINDS]:
        raise InputError(f"{unknown[0]!r} is no kind of parameter.", where=f"{name}.rq", allowed=", ".join(_KINDS))
    parameters = tuple(QuestionParameter(m["name"], m["kind"], m["optional"] is not None, m["text"]) for m in found)
    words = itertools.takewhile(lambda line: not _PARAM.match(line), comments)
    text = " ".join(line.lstrip("# ") for line in words)
    return Question(name, text, parameters, query)


def answer(view: Store, question: str, parameters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Answer a named question, or a free SPARQL query.

    Args:
        view: The quads to ask.
        question: The name of a question, or a SELECT, ASK, CONSTRUCT or DESCRIBE query. The prefixes of
            `kg.rdf_terms.PREFIXES` need no declaration; the default graph is the union of all sources.
        parameters: Variable -> value. In a free query, text that begins like an IRI (``http://``, ``https://``,
            ``urn:``) is one; a variable that is bound must be in the query's projection.

    Raises:
        UnknownNameError: There is no such question.
        InputError: A parameter is missing, unknown or of the wrong kind; the query cannot be parsed, would write, or
            would ask another server.
    """
    if is_name(question):
        named = question_named(question)
        return _rows(view, named.query, terms_of(named, parameters))
    return _rows(view, question, {name: _free_term(name, value) for name, value in parameters.items()})


def is_name(question: str) -> bool:
    """Say whether `question` is the name of one, not a query."""
    return _NAME.fullmatch(question) is not None


def question_named(name: str) -> Question:
    """Return a named question.

    Raises:
        UnknownNameError: There is no such question; names those there are.
    """
    named = questions().get(name)
    if named is None:
        raise UnknownNameError("question", name, questions())
    return named


def terms_of(question: Question, parameters: Mapping[str, Any]) -> dict[str, Term]:
    """Return the parameters that are given as terms.

    Raises:
        UnknownNameError: The question has no such parameter.
        InputError: A parameter is missing, or of the wrong kind.
    """
    known = {parameter.name: parameter for parameter in question.parameters}
    for name in parameters:
        if name not in known:
            raise UnknownNameError(f"parameter of {question.name}", name, known)
    given = {name: value for name, value in parameters.items() if value is not None}
    for parameter in question.parameters:
        if parameter.name not in given and not parameter.optional:
            raise InputError(
                f"{parameter.name} is missing.", where=f"question {question.name}", allowed=f"{parameter.text}"
            )
    return {name: _term(known[name], value) for name, value in given.items()}


def _term(parameter: QuestionParameter, value: Any) -> Term:
    try:
        return _KINDS[parameter.kind](value)
    except (RecordError, ValueError, TypeError) as error:
        raise InputError(
            f"{value!r} cannot be used: {error}", where=f"parameter {parameter.name}", allowed=parameter.text
        ) from error


def _free_term(name: str, value: Any) -> Term:
    if isinstance(value, str) and value.startswith(("http://", "https://", "urn:")):
        return _term(QuestionParameter(name, "iri", optional=False, text="an absolute IRI"), value)
    if value is None or isinstance(value, bool | int | float | str):
        return value_term(value)
    raise InputError(f"{value!r} is no value for ?{name}.", where="parameters", allowed="text, numbers, true, false")


def _rows(view: Store, query: str, bound: Mapping[str, Term]) -> Iterator[dict[str, Any]]:
    if _SERVICE.search(_OPAQUE.sub(" ", query)):
        raise InputError("SERVICE would ask another server.", where="query", allowed="what this graph holds")
    try:
        result = view.query(
            query,
            prefixes=PREFIXES,
            use_default_graph_as_union=True,
            substitutions={Variable(name): term for name, term in bound.items()},
        )
    except (SyntaxError, ValueError, RuntimeError) as error:
        raise InputError(
            f"The query cannot be answered: {error}",
            where="query",
            allowed="SPARQL 1.1 queries that read",
        ) from error
    return _plain(result)


def _plain(result: QuerySolutions | QueryBoolean | QueryTriples) -> Iterator[dict[str, Any]]:
    if isinstance(result, QueryBoolean):
        return iter([{"answer": bool(result)}])
    if isinstance(result, QuerySolutions):
        return _solutions(result, [variable.value for variable in result.variables])
    return _triples(result)


def _solutions(rows: QuerySolutions, names: list[str]) -> Iterator[dict[str, Any]]:
    for row in rows:
        yield {name: to_plain(term) for name, term in zip(names, row, strict=True)}


def _triples(triples: Iterable[Any]) -> Iterator[dict[str, Any]]:
    for triple in triples:
        yield {
            "subject": to_plain(triple.subject),
            "predicate": to_plain(triple.predicate),
            "object": to_plain(triple.object),
        }
