"""Connections that wait: a head has a time and a size, and the oldest makes room for a new one.

The server itself waits for ever for the rest of a request; a few hundred clients that send half of
one would be enough to shut all others out.
"""

import asyncio
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .guards import refusal

MOST_HEAD = 65_536  # bytes


def limited(head_seconds: float, most: int) -> type[HttpToolsProtocol]:
    """A protocol with these limits: seconds for a head, and connections at a time."""
    waiting: dict[HttpToolsProtocol, None] = {}  # for a head, the oldest first

    class Limited(HttpToolsProtocol):
        _timer: asyncio.TimerHandle | None = None
        _received = 0

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            waiting[self] = None
            self._begin()
            if len(self.connections) > most:
                # It may be this one itself, where all others are at work.
                oldest = next(iter(waiting))
                del waiting[oldest]
                self.connections.discard(oldest)
                oldest.transport.close()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self._timer:
                self._received += len(data)
                if self._received > MOST_HEAD:
                    self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

        def on_message_begin(self) -> None:
            super().on_message_begin()
            if not self._timer:
                self._begin()

        def on_headers_complete(self) -> None:
            self._end()
            super().on_headers_complete()

        def on_response_complete(self) -> None:
            super().on_response_complete()
            if not self._is_at_work() and not self.transport.is_closing():
                waiting[self] = None

        def connection_lost(self, exc: Exception | None) -> None:
            self._end()
            super().connection_lost(exc)

        def _begin(self) -> None:
            self._timer = self.loop.call_later(head_seconds, self._late)

        def _end(self) -> None:
            waiting.pop(self, None)
            self._received = 0
            if self._timer:
                self._timer.cancel()
                self._timer = None

        def _late(self) -> None:
            if self._is_at_work():
                self._begin()  # the request before it is still at work
            else:
                self._refuse(HTTPStatus.REQUEST_TIMEOUT)

        def _is_at_work(self) -> bool:
            # There is none before the first request, whatever its type says.
            return not getattr(self.cycle, "response_complete", True)

        def _refuse(self, status: HTTPStatus) -> None:
            self._end()
            if not self.transport.is_closing():
                fields, body = refusal(f"the head of the request: {status.phrase.lower()}")
                lines = [f"HTTP/1.1 {status.value} {status.phrase}".encode()]
                lines += [name + b": " + value for name, value in fields]
                self.transport.write(b"\r\n".join([*lines, b"", body]))
                self.transport.close()

    return Limited
