"""All threads share few stores of memory, where the C library can be told."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only glibc can be told")

#: Twenty threads that hold memory at once; then the library says which stores it has.
_PROGRAM = """
import ctypes, sys, threading
from ui.api.allocator import give_back, share_memory
print(share_memory(), flush=True)
barrier = threading.Barrier(20)
def hold():
    kept = [bytes(2000) for _ in range(200)]
    barrier.wait()
threads = [threading.Thread(target=hold) for _ in range(20)]
for thread in threads: thread.start()
for thread in threads: thread.join()
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
libc.malloc_info(0, ctypes.c_void_p(libc.fopen(b"/dev/stdout", b"w")))
libc.fflush(None)
give_back()
"""


def ran(**environment: str) -> tuple[bool, int]:
    """Return whether the library was told, and how many stores there were in the end."""
    told = subprocess.run(
        [sys.executable, "-c", _PROGRAM], env=environment, cwd=Path(__file__).parents[3], capture_output=True,
        text=True, check=True,
    ).stdout  # fmt: skip
    if "<malloc" not in told:
        pytest.skip("this C library tells nothing of its stores")
    return told.startswith("True"), told.count("<heap nr=")


def test_threads_share_two_stores():
    assert ran() == (True, 2)


def test_who_runs_the_service_may_decide_otherwise():
    is_told, stores = ran(MALLOC_ARENA_MAX="6")
    assert not is_told
    assert 2 < stores <= 6
