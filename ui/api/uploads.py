"""Tables that are uploaded: kept in a folder of their own for as long as they are needed."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path
from typing import Final

from fastapi import UploadFile

from kg.errors import StoreError
from ui.api.problems import ApiError

_ENDINGS: Final = (".csv", ".tsv", ".parquet", ".arff", ".csv.gz", ".tsv.gz", ".arff.gz")
_LONGEST: Final = 80


def kept(file: UploadFile) -> tempfile.TemporaryDirectory[str]:
    """Return a folder, for its owner's eyes only, that holds the uploaded file and nothing else.

    Raises:
        ApiError: 415: what its name says that it is cannot be read; 422: it has no content.
        StoreError: There is no room for it.
    """
    name = _plain(file.filename or "")
    try:
        folder = tempfile.TemporaryDirectory(prefix="tunegraph-upload-", ignore_cleanup_errors=True)
    except OSError as error:
        raise _no_room(error) from error
    path = Path(folder.name) / name
    try:
        with path.open("wb") as target:
            shutil.copyfileobj(file.file, target)
    except OSError as error:
        folder.cleanup()
        raise _no_room(error) from error
    if not path.stat().st_size:
        folder.cleanup()
        raise ApiError(422, "The file is empty.", where="body.file", allowed="a table")
    return folder


def _no_room(error: OSError) -> StoreError:
    return StoreError(f"The table cannot be kept while it is worked on: {error.strerror or error}.")


def _plain(given: str) -> str:
    """Return a name for the file that is no path, holds nothing but plain characters, and ends as the given one."""
    ending = next((one for one in sorted(_ENDINGS, key=len, reverse=True) if given.lower().endswith(one)), None)
    if ending is None:
        raise ApiError(415, "The name of the file does not end as that of a table.", where="body.file",
                       allowed=", ".join(_ENDINGS))  # fmt: skip
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", given[: -len(ending)].replace("\\", "/").rpartition("/")[2])
    return (stem.strip("-")[:_LONGEST] or "table") + ending
