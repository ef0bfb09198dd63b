"""Text -> the words that it is found by: identifiers whole and in parts, numbers in one notation, plain word stems.

>>> tokens("Set `min_child_weight` to 1e-4.")
['set', 'min_child_weight', 'min', 'child', 'weight', '1e-04']
"""

from __future__ import annotations

import re
from functools import lru_cache

_TOKEN = re.compile(
    r"(?P<number>\d+(?:,\d{3})+(?![\d,])|(?:\d+\.?\d*|\.\d+)(?:[eE][-+−]?\d+|\s?[×*]\s?10\^?[-+−]?\d+|\^[-+−]?\d+)?)(?![\w])"
    r"|(?P<word>[^\W\d_][\w]*(?:[.\-][^\W\d_]\w*)*|_+\w+|\d+\w+)"
)
_PARTS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
#: Words that are in every passage.
_STOP = frozenset({
    "a", "an", "and", "are", "as", "at", "be", "been", "but", "by", "can", "do", "does", "for", "from", "had", "has",
    "have", "how", "i", "if", "in", "into", "is", "it", "its", "may", "more", "most", "no", "not", "of", "on", "or",
    "our", "s", "should", "so", "than", "that", "the", "their", "then", "there", "these", "they", "this", "to", "was",
    "we", "were", "what", "when", "where", "which", "will", "with", "would", "you", "your",
})  # fmt: skip
_ENDINGS = (
    ("ies", "y"),
    ("sses", "ss"),
    ("ations", "ate"),
    ("ation", "ate"),
    ("ings", ""),
    ("ing", ""),
    ("ed", ""),
    ("ly", ""),
)


def tokens(text: str) -> list[str]:
    """Return the words of a text, in order. Of an identifier its whole and its parts; of a number one notation."""
    found: list[str] = []
    for match in _TOKEN.finditer(text):
        if match["number"]:
            found.append(number_token(match["number"]))
        else:
            found += _words(match["word"])
    return found


@lru_cache(maxsize=100_000)
def number_token(text: str) -> str:
    """Return a number in one notation: ``0.0001``, ``1e-4`` and ``10^-4`` are one; so are ``1,000`` and ``1000``."""
    plain = re.sub(r"[\s,]", "", text).replace("−", "-").replace("×", "*")
    power = re.fullmatch(r"(?:([\d.]+)\*)?([\d.]+)\^?([-+]?\d+)?", plain) if "^" in plain or "*" in plain else None
    try:
        value = float(power[1] or 1) * float(power[2]) ** int(power[3] or 1) if power else float(plain)
    except (ValueError, OverflowError, ZeroDivisionError):
        return plain.lower()
    return f"{value:.0e}" if 0 < abs(value) < 1e-2 and value == float(f"{value:.0e}") else f"{value:.6g}"


@lru_cache(maxsize=100_000)
def _words(word: str) -> tuple[str, ...]:
    """Return a word by its stem; an identifier whole, and its parts by their stems."""
    whole = word.lower().strip("_")
    parts = [part.lower() for part in _PARTS.findall(word)]
    if len(parts) < 2:
        return () if whole in _STOP or not whole else (stem(whole),)
    return (whole, *(stem(part) for part in parts if part not in _STOP))


def stem(word: str) -> str:
    """Return a word without the commonest English endings, so that ``trials`` finds ``trial``."""
    if len(word) < 5 or not word.isascii():
        return word[:-1] if len(word) == 4 and word.endswith("s") and not word.endswith("ss") else word
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            bare = word[: -len(ending)] + instead
            return (
                bare[:-1]
                if len(bare) > 3 and bare[-1] == bare[-2] and bare[-1] not in "lsz"
                else bare.removesuffix("e")
            )
    bare = word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word
    return bare.removesuffix("e") if len(bare) > 4 else bare
