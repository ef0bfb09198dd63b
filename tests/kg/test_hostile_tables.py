"""Files that are broken, or made to do harm: a table or a named error, in no more memory or time than a table takes."""

import gzip
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import kg.table_files
from kg.arff import read_arff
from kg.errors import TableError
from kg.table_files import read_frame
from kg.tables import read_table

HEADER = b"@relation x\n@attribute a numeric\n@attribute d date\n@attribute 'b c' {x,'y z'}\n@data\n"
ARFF = HEADER + b"1,2020-01-01,x\n?,?,'y z'\n{0 7}\n" + b"4,2021-05-06,'y z'\n5,?,x\n" * 15
CSV = b'a,"b c",class\n1,"x, y",yes\n2.5,,no\n?,"a ""quoted""",yes\n' + b"3,z,no\n" * 20
FILES = {".arff": ARFF, ".csv": CSV, ".tsv": CSV.replace(b",", b"\t")}

relaxed = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(folder, suffix, data):
    """Read `data` as a table; say whether it is one. Any error but a named one gets through."""
    path = folder / f"table{suffix}"
    path.write_bytes(data)
    try:
        read_table(path)
    except TableError:
        return False
    return True


@st.composite
def damaged(draw, data):
    """Return `data` with some bytes replaced, left out, doubled or put in."""
    found = bytearray(data)
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(found)))
        end = min(len(found), start + draw(st.integers(0, 12)))
        piece = draw(st.sampled_from([b"", bytes(found[start:end]) * 2]) | st.binary(max_size=6))
        found[start:end] = piece
    return bytes(found)


@pytest.mark.parametrize("suffix", [*FILES, ".parquet", ".csv.gz", ".arff.gz", ""])
@relaxed
@given(data=st.binary(max_size=400) | st.text(st.sampled_from("ab,;\t\n\"'{}?@\\%0. "), max_size=400).map(str.encode))
def test_any_bytes_are_a_table_or_a_named_error(tmp_path, suffix, data):
    read(tmp_path, suffix, data)


@pytest.mark.parametrize("suffix", FILES)
@relaxed
@given(st.data())
def test_a_damaged_table_is_a_table_or_a_named_error(tmp_path, suffix, data):
    read(tmp_path, suffix, data.draw(damaged(FILES[suffix])))


@relaxed
@given(st.data())
def test_a_damaged_gzip_or_parquet_file_is_a_named_error(tmp_path, data):
    import pandas as pd

    pd.DataFrame({"a": range(30), "class": ["x", "y"] * 15}).to_parquet(tmp_path / "whole.parquet")
    read(tmp_path, ".csv.gz", data.draw(damaged(gzip.compress(CSV, mtime=0))))
    read(tmp_path, ".parquet", data.draw(damaged((tmp_path / "whole.parquet").read_bytes())))


@given(st.data())
@relaxed
def test_damaged_tables_of_the_evidence_too(tmp_path, shared_data, data):
    path = data.draw(st.sampled_from(sorted((shared_data / "raw-datasets").rglob("*.arff"))))
    read(tmp_path, ".arff", data.draw(damaged(path.read_bytes()[:20_000])))


LONG = 200_000


@pytest.mark.parametrize(
    "row",
    [
        "1,'a" + " " * LONG + "b,?",
        "1,x" + " " * LONG + "y,?",
        "1," + "'" * LONG,
        "1," + '"' * LONG + ",?",
        "1,'" + "\\" * LONG,
        "{0 " + " " * LONG + "1}",
        "{1 x" + " " * LONG + "y}",
        "{" + "9" * LONG + " x}",
        "," * LONG,
    ],
    ids=lambda row: row[:6],
)
def test_the_time_for_a_row_grows_with_its_length_alone(row):
    # In quadratic time, each of these would take longer than the whole suite may.
    try:
        read_arff([*HEADER.decode().splitlines(), row])
    except TableError as error:
        assert "line 6" in str(error)  # noqa: PT017  # some of them are rows


class TestBombs:
    def test_a_small_file_that_is_a_large_one_is_not_unpacked(self, tmp_path, monkeypatch):
        monkeypatch.setattr(kg.table_files, "MAX_BYTES", 10_000_000)
        path = tmp_path / "bomb.csv.gz"
        path.write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 5_000_000))
        assert path.stat().st_size < 100_000
        with pytest.raises(TableError, match=r"more than 10,000,000 bytes when decompressed"):
            read_frame(path)

    def test_a_gzip_file_of_many_members_counts_as_one(self, tmp_path, monkeypatch):
        monkeypatch.setattr(kg.table_files, "MAX_BYTES", 1_000_000)
        path = tmp_path / "bomb.csv.gz"
        path.write_bytes(gzip.compress(b"1,2\n" * 50_000, mtime=0) * 50)
        with pytest.raises(TableError, match="when decompressed"):
            read_frame(path)

    def test_a_line_without_an_end_is_refused(self, tmp_path):
        for suffix in (".csv", ".arff"):
            path = tmp_path / f"line{suffix}"
            path.write_bytes(b"a,b\n1,2\n" + b"x" * 25_000_000)
            with pytest.raises(TableError, match="more than 10,000,000 characters"):
                read_frame(path)

    def test_a_cell_longer_than_a_reader_takes_is_read_or_named(self, tmp_path):
        assert not read(tmp_path, ".csv", b"a,class\n" + b'"' + b"x" * 300_000 + b'",1\n')
        assert not read(tmp_path, ".csv", b"a" * 300_000 + b",class\n1,2\n")

    def test_a_broken_stream_of_zeros_is_named(self, tmp_path):
        path = tmp_path / "zeros.csv.gz"
        path.write_bytes(gzip.compress(b"\0" * 1000)[:10] + zlib.compress(b"\0" * 1000)[2:-5])
        with pytest.raises(TableError, match="broken"):
            read_frame(path)


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "a\x00b", "..", "con", "x" * 500, "%2e%2e%2f", "\u202e"]
)
def test_names_in_a_file_are_never_paths(tmp_path, name):
    quoted = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    arff = f"@relation {quoted}\n@attribute {quoted} numeric\n@attribute class {{0,1}}\n@data\n" + "1,0\n2,1\n" * 20
    assert read(tmp_path, ".arff", arff.encode()) == ("\x00" not in name)
    assert [path.name for path in tmp_path.iterdir()] == ["table.arff"]
