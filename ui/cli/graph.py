"""``tunegraph query``."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from kg.errors import InputError


def query_command(question: str, parameters: tuple[str, ...], *, limit: int, as_json: bool, home: Path | None) -> int:
    """Ask the graph and print the rows. Returns the exit code.

    Raises:
        InputError: The question is not known, cannot be parsed, or lacks a parameter.
    """
    from itertools import islice

    from kg.questions import is_name, question_named
    from ui.cli.files import read_text
    from ui.cli.screen import progress_on
    from ui.compose import Settings, Tunegraph
    from ui.questioning import canonical_parameters

    given: Mapping[str, Any] = _parameters(parameters)
    if question == "list":
        return _print_questions(as_json)
    if question.endswith(".rq"):
        question = read_text(Path(question))
    elif is_name(question):
        given = canonical_parameters(question_named(question), given)
    with progress_on(sys.stderr) as progress:
        store = Tunegraph(Settings.from_environment(home), progress=progress).store
        rows = list(islice(store.ask(question, given), limit))
    if as_json:
        print(json.dumps(rows, indent=2, default=str))
        return 0
    if not rows:
        print("No answer: nothing in the graph fits.")
        return 0
    table = Table()
    for name in rows[0]:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    console = Console()
    # A row that is piped into a file or another program stays on its line.
    (console if console.is_terminal else Console(width=_WIDEST)).print(table)
    return 0


#: Columns of a table that no one has to read on a terminal; it takes as many as its cells need.
_WIDEST = 10_000


def _cell(value: object) -> Text:
    # Text, for a quote may hold what a table would take for markup: "[min, max]".
    return Text(_told(value) if isinstance(value, float) else str(value))


def _told(value: float) -> str:
    """Return a count in full (a million rows are 1025010, not 1.025e+06), any other number with five digits."""
    return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else f"{value:.5g}"


def _parameters(pairs: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise InputError(f"{pair!r} is no parameter.", where="--param", allowed="name=value")
        found[name] = value
    return found


def _print_questions(as_json: bool) -> int:
    from kg.questions import questions

    found = questions().values()
    if as_json:
        names = [{"name": q.name, "answers": q.text, "parameters": [p.name for p in q.parameters]} for q in found]
        print(json.dumps(names, indent=2))
        return 0
    for question in found:
        given = ", ".join(f"{p.name}{' (optional)' if p.optional else ''}" for p in question.parameters)
        print(f"{question.name}" + (f"  --param {given}" if given else "") + f"\n    {question.text}")
    return 0
