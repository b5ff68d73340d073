"""A record of every run: what it was given, what came out, and how it ended.

One file of JSON lines for each: to read with anything, to keep in any storage.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from .errors import Stopped
from .settings import Paths, Settings
from .storage import abandoned, lease

ALIVE = "alive"  # below the folder of runs: a lease for each run that is at work
ENDED = frozenset({"finished", "failed", "killed"})


@dataclass(frozen=True)
class Summary:
    """One run, as the command `runs` lists it."""

    id: str
    kind: str
    status: str
    metrics: Mapping[str, float]


class Run:
    def __init__(self, path: Path) -> None:
        self._path = path

    def params(self, values: Mapping[str, object]) -> None:
        """What the run was given."""
        self.event("params", values=dict(values))

    def metrics(self, values: Mapping[str, float], step: int = 0) -> None:
        """What came out; the same name again, at a later step, makes a curve."""
        self.event("metrics", step=step, values=dict(values))

    def artifact(self, path: Path) -> None:
        """A file that belongs to the run."""
        self.event("artifact", path=path.as_posix())

    def event(self, event: str, **values: object) -> None:
        line = {"at": datetime.now(UTC).isoformat(), "event": event, **values}
        with self._path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(json.dumps(line, default=str) + "\n")

    def mend(self) -> None:
        """End a last line that was cut off, so that the next one is not lost with it."""
        if not self._path.read_bytes().endswith(b"\n"):
            with self._path.open("a", encoding="utf-8", newline="\n") as file:
                file.write("\n")


class Tracker:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def run(self, kind: str) -> Iterator[Run]:
        """A run that is recorded as finished, as killed if it is stopped, else as failed.

        Runs whose process was killed, so that it could not say so, are closed before it begins.
        """
        self._close_abandoned()
        path = self._new_file(kind)
        with lease(self._folder / ALIVE / path.stem):
            run = Run(path)
            run.event("started", kind=kind)
            try:
                yield run
            except BaseException as error:
                was = "killed" if isinstance(error, Stopped | KeyboardInterrupt) else "failed"
                run.event(was, error=f"{type(error).__name__}: {error}")
                raise
            run.event("finished")

    def runs(self, limit: int) -> list[Summary]:
        """The newest runs first."""
        files = sorted(self._folder.glob("*.jsonl"), reverse=True)
        return [_summary(path) for path in files[:limit]]

    def _close_abandoned(self) -> None:
        for name, _ in abandoned(self._folder / ALIVE):
            path = self._folder / f"{name}.jsonl"
            if path.is_file() and _summary(path).status not in ENDED:
                run = Run(path)
                run.mend()
                run.event("killed", error="its process ended without a word")

    def _new_file(self, kind: str) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        while True:
            stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
            path = self._folder / f"{stamp}-{kind}.jsonl"
            try:
                path.touch(exist_ok=False)
            except FileExistsError:
                continue
            return path


def connect(settings: Settings) -> Tracker:
    return Tracker(settings.load(Paths).runs)


def _summary(path: Path) -> Summary:
    kind, status, metrics = path.stem.partition("-")[2], "running", {}
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            event = json.loads(line)
        except json.JSONDecodeError:
            # The machine stopped in the middle of this line; the others hold.
            continue
        if event["event"] == "metrics":
            metrics.update(event["values"])
        elif event["event"] in ENDED:
            status = event["event"]
    return Summary(path.stem, kind, status, metrics)
