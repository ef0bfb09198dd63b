"""The process that reads documents for `ingest.documents.isolation`: one JSON line a request, one JSON line an answer.

It holds no secrets and may die at any time: of memory, of a crash in native code, or killed because it takes too long.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, TextIO

from ingest.documents.limits import Limits
from kg.errors import InputError


def main() -> None:
    """Answer requests until there are no more."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # What a library prints must not get between the answers.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    from ingest.documents.bundle import read_bundle  # Loaded before time is taken.

    del read_bundle
    answers.write("\n")
    answers.flush()
    for line in sys.stdin:
        _answer(json.loads(line), answers)


def _answer(request: dict[str, Any], answers: TextIO) -> None:
    limits = Limits(**request["limits"])
    _confine(limits)
    try:
        from ingest.documents.bundle import read_bundle

        document = read_bundle(Path(request["path"]), name=request["name"], limits=limits)
        answers.write(document.model_dump_json())
    except InputError as error:
        answers.write(json.dumps({"error": error.message, "allowed": error.allowed}))
    except MemoryError:
        answers.write(json.dumps({"error": "It needs too much memory.", "allowed": _memory(limits)}))
    answers.write("\n")
    answers.flush()


def _memory(limits: Limits) -> str:
    return f"{limits.memory_bytes // 1024**2:,} MB"


def _confine(limits: Limits) -> None:
    """Limit what this process may take; where the system has no such limits, time still holds."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    wanted = limits.memory_bytes if hard == resource.RLIM_INFINITY else min(limits.memory_bytes, hard)
    resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))
