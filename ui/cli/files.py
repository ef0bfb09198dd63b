"""Reads the files that commands are given: proposals and queries."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.errors import InputError

if TYPE_CHECKING:
    from recommender.proposal import Proposal

#: A proposal or a query is small; what is larger was given by mistake.
MOST_BYTES = 20_000_000


def read_text(path: Path) -> str:
    """Return the text of `path`.

    Raises:
        InputError: It is no file, too large, or no UTF-8.
    """
    if not path.is_file():
        raise InputError("There is no such file.", where=str(path), allowed="the path of a file")
    if path.stat().st_size > MOST_BYTES:
        raise InputError(f"It has {path.stat().st_size} bytes.", where=str(path), allowed=f"at most {MOST_BYTES}")
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"This is no UTF-8 text: byte {error.start}.", where=str(path), allowed="UTF-8") from error
    except OSError as error:
        raise InputError(f"Cannot read: {error.strerror}.", where=str(path), allowed="a readable file") from error


def read_draft(path: Path) -> tuple[str, dict[str, Any]]:
    """Return the text of `path`, and the JSON object that it holds: what may be a proposal.

    Raises:
        InputError: It cannot be read, or is no JSON object.
    """
    text = read_text(path)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:  # numbers of thousands of digits, too, are a ValueError
        raise InputError(f"This is no JSON: {error}.", where=str(path), allowed=_PROPOSAL) from error
    if not isinstance(found, dict):
        raise InputError("This is no JSON object.", where=str(path), allowed=_PROPOSAL)
    return text, found


def read_proposal(path: Path) -> Proposal:
    """Return the proposal in `path`.

    Raises:
        InputError: It cannot be read, or is no proposal; names the file and the field.
    """
    from recommender.proposal import Proposal

    text, _ = read_draft(path)
    try:
        return Proposal.from_json(text)
    except InputError as error:
        raise InputError(error.message, where=str(path), allowed=error.allowed) from error


def target_in(draft: dict[str, Any]) -> str | None:
    """Return the target that a draft names, where it names one."""
    task = draft.get("task")
    target = task.get("target") if isinstance(task, dict) else None
    return target if isinstance(target, str) and target else None


def check_target(target: str | None, data: str | None) -> None:
    """Refuse a column to predict where there is no table that could have it.

    Raises:
        InputError: There is a target and no table.
    """
    if target is not None and data is None:
        raise InputError("A target needs a table.", where="--target", allowed="together with a table only")


_PROPOSAL = "a proposal, as written by tunegraph recommend --json"
