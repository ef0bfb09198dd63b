"""Numbers and domains: every way in which texts write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.claims.domains import domains_in, plain, scale_of
from ingest.claims.numbers import has_reading, numbers_in, readings


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.001", 0.001),
        (".5", 0.5),
        ("1e-5", 1e-5),
        ("2.5E+3", 2500),
        ("1e -4", 1e-4),
        ("10^{-4}", 1e-4),
        ("10**-3", 1e-3),
        ("2^9", 512),
        ("10−6", 1e-6),
        ("10⁻³", 1e-3),
        ("5 × 10^-4", 5e-4),
        ("3·10−4", 3e-4),
        ("1,000", 1000),
        ("0,001", 0.001),
        ("40k", 40_000),
        ("1.5M", 1.5e6),
        ("3 million", 3e6),
        ("1/4", 0.25),
        ("−2", -2),
        ("10%", 10),
    ],
)
def test_a_number_is_read_however_it_is_written(text, value):
    assert [number.value for number in numbers_in(f"set it to {text} here")] == [pytest.approx(value)]


@pytest.mark.parametrize("text", ["1e999", "9" * 5000, "999999999999^{100}", "99999⁹⁹", "1e300 billion"])
def test_a_number_beyond_double_precision_is_none(text):
    assert numbers_in(text) == ()
    assert [domain for domain in domains_in(f"set it to {text} here") if domain.value == float("inf")] == []


def test_words_count_where_they_are_asked_for():
    assert [n.value for n in numbers_in("three of ten", words=True)] == [3, 10]
    assert numbers_in("three of ten") == ()


@pytest.mark.parametrize(("text", "value"), [("10%", 0.1), ("40k", 40), ("1,000", 1), ("10−6", 10), ("-5", 5)])
def test_a_number_can_be_read_otherwise_too(text, value):
    assert has_reading(value, readings(f"set it to {text} here"))


@given(st.floats(min_value=1e-12, max_value=1e12))
def test_what_python_writes_is_read_as_it_was(value):
    assert has_reading(value, readings(f"a value of {value!r}, say"))


@given(st.text(max_size=200))
def test_any_text_has_numbers_and_domains_within_it(text):
    for found in (*numbers_in(text, words=True), *domains_in(text)):
        assert 0 <= found.start < found.end <= len(text)


@pytest.mark.parametrize(
    ("text", "form", "low", "high"),
    [
        ("in [2, 2^9]", "interval", 2, 512),
        ("in (0, 1]", "interval", 0, 1),
        ("range: [0, ∞]", "half", 0, None),
        ("{16, 32, 64}", "set", 16, 64),
        ("loguniform(1e-5, 1e-1)", "spread", 1e-5, 1e-1),
        ("4 ≤ J ≤ 8", "within", 4, 8),
        ("between 3 and 10", "between", 3, 10),
        ("from 0.01 to 0.3", "between", 0.01, 0.3),
        ("100–1000", "dash", 100, 1000),
        ("5e-5, 3e-5, or 2e-5", "list", 2e-5, 5e-5),
        ("500 or 1000", "list", 500, 1000),
        ("at most 20", "below", None, 20),
        ("greater than 0", "above", 0, None),
        (">= 0.5", "above", 0.5, None),
    ],
)
def test_a_range_is_told_by_its_form(text, form, low, high):
    [domain] = domains_in(text)
    assert (domain.form, domain.low, domain.high) == (form, low, high)


@pytest.mark.parametrize(
    ("text", "value"), [("2 * n_features", "2 * n_features"), ("0.1d for", "0.1d"), ("5 · D", "5 · D")]
)
def test_an_expression_is_kept_in_its_words(text, value):
    [domain] = domains_in(text)
    assert (domain.form, domain.value) == ("expression", value)


def test_one_span_is_read_once():
    found = domains_in("values {1, 2, 3} between 4 and 5, at most 6, and 7")
    assert [domain.form for domain in found] == ["set", "between", "below", "single"]


def test_a_comma_without_a_space_may_be_part_of_a_number():
    assert [domain.value for domain in domains_in("pre-train for 90,000 steps")] == [90_000]


def test_an_interval_with_its_ends_swapped_is_none():
    assert all(domain.form != "interval" for domain in domains_in("[5, 2]"))


@given(st.integers(-1000, 1000), st.integers(0, 1000))
def test_bounds_are_in_order(low, width):
    for domain in domains_in(f"between {low} and {low + width}"):
        assert domain.low is None or domain.high is None or domain.low <= domain.high


@pytest.mark.parametrize(
    ("text", "scale"),
    [
        ("log", True),
        ("log-uniform", True),
        ("logarithmic scale", True),
        ("linear", False),
        ("logistic", None),
        ("logloss", None),
    ],
)
def test_the_scale_is_told_by_its_word(text, scale):
    assert scale_of(f"a {text} thing") is scale


def test_whole_numbers_are_whole():
    assert (plain(3.0), plain(0.5)) == (3, 0.5)
    assert isinstance(plain(3.0), int)
