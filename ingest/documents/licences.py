"""Which licence a document has: what its own front matter says, or the licence file beside or above it."""

from __future__ import annotations

import re
from pathlib import Path

#: What is said where nothing is known.
UNKNOWN = "unknown"
_FILE = re.compile(r"(?:licen[cs]e|copying|unlicense)(?:[._-].*)?", re.IGNORECASE)
#: SPDX identifier -> words that its text has, the more particular first.
_TEXTS = (
    ("CC-BY-NC-ND-4.0", r"attribution-noncommercial-noderiv\w* 4\.0|by-nc-nd/4\.0"),
    ("CC-BY-NC-SA-4.0", r"attribution-noncommercial-sharealike 4\.0|by-nc-sa/4\.0"),
    ("CC-BY-NC-4.0", r"attribution-noncommercial 4\.0|by-nc/4\.0"),
    ("CC-BY-ND-4.0", r"attribution-noderiv\w* 4\.0|by-nd/4\.0"),
    ("CC-BY-SA-4.0", r"attribution-sharealike 4\.0|by-sa/4\.0|cc[ -]by-sa[ -]4\.0"),
    ("CC-BY-4.0", r"attribution 4\.0|licenses/by/4\.0|cc[ -]by[ -]4\.0"),
    ("CC0-1.0", r"cc0 1\.0|publicdomain/zero/1\.0"),
    ("Apache-2.0", r"apache license,?\s+version 2\.0|apache-2\.0|licenses/license-2\.0"),
    ("AGPL-3.0", r"gnu affero general public license"),
    ("LGPL-3.0", r"gnu lesser general public license"),
    ("GPL-3.0", r"gnu general public license\s+version 3"),
    ("GPL-2.0", r"gnu general public license\s+version 2"),
    ("MPL-2.0", r"mozilla public license,? version 2\.0"),
    ("BSD-3-Clause", r"neither the name of.{0,200}may be used to endorse|bsd[ -]3[ -]clause"),
    ("BSD-2-Clause", r"redistribution and use in source and binary forms|bsd[ -]2[ -]clause"),
    ("MIT", r"permission is hereby granted, free of charge|\bmit license\b"),
    ("arXiv-nonexclusive-distrib-1.0", r"arxiv\.org/licenses/nonexclusive-distrib/1\.0"),
)


def is_licence_file(path: Path) -> bool:
    """Say whether a file is the licence of what lies beside it."""
    return _FILE.fullmatch(path.name) is not None


def licence_named(text: str) -> str:
    """Return the SPDX identifier of the licence that a text is or names; empty where it is none that is known."""
    plain = re.sub(r"\s+", " ", text[:20_000].lower())
    return next((name for name, words in _TEXTS if re.search(words, plain)), "")


def licence_beside(path: Path, root: Path, known: dict[Path, str] | None = None) -> str:
    """Return the licence of a document by the licence files beside it, or above it up to `root`; empty without one.

    Args:
        path: The document.
        root: The outermost folder that is looked into.
        known: What was found in folders before; takes what is found now, so that no folder is looked into twice.
    """
    found = {} if known is None else known
    folder = path.parent
    while True:
        if folder not in found:
            found[folder] = _of_folder(folder)
        if found[folder] or folder in (root, folder.parent):
            return found[folder]
        folder = folder.parent


def _of_folder(folder: Path) -> str:
    files = sorted(file for file in folder.iterdir() if is_licence_file(file)) if folder.is_dir() else []
    return next((name for file in files if file.is_file() and (name := _of_file(file))), "")


def _of_file(path: Path) -> str:
    with path.open("rb") as handle:
        return licence_named(handle.read(20_000).decode("utf-8", errors="replace"))
