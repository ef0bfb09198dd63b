"""Reading tables of runs page by page: CSV, TSV and ARFF, plain or gzipped, as text; a ragged row is set aside."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

import pandas as pd

from ingest.records import SCORE_PREFIX, RawRuns, Rejected
from kg.errors import InputError

#: Records a page: what is read at once, and what an interrupted ingestion need not do again.
PAGE_ROWS = 5_000
#: Characters that a line may have: a longer one is no record, and reading it would take all the memory.
MAX_LINE = 10_000_000


@dataclass(frozen=True)
class TextPage:
    """A page of records as text."""

    file: str
    """Folder and name of the file."""
    frame: pd.DataFrame
    """A column of text a field, None where it is missing; ``row`` is the line of the record in the file, from 1."""
    rejected: tuple[Rejected, ...]
    """Records that do not have as many fields as the header."""


def csv_pages(path: Path, *, delimiter: str = ",") -> Iterator[TextPage]:
    """Yield the records of a delimited file with a header line.

    Raises:
        InputError: The file has no header line.
    """
    with _opened(path) as handle:
        lines = bounded_lines(handle, str(path))
        names = next(csv.reader(lines, delimiter=delimiter), None)
        if not names:
            raise InputError("The file is empty.", where=str(path), allowed="a header line, then a record a line")
        yield from _pages(path, names, enumerate(lines, start=2), delimiter=delimiter)


def arff_pages(path: Path) -> Iterator[TextPage]:
    """Yield the records of a dense ARFF file.

    Raises:
        InputError: The file has no ``@data`` line.
    """
    with _opened(path) as handle:
        lines = enumerate(bounded_lines(handle, str(path)), start=1)
        names: list[str] = []
        for _, line in lines:
            word, _, rest = line.strip().partition(" ")
            if word.lower() == "@attribute":
                names += next(csv.reader([rest.strip()], delimiter=" ", quotechar="'"), [])[:1]
            elif word.lower() == "@data":
                yield from _pages(path, names, lines, missing="?")
                return
        raise InputError("The file has no @data line.", where=str(path), allowed="an ARFF file")


def numbers(column: pd.Series) -> pd.Series:
    """Return a column of text as floats: NaN where it is missing or no number."""
    return pd.to_numeric(column, errors="coerce").astype("float64")


def runs_page(
    page: TextPage, frame: pd.DataFrame, *, parameters: Sequence[str], scores: dict[str, pd.Series]
) -> RawRuns:
    """Return a page of runs whose hyper-parameters stand in columns of text.

    Args:
        page: The page that is read.
        frame: ``row``, ``dataset``, ``learner`` and what else `RawRuns` wants, a row a record of `page`.
        parameters: The columns of `page` that hold hyper-parameters.
        scores: The source's name of a metric -> scores.
    """
    texts = page.frame[list(parameters)]
    codes = texts.groupby(list(parameters), sort=False, dropna=False).ngroup().to_numpy()
    distinct = texts.loc[~texts.duplicated()]
    records = (dict(zip(parameters, values, strict=True)) for values in distinct.itertuples(index=False, name=None))
    configurations = tuple({n: text for n, text in record.items() if text is not None} for record in records)
    scored = {SCORE_PREFIX + name: column.to_numpy() for name, column in scores.items()}
    return RawRuns(page.file, frame.assign(configuration=codes, **scored), configurations, page.rejected)


def _pages(
    path: Path, names: Sequence[str], lines: Iterable[tuple[int, str]], *, delimiter: str = ",", missing: str = ""
) -> Iterator[TextPage]:
    file = f"{path.parent.name}/{path.name}"
    records = ((number, line) for number, line in lines if line.strip() and not line.startswith("%"))
    while block := list(islice(records, PAGE_ROWS)):
        rows = _split([line for _, line in block], delimiter=delimiter, quote="'" if missing else '"')
        fields = [(number, row) for (number, _), row in zip(block, rows, strict=True)]
        good = [(number, row) for number, row in fields if len(row) == len(names)]
        bad = tuple(
            Rejected(f"{file}:{number}", "ragged row", f"{len(row)} fields instead of {len(names)}")
            for number, row in fields
            if len(row) != len(names)
        )
        frame = pd.DataFrame([row for _, row in good], columns=list(names), dtype="object")
        frame = frame.mask(frame == missing, None)
        yield TextPage(file, frame.assign(row=[number for number, _ in good]), bad)


def _split(lines: list[str], *, delimiter: str, quote: str) -> list[list[str]]:
    """Return the fields of each line; a line that cannot be split, as a quote has no end, is one field."""
    try:
        rows = list(csv.reader(lines, delimiter=delimiter, quotechar=quote))
    except csv.Error:
        rows = []
    if len(rows) == len(lines):
        return rows
    rows = []
    for line in lines:
        try:
            rows.append(next(csv.reader([line], delimiter=delimiter, quotechar=quote, strict=True), []))
        except csv.Error:
            rows.append([line])
    return rows


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    try:
        if path.suffix == ".gz":
            with gzip.open(path, "rt", encoding="utf-8", newline="") as handle:
                yield handle
        else:
            with path.open(encoding="utf-8", newline="") as handle:
                yield handle
    except (UnicodeDecodeError, gzip.BadGzipFile, EOFError, zlib.error, csv.Error) as error:
        raise InputError(f"The file cannot be read: {error}", where=str(path), allowed="UTF-8 text") from error


def bounded_lines(handle: TextIO, where: str, *, allowed: str = "a record a line") -> Iterator[str]:
    """Yield the lines of a file of text.

    Raises:
        InputError: One is longer than any record, so that it is no file of records; `allowed` says what would be.
    """
    while line := handle.readline(MAX_LINE):
        if len(line) == MAX_LINE:
            raise InputError(f"A line has {MAX_LINE:,} characters or more.", where=where, allowed=allowed)
        yield line
