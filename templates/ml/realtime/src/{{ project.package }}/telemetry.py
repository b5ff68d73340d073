"""Counts and latencies for Prometheus. Labels come from a fixed set, whatever clients send."""

import time

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from .guards import App, Message, Receive, Scope, Send

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
OTHER = "other"


class Telemetry:
    def __init__(self, routes: frozenset[str]) -> None:
        self.registry = CollectorRegistry()
        self._routes = routes
        self._seconds = Histogram(
            "request_seconds", "Time to answer.", ["route"],
            buckets=BUCKETS, registry=self.registry,
        )  # fmt: skip
        self._answers = Counter(
            "answers", "Answers, by class of status.", ["route", "status"], registry=self.registry
        )

    def observe(self, path: str, status: int, seconds: float) -> None:
        route = path if path in self._routes else OTHER
        self._seconds.labels(route).observe(seconds)
        self._answers.labels(route, f"{status // 100}xx").inc()

    def text(self) -> bytes:
        return generate_latest(self.registry)


class Observed:
    """Every answer is counted, those of the guards as well."""

    def __init__(self, app: App, telemetry: Telemetry) -> None:
        self._app, self._telemetry = app, telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start, status = time.perf_counter(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            self._telemetry.observe(scope["path"], status, time.perf_counter() - start)
