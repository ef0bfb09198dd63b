"""Answers that were given before: the same prompt about the same evidence is not paid for twice."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path


class AnswerCache:
    """Answers by what was asked, a file each.

    Args:
        folder: Where they are; made where it is missing. None keeps nothing.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def get(self, *asked: str) -> str | None:
        """Return the answer to `asked` (model, prompts, schema), or None where none is kept or can be read."""
        if self._folder is None:
            return None
        try:
            return (self._folder / _name(asked)).read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            return None

    def put(self, answer: str, *asked: str) -> None:
        """Keep an answer; where that cannot be done, it is given again next time."""
        if self._folder is None:
            return
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=self._folder)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(answer)
            Path(name).replace(self._folder / _name(asked))


def _name(asked: tuple[str, ...]) -> str:
    total = hashlib.sha256()
    for part in asked:
        total.update(f"{len(part)}:".encode() + part.encode())
    return f"{total.hexdigest()[:32]}.json"
