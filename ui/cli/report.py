"""``tunegraph report STORAGE``: what a study showed, as HTML or Markdown."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """The form of a report."""

    HTML = "html"
    MARKDOWN = "md"


def command(
    storage: Annotated[
        str,
        typer.Argument(help="URL of an Optuna storage, or a SQLite or journal file.", show_default=False),
    ],
    study_name: Annotated[
        str | None, typer.Option(help="The study, where the storage holds several.", show_default=False)
    ] = None,
    form: Annotated[
        Format | None, typer.Option("--format", help="Default: as the output file is named, else md.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write it to this file.", show_default=False)
    ] = None,
    cores: Annotated[int, typer.Option(min=1, help="Cores that a trial kept busy.")] = 1,
    watts: Annotated[float, typer.Option(min=0.01, help="Watts of a core in use.")] = 12.0,
    pue: Annotated[float, typer.Option(min=1.0, help="Power usage effectiveness of the building; 1 at home.")] = 1.67,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON instead.")] = False,
) -> None:
    """Say what a study searched and found, which evidence held, why it stopped, and what it cost."""
    from recommender.report import figures_of, to_html, to_markdown
    from recommender.storage import stored_study
    from ui.cli.screen import progress_on

    if output is not None:
        _check(output)
    with progress_on(sys.stderr) as progress:
        progress("Reading the study")
        study = stored_study(storage, study_name)
        progress("Computing importances")
        figures = figures_of(study, cores=cores, watts_per_core=watts, pue=pue)
    if as_json:
        text = json.dumps(figures.model_dump(mode="json"), indent=2)
    else:
        text = to_html(figures) if _form(form, output) is Format.HTML else to_markdown(figures)
    if output is None:
        print(text)
        return
    output.write_text(text, encoding="utf-8")
    print(f"Wrote {output}.")


def _form(form: Format | None, output: Path | None) -> Format:
    if form is not None:
        return form
    return Format.HTML if output is not None and output.suffix.lower() in (".html", ".htm") else Format.MARKDOWN


def _check(output: Path) -> None:
    from kg.errors import InputError

    if output.is_dir() or not output.absolute().parent.is_dir():
        raise InputError(f"Cannot write {str(output)!r}.", where="--output", allowed="a file in a folder that is there")
