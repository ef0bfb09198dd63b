"""The version of this distribution."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def own_version() -> str:
    """Return the version of Tunegraph that is installed; ``0`` where it runs from a folder."""
    try:
        return version("tunegraph")
    except PackageNotFoundError:
        return "0"
