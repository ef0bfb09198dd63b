"""PDF -> blocks: paragraphs in reading order, headings, captions, and the rows of tables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from ingest.documents.building import Blocks, assembled
from ingest.documents.limits import DocumentError, Limits
from ingest.documents.model import Block, BlockKind
from ingest.documents.pdf_columns import regions_of
from ingest.documents.pdf_glyphs import GlyphPage, glyph_pages
from ingest.documents.pdf_ligatures import named
from ingest.documents.pdf_lines import lines_of
from ingest.documents.pdf_tables import Table, tables_in
from ingest.documents.pdf_words import Line, line_text

_NUMBERED = re.compile(r"(?:(?:Appendix\s+)?[A-Z]|\d{1,2})(?:\.\d{1,2}){0,3}\.?\s+[A-Z\"“]")
#: A heading even where it is set like the text around it.
_SUBSECTION = re.compile(r"\d{1,2}(?:\.\d{1,2}){1,3}\.?\s+[A-Z][^.=<>]*")
_CAPTION = re.compile(r"(?:Table|Figure|Fig\.|Algorithm|Listing)\s+[A-Z]?\d+(?:\.\d+)?\s*[.:|–-]?\s", re.IGNORECASE)
_BULLET = re.compile(r"(?:[•‣◦▪–∗·*-]|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]|\[\d{1,3}\])\s+\S")
_ENDED = re.compile(r"[.:;?!)\]”\"]$")
#: Characters of a line that is no prose: a heading of a table, a label.
_SHORT = 60
#: Share of a page's height at its top and bottom where running heads stand.
_MARGIN = 0.09


def read_pdf(content: bytes, blocks: Blocks, limits: Limits) -> tuple[str, str, dict[str, str]]:
    """Add the blocks of a PDF.

    Args:
        content: The file.
        blocks: What they are added to.
        limits: How many pages are read.

    Returns:
        The text, paragraph by paragraph; the layout: its lines, cells kept apart by spaces; and the title.

    Raises:
        DocumentError: It is encrypted, broken or too long.
    """
    pages = named(glyph_pages(content, limits, blocks.problems))
    if pages and not any(page.glyphs for page in pages):
        raise DocumentError("It has no text: its pages are pictures.", allowed="PDF files with text")
    lines = [lines_of(page) for page in pages]
    layout = "\f".join("\n".join(line.layout for line in page) for page in lines)
    running = _running_heads(pages, lines)
    body = _body_size(lines)
    title = _title(lines[0], pages[0].height) if lines else ""
    lexicon = frozenset(re.findall(r"\w+(?:-\w+)*", layout))
    for page, found in zip(pages, lines, strict=True):
        blocks.page = page.number
        kept = [line for line in found if _key(page, line) not in running]
        for region in regions_of(kept, page.width):
            _Reader(blocks, body, lexicon).read(region)
    blocks.page = None
    text = "\n".join(block.text for block in blocks.done)
    return text, layout, {"title": title} if title else {}


class _Reader:
    """Makes blocks of the lines of one region: a page, or a column of one."""

    def __init__(self, blocks: Blocks, body: float, lexicon: frozenset[str]) -> None:
        self._blocks = blocks
        self._body = body
        self._lexicon = lexicon

    def read(self, lines: Sequence[Line]) -> None:
        """Add the blocks of `lines`, in reading order."""
        tables = tables_in(lines)
        inside = {at for table in tables for at in table.places}
        captions = _captions(lines, inside)
        begins = {table.places[0]: table for table in tables}
        at = 0
        while at < len(lines):
            if at in begins:
                self._table(begins[at], self._caption_of(begins[at], captions, lines))
            if at in inside:
                at += 1
                continue
            end = self._paragraph_end(lines, at, inside)
            self._paragraph(lines[at:end])
            at = end

    def _table(self, table: Table, caption: str) -> None:
        for rows in table.parts:
            header = ""
            for line in rows:
                text, edits = assembled(line.pieces)
                self._blocks.add(BlockKind.ROW, text, header=header, caption=caption, edits=edits)
                if not header and len(line.segments) > 1:
                    header = Block(kind=BlockKind.ROW, text=text, edits=edits).reading

    def _caption_of(self, table: Table, captions: dict[int, int], lines: Sequence[Line]) -> str:
        """Return the caption that ends right above a table, or begins right below it, or is the only one near."""
        for start, end in captions.items():
            if end == table.places[0] or start == table.places[-1] + 1:
                return self._join(lines[start:end])
        if len(captions) != 1:
            return ""
        start, end = next(iter(captions.items()))
        between = lines[end : table.places[0]] or lines[table.places[-1] + 1 : start]
        is_near = all(len(line.segments) > 1 or len(line.text) < _SHORT for line in between)
        return self._join(lines[start:end]) if is_near else ""

    def _paragraph_end(self, lines: Sequence[Line], at: int, inside: set[int]) -> int:
        end = at + 1
        left = min(line.left for line in lines)
        right = max(line.right for line in lines)
        while end < len(lines) and end not in inside and not self._parted(lines, end, left, right):
            end += 1
        return end

    def _parted(self, lines: Sequence[Line], at: int, left: float, right: float) -> bool:
        """Say whether a new paragraph begins with line `at`."""
        before, line = lines[at - 1], lines[at]
        gap = before.baseline - line.baseline
        if gap < 0.2 or gap > 1.75 * max(before.size, line.size) or abs(before.size - line.size) > 0.07 * self._body:
            return True
        if (
            _BULLET.match(line.text)
            or _CAPTION.match(line.text)
            or self._is_heading([before])
            or self._is_heading([line])
        ):
            return True
        if self._blocks.references:
            return line.left < left + 0.5 * line.size and before.left > line.left + 0.5 * line.size
        indented = line.left > before.left + 0.8 * line.size and line.left < left + 4 * line.size
        short = before.right < right - 0.12 * (right - left)
        return bool(_ENDED.search(before.text)) and (short or indented) and not _BULLET.match(before.text)

    def _is_heading(self, lines: Sequence[Line]) -> bool:
        text = " ".join(line.text for line in lines)
        if len(text) > 120 or not re.match(r"[A-Z\d].*[A-Za-z]{2}", text) or text.endswith((",", ";")):
            return False
        first = lines[0]
        if first.size > 1.06 * self._body or (first.is_bold and first.size > 0.95 * self._body):
            return bool(_NUMBERED.match(text)) or not text.endswith(".")
        return len(lines) == 1 and len(text) < 70 and bool(_SUBSECTION.fullmatch(text))

    def _paragraph(self, lines: Sequence[Line]) -> None:
        if self._is_heading(lines):
            text = " ".join(line.text for line in lines)
            numbers = re.match(r"(?:Appendix\s+)?(?:[A-Z]|\d{1,2})(?:\.\d{1,2})*", text)
            is_numbered = bool(_NUMBERED.match(text)) and numbers is not None
            level = (
                1 + numbers.group().count(".")
                if is_numbered and numbers
                else 1
                if lines[0].size > 1.15 * self._body
                else 3
            )
            self._blocks.heading(level, text)
            return
        text, edits = assembled(self._pieces(lines))
        kind = BlockKind.CAPTION if _CAPTION.match(text) else BlockKind.PARAGRAPH
        if kind is BlockKind.PARAGRAPH and _BULLET.match(text):
            kind = BlockKind.ITEM
        self._blocks.add(kind, text, edits=edits)

    def _join(self, lines: Sequence[Line]) -> str:
        return assembled(self._pieces(lines))[0]

    def _pieces(self, lines: Iterable[Line]) -> list[tuple[str, str]]:
        """Return the words of lines; a word that is parted at the end of a line is one again."""
        pieces: list[tuple[str, str]] = []
        for line in lines:
            words = [piece for segment in line.segments for piece in [(" ", " "), *segment.pieces]][1:]
            if pieces and not (pieces[-1][0] == "-" and self._is_parted(pieces, words)):
                pieces.append((" ", " "))
            elif pieces:
                pieces.pop()
            pieces += words
        return pieces

    def _is_parted(self, pieces: Sequence[tuple[str, str]], words: Sequence[tuple[str, str]]) -> bool:
        """Say whether the hyphen at the end of a line is none of the word's own."""
        head = re.search(r"\w+$", "".join(piece for piece, _ in pieces[-40:-1]))
        tail = re.match(r"[^\W\d_]+", "".join(piece for piece, _ in words[:40]))
        if head is None or tail is None or not tail.group()[0].islower():
            return False
        return f"{head.group()}-{tail.group()}" not in self._lexicon or head.group() + tail.group() in self._lexicon


def _captions(lines: Sequence[Line], inside: set[int]) -> dict[int, int]:
    """Return where the captions of tables begin and end."""
    found = {}
    for at, line in enumerate(lines):
        if at in inside or not re.match(r"table\s", line.text, re.IGNORECASE) or not _CAPTION.match(line.text):
            continue
        end = at + 1
        while (
            end < len(lines) and end not in inside and lines[end - 1].baseline - lines[end].baseline < 1.5 * line.size
        ):
            end += 1
        found[at] = end
    return found


def _key(page: GlyphPage, line: Line) -> tuple[str, bool] | None:
    """Return what a line at the top or bottom of a page says, numbers apart; None for other lines."""
    if _MARGIN * page.height < line.baseline < (1 - _MARGIN) * page.height:
        return None
    return re.sub(r"\d+", "#", line.text), line.baseline > page.height / 2


def _running_heads(pages: Sequence[GlyphPage], lines: Sequence[Sequence[Line]]) -> frozenset[tuple[str, bool] | None]:
    """Return what stands at the top or bottom of several pages: heads, feet and page numbers."""
    seen = Counter(
        key for page, found in zip(pages, lines, strict=True) for key in {_key(page, line) for line in found} if key
    )
    return frozenset(key for key, count in seen.items() if count >= 3 or (key[0] == "#" and len(pages) > 1))


def _body_size(lines: Iterable[Sequence[Line]]) -> float:
    sizes = Counter[float]()
    for page in lines:
        for line in page:
            sizes[line.size] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 10.0


def _title(lines: Sequence[Line], height: float) -> str:
    """Return the largest print in the upper half of the first page."""
    upper = [line for line in lines if line.baseline > height / 2 and re.search(r"[A-Za-z]{3}", line.text)]
    largest = max((line.size for line in upper), default=0.0)
    return line_text([line for line in upper if line.size > 0.97 * largest][:4]).replace("\n", " ")[:300]
