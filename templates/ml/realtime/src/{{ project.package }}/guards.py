"""What stands before the model: who may ask, how much, how slowly, how many at a time, and a count.

Plain ASGI, so that a request that is refused costs nothing: the body of one without the token is
never read, and one that is too large or too slow never takes a place from others.
"""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from pydantic import BaseModel

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
# What a probe of an orchestrator asks, without a token.
OPEN = frozenset({"/healthz", "/readyz"})
# What must be answered also when nothing else is.
UNLIMITED = OPEN | {"/metrics"}
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
OTHER = "other"  # a route that is none of ours
# What every route may answer, and what it has beside a body then.
REFUSED = {
    401: "The token is missing or wrong.",
    408: "The head or the body did not arrive in time.",
    413: "The body is too large.",
    431: "The head is too large.",
    503: "There is no model, or no place is free: ask again.",
}
FIELDS = {
    401: {"WWW-Authenticate": {"schema": {"type": "string"}}},
    503: {"Retry-After": {"schema": {"type": "integer"}, "description": "If no place is free."}},
}


class Refusal(BaseModel):
    detail: str


class Fault(BaseModel):
    loc: list[int | str]
    msg: str
    type: str


class Unfit(BaseModel):
    """Why a question cannot be answered: one reason, or a fault for each place."""

    detail: str | list[Fault]


def described(refused: Mapping[int, str]) -> dict[int | str, dict[str, Any]]:
    """Refusals as FastAPI is told of them."""
    return {
        status: {
            "description": told,
            "model": Unfit if status == 422 else Refusal,
            "headers": FIELDS.get(status, {}),
        }
        for status, told in refused.items()
    }


class Token:
    """Only who knows the token is served."""

    def __init__(self, app: App, token: str) -> None:
        self._app, self._expected = app, f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in OPEN:
            given = dict(scope["headers"]).get(b"authorization", b"")
            if not secrets.compare_digest(given, self._expected):
                challenge = (b"www-authenticate", b"Bearer")
                await _answer(send, 401, "a valid token is needed", challenge)
                return
        await self._app(scope, receive, send)


class Body:
    """The whole body, before a place is taken: so many bytes, whatever its head says, in time."""

    def __init__(self, app: App, limit: int, seconds: float) -> None:
        self._app, self._limit, self._seconds = app, limit, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        said = dict(scope["headers"]).get(b"content-length", b"0")
        body: bytes | None = b""
        is_small = said.isdigit() and int(said) <= self._limit
        try:
            async with asyncio.timeout(self._seconds):
                while is_small:
                    message = await receive()
                    if message["type"] != "http.request":
                        return  # the client went away
                    body += message.get("body", b"")
                    is_small = len(body) <= self._limit
                    if not message.get("more_body", False):
                        break
        except TimeoutError:
            await _answer(send, 408, f"the body did not arrive within {self._seconds:g} seconds")
            return
        if not is_small:
            await _answer(send, 413, f"the body may have at most {self._limit} bytes")
            return

        async def whole() -> Message:
            nonlocal body
            if body is None:
                return await receive()
            message = {"type": "http.request", "body": body, "more_body": False}
            body = None
            return message

        await self._app(scope, whole, send)


class Concurrency:
    """At most so many requests at a time; who comes too many is told to come again."""

    def __init__(self, app: App, limit: int) -> None:
        self._app, self._free = app, asyncio.Semaphore(limit)

    @property
    def is_full(self) -> bool:
        return self._free.locked()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in UNLIMITED:
            await self._app(scope, receive, send)
        elif self.is_full:
            await _answer(send, 503, "too many requests at a time", (b"retry-after", b"1"))
        else:
            async with self._free:
                await self._app(scope, receive, send)


class Observed:
    """Counts and latencies for Prometheus, of answers of the guards too, with a fixed set of labels."""

    def __init__(self, app: App, routes: frozenset[str]) -> None:
        self._app, self._routes, self._registry = app, routes, CollectorRegistry()
        self._seconds = Histogram(
            "request_seconds", "Time to answer.", ["route"],
            buckets=BUCKETS, registry=self._registry,
        )  # fmt: skip
        self._answers = Counter(
            "answers", "Answers, by class of status.", ["route", "status"], registry=self._registry
        )

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
            route = scope["path"] if scope["path"] in self._routes else OTHER
            self._seconds.labels(route).observe(time.perf_counter() - start)
            self._answers.labels(route, f"{status // 100}xx").inc()

    def text(self) -> bytes:
        return generate_latest(self._registry)


def refusal(detail: str) -> tuple[list[tuple[bytes, bytes]], bytes]:
    """Header fields and body; what is left of the request is not read, so it is the last one."""
    body = f'{{"detail": "{detail}"}}'.encode()
    length = str(len(body)).encode()
    fields = [(b"content-type", b"application/json"), (b"content-length", length)]
    return [*fields, (b"connection", b"close")], body


async def _answer(send: Send, status: int, detail: str, *more: tuple[bytes, bytes]) -> None:
    fields, body = refusal(detail)
    await send({"type": "http.response.start", "status": status, "headers": [*fields, *more]})
    await send({"type": "http.response.body", "body": body})
