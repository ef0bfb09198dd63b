"""``tunegraph ui``: what is started, and what is said where it cannot be."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ui.options import MODEL_VARIABLE


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], dict[str, str]]]:
    """What the command becomes, instead of becoming it."""
    found: list[tuple[list[str], dict[str, str]]] = []

    def become(_: str, arguments: list[str], environment: dict[str, str]) -> None:
        found.append((arguments, environment))
        raise SystemExit(0)

    monkeypatch.setattr(os, "execve", become)
    return found


def test_streamlit_is_started_on_this_machine_alone(command: Callable[..., Any], started: list[Any]) -> None:
    assert command("ui", "--no-browser", "--port", 8600).code == 0
    ((arguments, _),) = started
    assert arguments[:4] == [sys.executable, "-m", "streamlit", "run"]
    assert Path(arguments[4]).is_file()
    for option in ("--server.port=8600", "--server.address=localhost", "--server.headless=true",
                   "--browser.gatherUsageStats=false"):  # fmt: skip
        assert option in arguments


def test_home_and_model_are_handed_on(command: Callable[..., Any], started: list[Any], tmp_path: Path) -> None:
    command("ui", "--home", tmp_path, "--llm", "ollama:small")
    ((_, environment),) = started
    assert (environment["TUNEGRAPH_HOME"], environment[MODEL_VARIABLE]) == (str(tmp_path), "ollama:small")


def test_a_missing_extra_is_named(command: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.cli.page.find_spec", lambda _: None)
    ran = command("ui")
    assert ran.code == 2
    assert "pip install 'tunegraph[ui]'" in ran.err


def test_a_port_is_a_port(command: Callable[..., Any]) -> None:
    assert command("ui", "--port", 70_000).code == 2
