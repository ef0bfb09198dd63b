"""A fetch that is killed at any moment loses no page that was reported done, and asks for none of these again."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from ingest.sources.openml.mirror import Mirror
from tests.ingest.sources.openml.openml_server import Catalogue, OpenmlServer

ROOT = Path(__file__).resolve().parents[4]
#: Fetches suite 99 in a process of its own and says which pages are done.
CHILD = """
import sys
from pathlib import Path
from ingest.sources.openml.client import OpenmlClient
from ingest.sources.openml.fetch import fetch
from ingest.sources.openml.limits import Limits
from ingest.sources.openml.mirror import Mirror
from ingest.sources.openml.request import FetchRequest

home, server = Path(sys.argv[1]), sys.argv[2]
request = FetchRequest(suite=99, functions=("predictive_accuracy",), page_size=6)
client = OpenmlClient(home / "client", server=server, limits=Limits(requests_per_second=1e6))
print("ready", flush=True)
report = fetch(request, client, Mirror(home / "openml"), progress=lambda text: print(text, flush=True))
print("finished", report.ok, flush=True)
"""
_DONE = re.compile(r"task (\d+), predictive_accuracy: \d+ evaluations from (\d+) on")


def start(home: Path, server: OpenmlServer, log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as out:
        return subprocess.Popen(
            [sys.executable, "-c", CHILD, str(home), server.url], cwd=ROOT, stdout=out, stderr=subprocess.STDOUT
        )


def test_kill_9(pimp_runs: Catalogue, tmp_path: Path) -> None:
    home, log = tmp_path / "home", tmp_path / "log"
    asked_again: list[str] = []
    log.touch()
    with OpenmlServer(pimp_runs, delay_s=0.004) as server:
        for pages in (3, 14):  # how many are done when it is killed, a little later each time
            done_before = set(_DONE.findall(log.read_text()))
            server.log.clear()
            child = start(home, server, log)
            while child.poll() is None and len(set(_DONE.findall(log.read_text()))) < pages:
                time.sleep(0.002)
            time.sleep(0.003 * pages)
            os.kill(child.pid, signal.SIGKILL)
            child.wait()
            asked_again += repeated(server, done_before)
            assert kept(home) >= set(_DONE.findall(log.read_text())), "a page that was reported done is there"
        done_before = set(_DONE.findall(log.read_text()))
        server.log.clear()
        assert start(home, server, log).wait() == 0
        asked_again += repeated(server, done_before)
    assert asked_again == []
    assert log.read_text().endswith("finished True\n")
    rows = [row for path in home.glob("openml/evaluations/*/*/*.json") for row in json.loads(path.read_bytes())["rows"]]
    assert sorted(row["run_id"] for row in rows) == [row["run_id"] for row in pimp_runs.evaluations]
    assert Mirror(home / "openml").known_setups() == set(pimp_runs.setups)


def repeated(server: OpenmlServer, done: set[tuple[str, str]]) -> list[str]:
    """Return the pages that were asked for though they had been reported done."""
    found = []
    for path in server.asked("^evaluation/list"):
        limit, offset, task = (re.findall(f"{name}/(\\d+)", path)[0] for name in ("limit", "offset", "task"))
        if (
            task,
            offset,
        ) in done and limit != "7":  # with one row more: goes on behind a page, whose last row it checks
            found.append(path)
    return found


def kept(home: Path) -> set[tuple[str, str]]:
    """Return task and offset of the pages that are there, whole."""
    paths = home.glob("openml/evaluations/*/*/page-*.json")
    return {(path.parts[-3], path.stem.split("-")[1]) for path in paths if json.loads(path.read_bytes())["rows"]}
