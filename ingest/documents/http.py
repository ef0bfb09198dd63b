"""Gets a file by HTTP with distrust: only from public addresses, and within limits of size, time and redirections."""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from ingest.documents.limits import DocumentError
from kg.versions import own_version

_STEP = 1 << 16
_REDIRECTED = frozenset({301, 302, 303, 307, 308})
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})


class FetchError(DocumentError):
    """A document cannot be fetched: the address is not allowed, or its server gives none."""


@dataclass(frozen=True)
class FetchLimits:
    """How much is fetched, and from where."""

    file_bytes: int = 64 * 1024**2
    """Largest file."""
    seconds: float = 120.0
    """Longest that one file may take, with all tries."""
    redirections: int = 5
    tries: int = 4
    """How often a server is asked that is busy or does not answer."""
    pause_s: float = 1.0
    """Seconds before the second try; doubled for each further one."""
    longest_pause_s: float = 30.0
    """Longest that a server's wish to wait is followed."""
    private: bool = False
    """Whether addresses of this machine and of private networks, and plain HTTP to them, are allowed."""


@dataclass(frozen=True)
class Response:
    """A file that was fetched."""

    content: bytes
    url: str
    """After redirections."""
    content_type: str
    """Media type, in small letters."""


@dataclass
class Fetcher:
    """Fetches files one after another, with a pause between two from one host.

    Args:
        limits: How much, and from where.
        politeness_s: Seconds between two requests to one host.
        sleep: Waits so many seconds.
    """

    limits: FetchLimits = field(default_factory=FetchLimits)
    politeness_s: float = 1.0
    sleep: Callable[[float], None] = time.sleep
    _asked: dict[str, float] = field(default_factory=dict)

    def get(self, url: str) -> Response:
        """Return what is at `url`.

        Raises:
            FetchError: The address is not allowed, there is no such file, or the server gives none in time.
        """
        deadline = time.monotonic() + self.limits.seconds
        pause = self.limits.pause_s
        for left in range(self.limits.tries - 1, -1, -1):
            try:
                return self._follow(url, deadline)
            except _PassingError as error:
                wait = min(error.wait_s or pause, self.limits.longest_pause_s)
                if not left or time.monotonic() + wait > deadline:
                    raise FetchError(f"{error} (asked {self.limits.tries - left} times).", where=url) from error
                self.sleep(wait)
                pause *= 2
        raise AssertionError("unreachable")

    def _follow(self, url: str, deadline: float) -> Response:
        here = url
        for _ in range(self.limits.redirections + 1):
            response = self._once(here, deadline)
            if isinstance(response, Response):
                return response
            here = urljoin(here, response)
        raise FetchError("It is redirected too often.", where=url, allowed=f"{self.limits.redirections}")

    def _once(self, url: str, deadline: float) -> Response | str:
        """Return the file at `url`, or where it is said to be."""
        parts = _checked(url, private=self.limits.private)
        self._be_polite(parts.netloc)
        try:
            with closing(_connection(parts, self.limits, deadline)) as connection:
                target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._") + (
                    f"?{parts.query}" if parts.query else ""
                )
                headers = {"User-Agent": _told_of_us(), "Accept-Encoding": "identity", "Accept": "*/*"}
                connection.request("GET", target, headers=headers)
                return self._answer(connection.getresponse(), url, deadline)
        except (http.client.HTTPException, ssl.SSLError, TimeoutError, OSError, UnicodeError) as error:
            if isinstance(error, FetchError):
                raise
            raise _PassingError(f"The server does not answer: {type(error).__name__}: {error}") from error

    def _answer(self, answer: http.client.HTTPResponse, url: str, deadline: float) -> Response | str:
        if answer.status in _REDIRECTED and (location := answer.getheader("Location")):
            return location
        if answer.status in _PASSING:
            said = answer.getheader("Retry-After") or ""
            raise _PassingError(
                f"The server says {answer.status} {answer.reason}", float(said) if said.isdigit() else 0.0
            )
        if answer.status != 200:
            raise FetchError(f"The server says {answer.status} {answer.reason}.", where=url)
        content_type = (answer.getheader("Content-Type") or "").partition(";")[0].strip().lower()
        content = b"".join(self._content(answer, url, deadline))
        expected = answer.getheader("Content-Length") or ""
        if expected.isdigit() and len(content) < int(expected):
            raise _PassingError(f"The connection broke off after {len(content):,} of {expected} bytes")
        return Response(content, url, content_type)

    def _content(self, answer: http.client.HTTPResponse, url: str, deadline: float) -> Iterator[bytes]:
        size = 0
        while part := answer.read1(_STEP):
            size += len(part)
            if size > self.limits.file_bytes:
                raise FetchError("It is too large.", where=url, allowed=f"{self.limits.file_bytes:,} bytes")
            if time.monotonic() > deadline:
                raise FetchError(f"It takes longer than {self.limits.seconds:g} seconds.", where=url)
            yield part

    def _be_polite(self, host: str) -> None:
        wait = self._asked.get(host, 0.0) + self.politeness_s - time.monotonic()
        if wait > 0:
            self.sleep(wait)
        self._asked[host] = time.monotonic()


def _told_of_us() -> str:
    return f"tunegraph/{own_version()} (reads papers and guides on hyperparameter tuning)"


class _PassingError(Exception):
    """Something that may be better at the next try."""

    def __init__(self, message: str, wait_s: float = 0.0) -> None:
        super().__init__(message)
        self.wait_s = wait_s


def _checked(url: str, *, private: bool) -> SplitResult:
    """Return the parts of an address that may be asked.

    Raises:
        FetchError: It is none.
    """
    allowed = "https://..." + (", http://..." if private else "")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise FetchError(f"It is no address: {error}", where=url, allowed=allowed) from error
    if parts.scheme not in (("https", "http") if private else ("https",)) or not host:
        raise FetchError(f"{parts.scheme or 'nothing'}:// is not fetched.", where=url, allowed=allowed)
    if parts.username or parts.password or re.search(r"[\s\x00-\x1f\x7f]", url):
        raise FetchError("It holds a password, or characters that no address has.", where=url, allowed=allowed)
    return parts


def _connection(parts: SplitResult, limits: FetchLimits, deadline: float) -> http.client.HTTPConnection:
    """Return a connection to an address that was checked: a name cannot lead elsewhere when it is asked for again."""
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    left = max(0.1, min(30.0, deadline - time.monotonic()))
    connected = _connected(host, port, left, private=limits.private)
    connection = http.client.HTTPConnection(host, port, timeout=left)
    with _closed_on_error(connected):
        connection.sock = (
            ssl.create_default_context().wrap_socket(connected, server_hostname=host)
            if parts.scheme == "https"
            else connected
        )
    return connection


def _connected(host: str, port: int, seconds: float, *, private: bool) -> socket.socket:
    failure: OSError | None = None
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        number = ipaddress.ip_address(str(address[0]).partition("%")[0])
        mapped = getattr(number, "ipv4_mapped", None) or number
        if not private and (not mapped.is_global or mapped.is_multicast):
            raise FetchError(
                f"{host} is an address of a private network ({number}).", where=host, allowed="public hosts"
            )
        opened = socket.socket(family, kind, protocol)
        opened.settimeout(seconds)
        try:
            opened.connect(address)
        except OSError as error:
            opened.close()
            failure = error
        else:
            return opened
    raise failure or OSError(f"{host} has no address")


@contextmanager
def _closed_on_error(opened: socket.socket) -> Iterator[None]:
    try:
        yield
    except OSError:
        opened.close()
        raise
