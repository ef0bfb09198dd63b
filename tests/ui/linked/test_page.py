"""The page of a thing: nothing on it is taken for more than text."""

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from kg.iris import BASE, TERMS
from ui.linked.page import Statement, page_of, path_of, short

LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
THING = f"{BASE}dataset/iris"


class Tags(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def tags_of(*said, mentions=()):
    return Tags(page_of(THING, said, mentions))


@given(st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0\r")))
def test_a_text_is_shown_and_never_becomes_a_tag(text):
    plain = tags_of(Statement("a:p", "plain", is_iri=False))
    found = tags_of(Statement("a:p", text, is_iri=False))

    assert [tag for tag, _ in found.tags] == [tag for tag, _ in plain.tags]
    assert text in found.text


def test_what_would_be_a_script_is_text():
    evil = '"><script>alert(1)</script>'
    found = tags_of(
        Statement(LABEL, evil, is_iri=False),
        Statement("a:p", f"https://example.org/{evil}", is_iri=True, name=evil, graph=evil),
        mentions=(Statement(f"https://example.org/{evil}", evil, is_iri=True),),
    )

    assert "script" not in {tag for tag, _ in found.tags}
    assert not any(name.startswith("on") for _, attributes in found.tags for name in attributes)


def test_only_addresses_of_pages_are_links():
    found = tags_of(
        *(Statement("a:p", iri, is_iri=True) for iri in ("javascript:alert(1)", "data:text/html,x", "https://a.org/x"))
    )

    assert [attributes["href"] for tag, attributes in found.tags if tag == "a"][3:] == ["https://a.org/x"]


def test_things_of_ours_are_linked_on_this_server():
    assert path_of(f"{BASE}run/1f") == "/id/run/1f"
    assert path_of("https://example.org/x") == "https://example.org/x"
    assert short(f"{TERMS}Evidence") == "tg:Evidence"


def test_the_title_is_what_the_thing_is_called():
    assert "<h1>Iris &amp; co</h1>" in page_of(THING, (Statement(LABEL, "Iris & co", is_iri=False),), ())
    assert "<h1>dataset/iris</h1>" in page_of(THING, (), ())


def test_a_long_text_is_cut_and_says_so():
    assert "and 3000 characters more" in tags_of(Statement("a:p", "x" * 5_000, is_iri=False)).text
