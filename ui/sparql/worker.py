"""The process in which queries are answered: one after another, told on standard input, answered on standard output.

It can open no socket (`recommender.validation.sealing`), so that even a query that got past its reader could not ask
another server; its memory is limited by the kernel; and a query that outlives the process that asked ends at its limit
of processor time. Its parent ends it where a query takes too long.

Messages are lines of JSON; ``{"done": ..., "size": n}`` is followed by n bytes of the answer.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final

from kg.errors import InputError, StoreError
from kg.sparql.answering import Limits, NotAcceptableError, TooLargeError, Wanted, answer_query
from kg.sparql.reading import RefusedQueryError, read_query
from kg.sparql.snapshots import Snapshots

#: Stack of the thread that reads queries: deep nesting is to be an error, not a crash.
_STACK_BYTES: Final = 256 * 1024**2
#: Processor seconds that a query may take beyond twice its wall clock; the engine may use several threads.
_SPARE_CPU_S: Final = 10
#: Kind of error -> what the parent is told that it was; the first that fits.
_KINDS: Final[tuple[tuple[type[Exception], str], ...]] = (
    (NotAcceptableError, "not_acceptable"),
    (TooLargeError, "too_large"),
    (RefusedQueryError, "refused"),
    (InputError, "malformed"),
    (StoreError, "store"),
    (MemoryError, "memory"),
)


def main(arguments: Sequence[str]) -> None:
    """Answer until standard input ends.

    Args:
        arguments: Folder of a graph to have open when it is ready; memory in MB beyond what it then has.
    """
    threading.stack_size(_STACK_BYTES)
    thread = threading.Thread(target=_serve, args=(Path(arguments[0]), int(arguments[1])))
    thread.start()
    thread.join()


def _serve(graph: Path, memory_mb: int) -> None:
    from recommender.validation.sealing import seal

    read, write = sys.stdin.buffer, sys.stdout.buffer
    snapshots = Snapshots()
    snapshots.view(graph)
    read_query("ASK {}")  # what is loaded and set up at first use is not at the cost of the first query
    sealed = seal()
    _limit_memory(memory_mb)
    _say(write, {"ready": True, "sealed": sealed})
    for line in read:
        job = json.loads(line)
        _limit_processor(job["seconds"])
        try:
            _answer(job, snapshots, lambda message: _say(write, message), write)
        except tuple(kind for kind, _ in _KINDS) as error:
            _say(write, _told(error))


def _answer(
    job: Mapping[str, Any], snapshots: Snapshots, say: Callable[[Mapping[str, Any]], None], write: BinaryIO
) -> None:
    view = snapshots.view(Path(job["graph"]))
    say({"opened": True})
    graphs = tuple(job["default_graphs"]), tuple(job["named_graphs"])
    wanted = Wanted(job["rows_type"], job["graph_type"], *graphs, bindings=job["bindings"])
    limits = Limits(rows=job["rows"], bytes=job["bytes"])
    answer = answer_query(view, read_query(job["query"]), wanted, limits)
    say({"done": answer.media_type, "rows": answer.rows, "size": len(answer.body)})
    write.write(answer.body)
    write.flush()


def _told(error: Exception) -> dict[str, str]:
    kind = next(name for cls, name in _KINDS if isinstance(error, cls))
    if isinstance(error, InputError):
        return {"error": kind, "message": error.message, "where": error.where, "allowed": error.allowed}
    return {"error": kind, "message": str(error), "where": "", "allowed": ""}


def _say(write: BinaryIO, message: Mapping[str, Any]) -> None:
    write.write(json.dumps(message).encode() + b"\n")
    write.flush()


def _limit_memory(memory_mb: int) -> None:
    """Let the address space grow by `memory_mb`, and no core be dumped where that is not enough."""
    import resource

    most = _address_space() + memory_mb * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _address_space() -> int:
    """Return the address space of this process in bytes."""
    # Within a name space of processes, an id of its own names another process to who looks into /proc.
    pages = Path("/proc/self/statm")
    if pages.exists():
        return int(pages.read_text(encoding="ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE")
    import psutil

    return int(psutil.Process().memory_info().vms)


def _limit_processor(seconds: float) -> None:
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime + 2 * seconds) + _SPARE_CPU_S
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))
