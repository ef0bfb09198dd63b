"""Take the gate's checks out one at a time, and see whether a test turns red: ``python -m benchmarks.mutation``.

A *check* is an ``if`` of `recommender/validation` or `recommender/grounding.py` (taken out: it never holds), a
``yield`` (taken out: nothing is yielded), or a line that adds findings to others (taken out). Each mutant is one
removal. It is written into a copy of the checkout, where the tests that mirror the module run until the first that
fails. What survives stands in the report; what nobody can see is listed in `mutation_mirrors`, with the reason.
``--kind boundaries`` moves limits instead: each ``<`` to ``<=`` and the other way round.

    python -m benchmarks.mutation [--module recommender/validation/worth.py] [--kind checks] [--resume fates.jsonl]

With ``--resume`` every fate is written down at once, beside a digest of the module and of the tests it hangs on; a run
that was cut short goes on, and another one runs only what has changed.
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

from benchmarks.mutants import CHECKS, KINDS, Mutant, mutants
from benchmarks.mutation_fates import Fate, Notes
from benchmarks.mutation_mirrors import modules, tests_of
from benchmarks.mutation_report import summary, table
from benchmarks.mutation_runs import Task, Trace, end, judged, preload

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
#: Folders that a copy has.
_FOLDERS = ("recommender", "kg", "ingest", "ui", "tunegraph", "tests", "benchmarks", "examples", "docs")


def run(
    paths: Sequence[str], *, kind: str = CHECKS, workers: int = 1, resume: Path | None = None, committed: bool = False
) -> list[Fate]:
    """Return what became of every mutant of `paths`.

    Args:
        paths: Modules, from the root; all where there are none.
        kind: One of `KINDS`.
        workers: Modules that are judged at a time.
        resume: Fates of earlier runs, to which those of this one are added.
        committed: Judge what is committed instead of what lies in the checkout.
    """
    with tempfile.TemporaryDirectory(prefix="tunegraph-mutation-", ignore_cleanup_errors=True) as scratch:
        folder = Path(scratch).resolve()
        # One copy stays as it is: digests are of it.
        clean, *copies = (copied(ROOT, folder / str(n) / "main", committed=committed) for n in range(workers + 1))
        notes, free = Notes(clean, resume), Queue[Path]()
        for copy in copies:
            free.put(copy)
        wanted = {path: list(mutants(clean, path, kind)) for path in paths or modules(clean)}
        if any(notes.fate(mutant) is None for found in wanted.values() for mutant in found):
            preload(copies[0])

        def one(path: str) -> list[Fate]:
            copy = free.get()
            try:
                return _module(notes, copy, path, wanted[path])
            finally:
                free.put(copy)

        with ThreadPoolExecutor(workers) as pool:
            return [fate for fates in pool.map(one, wanted) for fate in fates]


def _module(notes: Notes, copy: Path, path: str, wanted: Sequence[Mutant]) -> list[Fate]:
    """Return the fates of a module's mutants: those that are known, and those that are found out now."""
    unknown = [mutant for mutant in wanted if notes.fate(mutant) is None]
    task = Task(path, unknown, tests_of(path), notes.traces(path), notes.red_before(path))
    fates = {m.identity: fate for m in wanted if (fate := notes.fate(m)) is not None}
    for said, value in judged(copy, task) if unknown else ():
        if said == "trace":
            notes.keep_trace(value[0], Trace(*value[1:]))
        elif said == "flaky":
            print(f"red on the unchanged code, too: {value}", file=sys.stderr, flush=True)
        else:
            fate = Fate(unknown[value[0]], *value[1:])
            notes.keep(fate)
            fates[fate.mutant.identity] = fate
            if fate.survived and not fate.why_equivalent:
                print(f"survived {fate.mutant.path}:{fate.mutant.line}: {fate.mutant.text}", flush=True)
    return [fates[mutant.identity] for mutant in wanted]


def copied(root: Path, folder: Path, *, committed: bool) -> Path:
    """Return a copy of the checkout in `folder`.

    Args:
        root: The checkout.
        folder: Where to; made.
        committed: Copy what is committed, whatever lies in the checkout.
    """
    folder.mkdir(parents=True)
    names = [name for name in _FOLDERS if (root / name).is_dir()]
    if committed:
        archive = folder / "archive.tar"
        command = ["git", "archive", "-o", str(archive), "HEAD", *names, "pyproject.toml"]
        subprocess.run(command, cwd=root, check=True)  # a fixed command
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
        archive.unlink()
        return folder
    for name in names:
        shutil.copytree(root / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "results"))
    shutil.copy(root / "pyproject.toml", folder)
    return folder


def main() -> None:
    """Run from the command line; publish where all modules are covered."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mutation", description=__doc__)
    parser.add_argument("--module", action="append", help="a module, from the root; default: all")
    parser.add_argument("--kind", choices=KINDS, action="append", help="what is changed; default: checks")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--resume", type=Path, help="JSON lines with the fates of earlier runs; added to")
    parser.add_argument("--committed", action="store_true", help="judge what is committed, not what lies here")
    parser.add_argument("--out", type=Path, help="where the result goes; default: the results, if all modules are run")
    given = parser.parse_args()
    # So that a run that is ended leaves no copy and no test behind.
    signal.signal(signal.SIGTERM, end)
    out = given.out or (None if given.module else RESULTS)
    reports = {}
    for kind in given.kind or [CHECKS]:
        options = {"workers": given.workers, "resume": given.resume, "committed": given.committed}
        fates = run(given.module or (), kind=kind, **options)
        reports[kind] = summary(fates)
        counts = {name: reports[kind][name] for name in ("mutants", "caught")}
        print(f"{kind}: {counts['caught']} of {counts['mutants']} changes turned a test red", flush=True)
    if out is not None:
        (out / "mutation.json").write_text(json.dumps(reports, indent=1) + "\n")
        (out / "mutation.md").write_text(table(reports))


if __name__ == "__main__":
    main()
