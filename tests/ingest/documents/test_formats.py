import pytest

from ingest.documents.limits import DocumentError, Limits
from ingest.documents.model import BlockKind, Document, squeezed
from ingest.documents.parsing import FORMATS, parse
from tests.ingest.documents import samples

FORMAT_SAMPLES = {
    ".md": samples.MARKDOWN,
    ".rst": samples.RST,
    ".tex": samples.LATEX,
    ".html": samples.HTML,
    ".ipynb": samples.NOTEBOOK,
    ".py": samples.PYTHON,
}


def read(ending: str, text: str | None = None, **options) -> Document:
    content = FORMAT_SAMPLES[ending] if text is None else text
    return parse(content.encode(), FORMATS[ending], name=f"x{ending}", **options)


def readings(document: Document, kind: BlockKind) -> list[str]:
    return [block.reading for block in document.blocks if block.kind is kind]


def block(document: Document, words: str):
    return next(block for block in document.blocks if words in block.reading)


@pytest.mark.parametrize("ending", FORMAT_SAMPLES)
def test_every_block_is_verbatim(ending):
    document = read(ending)
    assert document.blocks
    assert [block.text for block in document.blocks if not document.quotes(block.text)] == []


def test_markdown():
    document = read(".md")
    assert (document.title, document.licence) == ("Tuning trees", "MIT")
    assert block(document, "small").text == "Use a *small* learning rate, such as `0.1`."
    assert block(document, "depth").reading == "Set the depth to at most 8."
    assert block(document, "depth").text == "Set the depth > to at most 8."
    assert block(document, "batch").kind is BlockKind.ITEM
    row = block(document, "max_depth")
    assert (row.cells, row.header, row.section) == (("`max_depth`", "[1, 15]"), "| Parameter | Range |", "Trees")
    assert readings(document, BlockKind.COMMENT) == ["Try 10<sup>3</sup> first."]
    assert block(document, "gamma").cells == ("gamma", "2^6")
    assert block(document, "gamma").caption == "Table 1: Spaces"
    assert readings(document, BlockKind.REFERENCE) == ["- Someone (2020). A paper."]
    assert readings(document, BlockKind.CODE) == ["grid = {'depth': [4, 6, 10]}"]


def test_restructuredtext():
    document = read(".rst")
    assert document.title == "Trees"
    assert block(document, "eta").text == "Set ``eta`` low."
    assert block(document, "second").text == "A second paragraph of the note."
    assert block(document, "max_depth").kind is BlockKind.ITEM
    rows = [row for row in document.blocks if row.kind is BlockKind.ROW]
    assert [row.cells for row in rows] == [
        ("Parameter", "Values"), ("``eta``", "``{0.1, 0.3}``"), ("Name", "Value"), ("gamma", "0.5"),
    ]  # fmt: skip
    assert rows[1].header == "| Parameter | Values |"
    assert rows[1].section == "Trees > Growing"
    assert readings(document, BlockKind.CODE) == ['params = {"eta": 0.3}']
    assert readings(document, BlockKind.COMMENT) == ["Hidden advice: use 5 folds."]


def rows_of(ending: str, text: str) -> list[tuple[str, ...]]:
    """Return the cells of all rows, each below the same header; every row is verbatim."""
    document = read(ending, text)
    rows = [row for row in document.blocks if row.kind is BlockKind.ROW]
    assert all(document.quotes(row.text) for row in rows)
    assert {row.header for row in rows[1:]} == {rows[0].reading}
    return [row.cells for row in rows]


CELLS = [("Parameter", "Range", "Default"), ("eta", "[0.01, 0.3]", "0.3"), ("booster", "gbtree, dart", "gbtree")]


def test_the_table_directives_of_restructuredtext_have_rows_with_cells():
    listed = """
.. list-table:: Space
   :widths: 10 20 10
   :header-rows: 1

   * - Parameter
     - Range
     - Default
   * - eta
     - [0.01,
       0.3]
     - 0.3
   * - booster
     - gbtree, dart
     - gbtree
"""
    assert rows_of(".rst", listed) == CELLS
    separated = """
.. csv-table:: Space
   :header: "Parameter", "Range", "Default"
   :delim: ,

   eta, "[0.01, 0.3]", 0.3
   "booster", "gbtree,
   dart", gbtree
"""
    assert rows_of(".rst", separated) == CELLS
    assert [row.caption for row in read(".rst", separated).blocks if row.kind is BlockKind.ROW] == ["Space"] * 3


def test_a_row_of_a_simple_table_goes_on_where_its_first_column_is_blank():
    text = """
=========  =============  =======
Parameter  Range          Default
=========  =============  =======
eta        [0.01,         0.3
           0.3]
booster    gbtree, dart   gbtree
=========  =============  =======
"""
    assert rows_of(".rst", text) == CELLS


def test_the_text_of_a_directive_begins_on_its_first_line_or_below_it():
    note = ".. note:: Set ``eta``\n   below 0.3.\n\n   - One item.\n\n"
    note += ".. tip::\n   Use trees.\n\n.. x::\n   :y: 1\n   :z:\n\n   End."
    document = read(".rst", note)
    assert [b.text for b in document.blocks] == ["Set ``eta`` below 0.3.", "- One item.", "Use trees.", "End."]
    assert read(".rst", "..\n\n   After an empty comment.").blocks[0].kind is BlockKind.PARAGRAPH


def test_restructuredtext_reads_no_other_file():
    assert "root:" not in read(".rst").model_dump_json()


def test_latex():
    document = read(".tex")
    assert document.title == "Boosting well"
    assert block(document, "Models").reading.startswith("Models with 4 ≤ J ≤ 8 do best")
    assert "10^-3" in block(document, "Models").reading
    assert block(document, "ntrees").reading.strip() == "`ntrees`: The default is 50."
    assert block(document, "ntrees").text.startswith(r"\item \texttt{ntrees}: The default is 50.")
    row = block(document, "learn_rate")
    assert row.cells == ("learn_rate", "[0.01, 2^3]")
    assert (row.header.split(), row.caption) == (["Name", "|", "Range"], "Search space.")
    assert row.section == "Settings"
    assert readings(document, BlockKind.CODE) == ["gbm(ntrees = 50)"]
    assert "Someone" in readings(document, BlockKind.REFERENCE)[0]


LATEX_PIECES = {
    r"a rate of $\frac{1}{10}$ or \nicefrac{1}{4}": "a rate of 1/10 or 1/4",
    r"10\,000 or $10{,}000$ rounds": "10,000 or 10,000 rounds",
    r"3--10 trees --- at least": "3–10 trees — at least",
    r"\textcolor{blue}{0.01} of \href{http://x.org}{it}": "0.01 of it",
    r"\verb|eta|, \texttt{learning\_rate}, \lstinline|C|": "`eta`, `learning_rate`, `C`",
    r"in \numrange{1}{10} or \SI{4}{\hour}": "in 1 to 10 or 4 hour",
    r"for \xgb{} the \lr is \best": "for XGBoost the learning rate is 0.05",
    "first \\\\% hidden: 5\nsecond": "first second",
}


@pytest.mark.parametrize("source", LATEX_PIECES)
def test_latex_is_read_as_it_is_set(source):
    macros = r"\newcommand{\xgb}{XGB\textbf{oost}\xspace} \newcommand\lr{learning rate} \def\best{0.05}"
    document = read(".tex", f"{macros}\n\\begin{{document}}\n\\title{{T}}\n{source}\n\\end{{document}}")
    [paragraph] = document.blocks
    assert squeezed(paragraph.reading) == LATEX_PIECES[source]
    assert document.quotes(paragraph.text)


def test_macros_of_macros_do_not_grow_without_end():
    laughs = "".join(f"\\def\\{chr(98 + n)}{{{(chr(92) + chr(97 + n)) * 10}}}" for n in range(20))
    assert len(read(".tex", f"\\def\\a{{lol}}{laughs}\n\n\\u here").model_dump_json()) < 5_000


def test_the_tables_of_latex_keep_what_spans_and_stands_within_cells():
    text = r"""
\begin{table}\caption{Of trees.}
\begin{tabular}{ll@{}l}
\multicolumn{1}{c}{Learner} & \begin{tabular}[c]{@{}l@{}}Para-\\meter\end{tabular} & \makecell[l]{Range \\ (all)} \\
\multirow{2}{*}{XGBoost} & eta & $[0.01, 0.3]$ \\
 & depth & [1, 15]
\end{tabular}
\captionof{table}{Of kernels.}
\begin{tabular}{lll} Learner & Parameter & Range \\ SVM & \multicolumn{2}{c}{none} \end{tabular}
\end{table}
"""
    rows = [row for row in read(".tex", text).blocks if row.kind is BlockKind.ROW]
    assert [row.cells for row in rows] == [
        ("Learner", "Para- meter", "Range  (all)"),
        ("XGBoost", "eta", "[0.01, 0.3]"),
        ("", "depth", "[1, 15]"),
        ("Learner", "Parameter", "Range"),
        ("SVM", "", "none"),
    ]
    assert [row.caption for row in rows] == ["Of trees."] * 3 + ["Of kernels."] * 2


def test_html():
    document = read(".html")
    assert document.title == "Guide"
    assert block(document, "depth").text == "Use a depth of 6, at most 23."
    assert block(document, "depth").reading == "Use a depth of 6, at most 2^3."
    assert readings(document, BlockKind.ITEM) == ["eta < 0.3", "gamma"]
    row = block(document, "[0.01")
    assert (row.cells, row.header, row.caption) == (("eta", "[0.01, 1]"), "Name | Range", "Spaces")
    assert readings(document, BlockKind.CODE) == ["fit(eta=0.1)\npredict()"]
    assert readings(document, BlockKind.COMMENT) == ["hidden: 5"]
    assert not any(word in document.text for word in ("alert", "color", "Home"))


def test_notebook():
    document = read(".ipynb")
    assert [b.kind for b in document.blocks] == [BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.CODE]
    assert document.text.startswith("# Tuning\nUse 10 trials.\n\ngrid")
    assert document.problems == (("broken cell", "cell 3 has no text"),)


def test_python_tutorial():
    document = read(".py")
    assert document.title == "Pruning"
    assert block(document, "median pruner").text == "For random sampling, the median # pruner is the best."
    assert block(document, "median pruner").reading == "For random sampling, the median pruner is the best."
    assert "# A remark.\nalpha = 1e-5" in "\n".join(readings(document, BlockKind.CODE))


CLASSES = '''"""Trees of many kinds."""

class Forest(Base):  # of trees
    """A random forest.

    Parameters
    ----------
    n_trees : int, default=100
        How many.

    Attributes
    ----------
    trees_ : list
    """

    def fit(self):
        """Fit it.

        Parameters
        ----------
        rows : int, default=5
        """
        # Two lines on how
        # it is done.

class Tree(Base):
    """One tree."""

# Two lines on
# nothing of these.
'''


def test_a_docstring_stands_below_the_name_of_what_it_describes():
    document = read(".py", CLASSES)
    places = {found.text: found.section for found in document.blocks if found.kind is not BlockKind.HEADING}
    assert places["A random forest."] == "Forest"
    assert places["n_trees : int, default=100 How many."] == "Forest > Parameters"
    assert places["trees_ : list"] == "Forest > Attributes"
    assert places["Fit it."] == "Forest > fit"
    assert places["rows : int, default=5"] == "Forest > fit > Parameters"
    assert places["Two lines on how # it is done."] == "Forest > fit"
    assert places["One tree."] == "Tree"
    assert places["Two lines on # nothing of these."] == places["Trees of many kinds."] == ""
    assert all(document.quotes(found.text) for found in document.blocks)


HTML_PIECES = {
    "use <code>C</code>, not <tt class='x'><span>be</span><span>ta</span></tt>": "use `C`, not `beta`",
    "<dt><strong>C</strong><span class='classifier'>float, default=1</span></dt>": "C : float, default=1",
    "ran 100<sup><a href='#f'>2</a></sup> trials": "ran 100 trials",
    "ran 100<a href='#f'><sup>2</sup></a> trials of 2<sup>3</sup>": "ran 100 trials of 2^3",
    "at <a href='#p'>10<sup>-6</sup></a> or so": "at 10^-6 or so",
    "<pre><code>fit(eta)</code></pre>": "fit(eta)",
    "<table><tr><td></td><td>b</td><td></td></tr></table>": "| | b | |",
}


@pytest.mark.parametrize("source", HTML_PIECES)
@pytest.mark.parametrize("around", ["{}", "<div>\n{}\n</div>"])
def test_html_is_read_as_it_is_shown(source, around):
    document = read(".html" if around == "{}" else ".md", around.format(source))
    [found] = document.blocks
    assert squeezed(found.reading).replace("|  |", "| |") == HTML_PIECES[source]
    assert document.quotes(found.text)


@pytest.mark.parametrize("mark", ["<![if !supportLists]>", "<![x y]>", "<![[>", "<![CDATA[ a > b ]]>"])
def test_marked_sections_of_html_are_passed_over(mark):
    assert [found.text for found in read(".html", f"<p>One {mark}word.</p>").blocks] == ["One word."]


def test_the_link_beside_a_heading_is_no_part_of_it():
    document = read(".html", "<h2>eta<a class='headerlink' href='#eta'>#</a></h2><p>A rate.")
    assert block(document, "rate").section == "eta"


def test_a_table_of_html_in_markdown_goes_on_behind_a_blank_line():
    text = "<table>\n<tr><th>a</th><th>b</th></tr>\n\n<tr><td>1</td><td>2</td></tr>\n</table>\n\n<p>End.</p>\n"
    assert rows_of(".md", text) == [("a", "b"), ("1", "2")]


def test_a_note_of_markdown_is_text():
    document = read(".md", "```{note} Mind\n:class: x\nUse *trees*.\n```\n\n```{code}\nfit()\n```\n")
    assert [(found.kind, found.text) for found in document.blocks] == [
        (BlockKind.PARAGRAPH, "Use *trees*."), (BlockKind.CODE, "fit()"),
    ]  # fmt: skip


def test_a_table_in_a_quotation_has_cells():
    assert rows_of(".md", "> | a | b |\n> |---|---|\n> | 1 | 2 |\n") == [("a", "b"), ("1", "2")]


def test_what_ends_lines_elsewhere_ends_none_in_a_notebook():
    cell = '{"cells": [{"cell_type": "markdown", "source": "One\\u2028two.\\f\\n\\nThree.\\n\\nFour."}]}'
    assert [found.text for found in read(".ipynb", cell).blocks] == ["One two.", "Three.", "Four."]


@pytest.mark.parametrize("ending", FORMAT_SAMPLES)
def test_what_is_no_utf8_is_told_and_the_rest_is_read(ending):
    content = FORMAT_SAMPLES[ending].encode().replace(b"trees", b"tr\xffees").replace(b"Use", b"\xfeUse")
    document = parse(content + (b"" if ending == ".ipynb" else b"\n\xff"), FORMATS[ending], name="x")
    assert document.problems[0][0] == "no characters of UTF-8"
    assert len(document.blocks) >= 3


@pytest.mark.parametrize(
    ("ending", "text", "encoding"),
    [
        (".html", '<html><head><meta charset="windows-1252"></head><p>“Für” 3–10', "cp1252"),
        (".html", '<?xml version="1.0" encoding="ISO-8859-2"?><p>łódź “Für'.replace("“", ""), "iso8859-2"),
        (".tex", "\\usepackage[latin1]{inputenc}\nFür", "latin-1"),
        (".py", "# -*- coding: koi8-r -*-\n# Для", "koi8-r"),
        (".md", "Für 3–10", "utf-16"),
        (".md", "Für 3–10", "utf-8-sig"),
    ],
)
def test_what_declares_its_encoding_is_read_by_it(ending, text, encoding):
    document = parse(text.encode(encoding), FORMATS[ending], name="x")
    assert document.problems == ()
    assert text[-3:] in document.text


@pytest.mark.parametrize("ending", FORMAT_SAMPLES)
@pytest.mark.parametrize(
    ("line_end", "encoding"), [("\r\n", "utf-8-sig"), ("\r", "utf-8"), ("\n", "utf-16"), ("\r\n", "utf-16")]
)
def test_a_document_is_the_same_whatever_ends_its_lines_and_encodes_it(ending, line_end, encoding):
    written = FORMAT_SAMPLES[ending].replace("\n", line_end).encode(encoding)
    document = parse(written, FORMATS[ending], name=f"x{ending}")
    assert document.blocks == read(ending).blocks
    assert document.title == read(ending).title


def test_a_declaration_gives_no_way_to_do_more_than_decode():
    document = parse(b'<meta charset="unicode_escape"><p>\\x41\xff</p>', FORMATS[".html"], name="x")
    assert "A" not in document.text


def test_endless_lines_zero_bytes_and_great_texts_are_refused():
    limits = Limits(line_characters=100, text_characters=1000)
    with pytest.raises(DocumentError, match="A line has 101 characters"):
        read(".md", "a" * 101, limits=limits)
    with pytest.raises(DocumentError, match="1,002 characters are too many"):
        read(".md", "a\n" * 501, limits=limits)
    with pytest.raises(DocumentError, match="zero bytes"):
        read(".md", "a\0b")


def test_what_is_no_notebook_is_refused():
    for text in ("{", "[]", '{"cells": 1}', "[" * 100_000):
        with pytest.raises(DocumentError, match="no notebook"):
            read(".ipynb", text)
