"""The topic as it is read: from where the lake has come to, in order, each record once.

The lake, not the broker, knows how far it has read: that position is written in the same commit
as the records. What is committed to the broker only shows others how far this group has come.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)
from confluent_kafka.admin import OffsetSpec

from .broker import WAIT, Broker
from .errors import AwayError, PipelineError

log = logging.getLogger(__name__)

Positions = Mapping[int, int]


@dataclass(frozen=True)
class Received:
    """A record as the broker hands it over."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None


class Feed(Protocol):
    """Where records come from, as the loop sees it."""

    def poll(self, most: int, seconds: float) -> list[Received]:
        """What has come, at most so many, waiting at most so long."""

    def ends(self) -> Positions:
        """The offset after the last record of each partition, of those of other readers too."""

    def passed(self) -> Positions:
        """The offset after all that was handed over, marks of transactions included."""

    def confirm(self, reached: Positions) -> None:
        """Tell the broker that all before these offsets is done."""

    def close(self) -> None:
        """Leave, so that others of the group take over at once."""


class Topic:
    """A feed from a broker: a member of a group, or the only reader for a while."""

    def __init__(self, broker: Broker, reached: Callable[[int], int], share: bool) -> None:
        """`reached` is the offset that the lake has read of a partition, -1 if none."""
        self.name = broker.topic
        self._reached = reached
        self._passed: dict[int, int] = {}
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
        self._partitions = self._describe(broker)
        self._check()
        if share:
            self._consumer.subscribe([self.name], on_assign=self._assigned)
        else:
            self._consumer.assign(self._from_lake(self._partitions))

    def poll(self, most: int, seconds: float) -> list[Received]:
        # One by one: `consume` takes the mark of an end for a record, and once partitions have
        # changed hands it would go on behind the record that comes next.
        until = time.monotonic() + seconds
        found: list[Received] = []
        while len(found) < most:
            message = self._consumer.poll(max(0.0, until - time.monotonic()))
            if message is None:
                break
            if received := self._received(message):
                found.append(received)
        return found

    def ends(self) -> Positions:
        return self._offsets(OffsetSpec.latest())

    def passed(self) -> Positions:
        return dict(self._passed)

    def confirm(self, reached: Positions) -> None:
        offsets = [TopicPartition(self.name, number, at) for number, at in reached.items()]
        try:
            self._consumer.commit(offsets=offsets, asynchronous=False)
        except KafkaException as error:
            # Not needed to go on: the lake knows it. A partition may just have gone elsewhere.
            log.warning("broker: progress is not shown: %s", error.args[0].str())

    def close(self) -> None:
        self._consumer.close()

    def _received(self, message: Message) -> Received | None:
        partition, offset, error = message.partition(), message.offset(), message.error()
        if error is not None and error.code() == KafkaError._PARTITION_EOF:
            self._passed[partition] = offset
            return None
        if error is not None:
            raise PipelineError(f"{self.name}/{partition}: {error.str()}")
        self._passed[partition] = offset + 1
        return Received(partition, offset, _bytes(message.key()), _bytes(message.value()))

    def _describe(self, broker: Broker) -> Sequence[int]:
        try:
            found = self._admin.list_topics(self.name, timeout=WAIT).topics[self.name]
        except KafkaException as error:
            raise AwayError(
                f"no broker answers at {broker.servers} ({error.args[0].str()}): start it, or set "
                "[broker] servers"
            ) from None
        if found.error is not None or not found.partitions:
            raise PipelineError(f"there is no topic {self.name} at {broker.servers}: create it")
        return sorted(found.partitions)

    def _offsets(self, which: OffsetSpec) -> Positions:
        asked = {TopicPartition(self.name, partition): which for partition in self._partitions}
        try:
            answers = self._admin.list_offsets(asked, request_timeout=WAIT)
            return {place.partition: told.result().offset for place, told in answers.items()}
        except KafkaException as error:
            raise AwayError(f"{self.name}: {error.args[0].str()}") from None

    def _check(self) -> None:
        begins, ends = self._offsets(OffsetSpec.earliest()), self.ends()
        for partition, end in ends.items():
            place = f"{self.name}/{partition}"
            check_place(place, self._reached(partition), begins[partition], end)

    def _assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._passed.clear()
        log.info("topic: reads %s", ", ".join(f"{p.topic}/{p.partition}" for p in partitions))
        consumer.incremental_assign(self._from_lake([p.partition for p in partitions]))

    def _from_lake(self, partitions: Sequence[int]) -> list[TopicPartition]:
        # Nothing is asked of the broker, which may be away while partitions change hands.
        reached = {p: self._reached(p) for p in partitions}
        starts = {p: OFFSET_BEGINNING if last < 0 else last + 1 for p, last in reached.items()}
        return [TopicPartition(self.name, p, start) for p, start in starts.items()]


def check_place(name: str, reached: int, begin: int, end: int) -> None:
    """Refuse to go on where records are missing, or where it is not the same topic."""
    following = reached + 1
    if 0 < following < begin:
        raise PipelineError(
            f"{name} is read up to {reached}, and begins at {begin} now: {begin - following} "
            "records were deleted before they were read. Get them from where they came from, and "
            "start with a new lake"
        )
    if following > end:
        raise PipelineError(
            f"{name} is read up to {reached}, and ends at {end}: it is another topic of the same "
            "name. Start with a new lake"
        )


def _bytes(content: str | bytes | None) -> bytes | None:
    return content.encode() if isinstance(content, str) else content
