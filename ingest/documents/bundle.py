r"""A paper whose sources are several files: a folder or an archive of LaTeX, as arXiv gives it out.

The main file is the one with ``\documentclass``; what it takes in by ``\input`` and ``\include`` is put in its place.
Only files of the bundle are read.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from ingest.documents.archive import extract, is_archive
from ingest.documents.encoding import declared_encoding, decoded, with_line_feeds
from ingest.documents.limits import DEFAULT_LIMITS, DocumentError, Limits
from ingest.documents.model import Document
from ingest.documents.parsing import FORMATS, parse, parse_document

#: A comment, or where a file is taken in: by its name, or by its folder and its name.
_INPUT = re.compile(
    r"(?<!\\)%[^\n]*|\\(?:input|include|subfile)\s*\{(?P<name>[^{}]{1,200})\}"
    r"|\\(?:sub)?import\s*\{(?P<folder>[^{}]{0,200})\}\s*\{(?P<part>[^{}]{1,200})\}"
    r"|\\input\s+(?P<bare>[\w./-]{1,200})"
)
#: Files within files, so that no file takes in itself for ever.
_DEEPEST = 8


def read_bundle(path: Path, *, name: str = "", limits: Limits = DEFAULT_LIMITS) -> Document:
    """Read a file, an archive, or a folder that holds one paper.

    Args:
        path: What to read.
        name: Name of the document. Default: that of the file.
        limits: How much is read.

    Raises:
        DocumentError: It cannot be read, or is no document.
    """
    called = name or path.name
    if path.is_dir():
        return _read_folder(path, called, limits)
    if is_archive(path):
        with tempfile.TemporaryDirectory(prefix="tunegraph-") as folder:
            extract(path, Path(folder), limits)
            return _read_folder(Path(folder), called, limits)
    if path.suffix.lower() in (".tex", ".latex"):
        return _read_latex(path, path.parent, called, limits)
    return parse_document(path, name=called, limits=limits)


def main_file(folder: Path) -> Path | None:
    r"""Return the file of a folder that is the paper: LaTeX with ``\documentclass``, else the largest document."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    sources = [path for path in files if path.suffix.lower() in (".tex", ".latex")]
    mains = [path for path in sources if begins_document(path)]
    named = [path for path in mains if path.stem.lower() in ("main", "ms", "paper", "root", "arxiv")]
    if mains:
        return max(named or mains, key=lambda path: path.stat().st_size)
    others = sources or [path for path in files if path.suffix.lower() in FORMATS and path.suffix.lower() != ".py"]
    return max(others, key=lambda path: path.stat().st_size, default=None)


def begins_document(path: Path) -> bool:
    r"""Say whether a file of LaTeX has ``\documentclass``; one that cannot be opened has none."""
    try:
        with path.open("rb") as handle:
            return re.search(rb"(?m)^[^%\n]*\\document(?:class|style)", handle.read(200_000)) is not None
    except OSError:
        return False


def _read_folder(folder: Path, name: str, limits: Limits) -> Document:
    path = main_file(folder)
    if path is None:
        raise DocumentError("It holds no document.", where=name, allowed=", ".join(FORMATS))
    if path.suffix.lower() in (".tex", ".latex"):
        return _read_latex(path, folder, name, limits)
    return parse_document(path, name=name, limits=limits)


def _read_latex(path: Path, root: Path, name: str, limits: Limits) -> Document:
    size = path.stat().st_size
    if size > limits.file_bytes:
        raise DocumentError(f"{size:,} bytes are too many.", where=name, allowed=f"{limits.file_bytes:,}")
    inputs = _Inputs(root.resolve(), limits)
    text = inputs.whole(path)
    document = parse(text.encode(), FORMATS[".tex"], name=name, limits=limits)
    missing = tuple(("missing file", part) for part in inputs.missing)
    return document.replace(problems=document.problems + missing) if missing else document


class _Inputs:
    """Puts the files of a paper together."""

    def __init__(self, root: Path, limits: Limits) -> None:
        self._root = root
        self._left = limits.text_characters
        self._declared = ""
        self.missing: list[str] = []

    def whole(self, path: Path, depth: int = 0) -> str:
        """Return a file with the files that it takes in."""
        content = path.read_bytes()[: self._left]
        self._declared = self._declared or declared_encoding(content)
        text = with_line_feeds(decoded(content, declared=self._declared))
        self._left -= len(text)
        if depth >= _DEEPEST or self._left <= 0:
            return text
        return _INPUT.sub(lambda match: self._put(match, path, depth), text)

    def _put(self, match: re.Match[str], path: Path, depth: int) -> str:
        name = match["name"] or (f"{match['folder']}/{match['part']}" if match["part"] else match["bare"])
        if not name:
            return match.group()  # a comment
        found = self._found(name.strip(), path.parent)
        if found is None:
            self.missing.append(name.strip())
            return match.group()
        return f"\n{self.whole(found, depth + 1)}\n"

    def _found(self, name: str, here: Path) -> Path | None:
        """Return the file of the bundle that a name stands for; None where it lies outside or is none."""
        for folder in (self._root, here):
            for ending in ("", ".tex"):
                path = folder / f"{name}{ending}"
                try:
                    resolved = path.resolve()
                    if resolved.is_file() and resolved.is_relative_to(self._root) and not path.is_symlink():
                        return resolved
                except (OSError, ValueError):  # A name that cannot be one of a file.
                    continue
        return None
