"""Prompts, a file each; the number at the end of the name is the version."""

from __future__ import annotations

from importlib import resources


def prompt(name: str) -> str:
    """Return the prompt called `name`, such as ``propose.1``."""
    return resources.files(__name__).joinpath(f"{name}.md").read_text("utf-8")
