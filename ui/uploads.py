"""Tables that visitors give: kept in the folder of their session, refused with a sentence that helps.

path = keep("loans.xlsx", content, folder)     # folder/7f3a.../loans.csv
names = column_names(path)
"""

from __future__ import annotations

import io
import re
import secrets
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kg.errors import InputError, TableError, TunegraphError
from kg.table_files import MAX_COLUMNS, read_frame
from kg.tables import TARGET_NAMES

if TYPE_CHECKING:
    import pandas as pd

#: Bytes of an upload; more belongs on the command line, which reads files where they are.
MOST_BYTES: Final = 100 * 2**20
#: Bytes of a workbook when it is unpacked.
MOST_UNPACKED: Final = 500 * 2**20
#: Endings of names that may be uploaded, without the dot.
KINDS: Final = ("csv", "tsv", "txt", "parquet", "arff", "xlsx", "gz")
_ALLOWED: Final = "CSV, TSV, ARFF (also .gz), Parquet or Excel (.xlsx)"
_FOREIGN = re.compile(r"[^\w.\- ()]+")


def keep(name: str, content: bytes, folder: Path) -> Path:
    """Write an upload below `folder` and return where it is; a workbook becomes a CSV file.

    Args:
        name: What the visitor calls it; the file keeps as much of that as a file's name may hold.
        content: All of it.
        folder: The session's.

    Raises:
        TableError: It is empty, too large, or a workbook that cannot be read.
    """
    if not content:
        raise TableError("The file is empty.", where=name, allowed="a header line and rows")
    if len(content) > MOST_BYTES:
        raise TableError(
            f"The file has {len(content) / 2**20:,.0f} MB.",
            where=name,
            allowed=f"up to {MOST_BYTES // 2**20} MB here; a sample of the rows tells as much, and the command line "
            "(tunegraph recommend FILE) reads up to 2 GB",
        )
    place = folder / secrets.token_hex(8)
    place.mkdir(parents=True)
    path = place / safe_name(name)
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        path = path.with_suffix(".csv")
        first_sheet(content, name).to_csv(path, index=False)
        return path
    path.write_bytes(content)
    return path


def safe_name(name: str) -> str:
    """Return `name` without folders and without what a file's name had better not hold; its ending stays."""
    plain = _FOREIGN.sub("_", Path(name.replace("\\", "/")).name).strip(" .")
    stem, dot, ending = plain.rpartition(".")
    return f"{(stem or ending)[:80]}{dot if stem else ''}{ending[:10] if stem else ''}" or "table"


def first_sheet(content: bytes, name: str) -> pd.DataFrame:
    """Return the first sheet of an Excel workbook; of a formula, the value that was saved with it.

    Raises:
        TableError: It is no workbook, is too large when unpacked, or has no sheet with cells.
    """
    import pandas as pd

    try:
        unpacked = _unpacked(content)
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise TableError("This is no Excel workbook.", where=name, allowed=_ALLOWED) from error
    if unpacked > MOST_UNPACKED:
        raise TableError(f"It unpacks to {unpacked:,} bytes.", where=name, allowed=f"at most {MOST_UNPACKED:,}")
    try:
        frame = pd.read_excel(io.BytesIO(content), sheet_name=0, engine="openpyxl")
    except ImportError as error:
        raise TableError(
            f"Excel files cannot be read here ({error}).", where=name, allowed="pip install 'tunegraph[ui]', or CSV"
        ) from error
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError, OSError) as error:
        raise TableError("This is no Excel workbook that can be read.", where=name, allowed=_ALLOWED) from error
    if frame.empty:
        raise TableError("The first sheet has no rows.", where=name, allowed="a header row and rows on the first sheet")
    return frame


def _unpacked(content: bytes) -> int:
    """Return the bytes that a ZIP archive says that it holds."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return sum(part.file_size for part in archive.infolist())


def column_names(path: Path) -> tuple[str, ...]:
    """Return the names of the columns in `path`.

    Raises:
        TableError: It cannot be read, or has more columns than anything here looks at.
    """
    names = tuple(str(name) for name in read_frame(path).columns)
    if len(names) > MAX_COLUMNS:
        raise TableError(
            f"The table has {len(names):,} columns.", where=path.name, allowed=f"at most {MAX_COLUMNS:,}; select first"
        )
    if len(names) < 2:
        raise TableError(
            f"The table has {len(names)} columns.",
            where=path.name,
            allowed="a target and at least one feature, parted by commas, semicolons, tabs or bars",
        )
    return names


def guessed_target(names: tuple[str, ...]) -> str:
    """Return the column that is most likely to be predicted: one called target, class, label or y, else the last."""
    by_name = [name for wanted in TARGET_NAMES for name in names if name.lower() == wanted]
    return (by_name or [names[-1]])[0]


def sentence(error: TunegraphError, *, folder: Path | None = None) -> str:
    """Return what is wrong and what would be right, for people; of a path below `folder`, the file's name alone."""
    if not isinstance(error, InputError):
        return _without(str(error), folder)
    place = f"{error.where}: " if error.where else ""
    allowed = f" What helps: {error.allowed}." if error.allowed else ""
    return _without(f"{place}{error.message}{allowed}", folder)


def _without(text: str, folder: Path | None) -> str:
    if folder is None:
        return text
    return re.sub(re.escape(str(folder)) + r"/(?:[0-9a-f]{16}/)?", "", text)
