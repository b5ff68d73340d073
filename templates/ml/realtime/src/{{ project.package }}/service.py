"""The process around the application: where it listens, how long it waits, and how it ends.

The server itself waits for ever for the rest of a request; a few hundred clients that send half of
one would be enough to shut all others out.
"""

import asyncio
import errno
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

import httpx2
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from . import api, routes
from .api import Live, Serving
from .errors import ProjectError
from .guards import LOOPBACK, App, refusal
from .settings import Settings

TOKEN = "ML_TOKEN"  # noqa: S105  the name of a variable
MOST_HEAD = 65_536  # bytes
LONGEST_START = 120.0  # seconds, until one that we started is given up


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C; requests in work are answered first."""
    serving = settings.load(Serving)
    secret = token(serving)
    live = Live(lambda: routes.load(settings), lambda: routes.pinned(settings))
    live.start()
    with listen(serving.host, serving.port) as place:
        _server(api.create(live, serving, secret), serving).run(sockets=[place])


def listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        place = socket.create_server((host, port), family=family)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            told = f"another program has port {port} of {host}: stop it"
        else:
            told = f"[serve] cannot listen at port {port} of {host} ({error.strerror})"
        raise ProjectError(f"{told}, or choose another with `--set serve.port=…`") from None
    # Otherwise the end of each answer waits some 40 milliseconds for the client's receipt.
    place.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return place


@contextmanager
def running(settings: Settings) -> Iterator[str]:
    """The service as a process of its own, at a free port; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    here = ["--set", "serve.host=127.0.0.1", "--set", f"serve.port={port}"]
    program = [sys.executable, "-m", str(__package__), *settings.options(), *here, "serve"]
    grace = settings.load(Serving).grace_seconds
    with subprocess.Popen(program, stdout=subprocess.DEVNULL) as process:  # noqa: S603  ourselves
        try:
            address = f"http://127.0.0.1:{port}"
            wait_until_ready(address, process)
            yield address
        finally:
            process.terminate()
            try:
                process.wait(grace + 5)
            except subprocess.TimeoutExpired:
                process.kill()


def wait_until_ready(address: str, process: subprocess.Popen[bytes]) -> None:
    since = time.monotonic()
    with httpx2.Client(base_url=address, trust_env=False) as client:
        while process.poll() is None:
            try:
                if client.get("/readyz").status_code == 200:
                    return
            except httpx2.TransportError:
                pass  # it does not listen yet
            if time.monotonic() - since > LONGEST_START:
                raise ProjectError(f"the service is not ready after {LONGEST_START:g} seconds")
            time.sleep(0.05)
    raise ProjectError("the service did not start; `serve` tells why")


def token(serving: Serving) -> str:
    """The token from the environment; a service that others can reach does not start without."""
    found = os.environ.get(TOKEN, "")
    if serving.host not in LOOPBACK and len(found) < 16:
        raise ProjectError(
            f"[serve] host is {serving.host}, which others can reach: set {TOKEN} to at least 16 "
            "characters, or listen on 127.0.0.1"
        )
    return found


def headers() -> dict[str, str]:
    """What a client of this machine sends."""
    found = os.environ.get(TOKEN, "")
    return {"Authorization": f"Bearer {found}"} if found else {}


class _Server(uvicorn.Server):
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for place in sockets or ():
            host, port = place.getsockname()[:2]
            where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
            print(f"serving at http://{where}, /docs shows how to ask", flush=True)


def _server(app: App, serving: Serving) -> uvicorn.Server:
    config = uvicorn.Config(
        app,
        http=limited(serving.head_seconds, serving.max_connections),
        ws="none",
        timeout_graceful_shutdown=serving.grace_seconds,
        timeout_keep_alive=5,
        server_header=False,
        access_log=False,
        log_level="warning",
    )
    return _Server(config)


def limited(head_seconds: float, most: int) -> type[HttpToolsProtocol]:
    """Seconds for a head, which has a size too, and connections: the oldest makes room for a new one."""
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
