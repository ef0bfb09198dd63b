"""Read a table from a file: CSV and TSV (also ``.gz``), Parquet, ARFF.

What is in the file becomes a DataFrame as it stands; `kg.tables` judges whether it can be learnt from.
"""

from __future__ import annotations

import csv
import difflib
import gzip
import io
import re
import shlex
import zlib
from pathlib import Path

import pandas as pd

from kg.arff import read_arff
from kg.errors import TableError

#: Delimiters that are tried, commonest first.
DELIMITERS = (",", "\t", ";", "|")
#: Words that stand for a missing value, beside those of pandas.
MISSING = ("?",)

#: More columns than this are refused: every method here looks at each column, and folds copy them all.
MAX_COLUMNS = 10_000
#: More bytes than this, decompressed, are refused: reading them takes several times as much memory.
MAX_BYTES = 2_000_000_000
#: A line is always refused above twice this many characters.
MAX_LINE = 10_000_000

#: Characters of a path that an error shows: who gives a table's text in place of a path is not shown all of it.
_SHOWN = 200

_TEXT_SUFFIXES = (".csv", ".tsv", ".tab", ".txt", ".data", ".dat")
_PARQUET_SUFFIXES = (".parquet", ".pq")
_FORMATS = "CSV, TSV (also .gz), Parquet, ARFF (also .gz)"
#: First bytes of files that are often named .csv and are something else.
_MAGIC = {
    b"PK\x03\x04": "a ZIP archive or an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"PAR1": "a Parquet file",
    b"%PDF": "a PDF document",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"SQLite format 3": "a SQLite database",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
}


def read_frame(path: str | Path) -> pd.DataFrame:
    """Return the table in `path` as a DataFrame; the format follows from the file's name.

    Raises:
        TableError: There is no such file, it is empty, a folder, of another format, in an encoding that is not
            Unicode, or its rows and header do not agree.
    """
    path = Path(path)
    try:
        return _read(path)
    except OSError as error:  # no permission, a name that is too long, a disk that fails
        raise TableError(
            f"The file cannot be read: {error.strerror or error}.", where=str(path)[:_SHOWN], allowed=_FORMATS
        ) from error


def _read(path: Path) -> pd.DataFrame:
    _check_file(path)
    suffix = Path(path.stem).suffix.lower() if path.suffix.lower() == ".gz" else path.suffix.lower()
    if suffix in _PARQUET_SUFFIXES:
        return _read_parquet(path)
    if suffix == ".arff":
        return _read_arff(path)
    if suffix in _TEXT_SUFFIXES or suffix == "":
        return _read_delimited(_decoded(path), path)
    raise TableError(f"Files that end in {suffix!r} cannot be read.", where=str(path), allowed=_FORMATS)


def check_width(columns: int, where: str) -> None:
    """Refuse a table of more than `MAX_COLUMNS` columns.

    Raises:
        TableError: It has more.
    """
    if columns > MAX_COLUMNS:
        raise TableError(
            f"The table has {columns:,} columns.",
            where=where,
            allowed=f"at most {MAX_COLUMNS:,}; select or project columns first",
        )


def _check_file(path: Path) -> None:
    if path.is_dir():
        raise TableError("This is a folder.", where=str(path), allowed=f"a file: {_FORMATS}")
    if not path.exists():
        there = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        close = difflib.get_close_matches(path.name, there, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise TableError(f"There is no such file.{hint}", where=str(path), allowed=f"a file: {_FORMATS}")
    if path.stat().st_size == 0:
        raise TableError("The file is empty.", where=str(path), allowed="a header line and rows")


def _read_parquet(path: Path) -> pd.DataFrame:
    from pyarrow import ArrowException

    try:
        return pd.read_parquet(path)
    except (ArrowException, ValueError, OSError) as error:
        raise TableError(f"The file cannot be read as Parquet: {error}", where=str(path), allowed=_FORMATS) from error


def _read_arff(path: Path) -> pd.DataFrame:
    return read_arff(_decoded(path).split("\n"), where=path.name).frame


def _decoded(path: Path) -> str:
    data = _bytes(path)
    for magic, name in _MAGIC.items():
        if data.startswith(magic):
            raise TableError(f"This is {name}, whatever its name says.", where=str(path), allowed=_FORMATS)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    else:
        encoding = "utf-8-sig"
        if (zero := data.find(b"\x00", 0, 65536)) >= 0:
            raise TableError(f"This is a binary file: byte {zero} is zero.", where=str(path), allowed=_FORMATS)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        offset = error.start + (3 if data.startswith(b"\xef\xbb\xbf") else 0)
        line = data.count(b"\n", 0, offset) + 1
        raise TableError(
            f"Byte {offset} (0x{data[offset]:02x}, in line {line}) is not {encoding.removesuffix('-sig').upper()}.",
            where=str(path),
            allowed=(
                "UTF-8, or UTF-16 with a byte-order mark; save it as 'CSV UTF-8', or convert it with:"
                f" iconv -f WINDOWS-1252 -t UTF-8 {shlex.quote(path.name)} > utf8.csv"
            ),
        ) from error
    _check_lines(text, path)
    if not text.strip():
        raise TableError("The file holds nothing but white space.", where=str(path), allowed="a header line and rows")
    return text


def _bytes(path: Path) -> bytes:
    """Return what is in the file, decompressed; no more is read than is allowed."""
    with path.open("rb") as file:
        is_compressed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        try:
            with gzip.GzipFile(fileobj=file) if is_compressed else file as plain:
                data = plain.read(MAX_BYTES + 1)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise TableError(f"The gzip file is broken: {error}", where=str(path)) from error
    if len(data) > MAX_BYTES:
        raise TableError(
            f"The file has more than {MAX_BYTES:,} bytes{' when decompressed' if is_compressed else ''}.",
            where=str(path),
            allowed=f"at most {MAX_BYTES:,}; take a sample of the rows first",
        )
    return data


def _check_lines(text: str, path: Path) -> None:
    """Refuse a line that is far longer than a row can be: reading it by columns would take all the memory."""
    for start in range(0, len(text) - MAX_LINE, MAX_LINE):
        if text.find("\n", start, start + MAX_LINE) < 0:
            raise TableError(
                f"The line at character {start:,} has more than {MAX_LINE:,} characters.",
                where=str(path),
                allowed="a line a row",
            )


def _read_delimited(text: str, path: Path) -> pd.DataFrame:
    skipped = _says_delimiter(text)
    text = text[text.find("\n") + 1 :] if skipped else text
    sample = _sample(text)
    try:
        delimiter, decimal = sniff_dialect(sample)
        _check_header(sample, delimiter, path)
        frame = pd.read_csv(
            io.StringIO(text),
            sep=delimiter,
            na_values=list(MISSING),
            skipinitialspace=True,
            low_memory=False,
            decimal=decimal,
        )
        _check_rows(frame, text, delimiter, path)
    except csv.Error as error:
        raise TableError(
            f"It is no table: {error}.", where=str(path), allowed="a quoted cell ends, and soon"
        ) from error
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        message = str(error).replace("Error tokenizing data. C error: ", "").strip()
        raise TableError(
            f"Its rows do not agree: {message}.", where=str(path), allowed="as many values as names"
        ) from error
    return frame


def _says_delimiter(text: str) -> bool:
    """Say whether the first line is for Excel alone, such as ``sep=;``; the rows say the same."""
    return bool(re.match(r"sep=[,;|\t]\r?\n", text))


def read_options(path: str | Path) -> dict[str, str | int]:
    """Return the options with which ``pandas.read_csv`` reads the delimited file `path` as `read_frame` does.

    Raises:
        TableError: The file cannot be decoded.
    """
    with Path(path).open("rb") as file:
        start = file.read(2)
    text = _decoded(Path(path))
    skipped = _says_delimiter(text)
    delimiter, decimal = sniff_dialect(_sample(text)[skipped:])
    encoding = "utf-16" if start in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    return (
        {"sep": delimiter, "encoding": encoding}
        | ({"decimal": decimal} if decimal != "." else {})
        | ({"skiprows": 1} if skipped else {})
        | ({"compression": "gzip"} if start == b"\x1f\x8b" else {})
    )


def sniff_dialect(sample: list[str]) -> tuple[str, str]:
    """Return the delimiter and the decimal sign of some lines."""
    delimiter = sniff_delimiter(sample)
    # In files with semicolons the comma is often the decimal sign.
    comma = delimiter == ";" and any(re.search(r"(^|;)-?\d+,\d+(;|$)", line) for line in sample)
    return delimiter, "," if comma else "."


def _sample(text: str) -> list[str]:
    return text[:200_000].splitlines()[:50]


def sniff_delimiter(lines: list[str]) -> str:
    """Return the delimiter of `lines`: the one that splits the header and the next lines into equally many parts."""
    filled = [line for line in lines if line.strip()][:20]

    def quality(delimiter: str) -> tuple[bool, int]:
        counts = [len(row) for row in csv.reader(filled, delimiter=delimiter)]
        return len(set(counts)) == 1 and counts[0] > 1, counts[0]

    return max(DELIMITERS, key=quality)


def _check_header(sample: list[str], delimiter: str, path: Path) -> None:
    header, first = [*csv.reader(filter(str.strip, sample), delimiter=delimiter), [], []][:2]
    if len(first) > len(header):
        raise TableError(
            f"The first row has {len(first)} values, but the header has {len(header)} names.",
            where=str(path),
            allowed="a name for each",
        )
    check_width(len(header), str(path))  # before the rows are read, which takes long where there are many columns
    names = [name.strip() for name in header]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise TableError(
            f"Column names occur twice: {', '.join(map(repr, twice))}.",
            where=str(path),
            allowed="a name of its own for each",
        )


def _check_rows(frame: pd.DataFrame, text: str, delimiter: str, path: Path) -> None:
    width = frame.shape[1]
    # pandas fills short rows with missing values; only a table whose last column has gaps can hold one.
    if width > 1 and not frame.empty and frame.iloc[:, -1].isna().any():
        reader = csv.reader(io.StringIO(text), delimiter=delimiter, skipinitialspace=True)
        for row in reader:
            if row and len(row) < width:
                raise TableError(
                    f"Row at line {reader.line_num} has {len(row)} values.",
                    where=str(path),
                    allowed=f"{width} values, as the header has",
                )
