"""Estimators that misbehave in every way we know; built inside the test process only, and only by these tests."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin


class _Hostile(ClassifierMixin, BaseEstimator):
    def __init__(self, act):
        self.act = act

    def fit(self, features, target):
        self.classes_ = np.unique(target)
        self.act()
        return self

    def predict(self, features):
        return np.zeros(len(features), dtype=int)


def harmless():
    return _Hostile(lambda: None)


def endless():
    return _Hostile(_spin)


def _spin():
    while True:
        pass


def deaf():
    """Ignores every signal that can be ignored, in a session of its own, and sits in native code."""

    def act():
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGXCPU, signal.SIGALRM):
            signal.signal(number, signal.SIG_IGN)
        ctypes.PyDLL(None).sleep(600)  # PyDLL keeps the interpreter lock

    return _Hostile(act)


def greedy():
    def act():
        hoard = []
        while True:
            hoard.append(np.ones(2**27))

    return _Hostile(act)


def huge():
    return _Hostile(lambda: np.ones(100 * 2**27))


def hoarder():
    """Fills the disk with many files, each of which is small."""

    def act():
        for number in range(10_000):
            Path(f"{number}.bin").write_bytes(bytes(2**20))
        time.sleep(600)

    return _Hostile(act)


def shredder():
    """Writes without end to files that are gone at once, through children that end."""

    def act():
        while True:
            if os.fork() == 0:
                Path("gone.bin").write_bytes(bytes(100 * 2**20))
                os._exit(0)
            os.wait()
            os.write(os.open("own.bin", os.O_CREAT | os.O_WRONLY | os.O_TRUNC), bytes(20 * 2**20))
            Path("own.bin").unlink()

    return _Hostile(act)


def bomb():
    """Forks fifty processes, half of them in sessions of their own, none of which ever ends."""

    def act():
        for number in range(50):
            if os.fork() == 0:
                if number % 2:
                    os.setsid()
                time.sleep(600)
        time.sleep(600)

    return _Hostile(act)


def daemon():
    """Leaves a process behind that has left its parent, and goes on as if nothing was."""

    def act():
        code = "import os, time; os.fork() and os._exit(0); os.setsid(); os.fork() and os._exit(0); time.sleep(600)"
        subprocess.run([sys.executable, "-c", code], check=True)

    return _Hostile(act)


def quitter():
    return _Hostile(lambda: os._exit(0))


def starved():
    """Ends as OpenMP does where it gets no memory."""

    def act():
        os.write(2, b"libgomp: Out of memory allocating 864 bytes\n")
        os._exit(1)

    return _Hostile(act)


def segfault():
    return _Hostile(lambda: ctypes.string_at(0))


def chatty():
    """Fills stdout for ever."""

    def act():
        while True:
            sys.stdout.write("x" * 100_000)

    return _Hostile(act)


def liar():
    """Writes to every descriptor it finds."""

    def act():
        for descriptor in range(3, 64):
            try:
                os.write(descriptor, b'{"id": 1, "end": "\\u0000"}\n[1]\nnot json\n\xff\n')
            except OSError:
                continue

    return _Hostile(act)


def caller():
    """Tries to reach the network."""
    import socket

    return _Hostile(lambda: socket.create_connection(("127.0.0.1", 9), timeout=1))


def snoop():
    """Fails with what it sees of the user's environment."""

    def act():
        raise ValueError(" ".join(sorted(os.environ)))

    return _Hostile(act)


def descriptors():
    def act():
        raise ValueError(" ".join(sorted(path.name for path in Path("/proc/self/fd").iterdir())))

    return _Hostile(act)


def native_caller():
    """Tries to open a socket past Python."""

    def act():
        libc = ctypes.CDLL(None, use_errno=True)
        for family in (1, 2, 10, 16):
            if (descriptor := libc.socket(family, 1, 0)) >= 0:
                raise ValueError(f"family {family}: opened {descriptor}")
        raise ValueError("no socket")

    return _Hostile(act)
