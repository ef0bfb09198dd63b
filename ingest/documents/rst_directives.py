"""The directives of reStructuredText: which hold text, code or nothing of the document, and what their lines are."""

from __future__ import annotations

import re
from collections.abc import Sequence

#: The first line of a directive: its indent, name and argument.
DIRECTIVE = re.compile(r"(\s*)\.\.\s+(?:\|[^|]+\|\s+)?([\w:.+-]+)::(?:\s+(.*))?$")
_OPTION = re.compile(r"\s*:([^:`\s][^:`]*):(?:\s+(.*))?$")
#: Directives whose content is no text of the document, or another file's.
SILENT = frozenset({
    "image", "include", "raw", "literalinclude", "toctree", "contents", "index", "bibliography", "plot", "graphviz",
    "mermaid", "automodule", "autoclass", "autofunction", "autosummary", "currentmodule", "module", "py:module",
    "highlight", "role", "default-role", "meta", "sectnum", "replace", "unicode", "date", "video", "youtube",
    "testsetup", "testcleanup", "doctest-requires", "tabularcolumns", "target-notes", "header", "footer",
})  # fmt: skip
CODE = frozenset({
    "code", "code-block", "sourcecode", "parsed-literal", "prompt", "doctest", "testcode", "ipython", "code-tab",
    "jupyter-execute", "exec_code",
})  # fmt: skip


def parted(body: Sequence[str]) -> tuple[list[str], dict[str, str], list[str]]:
    """Return what is below the first line of a directive: lines that go on with it, its options, its content."""
    at = 0
    while at < len(body) and body[at].strip() and not _OPTION.match(body[at]):
        at += 1
    end = at
    options: dict[str, str] = {}
    while end < len(body) and (match := _OPTION.match(body[end])):
        options[match.group(1).lower()] = (match.group(2) or "").strip()
        end += 1
    while end < len(body) and options and body[end].strip():
        end += 1  # the rest of an option
    return list(body[:at]), options, list(body[end:])
