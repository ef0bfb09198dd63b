"""Take the gate's checks out one at a time, and see whether a test turns red: ``python -m benchmarks.mutation``.

A *check* is an ``if`` of `recommender/validation` or `recommender/grounding.py` (taken out: it never holds), a
``yield`` (taken out: nothing is yielded), or a line that adds findings to others (taken out). Each mutant is one
removal. It is written into a copy of the checkout, where the tests that mirror the module run until the first that
fails. What survives stands in the report; what cannot be seen from outside is listed in `EQUIVALENT`, with the reason.

    python -m benchmarks.mutation [--module recommender/validation/worth.py] [--workers 2] [--out benchmarks/results]
"""

from __future__ import annotations

import argparse
import ast
import importlib
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

import pytest

ROOT = Path(__file__).parents[1]
TESTS = "tests/recommender/validation"
_GROUNDING = "tests/recommender/test_grounding.py"
#: Module -> the tests that mirror it, those that know most of it first; by their names below `TESTS`.
MIRRORS: dict[str, tuple[str, ...]] = {
    "grounding": (_GROUNDING, "claims_cited", "support", "arguments"),
    "arguments": ("arguments", _GROUNDING),
    "support": ("support",),
    "claimed": ("claims_cited",),
    "quotes": ("claims_cited",),
    "ranking": ("ranking",),
    "worth": ("worth", "ranking"),
    "stages/worth": ("worth", "cost", "test_run_plan", "ranking"),
    "challenge": ("challenge",),
    "loop": ("loop", "challenge"),
    "data_fit": ("data_fit",),
    "row_bounds": ("data_fit", "probing"),
    "spending": ("cost", "worth"),
    "stages/cost": ("cost",),
    "repairs": ("repairs", _GROUNDING),
    "comparing": ("comparing",),
    "points": ("sample_and_points", "probing"),
    "sample": ("sample_and_points",),
    "probing": ("probing", "test_run"),
    "stages/test_run": ("test_run_plan", "test_run"),
    "stages/grounding": ("gate",),
    "gate": ("gate", "loop"),
    "sandbox": ("sandbox",),
    "isolation": ("sandbox",),
    "sealing": ("sealing", "sandbox"),
    "trial_runner": ("sandbox", "test_run"),
}
#: Tests of the modules below `sanity/`, and of all others: those of the stages that fit nothing.
SANITY, FREE = ("sanity", "process_rules", "planted_faults"), ("stages", "planted_faults", "repairs", "gate")
#: Seconds after which a mutant that runs without end counts as found.
LIMIT_S = 300.0
#: Checks whose removal nobody can see, by module and first line of the statement, and why.
EQUIVALENT: dict[tuple[str, str], str] = {
    (
        "recommender/validation/sanity/space.py",
        'if parameter.kind == "constant":',
    ): "Constants are not searched and do not get there; the line is for the type checker.",
}


@dataclass(frozen=True)
class Mutant:
    """One check taken out."""

    path: str
    """Of the module, from the root."""
    line: int
    text: str
    """First line of the statement."""
    source: str
    """The whole module without the check."""


@dataclass(frozen=True)
class Fate:
    """What became of a mutant."""

    mutant: Mutant
    survived: bool
    seconds: float


def modules() -> list[str]:
    """Return the modules whose checks are taken out, from the root."""
    found = sorted((ROOT / "recommender" / "validation").rglob("*.py"))
    return [str(p.relative_to(ROOT)) for p in (ROOT / "recommender" / "grounding.py", *found) if p.stat().st_size > 200]


def mutants(path: str) -> Iterator[Mutant]:
    """Yield each way to take one check out of a module."""
    source = (ROOT / path).read_text()
    tree = ast.parse(source)
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list):
                for place, statement in enumerate(block):
                    yield from _without(path, source, tree, (block, place, statement))


def _without(path: str, source: str, tree: ast.Module, place: tuple[list[ast.stmt], int, ast.stmt]) -> Iterator[Mutant]:
    block, index, statement = place
    taken = _taken_out(statement)
    if taken is None:
        return
    block[index] = taken
    text = ast.unparse(ast.fix_missing_locations(tree))
    block[index] = statement
    yield Mutant(path, statement.lineno, source.splitlines()[statement.lineno - 1].strip(), text)


def _taken_out(statement: ast.stmt) -> ast.stmt | None:
    """Return what stands in the place of a check that is taken out; None where the statement is none."""
    if isinstance(statement, ast.If) and not _is_for_types(statement):
        return ast.If(test=ast.Constant(value=False), body=statement.body, orelse=statement.orelse)
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Yield | ast.YieldFrom):
        # The function must stay a generator.
        return ast.If(test=ast.Constant(value=False), body=[statement], orelse=[])
    if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Add) and _adds_findings(statement):
        return ast.Pass()
    return None


def _is_for_types(statement: ast.If) -> bool:
    return isinstance(statement.test, ast.Name) and statement.test.id == "TYPE_CHECKING"


def _adds_findings(statement: ast.AugAssign) -> bool:
    return isinstance(statement.target, ast.Name) and statement.target.id in ("findings", "found")


def tests_of(path: str) -> list[str]:
    """Return the tests that mirror a module, those that know most of it first."""
    module = path.removeprefix("recommender/").removeprefix("validation/").removesuffix(".py")
    names = MIRRORS.get(module, SANITY if module.startswith("sanity/") else FREE)
    return [name if "/" in name else f"{TESTS}/test_{name}.py" for name in names]


def fate_of(mutant: Mutant, copy: Path) -> Fate:
    """Run the tests on a mutant in a copy of the checkout; restore the copy."""
    started, target = time.monotonic(), copy / mutant.path
    before = target.read_text()
    target.write_text(mutant.source)
    try:
        survived = _passes(copy, tests_of(mutant.path))
    finally:
        target.write_text(before)
    return Fate(mutant, survived, time.monotonic() - started)


def _passes(copy: Path, tests: Sequence[str]) -> bool:
    """Say whether the tests pass in a process of their own, which is forked so that libraries are there already."""
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os._exit(_run_tests(copy, tests))
    deadline = time.monotonic() + LIMIT_S
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) == 0
        if time.monotonic() > deadline:
            os.killpg(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return False
        time.sleep(0.05)


def _run_tests(copy: Path, tests: Sequence[str]) -> int:
    os.chdir(copy)
    sys.path[:] = [str(copy), *(entry for entry in sys.path if entry and Path(entry).resolve() != ROOT)]
    sys.dont_write_bytecode = True
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    options = ["-x", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", f"--basetemp={copy}/tmp"]
    return int(pytest.main([*options, *tests]))


def _preload() -> None:
    """Import what all tests need, so that no fork has to; nothing of `recommender`, which is to be mutated."""
    for name in ("pydantic", "pandas", "scipy.stats", "sklearn.pipeline", "sklearn.metrics", "sklearn.model_selection"):
        importlib.import_module(name)
    for name in ("sklearn.ensemble", "sklearn.impute", "sklearn.compose", "rdflib", "pyoxigraph", "yaml", "psutil"):
        importlib.import_module(name)
    for name in ("hypothesis.strategies", "pyarrow.parquet", "kg.tables", "kg.rdf_store", "kg.learners.registry"):
        importlib.import_module(name)


def run(paths: Sequence[str], workers: int, matching: str = "") -> Iterator[Fate]:
    """Yield what became of every mutant of `paths`.

    Raises:
        SystemExit: The tests are red before anything is taken out.
    """
    _preload()
    wanted = [m for path in paths for m in mutants(path) if matching in m.text]
    with tempfile.TemporaryDirectory(prefix="tunegraph-mutation-") as scratch:
        copies: Queue[Path] = Queue()
        for number in range(workers):
            copies.put(_copy(Path(scratch) / str(number)))
        first = copies.get()
        everything = list(dict.fromkeys(t for path in paths for t in tests_of(path)))
        if not _passes(first, everything):
            raise SystemExit(f"red before anything is taken out: {' '.join(everything)}")
        copies.put(first)

        def one(mutant: Mutant) -> Fate:
            copy = copies.get()
            try:
                return fate_of(mutant, copy)
            finally:
                copies.put(copy)

        with ThreadPoolExecutor(workers) as pool:
            yield from pool.map(one, wanted)


def _copy(folder: Path) -> Path:
    for name in ("recommender", "kg", "ingest", "ui", "tunegraph", "tests", "benchmarks", "examples", "docs"):
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "results")
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mutation", description=__doc__)
    parser.add_argument("--module", action="append", help="a module, from the root; default: all")
    parser.add_argument("--matching", default="", help="only checks whose first line holds this")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results")
    arguments = parser.parse_args()
    started, fates = time.monotonic(), []
    for fate in run(arguments.module or modules(), arguments.workers, arguments.matching):
        fates.append(fate)
        if fate.survived:
            print(f"survived {fate.mutant.path}:{fate.mutant.line}: {fate.mutant.text}", flush=True)
    report = summary(fates, time.monotonic() - started)
    (arguments.out / "mutation.json").write_text(json.dumps(report, indent=1) + "\n")
    print(f"{report['found']} of {report['mutants']} removals turned a test red in {report['seconds']} s")


def summary(fates: Sequence[Fate], seconds: float) -> dict[str, object]:
    """Return the figures as JSON values."""
    lost = [f.mutant for f in fates if f.survived and (f.mutant.path, f.mutant.text) not in EQUIVALENT]
    equal = [f.mutant for f in fates if f.survived and (f.mutant.path, f.mutant.text) in EQUIVALENT]
    return {
        "mutants": len(fates),
        "found": sum(not f.survived for f in fates),
        "equivalent": [{"where": f"{m.path}: {m.text}", "why": EQUIVALENT[m.path, m.text]} for m in equal],
        "survived": [f"{m.path}:{m.line}: {m.text}" for m in lost],
        "seconds": round(seconds),
    }


if __name__ == "__main__":
    main()
