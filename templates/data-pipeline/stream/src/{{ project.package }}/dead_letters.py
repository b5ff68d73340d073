"""Dead letters: records that could not be used, on a topic of their own, with reason and origin.

The value and the key are those of the record, so a letter can be sent again as it is. Its headers
say why it is here and where it came from: `reason`, and `origin` as topic/partition@offset. A
crash may bury a letter twice, with the same origin.
"""

import fnmatch
import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from confluent_kafka import Consumer, KafkaException, TopicPartition

from .broker import WAIT, Broker, Outbox
from .codec import Codec
from .errors import PipelineError

log = logging.getLogger(__name__)

Rows = Sequence[Mapping[str, object]]


@dataclass(frozen=True)
class Letter:
    key: bytes | None
    value: bytes
    reason: str
    origin: str


def bury(outbox: Outbox, topic: str, codec: Codec, rows: Rows) -> None:
    """Send rows that were set aside, and wait until the broker has them."""
    for row in rows:
        key = row["message_key"]
        origin = f"{row['file']}@{row['line']}"
        headers = [("reason", str(row["reason"]).encode()), ("origin", origin.encode())]
        value = codec.original(str(row["raw"]))
        outbox.send(topic, None if key is None else str(key).encode(), value, headers)
    outbox.deliver()


def replay(broker: Broker, reason: str = "*") -> Counter[str]:
    """Send letters of such a reason to their topic again; gives how many of each reason.

    Each letter is looked at once: the group `GROUP.replay` remembers how far this has come.
    """
    sent: Counter[str] = Counter()
    consumer = Consumer(broker.client(**{"group.id": f"{broker.group}.replay"}))
    try:
        outbox, seen = Outbox(broker), set[str]()
        places = _unread(consumer, broker)
        for letter in _read(consumer, places):
            if letter.origin in seen or not fnmatch.fnmatchcase(letter.reason, reason):
                continue
            seen.add(letter.origin)
            headers = [("replay-of", letter.origin.encode())]
            outbox.send(broker.topic, letter.key, letter.value, headers)
            sent[letter.reason] += 1
        outbox.deliver()
        if places:
            ends = [TopicPartition(p.topic, p.partition, end) for p, end in places]
            consumer.commit(offsets=ends, asynchronous=False)
    finally:
        consumer.close()
    return sent


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


def _read(consumer: Consumer, places: Places) -> Iterator[Letter]:
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
            yield Letter(
                message.key() and _bytes(message.key()),
                _bytes(message.value()),
                headers.get("reason", ""),
                headers.get("origin", f"{message.topic()}/{partition}@{offset}"),
            )


def _bytes(content: str | bytes | None) -> bytes:
    return content.encode() if isinstance(content, str) else content or b""
