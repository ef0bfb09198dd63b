"""Text from data is shown as it is written: no mark-up of it is ever drawn."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from ui.plain import MOST_CHARACTERS, ZERO_WIDTH_SPACE, escaped, one_line

_MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
#: What Streamlit looks for in texts after backslashes are resolved.
_LATE = re.compile(r":[a-z0-9_+\-]+:|:[a-z]+\[|:material/|https?://|www\.\w|\w@\w|->|<-|--|>=|<=|~=", re.IGNORECASE)


def _drawn(text: str) -> tuple[list[str], str]:
    """Return the kinds of thing that Markdown makes of `text`, and the text that is read."""
    tokens = _MARKDOWN.parse(text)
    inline = [child for token in tokens for child in token.children or ()]
    return [t.type for t in tokens] + [c.type for c in inline if c.type != "text_special"], "".join(
        c.content for c in inline
    )


@given(st.text(max_size=80))
@example("# h")
@example("1. item")
@example("    code")
@example("<script>alert(1)</script>")
@example("[a](javascript:alert(1)) ![x](http://e.org/x.png)")
@example("a | b\n--|--\n1 | 2")
@example(":red[x] :material/home: $x^2$ `c` ~~s~~ &amp; https://e.org www.e.org a@b.org")
def test_any_text_is_one_paragraph_of_itself(text: str) -> None:
    kinds, read = _drawn(escaped(text))
    assert set(kinds) <= {"paragraph_open", "inline", "paragraph_close", "text"}
    assert read.replace(ZERO_WIDTH_SPACE, "") == one_line(text).replace(ZERO_WIDTH_SPACE, "")


@given(st.text(alphabet=":@-<>=~w.a/[]", max_size=40))
@example("awww.a")
def test_nothing_is_left_that_is_replaced_late(text: str) -> None:
    assert not _LATE.search(_drawn(escaped(text))[1])


@pytest.mark.parametrize("control", ["\n", "\r", "\t", "\x00", "\u202e", "\u2028"])
def test_controls_are_blanks(control: str) -> None:
    assert one_line(f"a{control}b") == "a b"


def test_a_long_text_is_cut() -> None:
    assert len(one_line("x" * 10_000)) == MOST_CHARACTERS
    assert one_line("x" * 10_000).endswith("…")
