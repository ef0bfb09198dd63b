"""One file -> one document, in this process, by the parser of its format. A new format is one line in `FORMATS`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from ingest.documents.building import Blocks
from ingest.documents.encoding import decoded, with_line_feeds
from ingest.documents.limits import DEFAULT_LIMITS, DocumentError, Limits
from ingest.documents.model import Document
from kg.errors import InputError

#: What a parser says beside the blocks: the text (None: the file as it is), the layout, and ``title``, ``license``, ...
Said: TypeAlias = tuple[str | None, str, Mapping[str, str]]
_Parser: TypeAlias = Callable[[bytes, Blocks, Limits], Said]


def parse_document(path: Path, *, name: str = "", limits: Limits = DEFAULT_LIMITS) -> Document:
    """Read one file in this process. `DocumentReader` does so in one of its own, which a bad file cannot harm.

    Args:
        path: The file; its ending says what it is.
        name: Name of the document. Default: the name of the file.
        limits: How much is read.

    Raises:
        DocumentError: It is no such file, or too large.
    """
    called = name or path.name
    parser = FORMATS.get(path.suffix.lower())
    if parser is None:
        raise DocumentError(f"{path.suffix or 'No ending'!r} is no format.", where=called, allowed=", ".join(FORMATS))
    try:
        size = path.stat().st_size
        if size > limits.file_bytes:
            raise DocumentError(f"{size:,} bytes are too many.", where=called, allowed=f"{limits.file_bytes:,}")
        content = path.read_bytes()
    except OSError as error:
        raise DocumentError(f"It cannot be read: {error.strerror}", where=called) from error
    return parse(content, parser, name=called, limits=limits)


def parse(content: bytes, parser: _Parser, *, name: str, limits: Limits = DEFAULT_LIMITS) -> Document:
    """Return the document that `content` is.

    Raises:
        DocumentError: It is not what the parser reads.
    """
    blocks = Blocks()
    try:
        text, layout, said = parser(content, blocks, limits)
    except InputError as error:
        raise DocumentError(error.message, where=name, allowed=error.allowed) from error
    except RecursionError as error:
        raise DocumentError("It is nested too deeply.", where=name) from error
    return Document(
        name=name,
        title=said.get("title") or blocks.title,
        blocks=tuple(blocks.done),
        text=_text(content, Blocks(), limits) if text is None else text,
        layout=layout,
        licence=said.get("license") or said.get("licence") or "",
        url=said.get("url", ""),
        problems=tuple(blocks.problems),
        version=hashlib.sha256(content).hexdigest()[:16],
    )


def _text(content: bytes, blocks: Blocks, limits: Limits) -> str:
    """Return text with line feeds (`ingest.documents.encoding`); what is no character is marked as such, and told.

    Raises:
        DocumentError: It is no text, or too long.
    """
    if content[:2] not in (b"\xff\xfe", b"\xfe\xff") and b"\0" in content[:8192]:
        raise DocumentError("It is no text: it holds zero bytes.")
    text = decoded(content)
    if len(text) > limits.text_characters:
        raise DocumentError(f"{len(text):,} characters are too many.", allowed=f"{limits.text_characters:,}")
    text = with_line_feeds(text)
    longest = max(map(len, text.split("\n")))
    if longest > limits.line_characters:
        raise DocumentError(f"A line has {longest:,} characters.", allowed=f"{limits.line_characters:,}")
    if bad := text.count("\ufffd"):
        blocks.problems.append(("no characters of UTF-8", f"{bad} of them"))
    return text


def _markdown(content: bytes, blocks: Blocks, limits: Limits) -> Said:
    from ingest.documents.markdown import read_markdown

    return None, "", read_markdown(_text(content, blocks, limits), blocks)


def _rst(content: bytes, blocks: Blocks, limits: Limits) -> Said:
    from ingest.documents.rst import read_rst

    read_rst(_text(content, blocks, limits), blocks)
    return None, "", {}


def _latex(content: bytes, blocks: Blocks, limits: Limits) -> Said:
    from ingest.documents.latex import read_latex

    return None, "", read_latex(_text(content, blocks, limits), blocks)


def _html(content: bytes, blocks: Blocks, limits: Limits) -> Said:
    from ingest.documents.html import read_html

    text, said = read_html(_text(content, blocks, limits), blocks)
    return text, "", said


def _notebook(content: bytes, blocks: Blocks, limits: Limits) -> Said:
    from ingest.documents.notebooks import read_notebook

    return read_notebook(_text(content, blocks, limits), blocks), "", {}


def _python(content: bytes, blocks: Blocks, limits: Limits) -> Said:
    from ingest.documents.python_files import read_python

    read_python(_text(content, blocks, limits), blocks)
    return None, "", {}


def _pdf(content: bytes, blocks: Blocks, limits: Limits) -> Said:
    from ingest.documents.pdf import read_pdf

    return read_pdf(content, blocks, limits)


#: Ending of a file, in small letters -> its parser.
FORMATS: dict[str, _Parser] = {
    ".pdf": _pdf,
    ".tex": _latex,
    ".latex": _latex,
    ".html": _html,
    ".htm": _html,
    ".xhtml": _html,
    ".md": _markdown,
    ".markdown": _markdown,
    ".mdx": _markdown,
    ".rst": _rst,
    ".txt": _rst,
    ".ipynb": _notebook,
    ".py": _python,
}
