"""What keeps a test process apart from the rest of the machine, and what ends it together with all it started.

Several nets, each of which holds alone where the next is not to be had. Against processes that stay:

1. Linux name spaces (``unshare``): a process space of its own that the kernel empties at its end.
2. A session and process group of its own, killed as a group.
3. A token in the environment, which descendants inherit whatever session they move to.

Against the network: name spaces (1), a kernel filter that refuses sockets (`sealing`), a hook that refuses Python's.
Where neither name spaces nor the filter are to be had (no Linux), native code could reach the network; the verdict says
so (``network`` among the measurements of the test run).
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

#: The variable whose value marks all processes of one sandbox.
TOKEN_VARIABLE = "TUNEGRAPH_SANDBOX"  # noqa: S105  # a name, not a secret

#: Variables that cap the threads of numerical libraries.
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "BLIS_NUM_THREADS",
    "LOKY_MAX_CPU_COUNT",
)
#: Variables that are handed on because programs do not start without them.
INHERITED_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH")

#: Seconds to keep looking for descendants to end.
REAP_SECONDS = 1.5

#: Bytes of a block of ``stat``.
_BLOCK = 512
_NAME_SPACES = ("--user", "--map-root-user", "--net", "--pid", "--fork", "--kill-child")


@functools.cache
def name_space_prefix() -> tuple[str, ...]:
    """Return the command prefix that cuts the network and makes a process space, or nothing where it is not allowed."""
    program = shutil.which("unshare")
    if program is None or not sys.platform.startswith("linux"):
        return ()
    prefix = (program, *_NAME_SPACES)
    try:
        probe = subprocess.run(  # noqa: S603  # a fixed command
            [*prefix, sys.executable, "-I", "-S", "-c", "pass"], capture_output=True, timeout=5, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return prefix if probe.returncode == 0 else ()


def minimal_environment(token: str, folder: Path, n_threads: int) -> dict[str, str]:
    """Return the whole environment of a test process: nothing of the user's but where programs lie.

    Args:
        token: What marks the processes of this sandbox.
        folder: Home and scratch folder of the process.
        n_threads: Threads that numerical libraries may use.
    """
    environment = {name: os.environ[name] for name in INHERITED_VARIABLES if name in os.environ}
    environment |= dict.fromkeys(THREAD_VARIABLES, str(n_threads))
    environment |= {
        TOKEN_VARIABLE: token,
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LC_ALL": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONFAULTHANDLER": "1",
    }
    return environment


def marked_processes(token: str) -> list[int]:
    """Return the ids of all living processes whose environment holds `token`."""
    import psutil

    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            alive = process.status() != psutil.STATUS_ZOMBIE
            if alive and process.environ().get(TOKEN_VARIABLE) == token:
                found.append(process.pid)
    return found


def end_group(process: subprocess.Popen[bytes], token: str) -> tuple[int, ...]:
    """Kill `process`, its group and every process marked with `token`; return the ids of those that would not go."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()
    deadline = time.monotonic() + REAP_SECONDS
    # A fork bomb may start another process between a look and a kill, so look again until nothing is found.
    while left := marked_processes(token):
        for pid in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        if time.monotonic() > deadline:
            return tuple(left)
        time.sleep(0.01)
    return ()


def footprint(pid: int) -> tuple[int, float]:
    """Return how many processes descend from `pid` (itself not counted), and the resident memory of all, in MB."""
    import psutil

    try:
        root = psutil.Process(pid)
        family = [root, *root.children(recursive=True)]
    except psutil.Error:
        return 0, 0.0
    memory = 0
    for process in family:
        with contextlib.suppress(psutil.Error):
            memory += process.memory_info().rss
    return len(family) - 1, memory / 2**20


def written(pid: int, folder: Path, enough_mb: float) -> float:
    """Return what `pid` and all that descends from it wrote, in MB: by their own account, or in the files of `folder`.

    The first counts what was removed again or lies elsewhere (Linux), the second what was written by processes that
    have ended; the larger is returned. Looking at files ends where they pass `enough_mb`.
    """
    import psutil

    total = 0
    with contextlib.suppress(psutil.Error):
        root = psutil.Process(pid)
        for process in (root, *root.children(recursive=True)):
            with contextlib.suppress(psutil.Error, AttributeError):
                total += getattr(process.io_counters(), "write_chars", 0)
    return max(total, _size_of_files(folder, int(enough_mb * 2**20))) / 2**20


def _size_of_files(folder: Path, enough: int) -> int:
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += (Path(parent) / name).lstat().st_blocks * _BLOCK
        if total > enough:
            break
    return total


def own_memory(pid: int) -> float:
    """Return the memory of `pid` and all that descends from it in MB, pages that they share counted once.

    Slower than `footprint`, which counts what a process shares with those it forked once for each. Where the system
    does not say what is shared (no Linux), they are the same.
    """
    import psutil

    try:
        root = psutil.Process(pid)
        family = [root, *root.children(recursive=True)]
    except psutil.Error:
        return 0.0
    memory = 0
    for process in family:
        with contextlib.suppress(psutil.Error):
            full = process.memory_full_info()
            memory += getattr(full, "pss", 0) or full.rss
    return memory / 2**20


def boot_command(module: str, arguments: Sequence[str]) -> list[str]:
    """Return the command that runs `main` of `module` in a fresh interpreter that reads nothing of the user's.

    ``-I`` ignores the environment, the working folder and the user's site; the import path is handed over instead.
    """
    import json

    # Our own packages may be importable only because of the user's working folder, which is not handed on.
    own = Path(__file__).resolve().parents[2]
    entries = [own, *(Path(entry).resolve() for entry in sys.path if entry and Path(entry).exists())]
    path = json.dumps([str(entry) for entry in dict.fromkeys(entries)])
    code = (
        "import sys, json; sys.path[:] = json.loads(sys.argv[1]); "
        "import importlib; importlib.import_module(sys.argv[2]).main(sys.argv[3:])"
    )
    return [*name_space_prefix(), sys.executable, "-I", "-c", code, path, module, *arguments]


def describe_exit(returncode: int, log: str) -> str:
    """Return in words how a process ended, with the last line that it wrote."""
    if returncode < 0 or returncode > 128:
        number = -returncode if returncode < 0 else returncode - 128
        words = f"killed by {signal.Signals(number).name}" if number in _signals() else f"exit status {returncode}"
    else:
        words = f"exit status {returncode}"
    lines = [line for line in log.splitlines() if line.strip()]
    return f"{words}: {lines[-1][:200]}" if lines else words


def _signals() -> Mapping[int, signal.Signals]:
    return {s.value: s for s in signal.Signals}
