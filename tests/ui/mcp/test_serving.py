"""The server as assistants start it: over standard input and output, and over HTTP on this machine."""

import asyncio
import os
import socket
import sys
import threading

import httpx2
import pytest
import uvicorn
from mcp import Client, StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client

from kg.errors import InputError
from kg.model.provenance import OWN_SOURCE
from kg.rdf_store import RdfStore
from tests.kg import samples
from ui.api.keys import KeyRing, Scope
from ui.compose import Settings, Tunegraph
from ui.mcp.serving import http_app, serve_http

SECRET = "secret-83c0"
PRIVATE = samples.evidence(
    "claim", SECRET, source=f"{OWN_SOURCE}{SECRET}", document=SECRET, quote=SECRET, statement="default"
)


def test_an_assistant_starts_it_as_a_command(starter_home):
    environment = {**os.environ, "TUNEGRAPH_HOME": str(starter_home)}
    command = [sys.executable, "-c", "from ui.cli import main; main()", "mcp"]
    parameters = StdioServerParameters(command=command[0], args=command[1:], env=environment)

    async def run():
        async with Client(stdio_client(parameters)) as client:
            return await client.call_tool(
                "ask_graph", {"question": "what_matters", "parameters": {"learner": "xgboost"}}
            )

    rows = asyncio.run(run()).structured_content["rows"]
    assert rows[0]["hyperparameter"].startswith("https://w3id.org/tunegraph/learner/xgboost/hyperparameter/")


@pytest.fixture
def private_tunegraph(tmp_path):
    with RdfStore(tmp_path / "graph") as store:
        store.add([*samples.small_graph(), PRIVATE])
        made = Tunegraph(Settings(home=tmp_path))
        made.__dict__["store"] = store
        yield made


@pytest.fixture
def address(private_tunegraph):
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(http_app(private_tunegraph), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/mcp"
    server.should_exit = True
    thread.join()
    listening.close()


def claims(address, key=None):
    """Return the documents of the claims that are seen."""

    async def run():
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        async with (
            httpx2.AsyncClient(headers=headers) as http,
            Client(streamable_http_client(address, http_client=http)) as client,
        ):
            found = await client.call_tool("find_evidence", {"kind": "claim"})
            return {row["source"] for row in found.structured_content["rows"]}

    return asyncio.run(run())


def test_over_http_nobody_without_a_key_sees_what_is_private(address, private_tunegraph):
    assert claims(address)
    assert not any(SECRET in source for source in claims(address))

    key = KeyRing(private_tunegraph.settings.home).add("assistant", [Scope.READ])

    assert any(SECRET in source for source in claims(address, key))
    with pytest.raises(BaseExceptionGroup):
        claims(address)


def test_no_stranger_is_served_without_a_key(private_tunegraph):
    with pytest.raises(InputError, match="key"):
        serve_http(private_tunegraph, host="0.0.0.0", port=0, told=lambda _: None)


def test_the_command_has_help(command):
    assert "tools of an assistant" in command("mcp", "--help").out
