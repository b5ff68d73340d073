"""Requests on a control topic: what is to be done beside reading, each request once.

Whoever may write to the topic starts the work: a person by `ask`, a producer after it has put its
records right, a monitor that finds too many small files. A request is a JSON object such as
{"do": "replay", "reason": "not valid*"}. Its offset is noted in the lake once it is done; a process
that dies before that does it again, and doing it twice comes to the same.
"""

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace

from . import audit
from .broker import WAIT, Broker, Outbox
from .dead_letters import replay
from .errors import AwayError, PipelineError
from .stream import Stream
from .topic import Feed, Received, Topic

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Control:
    """The table `[control]` of the settings."""

    topic: str


@dataclass(frozen=True)
class Request:
    do: str
    reason: str = "*"  # of the letters to replay

    def __post_init__(self) -> None:
        if self.do not in WORK:
            known = ", ".join(sorted(WORK))
            raise PipelineError(f"`{self.do}` cannot be asked for; {known} can")


def _replay(request: Request, stream: Stream, broker: Broker) -> str:
    return f"{sum(replay(broker, request.reason).values())} letters sent again"


def _rebuild(request: Request, stream: Stream, broker: Broker) -> str:
    stream.rebuild()
    return "all tables made anew"


def _compact(request: Request, stream: Stream, broker: Broker) -> str:
    return f"{stream.compact()} files fewer"


WORK: Mapping[str, Callable[[Request, Stream, Broker], str]] = {
    "replay": _replay,
    "rebuild": _rebuild,
    "compact": _compact,
}


@dataclass(frozen=True)
class Desk:
    """Where requests are attended to, between two batches."""

    control: Control
    stream: Stream
    broker: Broker
    feed: Feed

    def finish(self) -> None:
        """Serve all that is asked for by now."""
        ends, until = self.feed.ends(), time.monotonic() + WAIT
        while any(self.stream.noted(self._place(p)) + 1 < end for p, end in ends.items()):
            if time.monotonic() > until:
                raise AwayError(f"the requests on {self.control.topic} do not come: try again")
            self.attend(0.2)

    def attend(self, seconds: float = 0.0) -> None:
        for received in self.feed.poll(100, seconds):
            place = self._place(received.partition)
            if received.offset > self.stream.noted(place):
                self._serve(place, received)
                self.stream.note(place, received.offset)
        if passed := self.feed.passed():
            self.feed.confirm(passed)

    def close(self) -> None:
        self.feed.close()

    def _place(self, partition: int) -> str:
        return f"{self.control.topic}/{partition}"

    def _serve(self, place: str, received: Received) -> None:
        name = f"control: {place}@{received.offset}"
        try:
            request = read(received.value)
            log.info("%s asks for %s", name, request.do)
            told = WORK[request.do](request, self.stream, self.broker)
        except PipelineError as error:
            # A request that cannot be served is told and over: the records go on.
            log.error("%s: %s", name, error)
            self._note(place, received, 1)
        else:
            log.info("%s: %s", name, told)
            self._note(place, received, 0)

    def _note(self, place: str, received: Received, status: int) -> None:
        asked = (received.value or b"").decode("utf-8", "backslashreplace")
        audit.add(self.stream.lake.state, f"{place}@{received.offset}", [asked], status)


def read(value: bytes | None) -> Request:
    try:
        return Request(**json.loads(value or b""))
    except (ValueError, TypeError):
        raise PipelineError(
            'a request is a JSON object such as {"do": "replay", "reason": "not valid*"}'
        ) from None


def open_desk(control: Control, stream: Stream, broker: Broker, share: bool) -> Desk:
    """One member of the group attends to requests, whoever is at work."""
    place = replace(broker, topic=control.topic, group=f"{broker.group}.control")
    feed = Topic(place, lambda p: stream.noted(f"{control.topic}/{p}"), share)
    return Desk(control, stream, broker, feed)


def ask(control: Control, broker: Broker, request: Request) -> None:
    outbox = Outbox(broker)
    outbox.send(control.topic, request.do.encode(), json.dumps(asdict(request)).encode())
    outbox.deliver()
