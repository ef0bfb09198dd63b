"""ARFF as Weka defines it and as it is found."""

import numpy as np
import pandas as pd
import pytest

from kg.arff import read_arff
from kg.errors import TableError

HEADER = [
    "% a comment",
    "@RELATION 'my data'",
    "@attribute age integer",
    "@attribute 'job title' {'head cook', clerk, '?'}",
]


def rows(*lines, header=HEADER):
    return read_arff([*header, "@data", *lines]).frame


def test_reads_names_and_values_in_quotes():
    frame = rows("31, 'head cook'", "4.5,clerk")
    assert list(frame.columns) == ["age", "job title"]
    assert frame["age"].tolist() == [31, 4.5]
    assert frame["job title"].tolist() == ["head cook", "clerk"]


def test_a_bare_question_mark_is_missing_and_a_quoted_declared_one_is_a_value():
    frame = rows("?,clerk", "3,'?'", "1,?", header=HEADER)
    assert np.isnan(frame["age"][0])
    assert frame["job title"].tolist()[1] == "?"


def test_keeps_the_order_of_declared_categories_and_adds_undeclared_ones():
    frame = rows("1,baker", "2,clerk")
    assert list(frame["job title"].cat.categories) == ["head cook", "clerk", "?", "baker"]


def test_what_a_sparse_row_leaves_out_is_zero_or_the_first_value():
    frame = rows("{0 7}", "{1 clerk}", "{}", "{0 ?, 1 'head cook'}")
    assert frame["age"].fillna(-1).tolist() == [7, 0, 0, -1]
    assert frame["job title"].tolist() == ["head cook", "clerk", "head cook", "head cook"]


def test_reads_strings_dates_escapes_comments_and_blank_lines():
    header = ["@relation x", "@attribute note string", "@attribute day date 'yyyy-MM-dd'", "@attribute k real [0, 1]"]
    frame = rows("", "% nothing", r"'it\'s, so', 2020-02-03, 0.5", '"two, three",?,1', header=header)
    assert frame["note"].tolist() == ["it's, so", "two, three"]
    assert frame["day"][0] == pd.Timestamp("2020-02-03")
    assert frame["day"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("1", "1 values.*Allowed: 2 values"),
        ("old,clerk", "line 6.*'age'.*'old'"),
        ("{9 1}", "no entry of a sparse row"),
    ],
)
def test_a_bad_row_is_named_by_line(line, says):
    with pytest.raises(TableError, match=says):
        rows(line)


@pytest.mark.parametrize(
    ("header", "says"),
    [
        (["@attribute a whatever"], "whatever"),
        ([], "before any @attribute"),
        (["a,b,c"], "no header line"),
    ],
)
def test_a_bad_header_is_refused(header, says):
    with pytest.raises(TableError, match=says):
        rows("1", header=header)


def test_reads_every_arff_of_the_evidence_with_its_gaps(shared_data):
    index = pd.read_csv(shared_data / "raw-datasets" / "INDEX.csv").query("part == 'ingest-arff'").set_index("name")
    for name, row in index.iterrows():
        file = shared_data / "raw-datasets" / f"{name}.arff"
        frame = read_arff(file.read_text(encoding="utf-8").splitlines()).frame
        assert frame.shape == (row["n"], row["p"] + 1)
        assert frame.isna().sum().sum() == int(row["note"].split()[0].removeprefix("nan=")), name
