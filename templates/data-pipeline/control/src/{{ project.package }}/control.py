"""Requests on the control topic: what is to be done beside reading, each of them once.

Whoever may write to the topic starts the work: a person by `ask`, a producer, a monitor. A request is
a JSON object such as {"do": "rebuild", "table": "gold.orders_hour"}. What became of it is a row of
`meta.requests`, by its place and time on the topic: a redelivery serves nothing, and a process that
dies before that row is complete leaves the request to the next one.
"""

import json
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb
from confluent_kafka import KafkaException, Message, TopicPartition

from . import pipeline, spec
from .broker import EMBEDDED, WAIT, Broker, Outbox
from .compact import compact
from .errors import BusyError, PipelineError, did_you_mean
from .feed import as_bytes, is_end, partitions_of
from .replay import replay
from .settings import Settings
from .store import Store

LONGEST = 10_000  # bytes of a request,
WORDS = 200  # and characters of one of its values
AT_ONCE = 100  # requests that wait in a process
TRIES = 3  # processes that may die while they serve a request, before it is passed over
EXAMPLE = 'a request is a JSON object such as {"do": "rebuild", "table": "gold.orders_hour"}'
KEY = b"request"  # one for all, so that all are on one partition, in their order
REQUESTS = """
create table if not exists meta.requests (
    place varchar, sent timestamptz, request varchar, tries integer, status varchar,
    outcome varchar, ended_at timestamptz)
"""
Say = Callable[[str], object]
Request = Mapping[str, str]


@dataclass(frozen=True)
class Work:
    """Something that can be asked for."""

    do: Callable[[Settings, Request, Say], str]  # gives what came of it
    takes: Sequence[str]  # the words of a request beside `do`


def _rebuild(settings: Settings, request: Request, say: Say) -> str:
    tables = [request["table"]] if "table" in request else []
    outcome = pipeline.backfill(settings, say, tables, request.get("from"), request.get("to"))
    asked = [built for built in outcome.tables if not tables or built.table in tables]
    if held := [built.table for built in asked if built.state in ("held", "waiting")]:
        # Why was told, and is noted with the run: it may name rows.
        raise PipelineError(f"held back: {', '.join(held)}; `meta.runs` has the reasons")
    made = [built.table for built in outcome.tables if built.state == "made"]
    return f"made {', '.join(made) or 'nothing'}"


def _replay(settings: Settings, request: Request, _say: Say) -> str:
    return replay(settings, request["table"], request.get("reason", "*"))


def _compact(settings: Settings, _request: Request, say: Say) -> str:
    return compact(settings, say)


WORK = {
    "compact": Work(_compact, ()),
    "rebuild": Work(_rebuild, ("table", "from", "to")),
    "replay": Work(_replay, ("table", "reason")),
}
NEEDED = {"replay": "table"}


def checked(given: object) -> Request:
    """A request as it may be written; else an error says what is wrong with it."""
    if not isinstance(given, dict):
        raise PipelineError(EXAMPLE)
    for each in (*given, *given.values()):
        if not isinstance(each, str) or len(each) > WORDS or not each.isprintable():
            raise PipelineError(f"all of a request are texts of at most {WORDS} characters")
    if "do" not in given:
        raise PipelineError(EXAMPLE)
    do = given["do"]
    if do not in WORK:
        raise PipelineError(f"`{do}` cannot be asked for; {_choice(do, WORK)}")
    for word in given:
        if word not in ("do", *WORK[do].takes):
            raise PipelineError(f"{do} takes no `{word}`; {_choice(word, WORK[do].takes)}")
    if do in NEEDED and NEEDED[do] not in given:
        raise PipelineError(f"{do} needs a `{NEEDED[do]}`")
    return given


def _choice(word: str, allowed: Sequence[str] | Mapping[str, object]) -> str:
    """The nearest word that is allowed, and all of them."""
    every = f"allowed: {', '.join(sorted(allowed)) or 'nothing'}"
    nearest = did_you_mean(word, allowed)
    return every if nearest == every else f"{nearest} {every}"


def read(value: bytes | None) -> Request:
    """What was asked for; nothing of a value that is no request is repeated, as it may be anything."""
    if len(value or b"") > LONGEST:
        raise PipelineError(f"a request has at most {LONGEST} bytes")
    try:
        given = json.loads(value or b"")
    except (ValueError, RecursionError):
        raise PipelineError(EXAMPLE) from None
    return checked(given)


@dataclass(frozen=True)
class Received:
    """A request as the broker hands it over."""

    topic: str
    partition: int
    offset: int
    sent: datetime  # tells it from that of another topic of this name
    value: bytes | None

    @property
    def place(self) -> str:
        return f"{self.topic}/{self.partition}@{self.offset}"


def serve(settings: Settings, received: Received, say: Say) -> None:
    """Does what is asked for, unless that was done; an error while another process has the warehouse."""
    # It stays open until the outcome is noted: no other process serves the same meanwhile.
    with Store.open(settings) as store:
        store.sql(REQUESTS)
        this = (received.place, received.sent.isoformat())
        where = "place = ? and sent = ?::timestamptz"
        noted = store.sql(f"select tries, status from meta.requests where {where}", *this)
        tries, status = noted[0] if noted else (0, "begun")
        if status != "begun":
            return
        if not noted:
            values = "(?, ?, '', 0, 'begun', '', null)"
            store.sql(f"insert into meta.requests values {values}", *this)
        store.sql(f"update meta.requests set tries = tries + 1 where {where}", *this)
        request: Request = {}
        try:
            request = read(received.value)
            if tries >= TRIES:
                raise PipelineError(f"{TRIES} processes died while they served it")
            say(f"{received.place} asks for {_shown(request)}")
            status, outcome = "done", WORK[request["do"]].do(settings, request, say)
        except (PipelineError, duckdb.Error, OSError) as error:
            # Told and over: the records go on.
            status, outcome = "failed", str(error).partition("\n")[0]
        values = "request = ?, status = ?, outcome = ?, ended_at = now()"
        end = (json.dumps(request) if request else "", status, outcome)
        store.sql(f"update meta.requests set {values} where {where}", *end, *this)
    say(f"{received.place} {'failed' if status == 'failed' else 'is done'}: {outcome}")


def _shown(request: Request) -> str:
    words = request.items()
    return " ".join(of if word in ("do", "table") else f"{word} {of}" for word, of in words)


def ask(settings: Settings, request: Request) -> None:
    """Puts a request on the topic, if it can be served."""
    checked(request)
    tables, broker = spec.load(settings.root).tables, Broker.of(settings)
    if "table" in request and request["table"] not in tables:
        table = request["table"]
        raise PipelineError(f"there is no table {table}; {_choice(table, tables)}")
    if broker.servers == EMBEDDED:
        raise PipelineError("nobody reads an embedded broker: set broker_servers to one that stays")
    partitions_of(broker, broker.admin(), settings.control_topic)
    outbox = Outbox(broker)
    outbox.send(settings.control_topic, KEY, json.dumps(request).encode())
    outbox.deliver()


class Desk:
    """Where requests are attended to: by one member of the group, between two batches."""

    def __init__(self, settings: Settings, say: Say, share: bool) -> None:
        self.settings, self.say, self.waiting = settings, say, deque[Received]()
        broker, topic = Broker.of(settings), settings.control_topic
        self._unread = set(partitions_of(broker, broker.admin(), topic))
        self._consumer = broker.consumer(
            **{
                "group.id": f"{broker.group}.control",
                "enable.auto.commit": False,
                # Where nothing is committed, or not any more, all is looked at: `serve` knows what was done.
                "auto.offset.reset": "earliest",
                "enable.partition.eof": True,
                "session.timeout.ms": 10_000,
            }
        )
        if share:
            # Who gets a partition is handed what is not committed: nothing must wait twice.
            self._consumer.subscribe([topic], on_revoke=lambda *_: self.waiting.clear())
        else:
            places = [TopicPartition(topic, partition) for partition in self._unread]
            self._consumer.assign(places)

    def attend(self) -> bool:
        """Serves what has come; it waits while another process uses the warehouse."""
        self._poll(0.0)
        served = False
        while self.waiting:
            try:
                serve(self.settings, self.waiting[0], self.say)
            except BusyError:
                break
            self._commit(self.waiting.popleft())
            served = True
        return served

    def wait(self) -> bool:
        """Waits for what is asked for by now, so much at once; whether there is something."""
        until = time.monotonic() + WAIT
        while self._unread and len(self.waiting) < AT_ONCE:
            if time.monotonic() > until:
                topic = self.settings.control_topic
                raise PipelineError(f"what is on {topic} does not come: try again")
            self._poll(0.2)
        return bool(self.waiting)

    def close(self) -> None:
        """Leaves, so that another one of the group takes over at once."""
        self._consumer.close()

    def _poll(self, seconds: float) -> None:
        while len(self.waiting) < AT_ONCE:
            # A message is false where its value is empty.
            if (message := self._consumer.poll(seconds)) is None:
                return
            self._take(message)

    def _take(self, message: Message) -> None:
        topic, partition = str(message.topic()), message.partition()
        if is_end(message):
            self._unread.discard(partition)
        elif message.error() is None:
            sent = datetime.fromtimestamp(message.timestamp()[1] / 1000, UTC)
            at = (topic, partition, message.offset(), sent, as_bytes(message.value()))
            self.waiting.append(Received(*at))

    def _commit(self, done: Received) -> None:
        at = TopicPartition(done.topic, done.partition, done.offset + 1)
        try:
            self._consumer.commit(offsets=[at], asynchronous=False)
        except KafkaException as error:
            # Not needed: what is handed over again is known to be done.
            print(f"broker: {error.args[0].str()}", file=sys.stderr, flush=True)
