"""Numbers with units are read as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.llm.quantities import figure, quantities


@pytest.mark.parametrize(
    ("words", "value", "kind"),
    [
        ("40,000 rows", 40_000, "count"),
        ("40k rows", 40_000, "count"),
        ("1.2M transactions", 1_200_000, "count"),
        ("10M rows", 10_000_000, "count"),
        ("half a million rows", 500_000, "count"),
        ("two hundred trials", 200, "count"),
        ("forty-two columns", 42, "count"),
        ("1 000 000 rows", 1_000_000, "count"),
        ("a dozen columns", 12, "count"),
        ("2e5 rows", 200_000, "count"),
        ("3 % defaults", 0.03, "share"),
        ("0.5 percent", 0.005, "share"),
        ("one in fifty", 0.02, "share"),
        ("3 out of 100", 0.03, "share"),
        ("1:99", 0.01, "share"),
        ("80/20", 0.2, "share"),
        ("1/50", 0.02, "share"),
        ("1/3 of the rows", 1 / 3, "share"),
        ("one fraud in a thousand", 0.001, "share"),
        ("half of the rows", 0.5, "share"),
        ("ten minutes", 600, "seconds"),
        ("10m", 600, "seconds"),
        ("1h30m", 5_400, "seconds"),
        ("1 hour and 30 minutes", 5_400, "seconds"),
        ("half an hour", 1_800, "seconds"),
        ("a couple of hours", 7_200, "seconds"),
        ("16 GB", 16_384, "megabytes"),
        ("512MB", 512, "megabytes"),
    ],
)
def test_one_number_with_its_unit(words, value, kind):
    assert [(q.value, q.kind) for q in quantities(words)] == [(pytest.approx(value), kind)]


@pytest.mark.parametrize("words", ["a laptop", "v2 of openml31", "at 10:30 sharp"[:1], "", "an answer"])
def test_what_is_no_quantity(words):
    assert quantities(words) == ()


def test_several_are_found_in_their_order_with_their_words():
    found = quantities("40,000 loan records, 3 % defaults, in ten minutes")
    assert [q.text for q in found] == ["40,000", "3 %", "ten minutes"]
    assert [q.start for q in found] == sorted(q.start for q in found)


@given(st.integers(0, 10**9))
def test_digits_are_read_with_and_without_separators(number):
    assert figure(f"{number:,}") == figure(str(number)) == number
    assert [q.value for q in quantities(f"{number:,} rows")] == [number]


@given(st.text(max_size=200))
def test_any_text_can_be_read(words):
    for one in quantities(words):
        assert words[one.start : one.end] == one.text
        assert one.value >= 0
