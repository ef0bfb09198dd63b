from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.iris import passage_iri
from kg.model import Passage, Provenance
from recommender.text_index import MEANING, TextIndex
from recommender.text_tokens import number_token, stem, tokens

ORIGIN = Provenance(source="paper:a", licence="MIT", url="https://example.org", retrieved=date(2026, 1, 2))
TEXTS = (
    "The tree-structured Parzen estimator needs 100 to 1000 trials.",
    "min_child_weight: minimum sum of instance weight needed in a child. Default 1.",
    "A learning rate of 1e-4 works well for fine-tuning.",
    "Random forests are insensitive to the number of features.",
    "Stop early when the validation loss has not improved.",
)


def passages(*texts: str) -> list[Passage]:
    return [
        Passage(iri=passage_iri("a", "A", text), document="a", section="A", text=text, provenance=ORIGIN)
        for text in texts
    ]


def places(index: TextIndex, query: str, k: int = 5) -> list[int]:
    return [index.passages.index(hit.passage) for hit in index.search(query, k)]


@pytest.fixture
def index() -> TextIndex:
    return TextIndex(passages(*TEXTS))


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("how many trials for the Parzen estimator?", 0),
        ("min_child_weight", 1),
        ("child weight", 1),
        ("MinChildWeight", 1),
        ("0.0001", 2),
        ("10^-4", 2),
        ("stopping early", 4),
        ("forest feature", 3),
    ],
)
def test_passages_are_found_by_words_identifiers_and_numbers(index, query, place):
    assert places(index, query)[0] == place


def test_hits_are_in_order_and_no_more_than_asked_for(index):
    hits = index.search("learning rate of random forests", 2)
    assert len(hits) == 2
    assert hits[0].score >= hits[1].score > 0
    assert [hit.rank_words for hit in hits] == [1, 2]


def test_where_nothing_is_shared_nothing_is_found(index):
    assert index.search("zebra", 3) == ()
    assert index.search("", 3) == ()
    assert index.search("trials", 0) == ()
    assert TextIndex([]).search("trials", 3) == ()


def test_headings_count(index):
    there = passages("It needs many of them.")[0].replace(section="Halving > Budget")
    assert TextIndex([*index.passages, there]).search("halving", 1)[0].passage == there


def test_an_index_is_kept_by_what_it_holds(tmp_path):
    first = TextIndex(passages(*TEXTS), cache=tmp_path)
    expected = places(first, "how many trials")
    (kept,) = (tmp_path / "passages").iterdir()
    again = TextIndex(passages(*TEXTS), cache=tmp_path)
    assert places(again, "how many trials") == expected
    TextIndex(passages(*TEXTS[:3]), cache=tmp_path).search("trials", 1)
    assert len(list((tmp_path / "passages").iterdir())) == 2
    assert kept.is_dir()


class Meaning:
    """Stands in for a model: texts on like matters have like vectors."""

    name = "stand-in"

    def __init__(self) -> None:
        self.encoded = 0

    def encode(self, texts):
        self.encoded += len(texts)
        matters = (
            ("parzen", "bayesian"),
            ("child", "leaf"),
            ("rate", "step"),
            ("forest", "bagging"),
            ("stop", "patience"),
        )
        rows = np.array([[float(any(word in text.lower() for word in words)) for words in matters] for text in texts])
        return (rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)).astype(np.float32)


def test_meaning_finds_what_words_do_not_and_words_still_count(tmp_path):
    index = TextIndex(passages(*TEXTS), cache=tmp_path, encoder=Meaning())
    (hit, *_) = index.search("bagging", 3)
    assert (index.passages.index(hit.passage), hit.rank_words, hit.rank_meaning) == (3, None, 1)
    both = index.search("bayesian optimisation: how many trials", 3)[0]
    assert (index.passages.index(both.passage), both.rank_words, both.rank_meaning) == (0, 1, 1)
    assert both.score == pytest.approx((1 + MEANING) / 61)


def test_embeddings_are_computed_once(tmp_path):
    TextIndex(passages(*TEXTS), cache=tmp_path, encoder=Meaning()).search("bagging")
    second = Meaning()
    TextIndex(passages(*TEXTS), cache=tmp_path, encoder=second).search("bagging")
    assert second.encoded == 1


def test_tokens():
    assert tokens("`min_child_weight`=1e-4") == ["min_child_weight", "min", "child", "weight", "1e-04"]
    assert tokens("XGBoost's num_round") == ["xgboost", "xg", "boost", "num_round", "num", "round"]
    assert len({number_token(text) for text in ("0.0001", "1e-4", "10^-4", "10^−4", "1 × 10^-4", "1E-04")}) == 1
    assert len({number_token(text) for text in ("1,000", "1000", "1e3", "10^3")}) == 1
    assert number_token("2^9") == "512"
    assert stem("trials") == stem("trial")
    assert stem("stopping") == stem("stop")
    assert stem("batches") != stem("batting")


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_has_tokens_without_spaces(text):
    assert all(token and not any(char.isspace() for char in token) for token in tokens(text))


@settings(deadline=None)
@given(st.floats(min_value=1e-12, max_value=1e12, allow_nan=False))
def test_a_number_is_one_word_in_any_notation(value):
    assert number_token(repr(value)) == number_token(f"{value:.17g}")


INDEX = TextIndex(passages(*TEXTS))


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_question_can_be_asked(text):
    hits = INDEX.search(text, 3)
    assert len(hits) <= 3
    assert all(hit.score > 0 for hit in hits)
