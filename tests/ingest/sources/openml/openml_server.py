"""A server on loopback that speaks OpenML's REST v1 in XML, over real HTTP, and fails on demand.

with OpenmlServer(pimp(folder / "openml-pimp", n_tasks=3)) as server:
    server.fail("/evaluation/list", "cut", times=1)
    ...  # point the client at server.url
    assert server.asked("/evaluation/list") == [...]

What it serves is a `Catalogue`; see `openml_catalogues`: `recorded` replays real responses (whose ids are those of
OpenML's test server: never join them with others), `pimp` serves real runs of OpenML-100 in the same format.
"""

from __future__ import annotations

import gzip
import re
import socket
import struct
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.sax.saxutils import escape

NAMESPACE = 'xmlns:oml="http://openml.org/openml"'
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
#: What OpenML answers where a list is empty, by the first word of the address.
_NO_RESULT = {"evaluation": 542, "setup": 674, "data": 372, "flow": 500, "task": 482, "run": 512}


@dataclass
class Catalogue:
    """What a server has, as XML texts without their heads."""

    pages: dict[str, str] = field(default_factory=dict)
    """``task/31``, ``data/1``, ``data/features/1``, ``data/qualities/1``, ``flow/7``, ``run/2``, ``study/9`` -> XML."""
    setups: dict[int, str] = field(default_factory=dict)
    """Setup id -> the ``oml:setup`` element."""
    evaluations: list[dict[str, str | int | float]] = field(default_factory=list)
    """Rows in the server's order, with all fields of OpenML's."""
    statuses: dict[int, str] = field(default_factory=dict)

    def add_suite(self, suite: int, alias: str, tasks: Iterable[int], data: Iterable[int]) -> None:
        """Add a benchmark suite under its id and its alias."""
        text = (
            f"<oml:study {NAMESPACE}><oml:id>{suite}</oml:id><oml:alias>{alias}</oml:alias>"
            f"<oml:main_entity_type>task</oml:main_entity_type><oml:name>{alias}</oml:name>"
            "<oml:description>d</oml:description><oml:status>active</oml:status>"
            "<oml:creation_date>2018-01-01 00:00:00</oml:creation_date><oml:creator>1</oml:creator><oml:data>"
            + "".join(f"<oml:data_id>{i}</oml:data_id>" for i in data)
            + "</oml:data><oml:tasks>"
            + "".join(f"<oml:task_id>{i}</oml:task_id>" for i in tasks)
            + "</oml:tasks></oml:study>"
        )
        self.pages |= {f"study/{suite}": text, f"study/{alias}": text}

    def answer(self, path: str) -> str | None:
        """Return the XML at `path`; None where there is none."""
        if path in self.pages:
            return self.pages[path]
        if path.startswith("evaluation/list/"):
            return self._evaluations(_filters(path))
        if path.startswith("setup/list/"):
            return self._setups(_filters(path))
        if path.startswith("data/list/"):
            return self._data(_filters(path))
        if path.startswith("user/list/"):
            users = "".join(
                f"<oml:user><oml:id>{user}</oml:id><oml:username>user {user}</oml:username></oml:user>"
                for user in _filters(path)["user_id"].split(",")
            )
            return f"<oml:users {NAMESPACE}>{users}</oml:users>"
        return None

    def _evaluations(self, filters: dict[str, str]) -> str | None:
        rows = self.evaluations
        for name, column in (("function", "function"), ("task", "task_id"), ("flow", "flow_id"), ("run", "run_id")):
            if name in filters:
                wanted = set(filters[name].split(","))
                rows = [row for row in rows if str(row[column]) in wanted]
        limit, offset = int(filters.get("limit", 10_000)), int(filters.get("offset", 0))
        assert limit <= 10_000, "OpenML gives no more"
        body = "".join(
            "<oml:evaluation>"
            + "".join(f"<oml:{name}>{escape(str(value))}</oml:{name}>" for name, value in row.items())
            + "</oml:evaluation>"
            for row in rows[offset : offset + limit]
        )
        return f"<oml:evaluations {NAMESPACE}>{body}</oml:evaluations>" if body else None

    def _setups(self, filters: dict[str, str]) -> str | None:
        wanted = [int(setup) for setup in filters["setup"].split(",")]
        offset = int(filters.get("offset", 0))
        body = "".join(self.setups[setup] for setup in wanted[offset:] if setup in self.setups)
        return f"<oml:setups {NAMESPACE}>{body}</oml:setups>" if body else None

    def _data(self, filters: dict[str, str]) -> str | None:
        body = "".join(
            f"<oml:dataset><oml:did>{did}</oml:did><oml:name>d</oml:name><oml:version>1</oml:version>"
            f"<oml:status>{self.statuses[int(did)]}</oml:status><oml:format>ARFF</oml:format></oml:dataset>"
            for did in filters["data_id"].split(",")
            if int(did) in self.statuses and int(filters.get("offset", 0)) == 0
        )
        return f"<oml:data {NAMESPACE}>{body}</oml:data>" if body else None


def _filters(path: str) -> dict[str, str]:
    parts = path.split("/")[2:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


@dataclass
class Fault:
    """How to fail."""

    pattern: str
    """Where: found in the address."""
    kind: str
    """``429``, ``500``, ..., or one of `_Handler`'s: truncated, html, cut, reset, slow, bomb, entity, ..."""
    times: int
    """How often; then all is well."""
    detail: str = ""


class OpenmlServer:
    """The server; a context manager.

    Args:
        catalogue: What it serves.
        delay_s: Seconds that each answer takes.
    """

    def __init__(self, catalogue: Catalogue, *, delay_s: float = 0.0) -> None:
        self.catalogue, self.delay_s = catalogue, delay_s
        self.faults: list[Fault] = []
        self.log: list[str] = []
        """The addresses that were asked for, below ``/api/v1/xml/``, in order."""
        self.answered: list[str] = []
        """Those that got a whole answer."""
        self.times: list[float] = []
        self.keys: list[str] = []
        """The keys that were sent."""
        self.stopping = threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._http.daemon_threads = True
        self._http.owner = self  # type: ignore[attr-defined]

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @property
    def url(self) -> str:
        """The address of the XML interface."""
        return f"{self.origin}/api/v1/xml"

    def fail(self, pattern: str, kind: str, times: int = 1, detail: str = "") -> None:
        """Fail the next `times` requests whose address has `pattern` (a regular expression) in it."""
        self.faults.append(Fault(pattern, kind, times, detail))

    def asked(self, pattern: str) -> list[str]:
        """Return the addresses that were asked for and have `pattern` in them."""
        return [path for path in self.log if re.search(pattern, path)]

    def __enter__(self) -> OpenmlServer:
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._http.shutdown()
        self._http.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        owner: OpenmlServer = self.server.owner  # type: ignore[attr-defined]
        address, _, query = self.path.partition("?")
        path = address.removeprefix("/api/v1/xml").strip("/")
        owner.log.append(path)
        owner.times.append(time.monotonic())
        owner.keys += re.findall(r"api_key=([^&]*)", query)
        if owner.delay_s:
            time.sleep(owner.delay_s)
        fault = next((f for f in owner.faults if f.times > 0 and re.search(f.pattern, path)), None)
        if fault is not None:
            fault.times -= 1
            return self._fail(fault, owner, path)
        body = owner.catalogue.answer(path)
        if body is None:
            word = path.partition("/")[0]
            return self._error(412, _NO_RESULT.get(word, 100), "No results")
        self._send(200, _HEAD + body)
        owner.answered.append(path)
        return None

    def _send(self, status: int, text: str, kind: str = "text/xml; charset=UTF-8", **headers: str) -> None:
        body = text.encode()
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, 1)
            headers["Content-Encoding"] = "gzip"
        self._start(status, kind, len(body), **headers)
        self.wfile.write(body)

    def _start(self, status: int, kind: str, length: int | None, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if length is not None:
            self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def _error(self, status: int, code: int, message: str) -> None:
        error = f"<oml:code>{code}</oml:code><oml:message>{message}</oml:message>"
        self._send(status, f"{_HEAD}<oml:error {NAMESPACE}>{error}</oml:error>")

    def _fail(self, fault: Fault, owner: OpenmlServer, path: str) -> None:
        text = _HEAD + (owner.catalogue.answer(path) or "<oml:nothing/>")
        kind = fault.kind
        if kind in ("429", "500", "502", "503"):
            headers = {"Retry_After": fault.detail} if fault.detail else {}
            self._send(int(kind), "<html>no</html>", "text/html", **headers)
        elif kind == "error":  # an error of OpenML's own, by its code
            self._error(412, int(fault.detail), "as asked")
        elif kind == "truncated":  # whole for HTTP, cut for XML
            self._send(200, text[: len(text) // 2])
        elif kind == "html":
            self._send(200, "<html><body>Be right back</body></html>", "text/html")
        elif kind in ("text", "bare"):  # with a charset, or without
            self._send(200, fault.detail, "text/xml; charset=UTF-8" if kind == "text" else "text/xml")
        elif kind == "redirect":
            self._start(302, "text/html", 0, Location=fault.detail)
        elif kind in ("cut", "reset"):
            self._cut(text, reset=kind == "reset")
        else:
            {"slow": self._drip, "large": self._pour}[kind](fault, owner)

    def _cut(self, text: str, *, reset: bool) -> None:
        body = text.encode()
        self._start(200, "text/xml", len(body))
        self.wfile.write(body[: len(body) // 2])
        self.wfile.flush()
        if reset:  # RST instead of FIN
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def _drip(self, _: Fault, owner: OpenmlServer) -> None:
        """Send one byte after the other, without end."""
        self._start(200, "text/xml", 10**9)
        while not owner.stopping.wait(0.01):
            try:
                self.wfile.write(b" ")
                self.wfile.flush()
            except OSError:
                break
        self.close_connection = True

    def _pour(self, fault: Fault, _: OpenmlServer) -> None:
        self._start(200, "text/xml", None, Connection="close")
        try:
            for _part in range(int(fault.detail) // 2**16):
                self.wfile.write(b" " * 2**16)
        except OSError:
            pass
        self.close_connection = True
