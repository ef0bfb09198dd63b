"""How a range is searched: its scale and its prior, which say where good values lie as much as its ends do."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

#: High over low from which on the scale decides what is searched: on a linear one, 99 of 100 values lie in the upper
#: two decades.
DECISIVE = 1_000.0
#: Priors are compared up to this.
TOLERANCE = 1e-6


def is_shape_kept(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Say whether a parameter is searched as before, or more openly.

    A prior may go, or say less: the same centre with a wider spread, weights nearer to even ones. The scale may change
    where it matters little.

    Args:
        before: Plain JSON of the parameter.
        after: The same parameter, its ends or choices perhaps narrowed.
    """
    if after["kind"] not in ("int", "float"):
        return after["kind"] != "categorical" or _is_flatter(before, after)
    return _is_scale_kept(before, after) and _is_vaguer(before.get("prior"), after.get("prior"))


def says_otherwise(derived: Any, value: Any) -> tuple[str, ...]:
    """Return the names of the parameters whose scale or prior is not what their rule gives, and claims more.

    Args:
        derived: Plain JSON of the parameter or the space that the rule gives.
        value: Plain JSON of what stands in the proposal.
    """
    former, given = _parameters(derived), _parameters(value)
    pairs = [(name, former[name], one) for name, one in given.items() if name in former]
    return tuple(name for name, old, new in pairs if old["kind"] == new["kind"] and not is_shape_kept(old, new))


def _parameters(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        return {}
    listed = value.get("parameters", [value])
    return {one["name"]: one for one in listed if isinstance(one, Mapping) and {"name", "kind"} <= one.keys()}


def _is_scale_kept(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    if before["log"] == after["log"]:
        return True
    return bool(after["low"] > 0 and after["high"] / after["low"] < DECISIVE)


def _is_vaguer(before: Mapping[str, float] | None, after: Mapping[str, float] | None) -> bool:
    if after is None:
        return True
    if before is None:
        return False
    is_centred = math.isclose(before["center"], after["center"], abs_tol=TOLERANCE)
    return is_centred and after["spread"] >= before["spread"] - TOLERANCE


def _is_flatter(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    weights: Sequence[float] | None = after.get("prior")
    if weights is None:
        return True
    even = 1 / len(after["choices"])
    former = _weights_of(before, after["choices"])
    return all(
        min(even, old) - TOLERANCE <= weight <= max(even, old) + TOLERANCE
        for old, weight in zip(former, weights, strict=True)
    )


def _weights_of(before: Mapping[str, Any], choices: Sequence[Any]) -> list[float]:
    """Return the weights of those of the former choices that are left, their sum 1; even ones where there were none."""
    prior = before.get("prior")
    found = [prior[before["choices"].index(one)] if prior and one in before["choices"] else 0.0 for one in choices]
    total = sum(found)
    return [weight / total for weight in found] if total > 0 else [1 / len(choices)] * len(choices)
