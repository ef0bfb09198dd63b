"""A process that works on proposals, one after the other: ``python -m ui.api.worker HOME MEMORY_MB``.

It reads a `Work` a line and answers with lines ``{"step": text}`` and, at the end of each, ``{"answer": ...}`` or
``{"problem": ...}``. Whoever has started it can kill it at any moment: it writes nothing but caches.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from kg.errors import InputError, TunegraphError
from kg.model import FrozenMapping
from kg.model.base import Value
from ui.compose import Settings, Tunegraph
from ui.public import PublicTunegraph
from ui.request import Request

if TYPE_CHECKING:
    from kg.tables import Table
    from recommender.task import TuningTask


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
        _tell(answers, _done(whole if work.sees_private else public, work, answers))


def _done(tunegraph: Tunegraph, work: Work, answers: TextIO) -> dict[str, Any]:
    def progress(text: str) -> None:
        _tell(answers, {"step": text})

    try:
        table, task = _read(tunegraph, work, progress)
        found = tunegraph.recommend(task, work.request, table=table, progress=progress)
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


def _tell(answers: TextIO, message: dict[str, Any]) -> None:
    answers.write(json.dumps(message) + "\n")
    answers.flush()


def _limit_memory(memory_mb: int) -> None:
    if memory_mb and sys.platform != "win32":
        import resource

        most = memory_mb * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


if __name__ == "__main__":
    main(sys.argv[1:])
