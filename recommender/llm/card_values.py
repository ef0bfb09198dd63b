"""Values of a card's front matter, which anybody may have written: whatever is not of the form is passed over."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from recommender.llm.stated import Said

#: No table has as many rows; what is above it is no count, and may be beyond what a float holds.
MOST_COUNT = 10**15


def first(value: Any) -> Mapping[str, Any]:
    """Return a mapping, or the first one of a list of them (a data card with several configurations)."""
    return mapping(next(iter(value), {}) if isinstance(value, list) else value)


def mapping(value: Any) -> Mapping[str, Any]:
    """Return a mapping, or an empty one."""
    return value if isinstance(value, dict) else {}


def listed(value: Any) -> list[Any]:
    """Return a list, or none."""
    return value if isinstance(value, list) else []


def text_of(value: Any) -> str:
    """Return a text without blanks around it, or none."""
    return value.strip() if isinstance(value, str) else ""


def texts_of(value: Any) -> list[str]:
    """Return the texts of a list, or of one text."""
    return [text for one in (value if isinstance(value, list) else [value]) if (text := text_of(one))]


def number_of(value: Any) -> float | None:
    """Return the finite number that a text is, or None."""
    try:
        number = float(text_of(value))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def whole_of(value: Any) -> int | None:
    """Return the count that a text is, or None where it is none, or above `MOST_COUNT`."""
    number = number_of(value)
    return round(number) if number is not None and 1 <= number <= MOST_COUNT else None


class SaidOfCard:
    """Gathers what a card says, the first of each field."""

    def __init__(self) -> None:
        self.found: dict[str, Said] = {}
        self.notes: list[str] = []

    def put(self, name: str, value: Any, quote: str, why: str = "") -> None:
        """Keep what is said of a field, where nothing was said of it and it is something."""
        if value not in (None, "") and name not in self.found:
            self.found[name] = Said(value=value, quote=quote, why=why)
