"""Ligatures that a PDF does not name: which letters they stand for is told by the words that they stand in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from ingest.documents.pdf_glyphs import UNNAMED, Glyph, GlyphPage

#: Letters -> common words with them.
_WORDS = {
    "fi": "first find define defined defines definition specific specified configuration configurations final"
    " fixed finally fit fitting five field file benefit benefits classification confidence significant"
    " significantly sufficiently overfitting identify identified fidelity verified"
    " modified simplified profile fine specifically scientific",
    "ff": "different difference differences effect effective effectively offers offer off effort affect affects buffer"
    " efforts diffusion offline cutoff difffer",
    "fl": "flow float flexible influence reflect reflects flat conflict workflow tensorflow inflated flag fluctuations",
    "ffi": "efficient efficiency efficiently coefficient coefficients difficult difficulty sufficient official affine"
    " inefficient traffic",
    "ffl": "offline shuffle shuffled baffled raffle",
    "tt": "better setting settings attention written attribute matter",
    "Th": "The This These There They Then Thus That Therefore",
}
_LETTERS = {word: letters for letters, words in _WORDS.items() for word in words.split()}
_PRIVATE = re.compile(f"[{chr(UNNAMED)}-{chr(UNNAMED + 0x1F)}]")


def named(pages: Iterable[GlyphPage]) -> list[GlyphPage]:
    """Return pages with the ligatures that have no name replaced by their letters; what is not told is left out."""
    held = list(pages)
    letters = _told(word for page in held for word in _words(page.glyphs))
    return [page._replace(glyphs=tuple(_replaced(page.glyphs, letters))) for page in held]


def _words(glyphs: Iterable[Glyph]) -> Iterable[str]:
    text = "".join(glyph.text for glyph in glyphs)
    return (word for word in re.findall(r"[^\W\d_]*(?:[\ue000-\ue01f][^\W\d_]*)+", text) if _PRIVATE.search(word))


def _told(words: Iterable[str]) -> dict[str, str]:
    """Return what each nameless character stands for: the letters by which it completes the most words."""
    votes: dict[str, Counter[str]] = {}
    for word, count in Counter(words).items():
        for character in set(_PRIVATE.findall(word)):
            for letters in _WORDS:
                if _is_word(word.replace(character, letters)):
                    votes.setdefault(character, Counter())[letters] += count
    return {character: counts.most_common(1)[0][0] for character, counts in votes.items()}


def _is_word(text: str) -> bool:
    """Say whether a text without spaces begins or ends with a word that has a ligature."""
    lowered = text.lower()
    return (
        any(lowered[:end] in _LETTERS for end in range(3, len(text) + 1))
        or any(lowered[start:] in _LETTERS for start in range(len(text) - 2))
        or any(text[:end] in _LETTERS for end in (3, 4, 5))
    )


def _replaced(glyphs: Iterable[Glyph], letters: dict[str, str]) -> Iterable[Glyph]:
    for glyph in glyphs:
        if not UNNAMED <= ord(glyph.text[0]) < UNNAMED + 0x20:
            yield glyph
        elif glyph.text in letters:
            yield glyph._replace(text=letters[glyph.text])
