"""A process that works on proposals, one after the other: ``python -m ui.api.worker HOME MEMORY_MB``.

It reads a `Work` a line and answers with lines ``{"step": text}``, ``{"talk": text}`` (what a language model writes,
which nothing has checked yet) and, at the end of each, ``{"answer": ...}`` or ``{"problem": ...}``. Whoever has started
it can kill it at any moment: it writes nothing but caches.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

from kg.errors import InputError, TunegraphError
from kg.model import FrozenMapping
from kg.model.base import Value
from ui.compose import Settings, Tunegraph
from ui.public import PublicTunegraph
from ui.request import Request

if TYPE_CHECKING:
    from kg.tables import Table
    from recommender.llm.streaming import Piece
    from recommender.task import TuningTask

#: Seconds after which what a model has written is told.
_TALK_S: Final = 0.3


class Work(Value):
    """One proposal to make: for a table in a file, or for one that is only described."""

    sees_private: bool
    """Whether own studies count as evidence."""
    request: Request
    path: str | None = None
    """File of the table."""
    target: str | None = None
    meta_features: FrozenMapping[str, float | None] = FrozenMapping({})


def main(arguments: list[str]) -> None:
    """Work until standard input ends."""
    home, memory_mb = Path(arguments[0]), int(arguments[1])
    _limit_memory(memory_mb)
    # Whatever a library prints must not get among the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    whole = Tunegraph(Settings(home=home))
    public = PublicTunegraph(whole)
    for line in sys.stdin:
        work = Work.model_validate_json(line)
        teller = Teller(answers)
        teller.end(_done(whole if work.sees_private else public, work, teller))


def _done(tunegraph: Tunegraph, work: Work, teller: Teller) -> dict[str, Any]:
    try:
        table, task = _read(tunegraph, work, teller.step)
        found = tunegraph.recommend(task, work.request, table=table, progress=teller.step, heard=teller.hear)
    except InputError as error:
        return {"problem": {"status": 422, "detail": error.message, "where": error.where, "allowed": error.allowed}}
    except TunegraphError as error:
        return {"problem": {"status": 500, "detail": str(error)}}
    except MemoryError:
        return {"problem": {"status": 422, "detail": "This takes more memory than a proposal may.", "where": "file"}}
    proposal = None if found.proposal is None else found.proposal.model_dump(mode="json")
    return {"answer": {"proposal": proposal, "verdict": found.verdict.model_dump(mode="json")}}


def _read(tunegraph: Tunegraph, work: Work, progress: Any) -> tuple[Table | None, TuningTask]:
    if work.path is None:
        return None, tunegraph.task_of(work.meta_features, work.request)
    progress("Reading the table")
    return tunegraph.read(work.path, work.target, work.request)


class Teller:
    """Tells what becomes of one `Work`; what a model writes is told in lines, for each letter would be one else.

    Args:
        answers: Where to.
    """

    def __init__(self, answers: TextIO) -> None:
        self._answers = answers
        self._talk, self._talked = "", time.monotonic()
        self._is_over = False
        self._mutex = threading.Lock()  # a model is heard in threads of its own

    def step(self, text: str) -> None:
        """Tell what is being done."""
        with self._mutex:
            self._flush()
            self._tell({"step": text})

    def hear(self, piece: Piece) -> None:
        """Take what a model has just written; told after a while, or when its turn is over."""
        with self._mutex:
            self._talk += piece.text
            if piece.kind == "end" or time.monotonic() - self._talked >= _TALK_S:
                self._flush()

    def end(self, message: dict[str, Any]) -> None:
        """Tell what came of it; nothing that is heard afterwards is told."""
        with self._mutex:
            self._flush()
            self._is_over = True
            self._tell(message, is_last=True)

    def _flush(self) -> None:
        talk, self._talk, self._talked = self._talk.strip(), "", time.monotonic()
        if talk:
            self._tell({"talk": talk})

    def _tell(self, message: dict[str, Any], *, is_last: bool = False) -> None:
        if is_last or not self._is_over:
            self._answers.write(json.dumps(message) + "\n")
            self._answers.flush()


def _limit_memory(memory_mb: int) -> None:
    if memory_mb and sys.platform != "win32":
        import resource

        most = memory_mb * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


if __name__ == "__main__":
    main(sys.argv[1:])
