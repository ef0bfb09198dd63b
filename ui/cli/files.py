"""Reads the text files that commands are given."""

from __future__ import annotations

from pathlib import Path

from kg.errors import InputError

#: A proposal or a query is small; what is larger was given by mistake.
MOST_BYTES = 20_000_000


def read_text(path: Path) -> str:
    """Return the text of `path`.

    Raises:
        InputError: It is no file, too large, or no UTF-8.
    """
    if not path.is_file():
        raise InputError("There is no such file.", where=str(path), allowed="the path of a file")
    if path.stat().st_size > MOST_BYTES:
        raise InputError(f"It has {path.stat().st_size} bytes.", where=str(path), allowed=f"at most {MOST_BYTES}")
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"This is no UTF-8 text: byte {error.start}.", where=str(path), allowed="UTF-8") from error
    except OSError as error:
        raise InputError(f"Cannot read: {error.strerror}.", where=str(path), allowed="a readable file") from error
