"""Content negotiation."""

import pytest

from ui.sparql.media import GRAPHS, ROWS, chosen, content_type


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "application/sparql-results+json"),
        ("", "application/sparql-results+json"),
        ("*/*", "application/sparql-results+json"),
        ("text/*", "text/csv"),
        ("text/csv;q=0.5, application/sparql-results+xml;q=0.8", "application/sparql-results+xml"),
        ("text/csv, */*;q=0.1", "text/csv"),
        ("application/sparql-results+json;q=0, */*", "application/sparql-results+xml"),
        ("text/csv;q=0", None),
        ("text/csv;q=nonsense", None),
        ("image/png", None),
        ("TEXT/CSV ; Q=1", "text/csv"),
        ("application/sparql-results+xml, text/csv", "application/sparql-results+xml"),
        ("text/csv, application/sparql-results+xml", "text/csv"),
        (",,;;q=,", None),
    ],
)
def test_what_is_liked_best_is_chosen(accept, media_type):
    assert chosen(accept, ROWS) == media_type


@pytest.mark.parametrize(
    ("accept", "media_type"), [("application/json", "application/ld+json"), ("text/plain", "application/n-triples")]
)
def test_other_names_will_do(accept, media_type):
    assert chosen(accept, GRAPHS) == media_type


def test_what_is_text_says_its_charset():
    assert content_type("text/turtle") == "text/turtle; charset=utf-8"
    assert content_type("application/ld+json") == "application/ld+json"
