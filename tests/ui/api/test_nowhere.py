"""A key is seen once. After that it is in no log of the real server, in no answer, and in no file of the home."""

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from kg.rdf_starter import install_starter, starter_path
from kg.rdf_store import RdfStore
from tests.kg import samples
from tests.ui.api.test_proposals import DESCRIBED
from ui.api.keys import KeyRing, Scope

SERVE = [sys.executable, "-c", "from ui.cli import main; main()", "serve", "--port", "0", "--home"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a small graph, which is taken for brought up to date with what ships."""
    monkeypatch.setattr(RdfStore, "load", lambda *_: None)
    with RdfStore(tmp_path / "graph") as store:
        if (shipped := starter_path()) is not None:
            install_starter(store, shipped)
        store.add(samples.small_graph())
    return tmp_path


def test_the_real_server_logs_and_keeps_no_key(home: Path):
    ring = KeyRing(home)
    key = ring.add("k", [Scope.READ, Scope.WRITE])
    wrong = key[:-1] + ("A" if key[-1] != "A" else "B")
    process = subprocess.Popen([*SERVE, str(home)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    answers = []
    try:
        address = next(line.split()[-1] for line in process.stdout if line.startswith("Serving on "))
        with httpx.Client(base_url=address, timeout=30) as http:
            for given in (key, wrong):
                head = {"Authorization": f"Bearer {given}"}
                answers += [http.get(path, headers=head) for path in ("/v1/studies", "/nowhere", "/v1/runs?limit=0")]
                answers += [
                    http.post("/v1/proposals", json=DESCRIBED, headers=head),
                    http.post("/v1/studies", content=b"{", headers=head | {"Content-Type": "application/json"}),
                    http.get(f"/v1/datasets?key={given}"),
                    http.get(f"/v1/datasets/{given}"),
                    http.get("/sparql", params={"query": "x"}, headers=head),
                ]
    finally:
        process.terminate()
        log = process.communicate(timeout=60)[0]
    assert {answer.status_code for answer in answers} >= {200, 202, 401, 404, 422}
    assert "/v1/datasets/tg_***" in log
    assert "key=tg_***" in log
    texts = [log, *(answer.text + str(answer.headers) for answer in answers)]
    kept = [path.read_bytes() for path in home.rglob("*") if path.is_file()]
    assert any(b'"owner"' in one for one in kept)
    for given in (key, wrong):
        secret = given.split("_", 2)[2]
        assert not [text for text in texts if secret in text]
        assert not [one for one in kept if secret.encode() in one]
