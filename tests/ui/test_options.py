"""Durations as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import InputError
from ui.options import positive, seconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90", 90),
        ("90s", 90),
        ("10m", 600),
        ("1h30m", 5400),
        ("1h 30m", 5400),
        ("1.5h", 5400),
        ("2D", 172_800),
        ("+5m", 300),
    ],
)
def test_a_duration_is_read(text: str, expected: float) -> None:
    assert seconds(text, option="--time") == expected


@given(hours=st.integers(0, 99), minutes=st.integers(0, 99), rest=st.integers(1, 99))
def test_parts_add_up(hours: int, minutes: int, rest: int) -> None:
    assert seconds(f"{hours}h{minutes}m{rest}s", option="--time") == 3600 * hours + 60 * minutes + rest


@pytest.mark.parametrize("text", ["", "soon", "10 minutes", "5x", "m5", "1e3", "nan", "inf", "--", "+-5m", "5m-1s"])
def test_what_is_no_duration_is_refused_with_examples(text: str) -> None:
    with pytest.raises(InputError, match=r"--time.*is no duration.*10m"):
        seconds(text, option="--time")


@pytest.mark.parametrize("text", ["0", "0s", "0h0m", "-5m", "-1h30m", "-90"])
def test_a_duration_must_be_above_zero(text: str) -> None:
    with pytest.raises(InputError, match=f"--time: {text} is not above zero"):
        seconds(text, option="--time")


@pytest.mark.parametrize("number", [0.0, -1.0, float("nan"), float("inf")])
def test_a_number_must_be_above_zero_and_finite(number: float) -> None:
    with pytest.raises(InputError, match=r"--n: .* is not above zero. Allowed: a positive number"):
        positive(number, option="--n")


@given(st.floats(min_value=1e-300, max_value=1e300))
def test_a_positive_number_is_returned_as_it_is(number: float) -> None:
    assert positive(number, option="--n") == number
