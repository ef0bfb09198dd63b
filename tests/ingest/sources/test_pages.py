"""Tables of runs, page by page: every record is on a page or set aside, and a broken file is a named error."""

import gzip

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.sources import _pages
from ingest.sources._pages import arff_pages, csv_pages
from kg.errors import InputError

relaxed = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ARFF = b"@relation runs\n@attribute 'task id' numeric\n@attribute b {x,y}\n@data\n1,x\n?,y\n"


def read(path):
    """Read all pages; None where the file is refused with a named error."""
    pages = arff_pages if ".arff" in path.name else csv_pages
    try:
        return list(pages(path))
    except InputError:
        return None


@pytest.mark.parametrize("name", ["runs.csv", "runs.arff", "runs.csv.gz", "runs.arff.gz"])
@relaxed
@given(data=st.binary(max_size=300) | st.text(st.sampled_from("ab,;\n\"'{}?@\\% dt"), max_size=300).map(str.encode))
def test_any_bytes_are_pages_or_a_named_error(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    read(tmp_path / name)


@relaxed
@given(st.data())
def test_a_damaged_file_is_pages_or_a_named_error(tmp_path, data):
    whole = data.draw(st.sampled_from([ARFF, ARFF.replace(b"@data", b"@DATA"), gzip.compress(ARFF, mtime=0)]))
    start, length = data.draw(st.integers(0, len(whole))), data.draw(st.integers(0, 20))
    path = tmp_path / ("runs.arff.gz" if whole.startswith(b"\x1f") else "runs.arff")
    path.write_bytes(whole[:start] + data.draw(st.binary(max_size=5)) + whole[start + length :])
    read(path)


@relaxed
@given(st.lists(st.integers(1, 4), max_size=30))
def test_no_record_is_lost(tmp_path, widths):
    path = tmp_path / "runs.csv"
    path.write_text("a,b\n" + "".join(",".join("7" * width) + "\n" for width in widths))
    pages = read(path)
    assert sum(len(page.frame) for page in pages) == widths.count(2)
    assert sum(len(page.rejected) for page in pages) == len(widths) - widths.count(2)


@pytest.mark.parametrize("name", ["runs.csv", "runs.arff", "runs.csv.gz"])
def test_a_line_without_an_end_is_refused(tmp_path, monkeypatch, name):
    monkeypatch.setattr(_pages, "MAX_LINE", 1000)
    text = ("@attribute a numeric\n@data\n" if ".arff" in name else "a,b\n").encode() + b"x" * 5000
    (tmp_path / name).write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    with pytest.raises(InputError, match="1,000 characters or more"):
        list((arff_pages if ".arff" in name else csv_pages)(tmp_path / name))
