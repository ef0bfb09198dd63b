"""Text with its markup blanked out, character for character, so that a match can be quoted verbatim."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

#: What is blanked: group 1 stays, all else becomes spaces. Applied in order.
_MARKUP = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<=\))\{[^{}]*=[^{}]*\}()",  # attributes of an image
        r"!?\[([^\]\[]*)\]\([^()\s]*(?:\([^()]*\)[^()\s]*)?\)",  # Markdown link or image
        r"`([^`<>]*?)\s*<[^<>`]*>`__?",  # reStructuredText link
        r"\[\[?[A-Za-z0-9_+-]*\]_(?!\w)()",  # reStructuredText citation
        r"\\(?:cite|citep|citet|ref|eqref|label|footnote|url|href)\{[^{}]*\}()",
        r":(?:ref|doc|numref|eq|cite[a-z:]*|func|meth):`[^`]*`()",
        r":[a-z:]+:`~?([^`<>]*?)(?:\s*<[^<>`]*>)?`",  # role
        r"\{\s*\\(?:tt|texttt|textbf|textit|emph|bf|it|em|code)\b\s*\{?([^{}]*)\}?\s*\}",
        r"\\(?:text[a-z]{2}|emph|code|mathrm|mathbf|mathit|mbox|text|verb|lstinline|item)\{([^{}]*)\}",
        r"</?(?!sup)[a-zA-Z][^<>]*>()",
    )
)
_CODE = re.compile(
    r"``(?P<a>[^`]+)``|(?<!`)`(?P<b>[^`<>]+?)(?:\s*<[^<>`]*>)?`|\\(?:texttt|code|tt|verb)\b\s*\{?(?P<c>[^{}]+)\}"
    r"|<code>(?P<d>[^<]+)</code>|(?<![\w*])\*\*(?P<e>[\w.\\-]+)\*\*(?!\*)|(?<![\w*])\*(?P<f>[a-z]\w*_\w+)\*(?![\w*])"
)
#: What stands before the name of another place in the documents.
_POINTER = re.compile(r":(?:ref|doc|numref|eq|math):$")
_SINGLE = str.maketrans({"`": " ", "$": " ", "~": " ", "\u00a0": " ", "\u200b": " ", "“": '"', "”": '"', "’": "'"})


@dataclass(frozen=True)
class Masked:
    """A text, its plain form of the same length, and where code is in it."""

    raw: str
    plain: str
    code: tuple[tuple[int, int], ...] = ()
    """Spans set in code font (or bold, where it is one word)."""

    def is_code(self, start: int, end: int) -> bool:
        """Say whether the span lies in code font."""
        return any(left <= start and end <= right for left, right in self.code)

    def part(self, start: int, end: int) -> Masked:
        """Return the text from `start` to `end`."""
        spans = tuple((max(a, start) - start, min(b, end) - start) for a, b in self.code if a < end and b > start)
        return Masked(self.raw[start:end], self.plain[start:end], spans)


@lru_cache(maxsize=512)
def masked(raw: str, *, code: bool = False) -> Masked:
    """Return `raw` with its markup (reStructuredText, Markdown, HTML, LaTeX) blanked out.

    Args:
        raw: Verbatim text.
        code: Whether all of it is code, where a star is a star.
    """
    text = "".join(_one(character) for character in raw)
    if code:
        return Masked(raw, text, ((0, len(raw)),))
    spans = tuple(
        m.span(m.lastgroup) for m in _CODE.finditer(text) if m.lastgroup and not _POINTER.search(text[: m.start()][-8:])
    )
    for pattern in _MARKUP:
        text = pattern.sub(_blanked, text)
    text = re.sub(r"</?sup>", lambda m: ("^" if m[0][1] != "/" else " ").ljust(len(m[0])), text)
    text = text.replace("\\_", "__").replace("\\%", " %")
    text = re.sub(r"\*\*|(?<!\w)\*(?=\w)|(?<=\w)\*(?!\w)|\\(?=[a-zA-Z~,;])", lambda m: " " * len(m[0]), text)
    return Masked(raw, text.translate(_SINGLE), spans)


def _one(character: str) -> str:
    """Return mathematical letters as plain ones; never more or fewer characters than one."""
    if "\U0001d400" <= character <= "\U0001d7ff":
        plain = unicodedata.normalize("NFKC", character)
        return plain if len(plain) == 1 else character
    return character


def _blanked(match: re.Match[str]) -> str:
    start, end = match.span(1)
    if start < 0:
        return " " * len(match[0])
    return " " * (start - match.start()) + match[1] + " " * (match.end() - end)


_STOP = re.compile(r"(?<=[.!?])[\"')\]]*\s++(?=[\"'(\[]?\s*[A-Z0-9𝐴-𝑍])|(?<=[.!?])\s{2,}|\s•\s|;\s{2,}")
_SHORT = re.compile(r"(?:\b(?:e\.g|i\.e|cf|resp|vs|al|approx|Fig|Figs|Sec|Tab|Eq|Eqs|App|No|Dr|etc)|\b[A-Z]|\.\.)\.$")


def sentences(text: Masked) -> tuple[tuple[int, int], ...]:
    """Return the spans of the sentences of `text`."""
    spans, start = [], 0
    for match in _STOP.finditer(text.plain):
        if _SHORT.search(text.plain[max(0, match.start() - 12) : match.start()]):
            continue
        spans.append((start, match.start()))
        start = match.end()
    spans.append((start, len(text.plain)))
    return tuple((a, b) for a, b in spans if text.plain[a:b].strip())
