"""What a model says for people: figures, quotes and labels must have been shown to it."""

import pytest

from kg.model import Configuration, Iri
from recommender.llm.book import Book, numbers_in
from recommender.llm.words import checked_words

A, B = Iri("https://w3id.org/tunegraph/evidence/claim/a"), Iri("https://w3id.org/tunegraph/evidence/claim/b")


def book():
    found = Book()
    found.cite(A)
    found.show('{"best":0.8993,"runs":525,"quote":"small steps help on noisy data"}')
    return found


def test_a_thing_has_one_label_and_a_configuration_of_it_another():
    found = Book()
    assert [found.cite(A), found.cite(B), found.cite(A)] == ["E1", "E2", "E1"]
    assert found.cite(A, configuration=Configuration({"C": 1.0})) == "E3"
    assert found.find("[E2]").evidence == (B,)
    assert found.find(" E2 ").evidence == (B,)
    assert [found.find(label) for label in ("E4", "E", "2", str(A), "E02 ", "")] == [None] * 6


@pytest.mark.parametrize(
    "said",
    [
        "Of 525 runs the best reaches 0.9.",
        "The best reaches 0.8993.",
        "It says 'small steps help' (E1).",
        'As it says, "small steps help on  noisy data".',
        "Trees do well here.",
        "With 40 trials.",
    ],
)
def test_what_was_shown_may_be_said(said):
    words, notes = checked_words("x", said, book(), also=[40.0])
    assert words == " ".join(said.split()).replace('"', "'")
    assert not notes


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("It reaches 0.97.", "names 0.97"),
        ("A gain of 12 %.", "names 12"),
        ("As E7 shows, trees win.", "cites E7"),
        ('The guide says "big steps help".', "quotes"),
        ("See https://example.org for more.", "link"),
        ("<b>Best.</b>", "markup"),
    ],
)
def test_what_was_not_shown_is_left_out_and_told(said, why):
    words, notes = checked_words("x", f"Trees do well. {said}", book())
    assert words == "Trees do well."
    assert [note.outcome for note in notes] == ["dropped"]
    assert why in notes[0].message


def test_numbers_in_names_are_none_and_percentages_are_two():
    assert numbers_in("E12 of openml-31 has v2") == ()
    assert numbers_in("1,000 rows, 5 %, -3e-4") == (1000.0, 5.0, 0.05, -0.0003)
