"""A server with a home of its own, a real browser before it, and a place for pictures.

``make test-browser`` runs these; the normal suite passes them over, because a browser takes its time.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

#: Where the pictures of a run are kept, to be looked at.
SCREENSHOTS = Path(__file__).resolve().parents[3] / "out" / "screenshots"
#: Flags without which Chromium does not start, or asks the network for things, in a container.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
#: Seconds that anything may take on a busy machine.
PATIENCE_S = 180.0


@dataclass
class Server:
    """The pages, served by a process that can be killed and started again at the same address."""

    home: Path
    log: Path
    port: int = 0
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.port = self.port or _free_port()
        arguments = ["ui", "--no-browser", "--address", "127.0.0.1", "--port", str(self.port)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", "from ui.cli import main; main()", *arguments],
                env={**os.environ, "TUNEGRAPH_HOME": str(self.home)},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + PATIENCE_S
        while not self._is_ready():
            assert time.monotonic() < deadline, f"the server did not start: {self.log.read_text()[-2000:]}"
            time.sleep(0.2)

    def kill(self) -> None:
        """End it and all of its process group, as a crash or a restart of the machine's services would."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1) as answer:
                return answer.status == 200
        except OSError:
            return False


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("browser")
    found = Server(home / "home", home / "server.log")
    found.start()
    yield found
    found.kill()
    from ui.running import Studies

    studies = Studies(found.home)
    for record in studies.records():
        studies.stop(record.name, at_once=True)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install playwright")
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no chromium on the path: apt-get install chromium")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Any, server: Server, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Open a visitor's own window of a width; faults that a script of the page raises fail the test."""
    contexts, faults = [], []

    def opened(width: int, *, path: str = "", dark: bool = False) -> Any:
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            accept_downloads=True,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{server.url}/{path}")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not faults


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core."""
    package = pytest.importorskip(
        "axe_playwright_python", reason="no axe-core: pip install axe-playwright-python carries it"
    )
    return (Path(package.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture
def shoot() -> Callable[[Any, str], Path]:
    """Keep a picture of all of a page."""

    def shot(page: Any, name: str) -> Path:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        # What scrolls is inside of the page: the window is made as high as it is.
        height = page.evaluate("document.querySelector('[data-testid=stMain]')?.scrollHeight ?? 900")
        size = page.viewport_size
        page.set_viewport_size({"width": size["width"], "height": min(int(height) + 80, 8000)})
        page.wait_for_timeout(700)
        page.screenshot(path=str(path))
        page.set_viewport_size(size)
        return path

    return shot
