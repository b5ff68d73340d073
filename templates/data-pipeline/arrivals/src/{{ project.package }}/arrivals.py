"""Arrivals: each file that lands starts one run of its own, as soon as it is complete.

What was taken in is known by the warehouse, in the transaction that took it in. So nothing is kept
beside it: a run that dies starts again, and a file that was delivered once more starts nothing. A
copy under another name is taken in, since the name may say what it is, or the first one may change.
Many at once start one run together, which costs a fraction; if that fails, each starts its own.
"""

import argparse
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import duckdb

from . import pipeline, spec
from .errors import BusyError, PipelineError
from .ingest import Delivery, changed, files_in, landed
from .settings import Settings, load
from .store import Store

log = logging.getLogger(__name__)

FAILURES = (PipelineError, OSError, duckdb.Error)
LONGEST_WAIT = 3600.0
MANY = 10
Stamp = tuple[int, int, int]  # size, when it was written, and when its mode was changed


@dataclass
class Seen:
    """A file as it was when it was looked at."""

    stamp: Stamp
    since: float
    done: bool = False
    failures: int = 0
    again: float = 0.0  # not before


@dataclass
class Watch:
    """Looks for complete files again and again."""

    settings: Settings
    run: Callable[[set[str]], int]
    now: Callable[[], float] = time.time
    files: dict[str, Seen] = field(default_factory=dict)
    codes: list[int] = field(default_factory=list)

    def look(self) -> int:
        """Starts a run for each file that is complete, or for many; gives how many were started."""
        now = self.now()
        stamps = dict(self._stamps())
        for name, stamp in stamps.items():
            if name not in self.files or self.files[name].stamp != stamp:
                self.files[name] = Seen(stamp, now)
        self.files = {name: seen for name, seen in self.files.items() if name in stamps}
        ripe = {
            name: seen
            for name, seen in self.files.items()
            if not seen.done and now - seen.since >= self.settings.stable_seconds
        }
        if not ripe:
            return 0  # digests are computed for what is new only
        try:
            new = self._new()
        except BusyError as error:
            log.info("arrivals: %s", error)
            return 0
        for name in ripe.keys() - {self._file(delivery) for delivery in new}:
            ripe[name].done = True
        mine = [(each.name, ripe[file]) for each in new if (file := self._file(each)) in ripe]
        many = [each for each in mine if not each[1].failures]
        groups = [many] if len(many) > MANY else [[each] for each in many]
        groups += [[each] for each in mine if each[1].failures]
        return sum(map(self._arrived, groups))

    def waiting(self) -> list[str]:
        """Files that are not taken in."""
        return sorted(name for name, seen in self.files.items() if not seen.done)

    def loop(self, stop: Callable[[], bool] = lambda: False) -> None:
        said = ""
        while not stop():
            try:
                self.look()
                said = ""
            except FAILURES as error:
                if said != (said := str(error)):  # once, and not with each look
                    log.error("arrivals: %s", error)
            time.sleep(self.settings.poll_seconds)

    def _stamps(self) -> Iterator[tuple[str, Stamp]]:
        for name, path in files_in(self.settings):
            with suppress(FileNotFoundError):  # it went away
                stat = path.stat() if path.exists() else path.lstat()
                yield name, (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)

    def _new(self) -> list[Delivery]:
        project = spec.load(self.settings.root)
        found = landed(self.settings)
        with Store.open(self.settings) as store:
            return changed(project, self.settings, store, found)

    def _file(self, delivery: Delivery) -> str:
        """Its name in the landing folder; nothing for a file of the archive that is read again."""
        if not delivery.path.is_relative_to(self.settings.landing):
            return ""
        return delivery.path.relative_to(self.settings.landing).as_posix()

    def _arrived(self, group: Sequence[tuple[str, Seen]]) -> bool:
        """Whether a run was started for these files; after a failure each is tried alone."""
        name, seen = group[0]
        if self.now() < seen.again:
            return False
        what = name if len(group) == 1 else f"{name} and {len(group) - 1} more"
        log.info("arrivals: %s: a run starts", what)
        failures, wait = seen.failures, 0.0
        try:
            self.codes.append(self.run({name for name, _ in group}))
        except FAILURES as error:
            failures += 1
            wait = min(2.0**failures, LONGEST_WAIT)
            self.codes.append(1)
            log.error("arrivals: %s: %s; the next try is in %g seconds", what, error, wait)
        for _, seen in group:
            # Whatever it held back stays back until somebody acts: the file is in.
            seen.done, seen.failures, seen.again = not wait, failures, self.now() + wait
        return True


def watch(settings: Settings) -> Watch:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    return Watch(settings, lambda files: pipeline.run(settings, files=files).exit_code)


def add_arrivals(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    words = (
        "start a run for each file that has arrived, wait for those still being written, and end"
    )
    commands.add_parser("arrivals", help=words).set_defaults(command=_arrivals)
    words = "start a run for each file that arrives, until Ctrl-C"
    commands.add_parser("watch", help=words).set_defaults(command=_watch)


def _arrivals(_: argparse.Namespace) -> int:
    settings = load()
    look = watch(settings)
    started = look.look()
    if look.waiting():
        time.sleep(settings.stable_seconds)
        started += look.look()
    print(f"runs started: {started}")
    if left := look.waiting():
        print("not taken in yet, as they are being written or their runs failed:")
        print("\n".join(f"  {name}" for name in left))
    return max(look.codes, default=0)


def _watch(_: argparse.Namespace) -> int:
    watch(load()).loop()
    return 0
