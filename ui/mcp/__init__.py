"""The graph and the recommender as tools of an assistant, over the Model Context Protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kg.errors import InputError

if TYPE_CHECKING:
    from mcp.server import MCPServer

    from ui.compose import Tunegraph


def make_server(tunegraph: Tunegraph, *, may_read_files: bool = False) -> MCPServer[Any]:
    """Return a server whose tools answer from `tunegraph`.

    Args:
        tunegraph: Whose graph it is; all that it shows may be told.
        may_read_files: Whether a tool may be given the path of a table: only where the assistant is the user's own.

    Raises:
        InputError: The package ``mcp`` is not installed, or is an old one.
    """
    try:
        from ui.mcp.server import build
    except ImportError as error:
        raise InputError(
            f"The package mcp cannot be used: {error}.", where="mcp", allowed="pip install 'tunegraph[api]'"
        ) from error
    return build(tunegraph, may_read_files=may_read_files)
