from datetime import date

import pytest

from kg.errors import StoreError
from kg.iris import passage_iri
from kg.model import Passage, Provenance
from kg.passages import PassageTable


def passage(text: str, source: str = "paper:a", page: int | None = None) -> Passage:
    origin = Provenance(
        source=source, licence="MIT", url="https://example.org", retrieved=date(2026, 1, 2), locator="A"
    )
    return Passage(
        iri=passage_iri("a.md", "A", text), document="a.md", section="A", page=page, text=text, provenance=origin
    )


@pytest.fixture
def table(tmp_path) -> PassageTable:
    return PassageTable(tmp_path)


def test_what_is_written_is_read(table):
    passages = (passage("one"), passage("two | ünïcode", page=3))
    table.write("paper:a", passages)
    assert table.of("paper:a") == passages
    assert table.of("paper:b") == ()


def test_writing_again_replaces(table):
    table.write("paper:a", [passage("one")])
    table.write("paper:a", [passage("two")])
    assert [found.text for found in table.all()] == ["two"]
    table.write("paper:a", [])
    assert table.sources() == ()


def test_sources_are_kept_apart(table):
    table.write("paper:b", [passage("b", "paper:b")])
    table.write("paper:a", [passage("a")])
    assert table.sources() == ("paper:a", "paper:b")
    assert [found.text for found in table.all()] == ["a", "b"]
    assert table.remove("paper:a") == 1
    assert table.remove("paper:a") == 0
    assert [found.text for found in table.all()] == ["b"]


def test_the_digest_says_whether_anything_changed(table):
    empty = table.digest()
    table.write("paper:a", [passage("one")])
    one = table.digest()
    table.write("paper:a", [passage("one")])
    assert table.digest() == one != empty


def test_damage_is_told(table):
    table.write("paper:a", [passage("one")])
    table.path("paper:a").write_bytes(b"PAR1 damaged")
    with pytest.raises(StoreError, match=r"paper:a\.parquet cannot be read"):
        table.all()
