"""Two hundred queries that mean harm: `hostile_queries` makes them, the same ones every time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class Fate(StrEnum):
    """What must become of a query."""

    REFUSED = "refused"
    """It is read, and not answered: it would write, or ask another server (403), or it is no query (400)."""
    SURVIVED = "survived"
    """It is answered, or ended at a limit (200, 400, 413, 422): the server is well either way."""


@dataclass(frozen=True)
class Hostile:
    """One query."""

    kind: str
    text: str
    fate: Fate


def hostile_queries() -> tuple[Hostile, ...]:
    """Return the corpus."""
    return tuple(Hostile(kind, text, fate) for kind, (fate, make) in _KINDS.items() for text in dict.fromkeys(make()))


def _cartesian() -> Iterator[str]:
    for n in range(2, 12):
        body = " . ".join(f"?a{i} ?b{i} ?c{i}" for i in range(n))
        yield f"SELECT * WHERE {{ {body} }}"
        yield f"SELECT (COUNT(*) AS ?n) WHERE {{ {body} }}"


def _sorting() -> Iterator[str]:
    for key in ("?o", "DESC(STR(?o))", "RAND()", "MD5(STR(?o))", "STRLEN(CONCAT(STR(?s), STR(?o)))"):
        yield f"SELECT * WHERE {{ ?s ?p ?o }} ORDER BY {key}"
        yield f"SELECT DISTINCT * WHERE {{ ?s ?p ?o . ?o ?q ?r }} ORDER BY {key}"


def _paths() -> Iterator[str]:
    for path in (
        "(<a:b>|!<a:b>)*",
        "(!<a:b>)+",
        "((!<a:b>)*)*",
        "(!<a:b>|^!<a:b>)*",
        "(!<a:b>/^!<a:b>)*",
        "(!(<a:b>|^<a:b>))+",
    ):
        yield f"SELECT * WHERE {{ ?s {path} ?o }}"
        yield f"SELECT (COUNT(*) AS ?n) WHERE {{ ?s {path} ?m . ?m {path} ?o }}"
    for depth in (5, 50, 400):
        yield f"SELECT * WHERE {{ ?s {'(' * depth}!<a:b>{')*' * depth} ?o }}"
        yield f"SELECT * WHERE {{ ?s {'/'.join(['(!<a:b>)'] * depth)} ?o }}"


def _regexes() -> Iterator[str]:
    bombs = (
        "(a+)+$",
        "(a|a)*b",
        "(x+x+)+y",
        "(a{1000}){1000}",
        "((a{100}){100}){100}",
        "(.*)*(.*)*(.*)*=",
        "[\\\\s\\\\S]{10000}",
    )
    for bomb in bombs:
        yield f'SELECT * WHERE {{ ?s ?p ?o FILTER(REGEX(STR(?o), "{bomb}")) }}'
        yield f'SELECT (REPLACE(STR(?o), "{bomb}", "$0$0$0$0") AS ?x) WHERE {{ ?s ?p ?o }}'


def _doubling() -> Iterator[str]:
    for n in (20, 26, 30, 36, 44, 60):
        chain = " ".join(f"BIND(CONCAT(?a{i}, ?a{i}) AS ?a{i + 1})" for i in range(n))
        yield f'SELECT (STRLEN(?a{n}) AS ?n) WHERE {{ BIND("aaaaaaaa" AS ?a0) {chain} }}'
        yield f'SELECT ?a{n} WHERE {{ BIND("aaaaaaaa" AS ?a0) {chain} }}'


def _aggregates() -> Iterator[str]:
    for call in (
        "GROUP_CONCAT(?o)",
        "GROUP_CONCAT(DISTINCT STR(?s))",
        "COUNT(DISTINCT CONCAT(STR(?s), STR(?o)))",
        "SAMPLE(?o)",
    ):
        yield f"SELECT ({call} AS ?x) WHERE {{ ?s ?p ?o . ?t ?q ?r }}"
        yield f"SELECT ?s ({call} AS ?x) WHERE {{ ?s ?p ?o . ?t ?q ?u }} GROUP BY ?s ?t"


def _literals() -> Iterator[str]:
    for size in (1_000, 20_000, 90_000, 200_000):
        yield f'SELECT * WHERE {{ ?s ?p "{"x" * size}" }}'
        yield f'SELECT * WHERE {{ ?s ?p ?o FILTER(CONTAINS(STR(?o), "{"x" * size}")) }}'
    for digits in (100, 10_000, 80_000):
        yield f"SELECT ({'9' * digits} * {'9' * min(digits, 1_000)} AS ?x) WHERE {{ }}"
    for count in (500, 5_000):
        yield f"SELECT * WHERE {{ VALUES ?x {{ {' '.join(map(str, range(count)))} }} ?x ?p ?o . ?s ?q ?r }}"
        yield f"SELECT {' '.join(f'?v{i}' for i in range(count))} WHERE {{ ?v0 ?v1 ?v2 }}"


def _nested() -> Iterator[str]:
    for depth in (20, 200, 2_000, 12_000):
        yield f"SELECT * WHERE {{ {'{' * depth} ?s ?p ?o {'}' * depth} }}"
        yield f"SELECT * WHERE {{ {'OPTIONAL {' * (depth // 3)} ?s ?p ?o {'}' * (depth // 3)} }}"
        yield f"SELECT ({'(' * depth}1{')' * depth} AS ?x) WHERE {{ }}"
        yield f"SELECT ({'ABS(' * (depth // 2)}1{')' * (depth // 2)} AS ?x) WHERE {{ }}"
        yield f"SELECT * WHERE {{ {'{ SELECT * WHERE {' * (depth // 10)} ?s ?p ?o {'} }' * (depth // 10)} }}"
    for terms in (100, 1_000, 10_000):
        yield f"SELECT ({'1+' * terms}1 AS ?x) WHERE {{ }}"
        yield f"SELECT * WHERE {{ FILTER({'!' * terms}true) }}"
        yield f"SELECT * WHERE {{ {'{ ?s ?p ?o } UNION ' * (terms // 10)} {{ ?s ?p ?o }} }}"


def _subqueries() -> Iterator[str]:
    for n in (2, 4, 6, 8):
        body = "?s ?p ?o"
        for i in range(n):
            body = f"{{ SELECT * WHERE {{ {body} . ?x{i} ?y{i} ?z{i} }} }}"
        yield f"SELECT (COUNT(*) AS ?n) WHERE {body}" if n else ""
        yield f"ASK {{ ?s ?p ?o {'FILTER NOT EXISTS { ?s ?q ?r MINUS { ?t ?u ?v } }' * n} }}"


def _graphs() -> Iterator[str]:
    yield "CONSTRUCT { ?s ?p ?o . ?t ?q ?r } WHERE { ?s ?p ?o . ?t ?q ?r }"
    yield "CONSTRUCT { ?s ?p [] } WHERE { ?s ?p ?o . ?t ?q ?r }"
    yield "DESCRIBE * WHERE { ?s ?p ?o }"
    yield "DESCRIBE ?s ?p ?o WHERE { ?s ?p ?o . ?o ?q ?r }"
    yield "SELECT * WHERE { GRAPH ?g { ?s ?p ?o } GRAPH ?h { ?t ?q ?r } }"
    yield "SELECT * FROM <file:///etc/passwd> WHERE { ?s ?p ?o }"
    yield "SELECT * FROM NAMED <http://127.0.0.1:9/x> WHERE { GRAPH ?g { ?s ?p ?o } }"


_SERVICE = "SERVICE <http://127.0.0.1:9/sparql> { ?x ?y ?z }"


def _services() -> Iterator[str]:
    yield f"SELECT * WHERE {{ {_SERVICE} }}"
    yield f"SELECT * WHERE {{ {_SERVICE.replace('SERVICE', 'service silent')} }}"
    yield "SELECT * WHERE { ?s ?p ?o . SERVICE ?o { ?x ?y ?z } }"
    yield f"SELECT * WHERE {{ FILTER EXISTS {{ {_SERVICE} }} }}"
    yield f"SELECT (EXISTS {{ {_SERVICE} }} AS ?x) WHERE {{ }}"
    yield f"SELECT * WHERE {{ ?s ?p ?o }} ORDER BY (EXISTS {{ {_SERVICE} }})"
    yield f"SELECT ?s WHERE {{ ?s ?p ?o }} GROUP BY ?s HAVING (EXISTS {{ {_SERVICE} }})"
    yield f"SELECT * WHERE {{ {{ SELECT * WHERE {{ OPTIONAL {{ {_SERVICE} }} }} }} }}"
    yield f"CONSTRUCT {{ ?x ?y ?z }} WHERE {{ {_SERVICE} }}"
    yield f"ASK {{ MINUS {{ {_SERVICE} }} }}"
    yield f"DESCRIBE ?x WHERE {{ {_SERVICE} }}"
    yield f"SELECT * WHERE {{ ?s ?p ?o # \n {_SERVICE} }}"
    # What two parsers may read differently: the end of a comment, and escapes of characters.
    yield f"SELECT * WHERE {{ ?s ?p ?o # \r {_SERVICE} \n }}"
    yield f"SELECT * WHERE {{ ?s ?p ?o #\\u000A {_SERVICE} \n }}"
    yield f"SELECT * WHERE {{ {_SERVICE.replace('SERVICE', 'SER' + chr(92) + 'u0056ICE')} }}"
    yield f'SELECT * WHERE {{ ?s ?p "x\\u005Cu0022 #" . {_SERVICE} \n }}'


def _disguises() -> Iterator[str]:
    # With escapes resolved first, as the standard has it, the rest of the line is a comment; who resolves them last
    # would see a string, and SERVICE behind it.
    yield f'SELECT * WHERE {{ ?s ?p "x\\u0022 #" . {_SERVICE} \n }}'
    yield f"SELECT * WHERE {{ ?s ?p 'x\\u0027 #' . {_SERVICE} \n }}"
    yield f'SELECT * WHERE {{ ?s ?p "{_SERVICE}" }}'
    yield f"SELECT * WHERE {{ ?s ?p ?o # {_SERVICE}\n }}"


def _updates() -> Iterator[str]:
    updates = (
        "INSERT DATA { <a:s> <a:p> <a:o> }",
        "DELETE DATA { <a:s> <a:p> <a:o> }",
        "DELETE WHERE { ?s ?p ?o }",
        "DELETE { ?s ?p ?o } INSERT { ?s ?p 1 } WHERE { ?s ?p ?o }",
        "LOAD <http://127.0.0.1:9/x>",
        "LOAD SILENT <file:///etc/passwd> INTO GRAPH <a:g>",
        "CLEAR ALL",
        "DROP SILENT ALL",
        "CREATE GRAPH <a:g>",
        "COPY DEFAULT TO <a:g>",
        "MOVE <a:g> TO DEFAULT",
        "ADD <a:g> TO <a:h>",
    )
    for update in updates:
        yield update
        yield f"PREFIX x: <a:> # SELECT\n{update.lower()}"
    yield "SELECT * WHERE { ?s ?p ?o } ; DROP ALL"
    yield "SELECT * WHERE { ?s ?p ?o }\nINSERT DATA { <a:s> <a:p> <a:o> }"
    yield "SELECT * WHERE { INSERT DATA { <a:s> <a:p> <a:o> } }"
    yield "SELECT * WHERE { ?s ?p '''x''' } } DELETE WHERE { ?s ?p ?o }"
    yield "# SELECT * WHERE { ?s ?p ?o }\r\nDROP ALL"
    yield "\\u0044ROP ALL"


def _broken() -> Iterator[str]:
    yield from (
        "",
        " ",
        "\0",
        "SELECT",
        "SELECT * WHERE {",
        "{" * 5_000,
        "}" * 5_000,
        '"' * 999,
        "\\uD800",
        "\\UFFFFFFFF",
    )
    yield from (
        "SELECT * WHERE { ?s ?p ?o } LIMIT -1",
        "SELECT * WHERE { ?s nothing:known ?o }",
        "SELECT * WHERE { <x> ?p ?o }",
    )
    yield from ("; DROP TABLE runs; --", "<script>alert(1)</script>", "MATCH (n) RETURN n", "é" * 3_000)


_KINDS: dict[str, tuple[Fate, Callable[[], Iterator[str]]]] = {
    "cartesian": (Fate.SURVIVED, _cartesian),
    "sorting": (Fate.SURVIVED, _sorting),
    "paths": (Fate.SURVIVED, _paths),
    "regexes": (Fate.SURVIVED, _regexes),
    "doubling": (Fate.SURVIVED, _doubling),
    "aggregates": (Fate.SURVIVED, _aggregates),
    "literals": (Fate.SURVIVED, _literals),
    "nested": (Fate.SURVIVED, _nested),
    "subqueries": (Fate.SURVIVED, _subqueries),
    "graphs": (Fate.SURVIVED, _graphs),
    "disguises": (Fate.SURVIVED, _disguises),
    "services": (Fate.REFUSED, _services),
    "updates": (Fate.REFUSED, _updates),
    "broken": (Fate.REFUSED, _broken),
}
