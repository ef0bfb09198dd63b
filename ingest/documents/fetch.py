"""Fetches a document by its address or arXiv id, into a file that is then read like any other."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from ingest.documents.archive import is_archive
from ingest.documents.arxiv import ARXIV, ArxivPaper, arxiv_paper, licence_on
from ingest.documents.finding import Found, slug
from ingest.documents.http import Fetcher, FetchError, Response
from ingest.documents.licences import UNKNOWN
from ingest.documents.parsing import FORMATS
from kg.atomic_files import write_atomically

#: Media type -> ending of the file. What has another type is told by its first bytes and its address.
_TYPES = {
    "application/pdf": ".pdf",
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/markdown": ".md",
    "text/x-rst": ".rst",
    "application/x-tex": ".tex",
    "application/x-latex": ".tex",
    "text/x-tex": ".tex",
    "application/x-ipynb+json": ".ipynb",
    "application/zip": ".zip",
}
#: Media types that say nothing of the format.
_VAGUE = re.compile(
    r"|application/(?:octet-stream|(?:x-)?gzip|x-tar|x-eprint(?:-tar)?|json)|text/(?:plain|x-python)|binary/.*"
)
_BLOB = re.compile(r"https://github\.com/([^/]+/[^/]+)/blob/(.+)")


def is_address(text: str) -> bool:
    """Say whether `text` is to be fetched: a web address or an arXiv id, and no file."""
    return "://" in text or (arxiv_paper(text) is not None and not Path(text).exists())


def fetch(text: str, folder: Path, *, fetcher: Fetcher | None = None, arxiv: str = ARXIV) -> Found:
    """Fetch a document into a file below `folder`.

    Args:
        text: Its address, or an arXiv id: of that the sources are taken, else the PDF.
        folder: Where the file goes.
        fetcher: Who asks. Default: with the usual limits, from public addresses only.
        arxiv: Where arXiv is.

    Raises:
        FetchError: It cannot be had, or is no document.
    """
    asked = fetcher or Fetcher()
    paper = arxiv_paper(text, base=arxiv)
    if paper is not None:
        return _fetch_paper(paper, folder, asked)
    url = _BLOB.sub(r"https://raw.githubusercontent.com/\1/\2", text)
    response = asked.get(url)
    ending = _ending(response)
    name = unquote(PurePosixPath(urlsplit(text).path).name) or urlsplit(text).hostname or "page"
    stem = name[: -len(ending)] if name.lower().endswith(ending) else name
    address = urlsplit(text)
    short = slug(f"{address.hostname} {address.path.removesuffix(ending)} {address.query}")
    path = folder / f"{slug(stem)}{ending}"
    write_atomically(path, response.content)
    return Found(path=path, name=text, slug=short, licence=UNKNOWN, url=text)


def _fetch_paper(paper: ArxivPaper, folder: Path, fetcher: Fetcher) -> Found:
    licence = licence_on(fetcher.get(paper.page).content.decode("utf-8", errors="replace")) or UNKNOWN
    failed: FetchError | None = None
    for url in paper.files:
        try:
            response = fetcher.get(url)
            path = folder / f"{slug(paper.id)}{_ending(response)}"
        except FetchError as error:
            failed = error
            continue
        write_atomically(path, response.content)
        return Found(path=path, name=paper.name, slug=slug(f"arxiv {paper.id}"), licence=licence, url=paper.page)
    raise failed or FetchError("arXiv has no text of it.", where=paper.id)


def _ending(response: Response) -> str:
    """Return the ending that says what a file is: by its first bytes, its media type, or its address.

    Raises:
        FetchError: It is no document.
    """
    content, media = response.content, response.content_type
    if content.startswith(b"%PDF-"):
        return ".pdf"
    if content.startswith((b"PK\x03\x04", b"\x1f\x8b")):
        return ".zip" if content.startswith(b"PK") else ".tar.gz"
    if media in _TYPES:
        return _TYPES[media]
    path = PurePosixPath(urlsplit(response.url).path)
    if not _VAGUE.fullmatch(media):
        raise FetchError(f"{media!r} is no document.", where=response.url, allowed=", ".join(_TYPES))
    if path.suffix.lower() in FORMATS or is_archive(Path(path.name)):
        return path.suffix.lower()
    if re.search(rb"\\document(?:class|style)", content[:200_000]):
        return ".tex"
    return ".html" if re.match(rb"\s*<(?:!doctype|html)", content[:1000], re.IGNORECASE) else ".rst"
