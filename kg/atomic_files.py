"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_atomically(path: Path, content: bytes) -> None:
    """Write `content` to `path` so that there is the old file or the new one, never a part; on disk when this returns.

    Any number of processes and threads may write the same file: the last one to finish counts. Folders are made.

    Raises:
        OSError: The file cannot be written; no draft of it stays behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with drafted(path) as draft, draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def drafted(path: Path) -> Iterator[Path]:
    """Yield a file to write to, in the folder of `path`, that takes its place at the end of a block that does not fail.

    Raises:
        OSError: It cannot take its place; no draft stays behind, whatever happens.
    """
    # The leading dot keeps drafts out of patterns such as *.parquet; two threads have one process id.
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
    try:
        yield draft
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
