"""A number of seconds that is another one in another unit of time."""

from __future__ import annotations

#: Factors by which a unit is mistaken for another: minutes and hours for seconds, seconds for milliseconds.
UNIT_FACTORS = (60.0, 3600.0, 1000.0)
#: Share by which the two may differ beside the factor: people round.
ROUNDED = 0.01


def is_unit_slip(meant_s: float, given_s: float) -> bool:
    """Say whether `given_s` is about `meant_s` in another unit, greater or smaller; both are above 0."""
    wrong = [changed for factor in UNIT_FACTORS for changed in (meant_s * factor, meant_s / factor)]
    return any(abs(given_s - one) <= ROUNDED * one for one in wrong)
