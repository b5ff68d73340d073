"""Dead letters: records that could not be used, on a topic of their own, with reason and origin.

A letter says what was read of the record, with tokens in place of people, and nothing of one that
could not be read. Its headers say why it is here and where the record lies: `reason`, and `origin`
as topic/partition@offset. A replay sends the record itself again, from there, so what it needs is
that the topic still holds it. A crash may bury a letter twice, with the same origin.
"""

import fnmatch
import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from .broker import WAIT, Broker, Outbox
from .errors import PipelineError

log = logging.getLogger(__name__)

Rows = Sequence[Mapping[str, object]]
Place = tuple[str, int, int]  # topic, partition, offset

ORIGIN = re.compile(r"(.+)/(\d+)@(\d+)")


@dataclass(frozen=True, order=True)
class Letter:
    origin: Place
    reason: str


def bury(outbox: Outbox, topic: str, rows: Rows) -> None:
    """Send rows that were set aside, and wait until the broker has them."""
    for row in rows:
        key = row["message_key"]
        origin = f"{row['file']}@{row['line']}"
        headers = [("reason", str(row["reason"]).encode()), ("origin", origin.encode())]
        outbox.send(
            topic, None if key is None else str(key).encode(), str(row["raw"]).encode(), headers
        )
    outbox.deliver()


def replay(broker: Broker, reason: str = "*") -> Counter[str]:
    """Send the records of such letters to their topic again; gives how many of each reason.

    Each letter is looked at once: the group `GROUP.replay` remembers how far this has come.
    """
    sent: Counter[str] = Counter()
    group = {"group.id": f"{broker.group}.replay", "enable.auto.commit": False}
    consumer = broker.consumer(**group)
    try:
        places = _unread(consumer, broker)
        letters = _chosen(_read(consumer, places, broker), reason)
        outbox, gone = Outbox(broker), 0
        for letter, record in _records(broker, letters):
            if record is None:
                gone += 1
                continue
            key, (topic, partition, offset) = record.key(), letter.origin
            headers = [("replay-of", f"{topic}/{partition}@{offset}".encode())]
            outbox.send(broker.topic, key and _bytes(key), _bytes(record.value()), headers)
            sent[letter.reason] += 1
        outbox.deliver()
        if gone:
            log.warning("replay: %d records are not on the topic any more", gone)
        if places:
            ends = [TopicPartition(p.topic, p.partition, end) for p, end in places]
            consumer.commit(offsets=ends, asynchronous=False)
    finally:
        consumer.close()
    return sent


def _chosen(letters: Iterable[Letter], reason: str) -> list[Letter]:
    """Letters of such a reason, one for each record, in the order of the records."""
    found = (letter for letter in letters if fnmatch.fnmatchcase(letter.reason, reason))
    return sorted({letter.origin: letter for letter in found}.values())


Places = Sequence[tuple[TopicPartition, int]]  # from where, and to where


def _unread(consumer: Consumer, broker: Broker) -> Places:
    topic = broker.dead_letters
    try:
        partitions = consumer.list_topics(topic, timeout=WAIT).topics[topic].partitions
        asked = [TopicPartition(topic, partition) for partition in sorted(partitions)]
        places = []
        for committed in consumer.committed(asked, timeout=WAIT):
            low, high = consumer.get_watermark_offsets(committed, timeout=WAIT)
            start = max(low, committed.offset)  # no offset is a negative one
            if start < high:
                places.append((TopicPartition(topic, committed.partition, start), high))
    except KafkaException as error:
        raise PipelineError(f"{topic} cannot be read: {error.args[0].str()}") from None
    return places


def _read(consumer: Consumer, places: Places, broker: Broker) -> Iterator[Letter]:
    consumer.assign([place for place, _ in places])
    left = {place.partition: end for place, end in places}
    unread = sum(end - place.offset for place, end in places)
    while left:
        messages = consumer.consume(min(1000, unread), WAIT)
        unread -= len(messages)
        if not messages:
            raise PipelineError("the broker gave no dead letters, though there are some: try again")
        for message in messages:
            if (error := message.error()) is not None:
                raise PipelineError(f"dead letters: {error.str()}")
            partition, offset = message.partition(), message.offset()
            if partition is None or offset is None or partition not in left:
                continue
            if offset + 1 >= left[partition]:
                del left[partition]
            headers = {name: _bytes(value).decode() for name, value in message.headers() or []}
            place = (broker.dead_letters, partition, offset)
            origin = _origin(headers.get("origin", ""), broker) or place
            yield Letter(origin, headers.get("reason", ""))


def _origin(text: str, broker: Broker) -> Place | None:
    """Where the record of a letter lies; a letter of others that does not say so is the record."""
    found = ORIGIN.fullmatch(text)
    if found is None or found[1] not in (broker.topic, broker.dead_letters):
        return None
    return found[1], int(found[2]), int(found[3])


def _records(broker: Broker, letters: Sequence[Letter]) -> Iterator[tuple[Letter, Message | None]]:
    """Each letter with the record that it was, none if the broker does not hold it any more."""
    group = {"group.id": f"{broker.group}.replay", "enable.auto.commit": False}
    ends = {"enable.partition.eof": True, "auto.offset.reset": "error"}
    consumer = broker.consumer(**group, **ends)
    try:
        for letter in letters:
            place = TopicPartition(*letter.origin)
            low, high = consumer.get_watermark_offsets(place, timeout=WAIT)
            if low <= place.offset < high:
                consumer.assign([place])
                yield letter, _exactly(place, consumer.consume(1, WAIT))
            else:
                yield letter, None
    except KafkaException as error:
        raise PipelineError(f"{broker.topic} cannot be read: {error.args[0].str()}") from None
    finally:
        consumer.close()


def _exactly(place: TopicPartition, messages: Sequence[Message]) -> Message | None:
    if not messages:
        raise PipelineError(f"the broker gave no record of {place.topic}: try again")
    (message,) = messages
    error = message.error()
    if error is not None and error.code() != KafkaError._PARTITION_EOF:
        raise PipelineError(f"{place.topic}/{place.partition}: {error.str()}")
    # Compaction may have left another one at the next offset.
    return message if error is None and message.offset() == place.offset else None


def _bytes(content: str | bytes | None) -> bytes:
    return content.encode() if isinstance(content, str) else content or b""
