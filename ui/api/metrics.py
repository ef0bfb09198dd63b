"""What Prometheus reads: requests by route, their seconds, jobs by state, memory. Nothing of who asked or for what."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Mapping
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Upper ends of the histogram of seconds.
BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_METHODS: Final = frozenset({"GET", "POST", "DELETE", "HEAD", "OPTIONS", "PUT", "PATCH"})


class Metrics:
    """Counts of requests."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._buckets: Counter[tuple[str, float]] = Counter()
        self._seconds: dict[str, float] = {}
        self.in_flight = 0

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        with self._mutex:
            self._requests[method, route, status] += 1
            self._seconds[route] = self._seconds.get(route, 0.0) + seconds
            self._buckets.update((route, end) for end in BUCKETS if seconds <= end)

    def text(self, gauges: Mapping[str, Mapping[str, float]]) -> str:
        """Return all of it in Prometheus' text format.

        Args:
            gauges: Name -> labels (``state="done"``; empty for none) -> value.
        """
        with self._mutex:
            requests, buckets, seconds = dict(self._requests), dict(self._buckets), dict(self._seconds)
        lines = ["# TYPE tunegraph_requests_total counter"]
        lines += [
            f'tunegraph_requests_total{{method="{method}",route="{route}",status="{status}"}} {count}'
            for (method, route, status), count in sorted(requests.items())
        ]
        lines.append("# TYPE tunegraph_request_seconds histogram")
        for route, total in sorted(seconds.items()):
            count = sum(n for (_, where, _), n in requests.items() if where == route)
            name = f'tunegraph_request_seconds_bucket{{route="{route}",le='
            lines += [f'{name}"{end:g}"}} {buckets.get((route, end), 0)}' for end in BUCKETS]
            lines += [
                f'{name}"+Inf"}} {count}',
                f'tunegraph_request_seconds_sum{{route="{route}"}} {total:.6f}',
                f'tunegraph_request_seconds_count{{route="{route}"}} {count}',
            ]
        for name, values in gauges.items():
            lines.append(f"# TYPE tunegraph_{name} gauge")
            lines += [f"tunegraph_{name}{{{labels}}} {value:.12g}" for labels, value in values.items()]
        return "\n".join(lines) + "\n"


class Measuring:
    """Counts the requests that pass it, by the route's template.

    Args:
        app: What is behind it.
        metrics: Where they are counted.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, started = 500, time.perf_counter()

        async def send_noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        self._metrics.in_flight += 1
        try:
            await self._app(scope, receive, send_noted)
        finally:
            self._metrics.in_flight -= 1
            method = scope["method"] if scope["method"] in _METHODS else "other"
            route = getattr(scope.get("route"), "path", "none")
            self._metrics.observe(method, route, status, time.perf_counter() - started)
