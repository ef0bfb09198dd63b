"""``tunegraph ingest WHAT``: one module a kind of evidence, registered here."""

from __future__ import annotations

import typer

from ui.cli.ingesting import amlb, openml, papers, study, tables

app = typer.Typer(
    name="ingest",
    help="Read evidence into the run table and the graph.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.command("tables")(tables.command)
app.command("openml")(openml.command)
app.command("study")(study.command)
app.command("amlb")(amlb.command)
app.command("papers")(papers.command)
