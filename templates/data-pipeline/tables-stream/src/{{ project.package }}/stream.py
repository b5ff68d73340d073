"""The stream: records of topics become files that land, and files become tables as all others do."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from . import pipeline, spec
from .broker import EMBEDDED, Broker, Outbox, embedded
from .errors import BusyError, PipelineError
from .feed import Decode, Feed
from .ingest import Known
from .log import Log, as_text
from .pipeline import Outcome
from .settings import Settings

STALL = 60.0  # seconds without a record, though there are some, after which a drain gives up
Say = Callable[[str], object]


def run(settings: Settings, say: Say = print) -> Outcome:
    """Reads what the topics hold now and builds what it changes; of the embedded broker, the sample."""
    sources = topics(settings)
    if sources and settings.broker_servers != EMBEDDED:
        drain(settings, sources)
    elif sources:
        _play(settings, sources, say)
    return pipeline.run(settings, say)


def _play(settings: Settings, sources: Mapping[str, spec.Source], say: Say) -> None:
    # The sample has an end, at which all partitions are idle.
    sources = {topic: replace(source, idle=0) for topic, source in sources.items()}
    with embedded() as address:
        at = replace(settings, broker_servers=address)
        number = fill(at, sources)
        if taken := drain(at, sources):
            say(f"{taken} of {number} records of the sample are read, from an embedded broker")


def topics(settings: Settings) -> dict[str, spec.Source]:
    """The sources that are topics, by the name of the topic."""
    sources = spec.load(settings.root).sources.values()
    return {source.topic: source for source in sources if source.topic}


def decoders(sources: Mapping[str, spec.Source]) -> dict[str, Decode]:
    """How the values of each topic are read."""
    return dict.fromkeys(sources, as_text)


def feed_of(settings: Settings, sources: Mapping[str, spec.Source], share: bool) -> Feed:
    logs = {topic: Log(settings.landing, source) for topic, source in sources.items()}
    return Feed(Broker.of(settings), logs, decoders(sources), share)


def drain(settings: Settings, sources: Mapping[str, spec.Source]) -> int:
    """Reads all that is there now; gives how many records that were."""
    feed = feed_of(settings, sources, share=False)
    try:
        goal, moved, written = feed.ends(), time.monotonic(), 0
        while left := _left(feed, goal):
            before = dict(feed.passed)
            written += take(feed, min(settings.batch, left), settings.seconds)
            if feed.passed != before:
                moved = time.monotonic()
            elif time.monotonic() - moved > STALL:
                raise PipelineError(f"{left} records do not come: try again")
        pass_idle(feed)
        feed.commit()
        return written
    finally:
        feed.close()


def _left(feed: Feed, goal: Mapping[tuple[str, int], int]) -> int:
    """How many records there are to the goal, as far as offsets tell."""
    number = 0
    for (topic, partition), end in goal.items():
        reached = feed.logs[topic].ends[partition].offset
        number += max(0, end - max(reached, feed.passed.get((topic, partition), 0)))
    return number


def take(feed: Feed, most: int, seconds: float) -> int:
    """Polls once and writes what came; gives how many records are new in the files."""
    found = feed.poll(most, seconds)
    return sum(
        feed.logs[topic].append(records, len(feed.partitions[topic]))
        for (topic, _), records in found.items()
    )


def pass_idle(feed: Feed) -> int:
    """Takes partitions without records to be as far as the furthest; gives how many moved."""
    moved = 0
    for topic, log in feed.logs.items():
        partitions, idle = feed.partitions[topic], log.source.idle
        quiet = [each for each in partitions if idle and log.quiet(each) >= idle]
        reached = [log.end(each).before for each in partitions if quiet]
        until = max(filter(None, reached), default=None)
        if until is None:
            continue
        ends = feed.ends()
        for each in quiet:
            if feed.caught_up((topic, each), ends):
                moved += log.pass_by(each, len(partitions), until)
    return moved


def _looked(feed: Feed, say: Say) -> int:
    try:
        return pass_idle(feed)
    except PipelineError as error:  # the broker is away, and comes back
        say(str(error))
        return 0


def follow(settings: Settings, say: Say, stop: Callable[[], bool], build: bool = True) -> int:
    """Reads as a member of the group until told to stop; what is at hand is completed."""
    if settings.broker_servers == EMBEDDED:
        raise PipelineError(
            "an embedded broker ends with its process: set broker_servers to one that stays, or "
            "start one for trying out with `broker`"
        )
    sources = topics(settings)
    if not sources:
        raise PipelineError('no source is a topic: write `kind = "topic"` and `topic` in one')
    feed, written, due, known = feed_of(settings, sources, share=True), 0, build, Known()
    idle = min((each.idle for each in sources.values() if each.idle), default=0)
    looked = time.monotonic()
    try:
        while True:
            number, moved = take(feed, settings.batch, settings.seconds), 0
            if time.monotonic() - looked > idle / 4:
                looked, moved = time.monotonic(), _looked(feed, say)
            written, due = written + number, due or (build and number + moved > 0)
            if due:
                due = not _built(settings, say, known)
            if number:
                feed.commit()
            if stop():
                return written
    finally:
        feed.close()


def _built(settings: Settings, say: Say, known: Known) -> bool:
    """Builds, unless another reader does: then it is done with the next batch."""
    try:
        outcome = pipeline.run(settings, say, known=known)
    except BusyError:
        return False
    for table in outcome.tables:
        if table.state == "made":
            say(f"{table.table}: {table.counts['accepted']} rows in {table.partitions} partitions")
    return True


def fill(settings: Settings, sources: Mapping[str, spec.Source]) -> int:
    """Sends the sample to its topics: a key, a tab and a value on each line of TOPIC*.txt."""
    outbox, number = Outbox(Broker.of(settings)), 0
    for topic in sources:
        files = sorted(settings.events.glob(f"{topic}*.txt"))
        if not files:
            raise PipelineError(f"{settings.events} has no sample: put {topic}.txt there")
        for file in files:
            number += _send(outbox, topic, file)
    outbox.deliver()
    return number


def _send(outbox: Outbox, topic: str, file: Path) -> int:
    lines = file.read_bytes().splitlines()
    for number, line in enumerate(lines, start=1):
        key, tab, value = line.partition(b"\t")
        if not tab:
            raise PipelineError(f"{file}:{number}: a key, a tab and a value are needed")
        outbox.send(topic, key, value)
    return len(lines)
