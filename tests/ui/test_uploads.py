"""Uploads: what is kept, and with which words what cannot be used is refused."""

import io
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import TableError
from kg.tables import read_table
from ui import uploads

FRAME = pd.DataFrame({"a": range(30), "b": ["x", "y"] * 15, "class": ["no", "yes", "no"] * 10})


def _workbook(frame: pd.DataFrame) -> bytes:
    content = io.BytesIO()
    frame.to_excel(content, index=False)
    return content.getvalue()


def test_a_table_is_kept_under_its_name(tmp_path: Path) -> None:
    path = uploads.keep("loans 2024.csv", FRAME.to_csv(index=False).encode(), tmp_path)
    assert path.name == "loans 2024.csv"
    assert uploads.column_names(path) == ("a", "b", "class")


def test_a_workbook_becomes_a_table_that_all_else_can_read(tmp_path: Path) -> None:
    path = uploads.keep("loans.xlsx", _workbook(FRAME), tmp_path)
    assert path.name == "loans.csv"
    assert read_table(path).n_rows == 30


def test_formulas_are_text_or_values_and_never_computed(tmp_path: Path) -> None:
    frame = FRAME.assign(b=["=1+1", '=HYPERLINK("http://e.org")'] * 15)
    path = uploads.keep("f.csv", frame.to_csv(index=False).encode(), tmp_path)
    assert set(read_table(path).features["b"]) == set(frame["b"])
    # A workbook that no program has computed holds no values for its formulas.
    kept = pd.read_csv(uploads.keep("f.xlsx", _workbook(frame), tmp_path))
    assert kept["b"].isna().all()


@pytest.mark.parametrize("kind", ["parquet", "arff"])
def test_other_formats_are_read_too(kind: str, tmp_path: Path) -> None:
    content = io.BytesIO()
    if kind == "parquet":
        FRAME.to_parquet(content)
    else:
        rows = "\n".join(f"{i},{'xy'[i % 2]}" for i in range(30))
        content.write(f"@relation r\n@attribute a numeric\n@attribute class {{x,y}}\n@data\n{rows}\n".encode())
    path = uploads.keep(f"t.{kind}", content.getvalue(), tmp_path)
    assert uploads.column_names(path)[-1] == "class"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.csv", b"", "The file is empty"),
        ("blank.csv", b"\n \n", "nothing but white space"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(40), "This is an image, whatever its name says"),
        ("picture.xlsx", b"\x89PNG\r\n\x1a\n" + bytes(40), "This is no Excel workbook"),
        ("one.csv", b"a\n1\n2\n", "The table has 1 columns"),
        ("wide.csv", (",".join(f"c{i}" for i in range(20_000)) + "\n").encode(), "20,000 columns"),
    ],
)
def test_a_bad_file_gets_a_sentence_that_helps(name: str, content: bytes, says: str, tmp_path: Path) -> None:
    with pytest.raises(TableError) as error:
        uploads.column_names(uploads.keep(name, content, tmp_path))
    said = uploads.sentence(error.value, folder=tmp_path)
    assert says in said
    assert "What helps: " in said
    assert str(tmp_path) not in said


def test_a_table_that_is_too_large_is_sent_to_the_command_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(uploads, "MOST_BYTES", 2**20)
    with pytest.raises(TableError, match="tunegraph recommend FILE"):
        uploads.keep("large.csv", bytes(2**20 + 1), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_workbook_that_unpacks_to_more_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(10**6))
    monkeypatch.setattr(uploads, "MOST_UNPACKED", 10**5)
    with pytest.raises(TableError, match="unpacks to 1,000,000 bytes"):
        uploads.first_sheet(content.getvalue(), "bomb.xlsx")


@given(st.text(max_size=120))
def test_a_name_of_a_file_stays_in_its_folder(name: str) -> None:
    safe = uploads.safe_name(name)
    assert safe not in ("", ".", "..")
    assert "/" not in safe
    assert "\\" not in safe
    assert len(safe.encode()) <= 400


@pytest.mark.parametrize(
    ("name", "safe"),
    [("../../etc/passwd", "passwd"), ("C:\\x\\Loans.XLSX", "Loans.XLSX"), ("<b>x</b>.csv", "b_.csv"), ("", "table")],
)
def test_names_of_files(name: str, safe: str) -> None:
    assert uploads.safe_name(name) == safe


@pytest.mark.parametrize(
    ("names", "target"), [(("y", "Class"), "Class"), (("a", "b"), "b"), (("Target", "label"), "Target")]
)
def test_the_target_is_guessed_by_its_name_else_the_last_column(names: tuple[str, ...], target: str) -> None:
    assert uploads.guessed_target(names) == target
