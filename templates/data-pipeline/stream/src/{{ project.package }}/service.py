"""The stream at work: until it is told to stop, or until it has read what is there now."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from .broker import AwayError, Broker, Outbox, embedded
from .dead_letters import bury
from .errors import PipelineError
from .flow import Flow
from .lake import Lake
from .sample import fill, stages
from .stream import Rows, Stream
from .topic import Feed, Positions, Received, Topic
from .windows import Windows

log = logging.getLogger(__name__)

T = TypeVar("T")

STALL = 60.0  # seconds without a record, though there are some, after which a drain gives up


@dataclass(frozen=True)
class Pace:
    """The table `[stream]` of the settings: when a batch ends, and where the sample lies."""

    rows: int
    seconds: float
    sample: Path


@dataclass
class Service:
    lake: Lake
    flow: Flow
    windows: Windows
    broker: Broker
    pace: Pace
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    def run(self) -> bool:
        """Read what the topic holds now and publish what is due. False if there was nothing."""
        if not self.broker.is_embedded:
            return self.drain(self.broker)
        known, sent, moved = self.offline().records(), 0, False
        with embedded() as address:
            broker = self.broker.at(address)
            for file in stages(self.pace.sample):
                count = fill(broker, file)
                sent += count
                # An earlier run has read the files up to here: nobody waits for its end again.
                if sent > known:
                    log.info("%s: %d records, on the embedded broker", file.name, count)
                    moved |= self.drain(broker)
        if sent < known:
            raise PipelineError(
                f"{self.pace.sample} is not the sample that was read: delete {self.lake.root}"
            )
        return moved

    def drain(self, broker: Broker) -> bool:
        stream = self.stream(broker)
        feed = Topic(broker, stream.reached, share=False)
        try:
            return drain(feed, stream, self.pace)
        finally:
            feed.close()

    def follow(self, stop: Callable[[], bool]) -> None:
        """Read as a member of the group until told to stop; the batch at hand is completed."""
        if self.broker.is_embedded:
            raise PipelineError(
                "an embedded broker ends with its process: set [broker] servers to one that stays, "
                "or start one for trying out with `broker`"
            )
        stream = self.stream(self.broker)
        feed = Topic(self.broker, stream.reached, share=True)
        try:
            follow(feed, stream, self.pace, stop)
        finally:
            feed.close()

    def offline(self) -> Stream:
        """The stream without a broker, for what only the lake is needed for."""
        return self._with(_no_letters)

    def stream(self, broker: Broker) -> Stream:
        return self._with(partial(bury, Outbox(broker), broker.dead_letters))

    def _with(self, letters: Callable[[Rows], None]) -> Stream:
        return Stream(self.broker.topic, self.lake, self.flow, self.windows, letters, self.clock)


def drain(feed: Feed, stream: Stream, pace: Pace) -> bool:
    goal, before, moved = feed.ends(), stream.progress(), time.monotonic()
    while left := sum(max(0, end - 1 - stream.reached(p)) for p, end in goal.items()):
        ends = feed.ends()
        received, passed = feed.poll(min(pace.rows, left), pace.seconds), feed.passed()
        if any(after - 1 > stream.reached(p) for p, after in passed.items()):
            moved = time.monotonic()
            stream.take(received, ends, passed)
            feed.confirm(passed)
        elif time.monotonic() - moved > STALL:
            raise PipelineError(f"{left} records of {stream.topic} do not come: try again")
    # What was read last may have closed windows.
    stream.take([], feed.ends())
    return stream.progress() != before


def follow(feed: Feed, stream: Stream, pace: Pace, stop: Callable[[], bool]) -> None:
    while not stop():
        # Asked for before records are taken over: what was taken over is not let go again.
        ends = _patiently(feed.ends, pace, stop)
        if ends is None:
            return
        received, passed = feed.poll(pace.rows, pace.seconds), feed.passed()
        # Done again from its start it only does what is left: the lake knows what is done.
        if _patiently(partial(_take, stream, received, ends, passed), pace, stop) and received:
            feed.confirm(passed)


def _take(stream: Stream, received: Sequence[Received], ends: Positions, passed: Positions) -> bool:
    stream.take(received, ends, passed)
    return True


def _patiently(step: Callable[[], T], pace: Pace, stop: Callable[[], bool]) -> T | None:
    """Try until the broker is back; nothing if told to stop before it is."""
    while True:
        try:
            return step()
        except AwayError as error:
            log.warning("stream: %s; it goes on when the broker is back", error)
            if stop():
                return None
            time.sleep(pace.seconds)


def _no_letters(rows: Rows) -> None:
    raise PipelineError(f"{len(rows)} dead letters need a broker")
