"""The error family of Tunegraph.

TunegraphError
├── InputError          what the user gave is wrong: says what, where, and what is allowed
│   ├── TableError      a table cannot be read or cannot be learnt from
│   └── UnknownNameError     a learner, metric, source, ... that does not exist
├── RecordError         one record of a source is bad: set aside with its reason, the rest goes on
├── StoreError          the graph or the run table cannot be read or written
├── EvidenceError       the graph does not hold what was asked of it
└── ModelError          a language model does not answer, or not in the form asked for; the work goes on without it
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class TunegraphError(Exception):
    """The root of all errors that Tunegraph raises on purpose."""


class InputError(TunegraphError, ValueError):
    """Something the user gave cannot be used.

    Args:
        message: What is wrong, with the value.
        where: The file, column, option or field that holds it.
        allowed: What would have been right.
    """

    def __init__(self, message: str, *, where: str = "", allowed: str = "") -> None:
        self.message, self.where, self.allowed = message, where, allowed
        text = f"{where}: {message}" if where else message
        super().__init__(f"{text} Allowed: {allowed}." if allowed else text)


class TableError(InputError):
    """A table cannot be read, or nothing can be learnt from it."""


class UnknownNameError(InputError):
    """A name that is not known; names the close ones.

    Args:
        kind: What it should name: "learner", "metric", ...
        name: What was given.
        known: The names that exist.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        self.kind, self.name, self.known = kind, name, tuple(sorted(known))
        close = difflib.get_close_matches(name, self.known, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        super().__init__(f"There is no {kind} {name!r}.{hint}", where=kind, allowed=", ".join(self.known))


class RecordError(TunegraphError, ValueError):
    """One record of a source is bad. The reason is kept in the report; the rest goes on."""


class StoreError(TunegraphError, OSError):
    """The graph or the run table cannot be opened, read or written."""


class EvidenceError(TunegraphError, LookupError):
    """The graph does not hold what was asked of it."""


class ModelError(TunegraphError):
    """A language model does not answer, or not in the form asked for; whoever asked goes on without it."""
