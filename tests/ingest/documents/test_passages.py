from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.documents.model import Block, BlockKind, Document
from ingest.documents.passages import MOST_WORDS, passages_of
from kg.model import Provenance

ORIGIN = Provenance(source="paper:x", licence="MIT", url="https://example.org", retrieved=date(2026, 1, 1))


def block(n_words: int, section: str = "A", kind: BlockKind = BlockKind.PARAGRAPH, page: int | None = None) -> Block:
    return Block(kind=kind, text=" ".join(f"w{n}" for n in range(n_words)), section=section, page=page)


def lengths(*blocks: Block) -> list[int]:
    document = Document(name="x", blocks=blocks, text="")
    return [len(passage.text.split()) for passage in passages_of(document, ORIGIN)]


def test_short_paragraphs_of_a_section_are_put_together():
    assert lengths(block(30), block(40), block(50), block(20)) == [120, 20]
    assert lengths(block(30), block(40, section="B")) == [30, 40]


def test_long_ones_are_parted():
    assert lengths(block(450)) == [200, 200, 50]


def test_headings_comments_and_the_bibliography_are_left_out():
    hidden = [block(10, kind=kind) for kind in (BlockKind.HEADING, BlockKind.COMMENT, BlockKind.REFERENCE)]
    assert lengths(*hidden, block(5)) == [5]


def test_a_passage_says_where_it_is_from():
    document = Document(name="x.pdf", title="X", blocks=(block(5, page=3),), text="")
    (passage,) = passages_of(document, ORIGIN)
    assert (passage.document, passage.title, passage.section, passage.page) == ("x.pdf", "X", "A", 3)
    assert passage.provenance.locator == "page 3"
    assert passage.iri.startswith("https://w3id.org/tunegraph/passage/")


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 300), st.sampled_from("AB")), max_size=12))
def test_no_word_is_lost_and_none_is_too_long(parts):
    blocks = [block(n_words, section) for n_words, section in parts]
    found = lengths(*blocks)
    assert max(found, default=0) <= MOST_WORDS
    # What is said twice, word for word, in one section is one passage.
    assert sum(found) <= sum(n_words for n_words, _ in parts)
    if len({n_words for n_words, _ in parts}) == len(parts) and all(n_words <= MOST_WORDS for n_words, _ in parts):
        assert sum(found) == sum(n_words for n_words, _ in parts)
