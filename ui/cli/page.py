"""``tunegraph ui``: opens the pages in a browser."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer

from kg.errors import InputError
from ui.cli.options import Home, LlmUrl

#: Streamlit draws captions at 60 % of the text's colour. With its own that has less than the contrast of 4.5 that
#: WCAG 2.2 asks of text on a light ground.
_COLOURS: Final = {"theme.light.textColor": "#111113"}
Port = Annotated[int, typer.Option(min=1, max=65_535, help="Port to listen at.")]
Address = Annotated[
    str, typer.Option(help="Address to listen at. Whoever reaches it sees the studies of this home: mind who can.")
]
Browser = Annotated[bool, typer.Option("--browser/--no-browser", help="Whether to open a browser.")]
Llm = Annotated[str | None, typer.Option(help="A language model that visitors may let draft: openai:MODEL, ollama:...")]


def command(
    port: Port = 8501,
    address: Address = "localhost",
    browser: Browser = True,
    llm: Llm = None,
    llm_base_url: LlmUrl = None,
    home: Home = None,
) -> None:
    """Open the pages in a browser: ask, see why, change, run, explore. Ctrl+C ends them."""
    if find_spec("streamlit") is None:
        raise InputError(
            "The pages need Streamlit.", where="ui", allowed="pip install 'tunegraph[ui]', then tunegraph ui"
        )
    _serve(_arguments(port, address, browser=browser), _environment(home, llm, llm_base_url))


def _arguments(port: int, address: str, *, browser: bool) -> list[str]:
    app = Path(__file__).resolve().parents[1] / "launch" / "tunegraph.py"
    options = {
        "server.port": str(port),
        "server.address": address,
        "server.headless": "false" if browser else "true",
        "server.maxUploadSize": "100",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "none",
        **_COLOURS,
    }
    said = [f"--{name}={value}" for name, value in options.items()]
    return [sys.executable, "-m", "streamlit", "run", str(app), *said]


def _environment(home: Path | None, llm: str | None, llm_base_url: str | None) -> dict[str, str]:
    from kg.home import HOME_VARIABLE
    from ui.options import MODEL_URL_VARIABLE, MODEL_VARIABLE

    said = {HOME_VARIABLE: home, MODEL_VARIABLE: llm, MODEL_URL_VARIABLE: llm_base_url}
    return {**os.environ, **{name: str(value) for name, value in said.items() if value is not None}}


def _serve(arguments: list[str], environment: dict[str, str]) -> NoReturn:
    """Become the server, so that who ends this process ends it."""
    sys.stdout.flush()
    os.execve(arguments[0], arguments, environment)  # noqa: S606  # our own interpreter, no shell
