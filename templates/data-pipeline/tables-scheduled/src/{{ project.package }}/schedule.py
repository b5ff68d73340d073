"""When to run: each tick of the schedule once, and never two runs at a time.

`run --due` may be called as often as a host likes: by cron, a systemd timer, a Kubernetes CronJob.
The last tick that was served is noted beside the warehouse. Ticks that were missed while the host
was down are made up for by one run, and a run that fails is tried again at the next call.
"""

import argparse
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from . import pipeline
from .errors import BusyError, PipelineError
from .settings import Settings, load

log = logging.getLogger(__name__)

MOST_COUNTED = 1000  # missed ticks are counted no further than this


@dataclass(frozen=True)
class Schedule:
    """The keys `cron` and `timezone` of the settings."""

    cron: str
    timezone: str = "UTC"

    def after(self, moment: datetime) -> CronSim:
        """The ticks after a moment; an hour that a zone skips or repeats has each once."""
        try:
            return CronSim(self.cron, moment.astimezone(ZoneInfo(self.timezone)))
        except CronSimError as error:
            raise PipelineError(f"cron: `{self.cron}` is not a schedule: {error}") from None
        except (ZoneInfoNotFoundError, ValueError):
            raise PipelineError(f"timezone: there is no `{self.timezone}`") from None

    def next(self, moment: datetime) -> datetime:
        return next(self.after(moment))

    def missed(self, since: datetime, now: datetime) -> int:
        """How many ticks are in between, the last one included."""
        ticks = 0
        for tick in self.after(since):
            if tick > now or ticks == MOST_COUNTED:
                break
            ticks += 1
        return ticks


@dataclass(frozen=True)
class Clock:
    """Does some work when a schedule says so, and remembers it in a file."""

    schedule: Schedule
    state: Path

    def run_due(self, work: Callable[[], int], now: datetime) -> int | None:
        """The exit code of the work; nothing if it is not due, or another run is at work."""
        upcoming = self.schedule.next(now)
        served = self._served()
        missed = 1 if served is None else self.schedule.missed(served, now)
        if not missed:
            log.info("schedule: not due before %s", upcoming.isoformat())
            return None
        if missed > 1:
            log.info("schedule: one run makes up for %d ticks", missed)
        try:
            code = work()
        except BusyError:
            log.info("schedule: another run is at work, and serves this tick too")
            return None
        self._serve(now)
        return code

    def loop(self, work: Callable[[], int], stop: Callable[[], bool] = lambda: False) -> None:
        """Does the work at each tick until Ctrl-C. A failure is logged, and the next tick comes."""
        while not stop():
            try:
                self.run_due(work, datetime.now(UTC))
            except PipelineError as error:
                log.error("schedule: %s; the next tick tries again", error)
            now = datetime.now(UTC)
            time.sleep(max(0.0, (self.schedule.next(now) - now).total_seconds()))

    def _served(self) -> datetime | None:
        try:
            return datetime.fromisoformat(json.loads(self.state.read_text("utf-8"))["served"])
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            raise PipelineError(
                f"{self.state} cannot be read: delete it, and the next call runs"
            ) from None

    def _serve(self, now: datetime) -> None:
        # A reader sees the old file or the new one, also where the machine stops in between.
        self.state.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.state.with_suffix(".new")
        fresh.write_text(json.dumps({"served": now.isoformat()}) + "\n", encoding="utf-8")
        fresh.replace(self.state)


def clock(settings: Settings) -> Clock:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    return Clock(Schedule(settings.cron, settings.timezone), settings.data / "schedule.json")


def run_due(settings: Settings, work: Callable[[], int]) -> int:
    """For `run --due`."""
    return clock(settings).run_due(work, datetime.now(UTC)) or 0


def add_schedule(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    words = "run at each tick of the schedule, until Ctrl-C; hosts call `run --due`"
    commands.add_parser("schedule", help=words).set_defaults(command=_schedule)


def _schedule(_: argparse.Namespace) -> int:
    settings = load()
    clock(settings).loop(lambda: pipeline.run(settings).exit_code)
    return 0
