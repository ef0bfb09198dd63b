"""The pictures of the answer are valid specifications, hold the figures they are given, and no markup."""

from typing import Any

from recommender.proposal import PredictedScore
from recommender.spending_curve import Spending
from ui.figures.likeness import likeness_map
from ui.figures.likeness import spoken as spoken_map
from ui.figures.prediction import prediction_chart
from ui.figures.prediction import spoken as spoken_curve
from ui.figures.ranges import range_chart, spoken
from ui.views.likeness import Place
from ui.views.ranges import Basis, RangeRow

ROWS = (
    RangeRow(Basis.PROPOSED, "This proposal", 0.1, 10.0),
    RangeRow(Basis.WARM_START, "Warm start 1", value=0.5),
    RangeRow(Basis.BEST_RUNS, "<b>d</b>", 0.2, 5.0, 1.0),
)
CURVE = (
    Spending(PredictedScore(k=1, low=0.5, expected=0.6, high=0.7), None),
    Spending(PredictedScore(k=10, low=0.6, expected=0.7, high=0.8), 30.0),
)
PLACES = (Place("this table", None, 0, 0, 0, 0), Place("pc1", "https://e.org/pc1", 1, 1, 0.4, 0.2))  # type: ignore[arg-type]


def _data(chart: Any) -> list[dict[str, Any]]:
    return [row for rows in chart.to_dict()["datasets"].values() for row in rows]


def test_a_row_is_a_line_of_the_picture() -> None:
    chart = range_chart(ROWS, "gamma", log=True)
    assert chart is not None
    assert [row["label"] for row in _data(chart)] == ["This proposal", "Warm starts", "<b>d</b>"]
    assert "gamma (log scale)" in str(chart.to_dict())


def test_a_scale_is_linear_where_a_value_has_no_logarithm() -> None:
    rows = (*ROWS, RangeRow(Basis.DEFAULT, "Library default", value=0.0))
    assert "gamma (linear scale)" in str(range_chart(rows, "gamma", log=True).to_dict())  # type: ignore[union-attr]


def test_words_are_no_picture() -> None:
    assert range_chart((RangeRow(Basis.PROPOSED, "This proposal", text="a, b"),), "kernel", log=False) is None


def test_pictures_are_told_in_words() -> None:
    assert "from 0.1 to 10, beside 1 of best runs, 1 of warm start" in spoken(ROWS, "gamma")
    assert "0.6 after 1, 0.7 after 10" in spoken_curve(CURVE, "accuracy")
    assert "nearest pc1" in spoken_map(PLACES)


def test_the_curve_has_its_interval_and_unit() -> None:
    chart = prediction_chart(CURVE, "accuracy", level=0.9)
    assert [(row["trials"], row["low"], row["high"], row["takes"]) for row in _data(chart)] == [
        (1, 0.5, 0.7, "not timed"),
        (10, 0.6, 0.8, "about 30 s"),
    ]
    assert "accuracy (90% interval)" in str(chart.to_dict())


def test_the_map_shows_this_table_among_the_known() -> None:
    assert [(row["name"], row["kind"]) for row in _data(likeness_map(PLACES))] == [
        ("this table", "this table"),
        ("pc1", "known data set"),
    ]
