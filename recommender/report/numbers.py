"""How a report writes numbers, and the check that its words say no number that is not one of its figures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from kg.model import ParameterValue

#: A number that stands for itself: not a part of a name such as ``l2`` or ``R2``.
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?!\w|\.\d)")
#: Names and values stand between backticks.
_CODE = re.compile(r"`[^`]*`")


def shown(value: float) -> str:
    """Return `value` with at most four significant digits; a whole number below a million as it is."""
    if abs(value) < 1e6 and float(value).is_integer():
        return str(int(value))
    return f"{value:.4g}"


def value_text(value: ParameterValue) -> str:
    """Return a hyper-parameter's value as Python would write it, numbers with four digits."""
    if isinstance(value, bool) or value is None:
        return str(value)
    return shown(value) if isinstance(value, int | float) else repr(value)


def code(text: str) -> str:
    """Return a name or value between backticks, which it cannot leave."""
    return f"`{' '.join(text.replace('`', chr(39)).split())}`"


def numbers_in(words: str) -> list[str]:
    """Return the numbers that `words` say, outside of names and values."""
    return _NUMBER.findall(_CODE.sub("", words))


def unsupported(words: str, figures: Any) -> list[str]:
    """Return what `words` say that `figures` do not: numbers, and names or values between backticks.

    Args:
        words: Text of a report, by template or by a language model.
        figures: The `Figures`, or any value that can be dumped.
    """
    # With the numbers of all trials among them, hardly a small number could be a wrong one.
    values = list(_leaves(figures.model_dump(mode="json", exclude={"history"})))
    numbers = {shown(abs(v)) for v in values if isinstance(v, int | float) and not isinstance(v, bool)}
    # Some figures are texts, such as why the study stopped.
    numbers |= {number.lstrip("-") for value in values if isinstance(value, str) for number in numbers_in(value)}
    texts = {code(value if isinstance(value, str) else value_text(value)) for value in values}
    said = [number for number in numbers_in(words) if number.lstrip("-") not in numbers]
    return said + [name for name in _CODE.findall(words) if name not in texts]


def _leaves(value: Any) -> Iterator[ParameterValue]:
    if isinstance(value, dict):
        yield from value
        yield from _all_leaves(value.values())
    elif isinstance(value, list):
        yield from _all_leaves(value)
        yield len(value)
    else:
        yield value


def _all_leaves(values: Iterable[Any]) -> Iterator[ParameterValue]:
    for value in values:
        yield from _leaves(value)
