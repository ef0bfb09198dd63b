r"""Text from data where a page takes Markdown: shown as it is written, never as markup.

Streamlit's labels and texts are Markdown with extensions: HTML is left out, but links, pictures, ``:red[colour]``,
``:material/icons:``, ``$formulas$`` and bare addresses are drawn. What comes from a table, a source or a model must
not be: ``escaped`` is the one way into a label. Where a whole text is data, `st.text` and `st.dataframe` take it.
"""

from __future__ import annotations

import re
from typing import Final

#: All of ASCII that may mean something to Markdown; a backslash takes its meaning.
_PUNCTUATION: Final = re.compile(r"([!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~])")
#: What is looked for after backslashes are resolved: ``:name:``, ``http://``, ``a@b.c``, ``www.``, ``->``.
_LATE: Final = re.compile(r"(?<=[:@])(?=\S)|(?<=www)(?=\.)|(?<=[-<>=~])(?=[-<>=~])", re.IGNORECASE)
#: Takes no room and parts what would be read together.
ZERO_WIDTH_SPACE: Final = "\u200b"
#: Characters that a text may have on a page; a longer one is cut.
MOST_CHARACTERS: Final = 300


def escaped(text: object, *, at_most: int = MOST_CHARACTERS) -> str:
    """Return `text` in one line for a place that takes Markdown, to be shown as it is written.

    Args:
        text: Anything; its `str` is shown. Characters that cannot be printed become blanks.
        at_most: Characters of it that are shown.
    """
    line = one_line(text, at_most=at_most)
    parted = _LATE.sub(ZERO_WIDTH_SPACE, line)
    return _PUNCTUATION.sub(r"\\\1", parted)


def one_line(text: object, *, at_most: int = MOST_CHARACTERS) -> str:
    """Return `text` in one line of printable characters, cut to `at_most` of them."""
    printable = "".join(c if c.isprintable() else " " for c in str(text))
    line = " ".join(printable.split())
    return line if len(line) <= at_most else line[: at_most - 1] + "…"
