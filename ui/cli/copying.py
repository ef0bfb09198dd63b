"""``tunegraph copy FROM TO``: moves a graph between the embedded store and Neo4j, either way."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ui.cli.options import Home, Json

_WHERE = "neo4j://HOST:PORT/DATABASE, the home folder of a graph, or 'home' for your own"


def command(
    source: Annotated[str, typer.Argument(metavar="FROM", help=f"The graph to copy: {_WHERE}.")],
    target: Annotated[str, typer.Argument(metavar="TO", help=f"Where to: {_WHERE}.")],
    replace: Annotated[bool, typer.Option("--replace", help="Take out of TO what FROM does not have.")] = False,
    as_json: Json = False,
    home: Home = None,
) -> None:
    """Copy a graph to another store, and check that both are equal.

    User and password of Neo4j: TUNEGRAPH_NEO4J_USER and TUNEGRAPH_NEO4J_PASSWORD in the environment.
    """
    from ui.cli.screen import progress_on
    from ui.moving import copy_between

    with progress_on(sys.stderr) as progress:
        report = copy_between(source, target, home, replace=replace, progress=progress)
    print(report.model_dump_json(indent=2) if as_json else report.to_text())
