"""Where two plain values differ, in words: the places, not the whole of both."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

#: Differences that are told; more are counted.
MOST_TOLD = 3
_MOST_CHARACTERS = 40
#: Relative precision to which numbers are the same.
TOLERANCE = 1e-6
_NOTHING = "nothing"


def difference(derived: Any, value: Any) -> str:
    """Return in words where `value` differs from `derived`, both plain JSON: ``n_trials 23, not 460``."""
    found = list(_differences(derived, value, ""))
    told = [f"{path} {left}, not {right}".strip() for path, left, right in found[:MOST_TOLD]]
    more = len(found) - len(told)
    return "; ".join(told) + (f"; and {more} more" if more > 0 else "")


def _differences(left: Any, right: Any, path: str) -> Iterator[tuple[str, str, str]]:
    """Yield path, former and present value of each leaf that differs."""
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        for key in dict.fromkeys([*left, *right]):
            yield from _differences(left.get(key, _NOTHING), right.get(key, _NOTHING), _join(path, key))
    elif _is_named(left) and _is_named(right):
        former, present = ({one["name"]: one for one in listed} for listed in (left, right))
        yield from _differences(former, present, path)
    elif isinstance(left, list) and isinstance(right, list):
        for number, pair in enumerate(itertools.zip_longest(left, right, fillvalue=_NOTHING)):
            yield from _differences(*pair, _join(path, str(number)))
    elif not is_same(left, right):
        yield path, _short(left), _short(right)


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _is_named(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, Mapping) and "name" in v for v in value)


def is_same(left: Any, right: Any) -> bool:
    """Say whether two plain values are the same, numbers to `TOLERANCE`; true is no 1."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, int | float) and isinstance(right, int | float):
        return abs(left - right) <= TOLERANCE * max(abs(left), abs(right))
    return bool(left == right)


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    text = str(value)
    return text if len(text) <= _MOST_CHARACTERS else f"{text[: _MOST_CHARACTERS - 3]}..."
