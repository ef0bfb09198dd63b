"""What is made when the pages are built: the reference of the command line, and the list of the decisions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import typer

from ui.cli import app

MARK = "<!-- commands -->"
DECISIONS = Path(__file__).resolve().parents[1] / "decisions"


def on_page_markdown(markdown: str, page: Any = None, **_: Any) -> str:
    """Put the commands where a page asks for them, and below the decisions' page what they are (a hook of MkDocs)."""
    if page is not None and page.file.src_uri == "decisions/README.md":
        return "\n".join([markdown, "", *decisions()])
    return markdown.replace(MARK, "\n".join(commands())) if MARK in markdown else markdown


def decisions() -> Iterator[str]:
    """Yield a link to each decision."""
    for path in sorted(DECISIONS.glob("[0-9]*.md")):
        title = path.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")
        yield f"* [{title}]({path.name})"


def commands() -> Iterator[str]:
    """Yield the reference, line by line."""
    root: Any = typer.main.get_command(app)
    for name in sorted(root.commands):
        yield from _command(root.commands[name], f"tunegraph {name}")


def _command(command: Any, name: str) -> Iterator[str]:
    children = getattr(command, "commands", {})
    yield from (f"## `{name}`", "", command.help or command.short_help or "", "")
    rows = [_row(parameter) for parameter in command.params if parameter.name != "help"]
    if rows:
        yield from ("| | | default |", "|---|---|---|", *rows, "")
    for child in sorted(children):
        yield from _command(children[child], f"{name} {child}")


def _row(parameter: click.Parameter) -> str:
    names = ", ".join(f"`{name}`" for name in (*parameter.opts, *parameter.secondary_opts))
    if parameter.param_type_name == "argument":
        names = f"`{(parameter.name or '').upper()}`"
    default = parameter.default
    # What is not given at all is marked by an object of click's own; what is looked up, by a function.
    is_told = isinstance(default, int | float | str) and not isinstance(default, bool)
    shown = f"`{default}`" if is_told else ""
    text = (getattr(parameter, "help", None) or "").replace("|", "\\|").replace("\n", " ")
    return f"| {names} | {text} | {shown} |"
