"""What stands before the model: who may ask, how much, and how many at a time.

Plain ASGI, so that a request that is refused costs nothing: the body of one without the token is
never read, and one that is too large is cut off while it arrives.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
# What a probe of an orchestrator asks, without a token.
OPEN = frozenset({"/healthz", "/readyz"})


class TooLargeError(Exception):
    """The body is longer than the limit."""


class Token:
    """Only who knows the token is served."""

    def __init__(self, app: App, token: str) -> None:
        self._app, self._expected = app, f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in OPEN:
            given = dict(scope["headers"]).get(b"authorization", b"")
            if not secrets.compare_digest(given, self._expected):
                await _answer(send, 401, "a valid token is needed", ("www-authenticate", "Bearer"))
                return
        await self._app(scope, receive, send)


class BodyLimit:
    """Bodies are at most so many bytes, whatever their header says."""

    def __init__(self, app: App, limit: int) -> None:
        self._app, self._limit = app, limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        said = dict(scope["headers"]).get(b"content-length", b"0")
        if not said.isdigit() or int(said) > self._limit:
            await _answer(send, 413, f"the body may have at most {self._limit} bytes")
            return
        received = 0
        refused = False

        async def counted() -> Message:
            nonlocal received, refused
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._limit and not refused:
                refused = True
                await _answer(send, 413, f"the body may have at most {self._limit} bytes")
            if refused:
                raise TooLargeError
            return message

        async def quiet(message: Message) -> None:
            # The answer was given already; what the application makes of the rest is not sent.
            if not refused:
                await send(message)

        try:
            await self._app(scope, counted, quiet)
        except TooLargeError:
            return


class Concurrency:
    """At most so many requests at a time; who comes too many is told to come again."""

    def __init__(self, app: App, limit: int) -> None:
        self._app, self._free = app, asyncio.Semaphore(limit)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in OPEN:
            await self._app(scope, receive, send)
        elif self._free.locked():
            await _answer(send, 503, "too many requests at a time", ("retry-after", "1"))
        else:
            async with self._free:
                await self._app(scope, receive, send)


async def _answer(send: Send, status: int, detail: str, *headers: tuple[str, str]) -> None:
    body = f'{{"detail": "{detail}"}}'.encode()
    fields = [("content-type", "application/json"), ("content-length", str(len(body))), *headers]
    encoded = [(name.encode(), value.encode()) for name, value in fields]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})
