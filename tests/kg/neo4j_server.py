"""A server that speaks Bolt and Cypher for tests, which they may fill and empty as they like.

A real Neo4j where ``TUNEGRAPH_TEST_NEO4J_URI`` names one whose database is empty (with TUNEGRAPH_NEO4J_USER and
TUNEGRAPH_NEO4J_PASSWORD); a real one in a container of its own where Docker answers and testcontainers is installed;
otherwise ArcadeDB out of a wheel, in a process of its own, on loopback.
"""

import atexit
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from kg.neo4j_connection import Limits, Login, Neo4jAddress, Neo4jConnection

URI_VARIABLE = "TUNEGRAPH_TEST_NEO4J_URI"
#: Of a server that listens on loopback only, and dies with the tests.
USER, PASSWORD = "root", "only-for-these-tests"
#: Short: what cannot be done on loopback at once is a fault.
LIMITS = Limits(connect_s=5.0, transaction_s=60.0, question_s=20.0, retry_s=10.0)

_SERVER = """
import sys
import arcadedb_embedded
root, bolt, http, password = sys.argv[1:]
server = arcadedb_embedded.create_server(
    root_path=root, root_password=password,
    config={"host": "127.0.0.1", "http_port": int(http), "bolt_port": int(bolt),
            "server_plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin"},
)
server.start()
server.create_database("graph")
server.create_database("other")
print("ready", flush=True)
sys.stdin.read()
server.stop()
"""


@dataclass(frozen=True)
class Server:
    """Where tests may write."""

    url: str
    login: Login
    other: str | None = None
    """A second database of it; None where it has only one."""

    def connection(self, url: str | None = None) -> Neo4jConnection:
        return Neo4jConnection(Neo4jAddress.parse(url or self.url), self.login, limits=LIMITS)

    def empty(self, url: str | None = None) -> None:
        """Take everything out of a database that these tests made or found empty."""
        connection = self.connection(url)
        connection.write(lambda tx: tx.run("MATCH (n) DETACH DELETE n").consume())
        connection.close()


@cache
def server() -> Server:
    """Return the server, started at the first call; the test is skipped where there can be none."""
    pytest.importorskip("neo4j", reason="the Neo4j driver is not installed: pip install 'tunegraph[neo4j]'")
    if uri := os.environ.get(URI_VARIABLE):
        return _real(uri)
    if docker_answers() and find_spec("testcontainers") is not None:
        return _container()
    pytest.importorskip("arcadedb_embedded", reason=f"no {URI_VARIABLE}, and arcadedb-embedded is not installed")
    return _arcade()


def _real(uri: str) -> Server:
    login = Login.from_environment()
    if login is None:
        pytest.skip(f"{URI_VARIABLE} is set, but TUNEGRAPH_NEO4J_PASSWORD is not")
    found = Server(uri, login)
    connection = found.connection()
    nodes = connection.read(lambda tx: tx.run("MATCH (n) RETURN count(n) AS n").single()["n"])
    connection.close()
    if nodes:
        pytest.skip(f"the database at {uri} holds {nodes} nodes: tests write to an empty one only")
    atexit.register(found.empty)
    return found


def docker_answers() -> bool:
    """Say whether containers can be started here: a client alone, without its daemon, starts none."""
    if (docker := shutil.which("docker")) is None:
        return False
    try:
        return subprocess.run([docker, "info"], capture_output=True, timeout=10, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def _container() -> Server:
    """Start the Neo4j that the composition names; it goes with the tests."""
    from testcontainers.community.neo4j import Neo4jContainer

    composition = yaml.safe_load((Path(__file__).parents[2] / "docker-compose.yml").read_text("utf-8"))
    container = Neo4jContainer(composition["services"]["neo4j"]["image"], username="neo4j", password=PASSWORD)
    for name, value in {"server_memory_heap_max__size": "512M", "dbms_usage__report_enabled": "false"}.items():
        container.with_env(f"NEO4J_{name}", value)
    container.start()
    atexit.register(container.stop)
    return Server(container.get_connection_url(), Login("neo4j", PASSWORD))


def _arcade() -> Server:
    folder = tempfile.TemporaryDirectory(prefix="tunegraph-arcadedb-")
    bolt, http = _free_ports(2)
    # A process of its own: a Java machine cannot be taken out of a process again.
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVER, folder.name, str(bolt), str(http), PASSWORD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder.name,
        env={**os.environ, "ARCADEDB_JVM_ARGS": "-Xmx1g -XX:TieredStopAtLevel=1 -XX:+UseSerialGC"},
    )

    def stop() -> None:
        process.kill()
        process.communicate()
        folder.cleanup()

    atexit.register(stop)
    assert process.stdout is not None
    if not any(line.strip().endswith(b"ready") for line in process.stdout):
        pytest.fail("ArcadeDB did not start")
    url = f"neo4j://127.0.0.1:{bolt}"
    return Server(f"{url}/graph", Login(USER, PASSWORD), other=f"{url}/other")


def _free_ports(n: int) -> list[int]:
    sockets = [socket.socket() for _ in range(n)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
