"""What a bound that depends on the data may say, and what comes of it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.expressions import ExpressionError, bounded_space, check, evaluate
from kg.model import BoundExpression, CategoricalParameter, FloatParameter, IntParameter, SearchSpace

rows = st.integers(1, 10**8)
columns = st.integers(1, 10**5)

HOSTILE = [
    "__import__('os').system('id')",
    "().__class__.__bases__",
    "n.__class__",
    "(lambda: 1)()",
    "[n for n in (1, 2)]",
    "exec('1')",
    "open('/etc/passwd')",
    "min.__globals__",
    "min(*(1, 2))",
    "min(1, 2, key=abs)",
    "f'{n}'",
    "'a' * 9",
    "x := 5",
    "(x := 5)",
    "n if d else 1",
    "n and d",
    "n < d",
    "~n",
    "not n",
    "n @ d",
    "n << 99",
    "n[0]",
    "True + 1",
    "None",
    "1j",
    "import os",
    "n; d",
    "",
    "   ",
    "n +",
    "n\0",
    "(" * 190,
    "k",
    "sqrt(1, 2)",
    "min(n)",
    "clip(n, 1)",
]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("min(32768, n)", 1000),
        ("max(5, min(2048, n))", 1000),
        ("min(0.1, 1 / sqrt(d))", 0.1),
        ("min(max(6, log2(n)), 16)", math.log2(1000)),
        ("clip(1.5e6 / n, 12, 150)", 150),
        ("n // 2", 500),
        ("-n + d ** 2", -600),
    ],
)
def test_published_bounds_have_their_value(expression: str, value: float) -> None:
    assert evaluate(expression, n=1000, d=20) == pytest.approx(value)


@given(n=rows, d=columns)
def test_min_and_max_agree_with_python(n: int, d: int) -> None:
    assert evaluate("min(32768, n)", n=n, d=d) == min(32768, n)
    assert evaluate("max(2, d)", n=n, d=d) == max(2, d)
    assert evaluate("clip(n, 10, 100)", n=n, d=d) == min(max(n, 10), 100)


@pytest.mark.parametrize("expression", HOSTILE)
def test_hostile_text_is_refused_with_what_is_allowed(expression: str) -> None:
    for attempt in (check, lambda text: evaluate(text, n=10, d=10)):
        with pytest.raises(ExpressionError) as caught:
            attempt(expression)
        assert "min, max, sqrt, log2, clip" in str(caught.value)


def test_a_long_text_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(ExpressionError, match="at most 200 characters"):
        check("n+" * 10_000 + "n")


@pytest.mark.parametrize(
    "expression", ["1 / (n - n)", "sqrt(-n)", "log2(n - n)", "9 ** 9 ** 9", "1e999", "n ** 99", "(-8) ** 0.5"]
)
def test_what_has_no_finite_value_is_an_error_and_takes_no_time(expression: str) -> None:
    check(expression)  # the text is well formed; only these data have no value
    with pytest.raises(ExpressionError, match="no finite value"):
        evaluate(expression, n=10, d=10)


@given(text=st.text(max_size=60))
def test_any_text_gives_a_number_or_the_named_error(text: str) -> None:
    try:
        value = evaluate(text, n=100, d=10)
    except ExpressionError:
        return
    assert math.isfinite(value)


SPACE = SearchSpace(
    parameters=(
        IntParameter(name="num_leaves", low=4, high=32768, log=True),
        FloatParameter(name="max_features", low=0.01, high=1.0, log=True),
        CategoricalParameter(name="criterion", choices=("gini", "entropy")),
    )
)
LEAVES = BoundExpression(parameter="num_leaves", side="high", expression="min(32768, n)")
FEATURES = BoundExpression(parameter="max_features", side="low", expression="min(0.1, 1 / sqrt(d))")


def test_bounds_are_put_into_the_space() -> None:
    space = bounded_space(SPACE, [LEAVES, FEATURES], n=500.7, d=400)
    assert space["num_leaves"].high == 500
    assert space["max_features"].low == pytest.approx(0.05)
    assert space["criterion"] == SPACE["criterion"]


@given(n=rows, d=columns)
def test_bounds_never_cross(n: int, d: int) -> None:
    space = bounded_space(SPACE, [LEAVES, FEATURES], n=n, d=d)
    assert space["num_leaves"].low <= space["num_leaves"].high <= max(4, n)
    assert space["max_features"].low <= space["max_features"].high


def test_a_bound_on_what_is_no_number_is_refused() -> None:
    for name in ("criterion", "max_depth"):
        with pytest.raises(ExpressionError, match=name):
            bounded_space(SPACE, [BoundExpression(parameter=name, side="low", expression="n")], n=1, d=1)
