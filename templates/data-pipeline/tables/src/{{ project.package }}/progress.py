"""Says how far long work is, on standard error, in a terminal or a log."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from .store import Store

FIRST, NEXT = 3.0, 10.0  # seconds until the first line, and between lines


@dataclass
class Progress:
    """A step of the work: how many rows or files it has, and how many are done, if that is known."""

    store: Store
    what: str
    does: str = "is checked"
    total: int = 0
    unit: str = "rows"
    done: int | None = None
    since: float = field(default_factory=time.monotonic)

    def begin(self, does: str, total: int = 0, unit: str = "rows") -> None:
        self.does, self.total, self.unit, self.done = does, total, unit, None
        self.since = time.monotonic()

    def line(self) -> str:
        """What is said of the step at this moment."""
        seconds = time.monotonic() - self.since
        if self.done is None:  # else by the query that runs
            share = max(self.store.connection.query_progress() / 100, 0)
        else:
            share = self.done / max(self.total, 1)
        of = f" {self.total:,} {self.unit}" if self.total else ""
        if share <= 0.01:
            return f"{self.what} {self.does}{of}: {seconds:.0f} s"
        rate = f", {share * self.total / seconds:,.0f} {self.unit} a second" if self.total else ""
        left = seconds * (1 - share) / share
        return (
            f"{self.what} {self.does}{of}: {share:.0%} after {seconds:.0f} s{rate}, "
            f"about {left:.0f} s left"
        )


@contextmanager
def progress(store: Store, what: str) -> Iterator[Progress]:
    """Watches while the work in the block is done, which says when a step begins."""
    done, step = threading.Event(), Progress(store, what)

    def watch() -> None:
        wait = FIRST
        while not done.wait(wait):
            wait = NEXT
            print(step.line(), file=sys.stderr, flush=True)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield step
    finally:
        done.set()
        watcher.join()
