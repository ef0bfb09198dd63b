"""The characters of a PDF with their places, by PDFium. The only module that imports pypdfium2.

PDFium was chosen over pdfminer and pypdf by trying them on six papers: it reads one of 21 pages in half a second, where
the others take 29 and 4 seconds, and it gives size and baseline of every character, by which superscripts are told.
"""

from __future__ import annotations

import ctypes
import unicodedata
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from ingest.documents.limits import DocumentError, Limits

if TYPE_CHECKING:
    import pypdfium2

#: Characters of one page; more than that is no page of text.
_MOST_CHARACTERS = 200_000
#: Characters of a page by which it is told which way its text is turned.
_SAMPLED = 400
_LIGATURES = {chr(code): unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
#: Added to the code of a character whose font does not say which it is: so it lies in Unicode's private area.
UNNAMED = 0xE000
#: Weight from which a font is bold; PDFium tells it by the width of stems (regular 330 to 420, bold 550 to 700).
_BOLD = 520
#: What PDFium gives for the hyphen at the end of a line.
_LINE_HYPHENS = "\x02\ufffe\xad"


class Glyph(NamedTuple):
    """A character on a page; lengths in points, y upwards."""

    text: str
    left: float
    right: float
    baseline: float
    size: float
    """Of the font, as shown."""
    bold: bool


class GlyphPage(NamedTuple):
    """A page of a PDF."""

    number: int
    """From 1."""
    width: float
    height: float
    glyphs: tuple[Glyph, ...]
    """In the order of the file; spaces included. What is turned is left out, but of a page whose text is turned, which
    is turned back."""


def glyph_pages(content: bytes, limits: Limits, problems: list[tuple[str, str]]) -> Iterator[GlyphPage]:
    """Yield the pages of a PDF.

    Args:
        content: The file.
        limits: How many pages are read.
        problems: Takes what cannot be read of single pages.

    Raises:
        DocumentError: It is encrypted, broken, or has more pages than allowed.
    """
    import pypdfium2

    with _opened(pypdfium2, content) as document:
        if len(document) > limits.pages:
            raise DocumentError(f"{len(document):,} pages are too many.", allowed=f"{limits.pages:,}")
        for number in range(len(document)):
            try:
                page = document[number]
                yield _page(number + 1, page)
                page.close()
            except pypdfium2.PdfiumError as error:
                problems.append(("broken page", f"page {number + 1}: {error}"))


@contextmanager
def _opened(pypdfium2: Any, content: bytes) -> Iterator[Any]:
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise DocumentError("It is encrypted.", allowed="PDF files that open without a password") from error
        raise DocumentError(f"It is no PDF, or broken: {error}") from error
    try:
        yield document
    finally:
        document.close()


def _page(number: int, page: pypdfium2.PdfPage) -> GlyphPage:
    text = page.get_textpage()
    try:
        count = min(text.count_chars(), _MOST_CHARACTERS)
        width, height = page.get_size()
        if page.get_rotation() in (90, 270):  # of how it is shown; places are of the page before it is turned
            width, height = height, width
        reader = _GlyphReader(text.raw, width, height, count)
        glyphs = tuple(glyph for at in range(count) if (glyph := reader.at(at)) is not None)
    finally:
        text.close()
    return GlyphPage(number, *((height, width) if reader.turn else (width, height)), glyphs)


class _GlyphReader:
    """Asks PDFium for characters; the places for its answers are made once.

    Args:
        handle: Of the page's text.
        width: Of the page, in points.
        height: Of the page, in points.
        count: Of its characters.
    """

    def __init__(self, handle: Any, width: float, height: float, count: int) -> None:
        import pypdfium2.raw as pdfium

        self._pdfium = pdfium
        self._handle = handle
        self._width, self._height = width, height
        self._box = pdfium.FS_RECTF()
        self._x, self._y = ctypes.c_double(), ctypes.c_double()
        self._matrix = pdfium.FS_MATRIX()
        self._name = ctypes.create_string_buffer(128)
        self._flags = ctypes.c_int()
        self._half = 0xD800
        self._bold: tuple[Any, bool] = (None, False)
        self.turn = self._most_turned(count)
        """Which way most of the text is turned: 0 for upright, 1 for upwards, -1 for downwards."""

    def _most_turned(self, count: int) -> int:
        places = range(0, count, max(1, count // _SAMPLED))
        turns = Counter(turn for at in places if (turn := self._turned(at)) is not None)
        return max(turns, key=lambda turn: (turns[turn], turn == 0), default=0)

    def _turned(self, at: int) -> int | None:
        """Return which way the character `at` is turned, its matrix taken; None where it is none of the page's."""
        pdfium, handle, matrix = self._pdfium, self._handle, self._matrix
        if pdfium.FPDFText_IsGenerated(handle, at) == 1 or not pdfium.FPDFText_GetMatrix(handle, at, matrix):
            return None
        return 0 if abs(matrix.b) <= abs(matrix.a) else 1 if matrix.b > 0 else -1

    def at(self, at: int) -> Glyph | None:
        """Return the character `at`; None where it is not on the page (an added space), or turned."""
        pdfium, handle = self._pdfium, self._handle
        code = pdfium.FPDFText_GetUnicode(handle, at)
        if 0xD800 <= code < 0xDC00:  # The first half of a character; the other one follows.
            self._half = code
            return None
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + (self._half - 0xD800) * 0x400 + code - 0xDC00
        if code in (0, 10, 13) or self._turned(at) != self.turn:
            return None
        if code < 32 and code != 2:
            code += UNNAMED
        pdfium.FPDFText_GetLooseCharBox(handle, at, self._box)
        pdfium.FPDFText_GetCharOrigin(handle, at, self._x, self._y)
        size = pdfium.FPDFText_GetFontSize(handle, at) * abs(self._matrix.c if self.turn else self._matrix.d)
        left, right, baseline = self._place()
        text = "-" if chr(code) in _LINE_HYPHENS else chr(code)
        return Glyph(
            text=_LIGATURES.get(text, text),
            left=left,
            right=right,
            baseline=baseline,
            size=size or 1.0,
            bold=self._is_bold(at),
        )

    def _place(self) -> tuple[float, float, float]:
        """Return left end, right end and baseline of the character that was asked for, the page turned upright."""
        box, x, y = self._box, self._x.value, self._y.value
        if self.turn > 0:
            return min(box.bottom, y), box.top, self._width - x
        if self.turn < 0:
            return min(self._height - box.top, self._height - y), self._height - box.bottom, x
        return min(box.left, x), box.right, y

    def _is_bold(self, at: int) -> bool:
        length = self._pdfium.FPDFText_GetFontInfo(self._handle, at, self._name, 128, self._flags)
        name = self._name.value if length <= 128 else b""
        if self._bold[0] != name:
            weight = self._pdfium.FPDFText_GetFontWeight(self._handle, at)
            self._bold = (name, weight >= _BOLD or any(word in name.lower() for word in (b"bold", b"cmbx", b"black")))
        return self._bold[1]
