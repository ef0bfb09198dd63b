"""Axes mark round numbers, and everything that is drawn lies within the picture."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.report.drawing import HEIGHT, WIDTH, Axis, Picture, bars

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 6))


@given(values=st.lists(NUMBERS, min_size=1, max_size=20))
def test_every_point_and_mark_is_within_the_picture(values: list[float]) -> None:
    axis = Axis.over("score (higher is better)", values)
    assert all(axis.low <= mark <= axis.high + 1e-9 * abs(axis.high) for mark, _ in axis.ticks())
    assert 1 <= len(axis.ticks()) <= 7
    picture = Picture("p", axis, axis)
    picture.points([(value, value) for value in values])
    for h, v in re.findall(r'cx="([\d.-]+)" cy="([\d.-]+)"', picture.svg()):
        assert 0 <= float(h) <= WIDTH
        assert 0 <= float(v) <= HEIGHT


def test_marks_are_round() -> None:
    assert [text for _, text in Axis.over("trial (number)", [0, 29]).ticks()] == ["0", "10", "20", "30"]
    assert [text for _, text in Axis("share", 0.88, 0.95).ticks()] == ["0.88", "0.9", "0.92", "0.94"]


def test_a_logarithmic_axis_has_equal_steps_for_equal_factors() -> None:
    axis = Axis.over("C", [0.01, 100], log=True)
    assert [axis.place(value) for value in (0.01, 1, 100)] == pytest.approx([0, 0.5, 1])
    assert [text for _, text in axis.ticks()] == ["0.01", "0.1", "1", "10", "100"]


def test_bars_are_as_long_as_they_say_and_a_long_name_is_cut() -> None:
    drawn = bars("importance", [("a" * 60, 80.0), ("b", 20.0)], unit="%")
    long, short = (float(width) for width in re.findall(r'<rect x="190" y="\d+" width="([\d.]+)"', drawn))
    assert long == pytest.approx(4 * short, abs=0.2)
    assert "a" * 23 + "…" in drawn
    assert "80 %" in drawn
