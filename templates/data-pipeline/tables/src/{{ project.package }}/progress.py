"""Says how far a long query is, on standard error, in a terminal or a log."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from .store import Store

FIRST, NEXT = 3.0, 10.0  # seconds until the first line, and between lines


@contextmanager
def progress(store: Store, what: str) -> Iterator[None]:
    """Watches the connection while the work in the block is done."""
    done = threading.Event()

    def watch() -> None:
        started, wait = time.monotonic(), FIRST
        while not done.wait(wait):
            wait = NEXT
            share = store.connection.query_progress()
            seconds = time.monotonic() - started
            left = f", about {seconds * (100 - share) / share:.0f} s left" if share > 1 else ""
            part = f" {share:.0f} % of its query" if share > 0 else ""
            print(f"{what}:{part} after {seconds:.0f} s{left}", file=sys.stderr, flush=True)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
