"""A PostgreSQL of Debian's package for the time of a test: a cluster of its own, in its own folder, on its own port."""

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest


def binaries() -> Path:
    """Return the folder of the server's programs; the test is skipped where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("PostgreSQL is not installed: there is no /usr/lib/postgresql/*/bin/initdb")
    pytest.importorskip(
        "psycopg", reason="the driver of PostgreSQL is not installed: pip install 'tunegraph[distributed]'"
    )
    return found[-1].parent


@dataclass
class Cluster:
    """A server."""

    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://optuna@127.0.0.1:{self.port}/postgres"

    def run(self, program: str, *arguments: str) -> None:
        # The server refuses to run as root.
        user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        command = [*user, str(binaries() / program), *arguments]
        subprocess.run(command, check=True, capture_output=True, cwd="/", timeout=60)

    def start(self) -> None:
        options = f"-p {self.port} -k '' -c listen_addresses=127.0.0.1 -c fsync=off"
        log = str(self.folder / "log")
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-l", log, "-o", options, "start")

    def stop(self, mode: str = "fast") -> None:
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-m", mode, "stop")


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """Start an empty server below `folder`, and stop it at the end."""
    binaries()
    if os.geteuid() == 0:
        # The temporary folders of tests may only be entered by their owner.
        folder = Path(f"/tmp/tunegraph-test-pg-{os.getpid()}")
        folder.mkdir(mode=0o755)
        user = pwd.getpwnam("postgres")
        os.chown(folder, user.pw_uid, user.pw_gid)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        made = Cluster(folder, free.getsockname()[1])
    try:
        made.run("initdb", "-D", str(folder / "data"), "-U", "optuna", "-A", "trust", "--no-sync")
        made.start()
        yield made
        made.stop("immediate")
    finally:
        if os.geteuid() == 0:
            shutil.rmtree(folder, ignore_errors=True)
