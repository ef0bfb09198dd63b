"""Reads what people type: durations and the like."""

from __future__ import annotations

import math
import re
from typing import Final

from kg.errors import InputError

#: Names the language model that visitors of the pages may let draft: ``provider:model``. Unset, they offer none.
MODEL_VARIABLE: Final = "TUNEGRAPH_LLM"
#: Where its server is, for providers that are not where they usually are.
MODEL_URL_VARIABLE: Final = "TUNEGRAPH_LLM_BASE_URL"
_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(s|m|h|d|)", re.IGNORECASE)


def seconds(text: str, *, option: str) -> float:
    """Return the duration that `text` means: ``90``, ``90s``, ``10m``, ``1h30m``.

    Args:
        text: What was typed.
        option: Its name, for the error.

    Raises:
        InputError: It is no duration, or not above zero.
    """
    compact = text.replace(" ", "")
    below_zero, compact = compact.startswith("-"), re.sub(r"^[+-]", "", compact)
    parts = _PART.findall(compact)
    if not parts or "".join(number + unit for number, unit in parts) != compact:
        raise InputError(f"{text!r} is no duration.", where=option, allowed="seconds, or such as 45s, 10m, 1h30m")
    total = sum(float(number) * _UNITS[unit.lower()] for number, unit in parts)
    return positive(-total if below_zero else total, option=option, text=text)


def positive(number: float, *, option: str, text: str | None = None) -> float:
    """Return `number`.

    Raises:
        InputError: It is not above zero and finite.
    """
    if not (math.isfinite(number) and number > 0):
        raise InputError(f"{text or format(number, 'g')} is not above zero.", where=option, allowed="a positive number")
    return number
