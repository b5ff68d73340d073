"""When to run: a clock that misses nothing twice and never overlaps itself.

`run --due` may be called as often as a host likes: by cron, a systemd timer, a Kubernetes CronJob.
It remembers the last tick that was served beside the lake, so a tick is served once, ticks that
were missed while the host was down are made up for by one run, and a run that fails is tried again
at the next call.
"""

import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError
from filelock import FileLock, Timeout

from .errors import PipelineError

log = logging.getLogger(__name__)

MOST_COUNTED = 1000  # missed ticks are counted no further than this


@dataclass(frozen=True)
class Schedule:
    """The table `[schedule]` of the settings."""

    cron: str
    timezone: str = "UTC"

    def after(self, moment: datetime) -> CronSim:
        """The ticks after a moment; an hour that a time zone skips or repeats has each once."""
        try:
            return CronSim(self.cron, moment.astimezone(ZoneInfo(self.timezone)))
        except CronSimError as error:
            raise PipelineError(f"[schedule] cron: `{self.cron}` is no schedule: {error}") from None
        except (ZoneInfoNotFoundError, ValueError):
            raise PipelineError(f"[schedule] timezone: there is no `{self.timezone}`") from None

    def next(self, moment: datetime) -> datetime:
        return next(self.after(moment))

    def missed(self, since: datetime, now: datetime) -> list[datetime]:
        """The ticks in between, the last one included."""
        ticks: list[datetime] = []
        for tick in self.after(since):
            if tick > now or len(ticks) == MOST_COUNTED:
                break
            ticks.append(tick)
        return ticks


@dataclass(frozen=True)
class Clock:
    """Runs something when a schedule says so, one at a time for each folder."""

    schedule: Schedule
    folder: Path

    def run_due(self, work: Callable[[], object], now: datetime) -> bool:
        """Do the work if it is due and nobody else is at it."""
        self.schedule.next(now)  # a schedule that cannot be read is told, due or not
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.folder / "schedule.lock", timeout=0):
                return self._run_due(work, now)
        except Timeout:
            log.info("schedule: another run is at work, which serves this tick too")
            return False

    def _run_due(self, work: Callable[[], object], now: datetime) -> bool:
        served = self._served()
        if served is not None:
            ticks = self.schedule.missed(served, now)
            if not ticks:
                log.info("schedule: not due before %s", self.schedule.next(now).isoformat())
                return False
            if len(ticks) > 1:
                log.info("schedule: one run makes up for %d ticks", len(ticks))
        work()
        self._serve(now)
        return True

    def loop(self, work: Callable[[], object], stop: Callable[[], bool] = lambda: False) -> None:
        """For local use: do the work at each tick, until Ctrl-C. A failure is told and survived."""
        while not stop():
            now = datetime.now(UTC)
            try:
                self.run_due(work, now)
            except PipelineError as error:
                log.error("schedule: %s; it is tried again at the next tick", error)
            wait = (self.schedule.next(now) - datetime.now(UTC)).total_seconds()
            time.sleep(max(0.0, wait))

    @property
    def _state(self) -> Path:
        return self.folder / "schedule.json"

    def _served(self) -> datetime | None:
        try:
            text = self._state.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        try:
            return datetime.fromisoformat(json.loads(text)["served"])
        except (ValueError, KeyError, TypeError):
            raise PipelineError(
                f"{self._state} cannot be read: delete it, and the next call runs at once"
            ) from None

    def _serve(self, now: datetime) -> None:
        # A reader sees the old file or the new one, also where the machine stops in between.
        fresh = self._state.with_suffix(".new")
        fresh.write_text(json.dumps({"served": now.isoformat()}) + "\n", encoding="utf-8")
        fresh.replace(self._state)
