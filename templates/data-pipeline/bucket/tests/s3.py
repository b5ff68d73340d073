"""A server that speaks the protocol of S3, in a process of its own: nothing waits for itself."""

import atexit
import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
from functools import cache
from itertools import count
from urllib.request import Request, urlopen

import pytest

SECRET = "what-nobody-should-ever-read"
WAIT = 30  # seconds for the server to start
MISSING = "no server of S3: `uv sync --group bucket` installs one"

_numbers = count(1)


class Server:
    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        atexit.register(self._process.kill)
        until = time.monotonic() + WAIT
        while True:
            try:
                urlopen(self.url).close()
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)
            else:
                return

    def ask(self, method: str, path: str, body: bytes | None = None) -> None:
        kind = {"Content-Type": "text/plain"}
        urlopen(Request(f"{self.url}/{path}", body, kind, method=method)).close()

    def pause(self) -> None:
        os.kill(self._process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self._process.pid, signal.SIGCONT)


@cache
def server() -> Server:
    """One for all tests of a process; without one they are skipped, or fail if that is asked for."""
    if importlib.util.find_spec("moto") is None:
        if os.environ.get("REQUIRE_BUCKET") == "1":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    return Server()


def given(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    """What the environment says, and no more than that."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "AZURE_", "GOOGLE_"))]:
        monkeypatch.delenv(name)
    for name, value in {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "somebody",
        "AWS_SECRET_ACCESS_KEY": SECRET,
    }.items():
        monkeypatch.setenv(name, value)


def empty_bucket(monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of a lake in a bucket that nobody else uses."""
    given(monkeypatch, server().url)
    name = f"lake-{next(_numbers)}"
    server().ask("PUT", name)
    return f"s3://{name}/some/folder"
