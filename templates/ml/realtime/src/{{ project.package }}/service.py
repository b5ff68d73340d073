"""The process around the application: where it listens, and how it ends."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import uvicorn

from . import api, routes
from .api import Serving
from .errors import ProjectError
from .guards import LOOPBACK
from .settings import Settings

TOKEN = "ML_TOKEN"  # noqa: S105  the name of a variable
LONGEST_START = 120.0  # seconds, until one that we started is given up


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C; requests in work are answered first."""
    _server(settings, settings.load(Serving)).run()


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


def _server(settings: Settings, serving: Serving) -> uvicorn.Server:
    app = api.create(lambda: routes.load(settings), serving, token(serving))
    config = uvicorn.Config(
        app,
        host=serving.host,
        port=serving.port,
        timeout_graceful_shutdown=serving.grace_seconds,
        timeout_keep_alive=5,
        server_header=False,
        access_log=False,
        log_level="warning",
    )
    return uvicorn.Server(config)
