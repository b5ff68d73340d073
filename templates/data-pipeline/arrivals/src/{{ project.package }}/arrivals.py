"""Arrivals: each file that lands starts one run of its own, and no file starts two.

What tells arrivals apart is their content: the key of a run is the digest of its file, so the same
delivery under another name, or once more, is known and starts nothing. Keys are noted beside the
lake after the run. Should the process die in between, the next look starts that run again, which
finds the file in bronze, completes what is left and changes nothing else.
"""

import json
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from .errors import AwayError, PipelineError, plainly
from .landing import ChangedError, File, Landing
from .pipeline import Pipeline

log = logging.getLogger(__name__)

LONGEST_WAIT = 3600.0


@dataclass(frozen=True)
class Patience:
    """The table `[arrivals]` of the settings."""

    stable_seconds: float
    poll_seconds: float


@dataclass
class Seen:
    """A file as it was when it was looked at."""

    stamp: str
    since: float  # has been like this since then
    key: str | None = None  # of the run that served it


@dataclass
class Failure:
    times: int
    again: float  # not before


@dataclass
class Cursor:
    """How far arrivals are served; kept in a file between looks."""

    files: dict[str, Seen] = field(default_factory=dict)
    served: dict[str, str] = field(default_factory=dict)  # key of a run, name of its file
    failed: dict[str, Failure] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> "Cursor":
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return cls()
        try:
            kept: dict[str, Any] = json.loads(text)
            return cls(
                {name: Seen(**seen) for name, seen in kept["files"].items()},
                dict(kept["served"]),
                {key: Failure(**failure) for key, failure in kept["failed"].items()},
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            raise PipelineError(
                f"{path} cannot be read: delete it. Files that are in bronze already are known "
                "there and will not be taken in twice"
            ) from None

    def write(self, path: Path) -> None:
        # A reader sees the old file or the new one, also where the machine stops in between.
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(self)) + "\n", encoding="utf-8")
        fresh.replace(path)


@dataclass(frozen=True)
class Watch:
    open_pipeline: Callable[[], Pipeline]
    patience: Patience
    folder: Path  # where the cursor is kept
    now: Callable[[], float] = time.time
    errors: list[PipelineError] = field(default_factory=list)

    def look(self) -> int:
        """Start a run for each file that has arrived; gives how many were started."""
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.folder / "arrivals.lock", timeout=0):
                return sum(self._serve())
        except Timeout:
            log.info("arrivals: somebody else is looking after them")
            return 0

    def waiting(self) -> bool:
        """Whether there are files that are not served."""
        return any(seen.key is None for seen in Cursor.read(self._path).files.values())

    def loop(self, stop: Callable[[], bool] = lambda: False) -> None:
        while not stop():
            try:
                self.look()
            except AwayError as error:
                log.error("arrivals: %s", error)
            time.sleep(self.patience.poll_seconds)

    @property
    def _path(self) -> Path:
        return self.folder / "arrivals.json"

    def _serve(self) -> Iterator[bool]:
        cursor = Cursor.read(self._path)
        pipeline = self.open_pipeline()
        found = {file.name: file for _, file in pipeline.landed()}
        before = asdict(cursor)
        cursor.files = {
            name: self._looked_at(file, cursor.files.get(name)) for name, file in found.items()
        }
        for name, seen in cursor.files.items():
            if seen.key is None and self.now() - seen.since >= self.patience.stable_seconds:
                yield self._arrived(cursor, pipeline.landing, found[name], seen)
                cursor.write(self._path)
        if asdict(cursor) != before:
            cursor.write(self._path)

    def _looked_at(self, file: File, before: Seen | None) -> Seen:
        if before and before.stamp == file.stamp:
            return before
        return Seen(file.stamp, self.now())

    def _arrived(self, cursor: Cursor, landing: Landing, file: File, seen: Seen) -> bool:
        """Serve one file. True if a run was started for it."""
        try:
            with landing.at_hand([file]) as hand:
                return self._served(cursor, landing, file.name, hand.digest(file), seen)
        except ChangedError:
            return False  # the next look sees what became of it

    def _served(self, cursor: Cursor, landing: Landing, name: str, key: str, seen: Seen) -> bool:
        if key in cursor.served:
            log.info("arrivals: %s is %s once more, no run", name, cursor.served[key])
            seen.key = key
            return False
        failure = cursor.failed.get(key)
        if failure and self.now() < failure.again:
            return False
        log.info("arrivals: %s starts run %.12s", name, key)
        pipeline = self.open_pipeline()
        pipeline.only = name
        pipeline.landing = landing  # where the file is at hand already
        try:
            with plainly():
                pipeline.run()
        except PipelineError as error:
            self.errors.append(error)
            # A gate that is shut stays shut until somebody acts: the file is in, the run is done.
            if error.exit_code == 1:
                self._failed(cursor, key, name, error)
                return True
            log.error("arrivals: %s: %s", name, error)
        cursor.failed.pop(key, None)
        cursor.served[key] = name
        seen.key = key
        return True

    def _failed(self, cursor: Cursor, key: str, name: str, error: PipelineError) -> None:
        times = 1 + (cursor.failed[key].times if key in cursor.failed else 0)
        wait = min(2.0**times, LONGEST_WAIT)
        cursor.failed[key] = Failure(times, self.now() + wait)
        log.error("arrivals: %s: %s; it is tried again in %g seconds", name, error, wait)
