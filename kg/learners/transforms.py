"""Turning a source's text and numbers into values of a hyper-parameter.

`literal` reads any text ("None", "19", "true"); the transforms of `TRANSFORMS`, named in the YAML files, change the
unit or the word ("log_max_bin" 8 -> max_bin 255).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from kg.model import ParameterValue

_WORDS: Mapping[str, ParameterValue] = {"none": None, "null": None, "true": True, "false": False}
#: What sources write where there is no value: the hyper-parameter is inactive.
_MISSING = ("", "?", "nan", "na", "NA", "NaN")


def is_missing(raw: Any) -> bool:
    """Say whether `raw` stands for "no value" (``?``, empty text, NaN). ``None`` is a value."""
    return (isinstance(raw, float) and math.isnan(raw)) or (isinstance(raw, str) and raw.strip() in _MISSING)


def literal(raw: Any) -> ParameterValue:
    """Return the value that `raw` is or, as text, spells: numbers, booleans, None; else the text without its quotes.

    Raises:
        TypeError: `raw` is a list, a mapping or another thing that no hyper-parameter here can be.
    """
    if hasattr(raw, "item") and not isinstance(raw, str):
        raw = raw.item()  # a numpy scalar
    if raw is None or isinstance(raw, bool | int | float):
        return raw
    if not isinstance(raw, str):
        raise TypeError(f"a {type(raw).__name__} is no value of a hyper-parameter")
    text = raw.strip()
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    number = _number(text)
    return _unquoted(text) if number is None else number


def _number(text: str) -> int | float | None:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return None


def _unquoted(text: str) -> ParameterValue:
    if len(text) > 1 and text[0] == text[-1] == '"':
        try:
            return str(json.loads(text))
        except json.JSONDecodeError:
            return text
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == "'" else text


def _number_of(value: ParameterValue) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is no number")
    return float(value)


def _exp2_minus_1(value: ParameterValue) -> ParameterValue:
    return round(2 ** _number_of(value)) - 1


def _at_least_2(value: ParameterValue) -> ParameterValue:
    return max(2, round(_number_of(value)))


def _half_inverse(value: ParameterValue) -> ParameterValue:
    """Turn the factor of a squared norm, added to a sum of losses, into libsvm's and scikit-learn's C."""
    return 1 / (2 * _number_of(value))


def _zero_is_none(value: ParameterValue) -> ParameterValue:
    return None if _number_of(value) == 0 else value


def _words(**mapping: ParameterValue) -> Callable[[ParameterValue], ParameterValue]:
    def translated(value: ParameterValue) -> ParameterValue:
        word = "none" if value is None else str(value).lower()
        if word not in mapping:
            raise ValueError(f"{value!r} is none of {', '.join(mapping)}")
        return mapping[word]

    return translated


#: Name in the YAML files -> what it does to a value that `literal` has read. All but `zero_is_none` are monotone on
#: numbers, so that they also map the bounds of a published range.
TRANSFORMS: Mapping[str, Callable[[ParameterValue], ParameterValue]] = {
    "float": lambda value: float(_number_of(value)),
    "exp2_minus_1": _exp2_minus_1,
    "at_least_2": _at_least_2,
    "half_inverse": _half_inverse,
    "percent": lambda value: _number_of(value) / 100,
    "zero_is_none": _zero_is_none,
    "r_kernel": _words(polynomial="poly", radial="rbf", sigmoid="sigmoid", linear="linear"),
    "penalty_to_l1_ratio": _words(l1=1.0, l2=0.0),
}
