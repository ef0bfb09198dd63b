"""Tests on mutants: collected once a module, then forked once a mutant, those first that are likely to turn red.

    this process (libraries are loaded)
      fork: pytest collects the tests that mirror a module
        fork: the code of one function is exchanged, and the tests run until the first that fails

The changed module also lies in the copy of the checkout, for processes that tests start. Which tests run which function
is traced once and serves for the order alone. Hypothesis draws the same examples in every run. A red test counts only
if it is green on the unchanged code; a slow one, which may hang on how busy the machine is, is asked each time.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import pytest
from hypothesis import settings

from benchmarks.mutants import Mutant

#: Seconds of a test from which on it may turn red because the machine is busy.
SLOW_S = 1.0
#: Seconds that the tests on a mutant may take beside three times what they took unchanged.
LIMIT_S = 45.0
#: What stands for a test where a mutant runs without end.
TIMEOUT = "timeout"
#: What stands for a test where a mutant brings the process of the tests down.
CRASH = "crash"

#: Processes that this one has forked and that are not over.
_CHILDREN: set[int] = set()


@dataclass(frozen=True)
class Trace:
    """What the tests of a file did on the unchanged code."""

    seconds: Mapping[str, float] = field(default_factory=dict)
    """Test -> what it took, its fixtures among it."""
    touched: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Test -> functions (``path::name``) of the gate that it ran."""


@dataclass(frozen=True)
class Task:
    """Mutants of one module, and the tests that are to see them."""

    path: str
    mutants: Sequence[Mutant]
    tests: Sequence[str]
    traces: Mapping[str, Trace]
    """File of tests -> what is known of it; the others are traced."""
    red_before: Mapping[str, Sequence[str]]
    """Function -> tests that have seen changes of it, the latest last."""


def preload(copy: Path) -> None:
    """Import from a copy of the checkout what all tests need, so that no fork has to."""
    sys.path[:] = [str(copy), *(entry for entry in sys.path if entry and not _is_checkout(Path(entry)))]
    for name in (
        "sklearn.ensemble",
        "sklearn.model_selection",
        "psutil",
        "kg.rdf_store",
        "recommender.composing.compose",
    ):
        importlib.import_module(name)
    for name in ("recommender.pipeline", "recommender.validation.loop", "recommender.grounding"):
        importlib.import_module(name)


def judged(copy: Path, task: Task) -> Iterator[tuple[str, Any]]:
    """Yield what is found out, as soon as it is.

    Args:
        copy: The copy of the checkout; nobody else uses it meanwhile.
        task: What to do.

    Yields:
        ``fate``: (number of the mutant, test that turned red or nothing, seconds); ``trace``: (file of tests, seconds
        and functions of its tests); ``flaky``: a test that is red on the unchanged code.

    Raises:
        SystemExit: The tests cannot be collected, or a mutant could not be made.
    """
    incoming, outgoing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(incoming)
        with os.fdopen(outgoing, "w") as stream:
            code = _session(copy, task, lambda kind, value: print(json.dumps([kind, value]), file=stream, flush=True))
        os._exit(code)
    os.close(outgoing)
    _CHILDREN.add(pid)
    with os.fdopen(incoming) as stream:
        for line in stream:
            yield tuple(json.loads(line))
    _, status = os.waitpid(pid, 0)
    _CHILDREN.discard(pid)
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"no tests could be run: {' '.join(task.tests)}; see {copy.parent / 'log.txt'}")


def end(*_: Any) -> None:
    """Handle a signal: end this process, its children before it."""
    for pid in _CHILDREN:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    sys.exit(143)


def _session(copy: Path, task: Task, say: Callable[[str, Any], None]) -> int:
    """Collect the tests and judge the mutants; return 0 where that could be done."""
    _CHILDREN.clear()
    signal.signal(signal.SIGTERM, end)
    os.chdir(copy)
    os.environ |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "TMPDIR": str(copy.parent)}
    sys.path[:] = [str(copy), *(entry for entry in sys.path if entry and not _is_checkout(Path(entry)))]
    sys.dont_write_bytecode = True
    loaded = sys.modules.get("recommender")
    if loaded is not None and loaded.__path__[0] != str(copy / "recommender"):
        for name in [name for name in sys.modules if name.split(".")[0] == "recommender"]:
            del sys.modules[name]
    log = os.open(copy.parent / "log.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(log, 1)
    os.dup2(log, 2)
    options = ["-q", "-s", "-p", "no:cacheprovider", f"--basetemp={copy.parent}/tmp"]
    return int(pytest.main([*options, *task.tests], plugins=[_Loop(copy, task, say)]))


class _Loop:
    """A plugin of pytest that runs the collected tests on one mutant after the other."""

    def __init__(self, copy: Path, task: Task, say: Callable[[str, Any], None]) -> None:
        self._copy, self._task, self._say = copy, task, say
        self._items: dict[str, pytest.Item] = {}
        self._seconds: dict[str, float] = {}
        self._touching: dict[str, set[str]] = {}
        self._green: set[str] = set()
        self._red_before = {where: list(tests) for where, tests in task.red_before.items()}

    def pytest_collection(self) -> None:
        """Hold chance back, after the project's own profile is loaded."""
        settings.register_profile("mutation", settings.default, derandomize=True, database=None)
        settings.load_profile("mutation")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Judge the mutants instead of running the tests."""
        if session.testsfailed:
            raise session.Interrupted("the tests cannot be collected")
        self._items = {item.nodeid: item for item in session.items}
        for file in self._task.tests:
            self._take(file, self._task.traces.get(file))
        for number, mutant in enumerate(self._task.mutants):
            started = time.monotonic()
            self._say("fate", [number, self._red(mutant), round(time.monotonic() - started, 2)])
        return True

    def _take(self, file: str, trace: Trace | None) -> None:
        if trace is None:
            own = [test for test in self._items if test.startswith(f"{file}::")]
            seen = _forked(lambda: _traced([self._items[test] for test in own], self._copy), 20 * LIMIT_S)
            trace = Trace(**seen) if isinstance(seen, dict) else Trace()
            self._say("trace", [file, trace.seconds, trace.touched])
        self._seconds |= trace.seconds
        for test, names in trace.touched.items():
            for name in names:
                self._touching.setdefault(name, set()).add(test)

    def _red(self, mutant: Mutant) -> str:
        """Return the first test that a mutant turns red; nothing where there is none."""
        target, tests = self._copy / mutant.path, self._order(mutant)
        before = target.read_text()
        limit_s = LIMIT_S + 3 * sum(self._seconds.get(test, 0.0) for test in tests)
        while True:
            target.write_text(mutant.source)
            try:
                red = _forked(functools.partial(self._first_red, tests, mutant), limit_s)
            finally:
                target.write_text(before)
            if not red or red in (TIMEOUT, CRASH) or self._is_green(red):
                self._red_before.setdefault(mutant.where, []).append(red)
                return str(red)
            self._say("flaky", red)
            tests.remove(red)
            if self._seconds.get(red, 0.0) < SLOW_S:
                del self._items[red]

    def _first_red(self, tests: Sequence[str], mutant: Mutant | None = None) -> str:
        if mutant is not None:
            exchange(mutant)
        return _first_red([self._items[test] for test in tests])

    def _is_green(self, test: str) -> bool:
        """Say whether a test is green on the unchanged code."""
        if self._seconds.get(test, 0.0) >= SLOW_S or test not in self._green:
            if _forked(lambda: self._first_red([test]), 20 * LIMIT_S):
                return False
            self._green.add(test)
        return True

    def _order(self, mutant: Mutant) -> list[str]:
        """Return the tests in the order to run: that saw a neighbour of late, then that touch it, the quick first."""
        touching = self._touching.get(f"{mutant.path}::{mutant.where}", set())
        late = [test for test in reversed(self._red_before.get(mutant.where, ())) if test in self._items]
        quick = [test for test in dict.fromkeys(late) if self._seconds.get(test, 0.0) < SLOW_S]
        by_time = sorted(self._items, key=lambda one: (one not in touching, self._seconds.get(one, 0.0)))
        return list(dict.fromkeys((*quick[:5], *by_time)))


def exchange(mutant: Mutant) -> None:
    """Exchange the code of the function that a mutant is about, wherever it has been imported to.

    Raises:
        LookupError: There is no such function.
        TypeError: What has its name is none.
    """
    owner: Any = importlib.import_module(mutant.path.removesuffix(".py").replace("/", "."))
    for name in mutant.where.split("."):
        owner = vars(owner)[name]
    _function(owner).__code__ = _code(compile(mutant.source, mutant.path, "exec"), mutant.where)


def _function(found: Any) -> FunctionType:
    """Return the function within a method, a property or a wrapper."""
    for name in ("fget", "__func__", "func", "__wrapped__"):
        inner = getattr(found, name, None)
        if inner is not None:
            return _function(inner)
    if not isinstance(found, FunctionType):
        raise TypeError(f"{found!r} is no function")
    return found


def _code(code: CodeType, where: str) -> CodeType:
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            if inner.co_qualname == where:
                return inner
            if where.startswith(f"{inner.co_qualname}."):
                return _code(inner, where)
    raise LookupError(f"no code of {where!r}")


def _forked(work: Callable[[], Any], limit_s: float) -> Any:
    """Return what `work` returns in a process of its own, `TIMEOUT` or `CRASH`.

    Raises:
        RuntimeError: It raised.
    """
    incoming, outgoing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(incoming)
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        with os.fdopen(outgoing, "w") as stream:
            try:
                said = {"answer": work()}
            except (LookupError, TypeError) as error:
                said = {"error": repr(error)}
            with contextlib.suppress(OSError):  # a mutant may have closed what is not its own
                json.dump(said, stream)
                stream.flush()
            os._exit(0)
    os.close(outgoing)
    _CHILDREN.add(pid)
    heard = _heard(incoming, limit_s)
    _kill(pid)
    _CHILDREN.discard(pid)
    if not heard:
        return TIMEOUT if heard is None else CRASH
    answer = json.loads(heard)
    if "error" in answer:
        raise RuntimeError(answer["error"])
    return answer["answer"]


def _heard(incoming: int, limit_s: float) -> bytes | None:
    """Return all that comes from a pipe; None where it is not closed in time."""
    os.set_blocking(incoming, False)
    said, deadline = b"", time.monotonic() + limit_s
    try:
        while time.monotonic() < deadline:
            try:
                chunk = os.read(incoming, 1 << 20)
            except BlockingIOError:
                time.sleep(0.005)
                continue
            if not chunk:
                return said
            said += chunk
        return None
    finally:
        os.close(incoming)


def _kill(pid: int) -> None:
    for ending in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError):
            ending(pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)


def _first_red(items: Sequence[pytest.Item]) -> str:
    """Run tests until the first that fails; return it, or nothing where all pass."""
    for place, item in enumerate(items):
        _, failed = _run(item, items[place + 1] if place + 1 < len(items) else None)
        if failed:
            # What fixtures hold (processes, files) is given back before this process ends.
            item.session._setupstate.teardown_exact(None)
            return item.nodeid
    return ""


def _run(item: pytest.Item, following: pytest.Item | None) -> tuple[float, bool]:
    """Run a test; return the seconds it took and whether it failed."""
    reports = _Reports()
    item.config.pluginmanager.register(reports)
    started = time.monotonic()
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
    item.config.pluginmanager.unregister(reports)
    return time.monotonic() - started, reports.failed


class _Reports:
    """A plugin of pytest that keeps whether a test failed."""

    failed = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Look at setup, call and teardown alike."""
        self.failed |= report.failed


def _traced(items: Sequence[pytest.Item], copy: Path) -> dict[str, Any]:
    """Run tests, and return the seconds of each and the functions of the gate that it ran."""
    inside = (str(copy / "recommender" / "validation") + os.sep, str(copy / "recommender" / "grounding.py"))
    found: set[str] = set()

    @functools.cache
    def name(code: CodeType) -> str:
        path = code.co_filename
        where = code.co_qualname.split(".<locals>")[0]
        return f"{path.removeprefix(str(copy) + os.sep)}::{where}" if path.startswith(inside) else ""

    def trace(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and (called := name(frame.f_code)):
            found.add(called)

    seconds, touched = {}, {}
    for place, item in enumerate(items):
        found.clear()
        sys.settrace(trace)
        took, _ = _run(item, items[place + 1] if place + 1 < len(items) else None)
        sys.settrace(None)
        seconds[item.nodeid] = round(took, 3)
        touched[item.nodeid] = sorted(found)
    return {"seconds": seconds, "touched": touched}


def _is_checkout(folder: Path) -> bool:
    return (folder / "recommender" / "grounding.py").exists()
