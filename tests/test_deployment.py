"""The deployment that ships: valid, without default passwords, nothing as root, nothing on a public address."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
PASSWORDS = {"TUNEGRAPH_DB_PASSWORD": "one", "TUNEGRAPH_NEO4J_PASSWORD": "two"}


@pytest.fixture(scope="module")
def services():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]


def config(**environment):
    if shutil.which("docker-compose") is None:
        pytest.skip("docker-compose is not installed (Debian's package docker-compose)")
    kept = {name: value for name, value in os.environ.items() if name not in PASSWORDS}
    return subprocess.run(
        ["docker-compose", "config", "-q"],
        cwd=ROOT,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_composition_is_valid():
    told = config(**PASSWORDS)
    assert (told.returncode, told.stderr) == (0, "")


@pytest.mark.parametrize("missing", PASSWORDS)
def test_there_is_no_default_password(missing):
    told = config(**{name: value for name, value in PASSWORDS.items() if name != missing})
    assert told.returncode != 0
    assert f"set {missing}" in told.stderr


def test_every_service_is_limited_watched_and_kept_from_the_outside(services):
    assert set(services) == {"neo4j", "postgres", "api", "ui"}
    for service in services.values():
        assert service["healthcheck"]["test"]
        assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
        assert service["volumes"]
        assert "no-new-privileges:true" in service["security_opt"]


def test_every_image_has_a_version_and_a_user_that_is_not_root(services):
    for service in services.values():
        assert ":" in service["image"]
        assert not service["image"].endswith(":latest")
        assert "build" in service or service["user"] not in {"root", "0", "0:0"}
    lines = (ROOT / "Dockerfile").read_text("utf-8").splitlines()
    bases = [line.split()[1] for line in lines if line.startswith("FROM ")]
    assert len(set(bases)) == 1
    assert bases[0].count(".") >= 2
    users = [line for line in lines if line.startswith("USER ")]
    assert users == ["USER tunegraph"]


def test_the_image_gets_nothing_but_the_packages():
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    copied = {
        word
        for line in (ROOT / "Dockerfile").read_text("utf-8").splitlines()
        if line.startswith("COPY ") and not line.startswith("COPY --from")
        for word in line.split()[1:-1]
    }
    assert copied == allowed
