"""Sends rejected records to their topic once more, with the header `replay-of`: none is late then.

What is sent is the record as the log has it, to the partition that it came from. Which ones were sent
is noted in the warehouse. A process that dies before that leaves where the topic ended when it began:
what follows there tells the next one what was sent.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from confluent_kafka import KafkaError, Message, TopicPartition
from confluent_kafka.admin import OffsetSpec

from . import spec
from .broker import WAIT, Broker, Outbox
from .errors import PipelineError, counted, did_you_mean
from .feed import Place, offsets, partitions_of, passes
from .log import LONGEST, NO_RECORD
from .settings import Settings
from .spec import Source
from .store import Store, among

HEADER = "replay-of"
TABLES = """
create table if not exists meta.replayed (origin varchar, sent_at timestamptz default now());
create table if not exists meta.replaying (topic varchar, partition integer, since bigint);
"""


class Rejected(NamedTuple):
    """A record of a topic that a table has rejected."""

    topic: str
    partition: int
    offset: int
    key: str
    value: str

    @property
    def origin(self) -> str:
        return f"{self.topic}/{self.partition}@{self.offset}"


def replay(settings: Settings, table: str, like: str = "*") -> str:
    """Sends the records of which each reason is `like` this; says how many these were."""
    broker, sources = Broker.of(settings), _topics_of(settings, table)
    with Store.open(settings) as store:
        store.sql(TABLES)
        _recall(store, broker)
        number, found = 0, list[Rejected]()
        for source in sources:
            for file, rows in _rejected(store, table, source, like).items():
                number += len(rows)
                found += _records(settings, store, source, file, rows)
        origins = among(record.origin for record in found)
        query = f"select origin from meta.replayed where origin in {origins}"
        before = {row[0] for row in store.sql(query)}
        due = [record for record in found if record.origin not in before]
        if due:
            _send(store, broker, due)
    told = [f"{counted(len(due), 'record')} sent again"]
    if before:
        told.append(f"{len(before)} were before")
    if others := number - len(found):
        told.append(f"{others} are no text, or were sent again themselves")
    return ", ".join(told)


def _topics_of(settings: Settings, table: str) -> list[Source]:
    """The topics that a table is loaded from."""
    project = spec.load(settings.root)
    topics = {f"bronze.{each.name}": each for each in project.sources.values() if each.topic}
    loaded = {
        each.name: [topics[name] for name in each.reads if name in topics]
        for each in project.tables.values()
    }
    able = [name for name, sources in loaded.items() if sources]
    if table not in able:
        raise PipelineError(f"{table} is not loaded from a topic; {did_you_mean(table, able)}")
    return loaded[table]


def _rejected(store: Store, table: str, source: Source, like: str) -> Mapping[str, dict[int, str]]:
    """Rejected rows by file: the number of each, and what it is."""
    found = defaultdict[str, dict[int, str]](dict)
    for file, row, reasons, record in store.sql(
        "select file, row, reasons, record from meta.rejected where table_name = ? and source = ? "
        "order by file, row",
        table,
        source.name,
    ):
        if all(fnmatchcase(reason, like) for reason in reasons):
            found[file][row] = record
    return found


def _records(
    settings: Settings, store: Store, source: Source, file: str, rows: Mapping[int, str]
) -> Iterator[Rejected]:
    """What can be sent again as it came, and was not sent again itself."""
    query = "select path from meta.files where source = ? and name = ?"
    csv.field_size_limit(4 * LONGEST)
    for (path,) in store.sql(query, source.name, file):
        with (settings.archive / path).open(encoding="utf-8", newline="") as stream:
            every = csv.DictReader(stream)
            lines = (row for row in every if not row["problem"].startswith(NO_RECORD))
            for number, row in enumerate(lines, start=1):
                whole = row["value"] == rows.get(number) and not row["problem"]
                if whole and not row["replay_of"]:
                    place = (source.topic, int(row["partition"]), int(row["offset"]))
                    yield Rejected(*place, row["key"], row["value"])


def _send(store: Store, broker: Broker, records: Sequence[Rejected]) -> None:
    admin, topics = broker.admin(), sorted({record.topic for record in records})
    places = [(topic, p) for topic in topics for p in partitions_of(broker, admin, topic)]
    ends = offsets(admin, places, OffsetSpec.latest())
    store.insert("meta.replaying", [(*place, end) for place, end in ends.items()])
    outbox = Outbox(broker)
    for record in records:
        headers = [(HEADER, record.origin.encode())]
        key, value = record.key.encode() or None, record.value.encode()
        outbox.send(record.topic, key, value, headers, record.partition)
    outbox.deliver()
    _note(store, [record.origin for record in records])


def _note(store: Store, origins: Sequence[str]) -> None:
    with store.transaction():
        store.insert("meta.replayed", [(origin,) for origin in origins])
        store.sql("delete from meta.replaying")


def _recall(store: Store, broker: Broker) -> None:
    """Notes what a process had sent that ended before it noted it."""
    starts = store.sql("select topic, partition, min(since) from meta.replaying group by all")
    if starts:
        _note(store, sorted(_sent_since(broker, {(t, p): since for t, p, since in starts})))


def _sent_since(broker: Broker, starts: Mapping[Place, int]) -> set[str]:
    group = {"group.id": f"{broker.group}.replay", "enable.auto.commit": False}
    ends = {"enable.partition.eof": True, "auto.offset.reset": "earliest"}
    consumer, left, found = broker.consumer(**group, **ends), set(starts), set[str]()
    try:
        consumer.assign([TopicPartition(*place, since) for place, since in starts.items()])
        while left:
            message = consumer.poll(WAIT)
            if message is None:
                raise PipelineError("the broker does not tell what was sent again: try again")
            if _is_end(message):
                left.discard((str(message.topic()), message.partition()))
            found.update(_origins(message))
        return found
    finally:
        consumer.close()


def _is_end(message: Message) -> bool:
    error = message.error()
    if error is None or error.code() == KafkaError._PARTITION_EOF:
        return error is not None
    if not passes(error):
        raise PipelineError(f"{message.topic()}/{message.partition()}: {error.str()}")
    return False


def _origins(message: Message) -> list[str]:
    headers = message.headers() or [] if message.error() is None else []
    return [_text(value) for name, value in headers if name == HEADER]


def _text(value: str | bytes | None) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value or ""
