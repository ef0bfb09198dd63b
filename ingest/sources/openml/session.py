"""The HTTP below OpenML's client: takes turns, and refuses what is too large, too slow, elsewhere or no XML.

The client makes a plain `requests.Session` for each request: no time-outs, no limit to an answer, any redirect. Here is
one that has them. Import this module only where the ``openml`` extra is installed.
"""

from __future__ import annotations

import io
import ipaddress
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, IncompleteRead, ReadTimeoutError

from ingest.sources.openml.faults import FetchError, MalformedError, RefusedError, TransientError
from ingest.sources.openml.limits import Limits, RateLimit

_CHUNK = 64 * 1024
_MOST_REDIRECTS = 5


@dataclass
class Wire:
    """What all sessions of one client share: limits, turns and counts."""

    limits: Limits
    turns: RateLimit
    clock: Callable[[], float] = time.monotonic
    requests: int = field(default=0, init=False)
    bytes: int = field(default=0, init=False)
    """Unpacked."""

    def session(self) -> LimitedSession:
        """Return a session that keeps the limits."""
        return LimitedSession(self)


class LimitedSession(requests.Session):
    """A session with the limits of a `Wire`; its failures are `FetchError`, which the client lets through."""

    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self.max_redirects = _MOST_REDIRECTS
        for scheme in ("http://", "https://"):
            self.mount(scheme, _LimitedAdapter(wire))

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Return where an answer sends us.

        Raises:
            RefusedError: To another scheme than HTTP, from HTTPS to HTTP, or to another site.
        """
        target = super().get_redirect_target(resp)
        if target is not None and not _may_follow(resp.url, urljoin(resp.url, target)):
            raise RefusedError("refused redirect", f"from {urlsplit(resp.url).netloc} to {target}")
        return target


class _LimitedAdapter(HTTPAdapter):
    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self._wire = wire

    def send(self, request: requests.PreparedRequest, *_args: Any, **options: Any) -> requests.Response:
        limits = self._wire.limits
        self._wire.turns.wait()
        self._wire.requests += 1
        deadline = self._wire.clock() + limits.answer_s
        options |= {"stream": True, "timeout": (limits.connect_s, limits.silence_s)}
        with _network_failures():
            response = super().send(request, **options)
        raw = response.raw
        try:
            response.raw = io.BytesIO(self._body(response, deadline))
        finally:
            raw.close()
        return response

    def _body(self, response: requests.Response, deadline: float) -> bytes:
        if response.status_code == requests.codes.too_many_requests or response.status_code >= 500:
            reason = "server error" if response.status_code >= 500 else "rate limited"
            raise TransientError(reason, f"status {response.status_code}", retry_after_s=_retry_after(response))
        if response.is_redirect:
            return b""
        with _network_failures():
            body = b"".join(self._parts(response.raw, deadline))
        self._wire.bytes += len(body)
        _check_type(response, body)
        # Without a charset, `requests` would take text for Latin-1; OpenML's is UTF-8.
        if "charset" not in response.headers.get("Content-Type", ""):
            response.encoding = "utf-8"
        return body

    def _parts(self, raw: Any, deadline: float) -> Iterator[bytes]:
        """Yield the body as it comes: whoever waits for a full buffer waits on a server that drips for ever."""
        limits, size = self._wire.limits, 0
        while part := raw.read1(_CHUNK, decode_content=True):
            size += len(part)
            if size > limits.answer_bytes:
                raise MalformedError("too large", f"more than {limits.answer_bytes:,} bytes")
            if self._wire.clock() > deadline:
                raise TransientError("too slow", f"{size:,} bytes after {limits.answer_s:g} s")
            yield part


def _check_type(response: requests.Response, body: bytes) -> None:
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind in ("text/xml", "application/xml") or kind.endswith("+xml"):
        return
    start = body[:60].decode("utf-8", "replace")
    raise TransientError("wrong content type", f"{kind or 'none'}, status {response.status_code}: {start!r}")


@contextmanager
def _network_failures() -> Iterator[None]:
    try:
        yield
    except FetchError:
        raise
    except (requests.Timeout, ReadTimeoutError) as error:
        raise TransientError("timed out", str(error)) from error
    except (IncompleteRead, requests.exceptions.ChunkedEncodingError) as error:
        raise TransientError("connection cut", str(error)) from error
    except (requests.exceptions.InvalidSchema, requests.exceptions.InvalidURL) as error:
        raise RefusedError("refused address", str(error)) from error
    except (requests.RequestException, HTTPError, OSError) as error:
        raise TransientError("connection failed", str(error)) from error


def _retry_after(response: requests.Response) -> float | None:
    """Return the seconds that the answer asks to wait (RFC 9110, section 10.2.3: a number or a date)."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isdigit():
        return float(text)
    try:
        wait = parsedate_to_datetime(text) - datetime.now(UTC)
    except (TypeError, ValueError):
        return None
    return max(0.0, wait.total_seconds())


def _may_follow(origin: str, target: str) -> bool:
    here, there = urlsplit(origin), urlsplit(target)
    return there.scheme in {here.scheme, "https"} and _site(there.hostname) == _site(here.hostname)


def _site(host: str | None) -> str:
    """Return the last two labels of a name, so that ``openml.org`` may send to ``www.openml.org``; or the address."""
    try:
        return str(ipaddress.ip_address(host or ""))
    except ValueError:
        return ".".join((host or "").lower().split(".")[-2:])
