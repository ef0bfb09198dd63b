"""The tables of LaTeX: where they begin and end, their rows, their captions. One may stand in a cell of another."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

#: Environments that are tables.
TABLES = ("tabular", "tabularx", "tabular*", "longtable", "tabulary", "array", "supertabular", "tblr")
CAPTION = re.compile(r"\\caption(?:of\s*\{[a-z]{1,20}\}|\*)?\s*(?:\[[^\]]{0,500}\])?\s*\{")
#: The ends of environments; what stands in a comment is none.
_EDGE = re.compile(r"(?<!\\)(?:\\\\)*%[^\n]*|\\(?P<edge>begin|end)\s*\{(?P<name>[A-Za-z]+\*?)\}")
_MARK = re.compile(
    r"(?P<row>\\\\\*?(?:\[[^\]]{0,500}\])?|\\tabularnewline(?![a-zA-Z]))"
    r"|(?P<edge>\\(?:begin|end)\s*\{[^{}]*\})|%[^\n]*|\\.|(?P<brace>[{}])",
    re.DOTALL,
)
_FLOATS = ("table", "table*", "longtable", "sidewaystable", "wraptable")


def environments(body: str, others: Container[str]) -> Iterator[tuple[str, int, str, int]]:
    """Yield the tables and listings of a source: name, start, what is inside, end.

    Args:
        body: The source.
        others: The environments beside tables that are wanted; what is in them is not looked into.
    """
    ends = _ends(body)
    at = 0
    while (match := _EDGE.search(body, at)) is not None:
        at = match.end()
        name = match["name"]
        if match["edge"] != "begin" or (name not in TABLES and name not in others):
            continue
        closing = f"\\end{{{name}}}"
        if name in TABLES:
            end, behind = ends.get(match.start(), (-1, -1))
        else:
            end = body.find(closing, at)
            behind = end + len(closing)
        if end < 0:
            continue
        inner = body[at:end]
        yield name, match.start(), _without_columns(inner) if name in TABLES else inner, behind
        at = behind


def _ends(body: str, names: Container[str] = TABLES) -> dict[int, tuple[int, int]]:
    """Return of each environment, by where it begins, where its end begins and ends."""
    open_: dict[str, list[int]] = {}
    found: dict[int, tuple[int, int]] = {}
    for match in _EDGE.finditer(body):
        name = match["name"]
        if name is None or name not in names:
            continue
        if match["edge"] == "begin":
            open_.setdefault(name, []).append(match.start())
        elif open_.get(name):
            found[open_[name].pop()] = match.span()
    return found


def captions_of_tables(body: str) -> dict[int, str]:
    """Return the source of the caption of each table, by where the table begins.

    Of several in one float, each caption is of the table below it where the first one stands above all tables, else of
    the table above it.
    """
    tables = sorted(_ends(body))
    floats = sorted((start, end) for start, (end, _) in _ends(body, _FLOATS).items())
    found: dict[int, str] = {}
    at = 0
    for start, end in floats:
        while at < len(tables) and tables[at] < start:
            at += 1
        inside: list[int] = []
        while at < len(tables) and tables[at] < end:
            inside.append(tables[at])
            at += 1
        captions = [match.end() - 1 for match in CAPTION.finditer(body, start, end)]
        for table in inside if captions else ():
            above = [place for place in captions if place < table]
            below = [place for place in captions if place > table]
            is_above = captions[0] < inside[0] or not below
            found[table] = braced(body, above[-1] if is_above and above else below[0])[0]
    return found


def table_rows(inner: str) -> list[str]:
    """Return the rows of a table; a line that is broken within a cell is of one row."""
    rows, start, depth = [], 0, 0
    for match in _MARK.finditer(inner):
        if match["row"] and depth == 0:
            rows.append(inner[start : match.start()])
            start = match.end()
        elif match["edge"]:
            depth += 1 if match["edge"].startswith(r"\begin") else -1
        elif match["brace"]:
            depth += 1 if match["brace"] == "{" else -1
    if depth:  # braces without a partner: every line is a row
        return re.split(r"\\\\(?:\[[^\]]{0,500}\])?|\\tabularnewline", inner)
    return [*rows, inner[start:]]


def _without_columns(inner: str) -> str:
    """Return the inside of a table without the arguments that say how wide and aligned its columns are."""
    rest = inner.lstrip()
    while rest[:1] in ("{", "["):
        if rest[0] == "[":
            rest = rest[rest.find("]") + 1 :].lstrip() if "]" in rest[:200] else rest[1:]
        else:
            _, end = braced(rest, 0)
            rest = rest[end:].lstrip()
    return rest


def braced(text: str, start: int) -> tuple[str, int]:
    """Return what stands between the brace at `start` and its partner, and where the text goes on behind it."""
    depth = 0
    for match in re.finditer(r"\\.|[{}]", text[start : start + 20_000], re.DOTALL):
        depth += {"{": 1, "}": -1}.get(match.group(), 0)
        if depth == 0 and match.group() == "}":
            return text[start + 1 : start + match.start()], start + match.end()
    return text[start + 1 : start + 200], min(len(text), start + 200)
