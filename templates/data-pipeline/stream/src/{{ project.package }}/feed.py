"""Topics as they are read: from where their files end, in order, by a member of a group or alone.

The files know how far a partition is read. What is committed to the broker only shows others how
far this group has come.
"""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from confluent_kafka import (
    OFFSET_BEGINNING,
    TIMESTAMP_NOT_AVAILABLE,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, OffsetSpec

from .broker import WAIT, Broker
from .errors import PipelineError
from .log import Log, Record

Place = tuple[str, int]  # a topic and one of its partitions
Decode = Callable[[bytes | None], tuple[str, str]]  # a value as text, and the problem with it


class Feed:
    """The records of some topics."""

    def __init__(
        self, broker: Broker, logs: Mapping[str, Log], decode: Mapping[str, Decode], share: bool
    ) -> None:
        self.logs, self.decode = logs, decode
        self.passed: dict[Place, int] = {}  # the offset behind all that was handed over
        # Asks by a connection of its own: that of a reader waits for records.
        self._admin = broker.admin()
        self._consumer = broker.consumer(
            **{
                "group.id": broker.group,
                "enable.auto.commit": False,
                "auto.offset.reset": "error",
                # The end is told, as it may lie behind the last record.
                "enable.partition.eof": True,
                "partition.assignment.strategy": "cooperative-sticky",
                "session.timeout.ms": 10_000,
            }
        )
        self.partitions = {topic: partitions_of(broker, self._admin, topic) for topic in logs}
        self._check()
        if share:
            self._consumer.subscribe(list(logs), on_assign=self._assigned)
        else:
            self._consumer.assign(self._starts(list(self.ends())))

    def poll(self, most: int, seconds: float) -> dict[Place, list[Record]]:
        """What has come, at most so many, waiting at most so long."""
        # One by one: `consume` takes the mark of an end for a record, and once partitions have
        # changed hands it would go on behind the record that comes next.
        until = time.monotonic() + seconds
        found: dict[Place, list[Record]] = {}
        number = 0
        while number < most:
            message = self._consumer.poll(max(0.0, until - time.monotonic()))
            # A message is false where its value is empty.
            if message is None:
                break
            if record := self._record(message):
                found.setdefault((str(message.topic()), record.partition), []).append(record)
                number += 1
        return found

    def ends(self) -> dict[Place, int]:
        """The offset behind the last record of each partition, of those of other readers too."""
        return offsets(self._admin, self._places(), OffsetSpec.latest())

    def _places(self) -> list[Place]:
        return [(topic, p) for topic, numbers in self.partitions.items() for p in numbers]

    def caught_up(self, place: Place, ends: Mapping[Place, int]) -> bool:
        """Whether the files hold all that the broker has of a partition."""
        topic, partition = place
        # The end lies behind the last record where that was deleted or is the mark of a transaction.
        reached = max(self.logs[topic].ends[partition].offset, self.passed.get(place, 0))
        return reached >= ends[place]

    def commit(self) -> None:
        """Shows others how far this one has come."""
        offsets = [TopicPartition(*place, offset) for place, offset in self.passed.items()]
        try:
            if offsets:
                self._consumer.commit(offsets=offsets, asynchronous=False)
        except KafkaException as error:
            # Not needed to go on: the files know it. A partition may just have gone elsewhere.
            _say(f"broker: progress is not shown: {error.args[0].str()}")

    def close(self) -> None:
        """Leaves, so that others of the group take over at once."""
        self._consumer.close()

    def _record(self, message: Message) -> Record | None:
        topic, partition = str(message.topic()), message.partition()
        if is_end(message):
            self.passed[topic, partition] = message.offset()
        if message.error() is not None:
            return None
        self.passed[topic, partition] = message.offset() + 1
        kind, sent = message.timestamp()
        known = kind != TIMESTAMP_NOT_AVAILABLE
        value, problem = self.decode[topic](as_bytes(message.value()))
        replayed = [of for header, of in message.headers() or [] if header == "replay-of"]
        return Record(
            partition,
            message.offset(),
            datetime.fromtimestamp(sent / 1000, UTC) if known else datetime.now(UTC),
            _text(message.key()),
            value,
            problem,
            _text(replayed[0]) if replayed else "",
        )

    def _check(self) -> None:
        begins = offsets(self._admin, self._places(), OffsetSpec.earliest())
        ends = self.ends()
        for (topic, partition), end in ends.items():
            reached = self.logs[topic].end(partition).offset
            check_place(f"{topic}/{partition}", reached, begins[topic, partition], end)

    def _assigned(self, consumer: object, partitions: list[TopicPartition]) -> None:
        _say(f"reads {', '.join(f'{p.topic}/{p.partition}' for p in partitions) or 'nothing yet'}")
        self.passed.clear()
        places = [(place.topic, place.partition) for place in partitions]
        self._consumer.incremental_assign(self._starts(places))

    def _starts(self, places: Sequence[Place]) -> list[TopicPartition]:
        # Nothing is asked of the broker, which may be away while partitions change hands.
        found = [(topic, p, self.logs[topic].end(p).offset) for topic, p in places]
        return [TopicPartition(topic, p, at or OFFSET_BEGINNING) for topic, p, at in found]


# The client tries again by itself.
PASSING = (
    KafkaError._ALL_BROKERS_DOWN,
    KafkaError._TRANSPORT,
    KafkaError._TIMED_OUT,
    KafkaError._RESOLVE,
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError._UNKNOWN_TOPIC,
    KafkaError._UNKNOWN_PARTITION,
    # What was built took longer than five minutes: others had the partitions meanwhile.
    KafkaError._MAX_POLL_EXCEEDED,
)


def is_end(message: Message) -> bool:
    """Whether a message is the mark of an end; an error that is over by itself is told."""
    error = message.error()
    if error is None or error.code() == KafkaError._PARTITION_EOF:
        return error is not None
    if not error.retriable() and error.code() not in PASSING:
        raise PipelineError(f"{message.topic()}/{message.partition()}: {error.str()}")
    _say(f"broker: {error.str()}; it goes on when that is over")
    return False


def partitions_of(broker: Broker, admin: AdminClient, topic: str) -> Sequence[int]:
    """The partitions of a topic, which must be there."""
    try:
        found = admin.list_topics(topic, timeout=WAIT).topics[topic]
    except KafkaException as error:
        raise PipelineError(
            f"no broker answers at {broker.servers} ({error.args[0].str()}): start it, or set "
            "broker_servers in pipeline.toml"
        ) from None
    if found.error is not None or not found.partitions:
        raise PipelineError(f"there is no topic {topic} at {broker.servers}: create it")
    return sorted(found.partitions)


def offsets(admin: AdminClient, places: Sequence[Place], which: OffsetSpec) -> dict[Place, int]:
    """Where partitions begin or end."""
    asked = {TopicPartition(*place): which for place in places}
    try:
        answers = admin.list_offsets(asked, request_timeout=WAIT)
        return {(at.topic, at.partition): told.result().offset for at, told in answers.items()}
    except KafkaException as error:
        raise PipelineError(f"the broker does not answer: {error.args[0].str()}") from None


def check_place(name: str, reached: int, begin: int, end: int) -> None:
    """Refuses to go on where records are missing, or where it is not the same topic."""
    if 0 < reached < begin:
        raise PipelineError(
            f"{name} is read up to {reached}, and begins at {begin} now: {begin - reached} "
            "records were deleted before they were read. Get them from where they came from, and "
            "start with a new landing folder and warehouse"
        )
    if reached > end:
        raise PipelineError(
            f"{name} is read up to {reached}, and ends at {end}: it is another topic of the same "
            "name. Start with a new landing folder and warehouse"
        )


def as_bytes(content: str | bytes | None) -> bytes | None:
    """What the client may give as text."""
    return content.encode() if isinstance(content, str) else content


def _text(content: str | bytes | None) -> str:
    text = (as_bytes(content) or b"").decode("utf-8", "backslashreplace")
    if text.isprintable():
        return text
    return text.replace("\0", "\\0").replace("\r", " ").replace("\n", " ")


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)
