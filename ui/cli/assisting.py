"""``tunegraph mcp``."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ui.cli.options import Home


def command(
    http: Annotated[bool, typer.Option("--http", help="Serve over HTTP instead of standard input and output.")] = False,
    host: Annotated[str, typer.Option(help="With --http: address to listen on. Others than loopback need a key.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, help="With --http: 0 is any that is free.")] = 8100,
    home: Home = None,
) -> None:
    """Serve the graph and the recommender as tools of an assistant (Model Context Protocol)."""
    from ui.compose import Settings, Tunegraph
    from ui.mcp.serving import serve_http, serve_stdio

    def told(text: str) -> None:
        # Standard output belongs to the protocol.
        print(text, file=sys.stderr, flush=True)

    tunegraph = Tunegraph(Settings.from_environment(home), progress=told)
    if http:
        serve_http(tunegraph, host=host, port=port, told=told)
    else:
        serve_stdio(tunegraph)
