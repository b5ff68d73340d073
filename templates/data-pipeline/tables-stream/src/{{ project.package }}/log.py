"""Files of the records of a topic: each begins where the one before ends, and its name is the fence.

A file is written hidden and then linked to `TOPIC-PARTITION-OFFSET.csv`, which fails where the name
exists. So of two readers of one partition, such as one that was taken for dead, the second finds the
file of the first and writes only what follows it: no record is there twice, and none is left out.

That a partition is idle, and how far it is taken to be since, is such a file too, without a record.
Whoever reads the partition then goes on behind it: `TOPIC-PARTITION-OFFSET_0001.csv`.

Files that are some hours old may have been joined into one, `spans.py` says how that is called. Their
names are free again, and only a reader that stood still for that long could take one: it looks.
"""

import csv
import json
import os
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from .errors import PipelineError
from .spans import JOINED_AFTER, covered
from .spec import Source

COLUMNS = (
    *("partition", "partitions", "offset", "sent", "before"),
    *("replay_of", "problem", "key", "value"),
)
AHEAD = timedelta(minutes=10)  # an event that is further ahead of its broker's clock moves nothing
NO_RECORD = "no record: "  # how the problem of a line begins that holds none
IDLE = f"{NO_RECORD}the partition is idle"
MARKS = ("topic", "partition", "partitions", "seen")  # columns of the folder IDLE_FILES
IDLE_FILES = "idle"
LONGEST = 1_000_000  # bytes of a value; a line of more is more than DuckDB reads
LEFT_BEHIND = 86_400  # seconds after which a hidden file is one of a process that died


class Record(NamedTuple):
    """One record, as a broker hands it over; its value as text, or the problem with it."""

    partition: int
    offset: int
    sent: datetime
    key: str
    value: str
    problem: str = ""
    replay_of: str = ""


@dataclass(frozen=True)
class End:
    """Where the files of a partition end: the next offset, and the latest event time until there."""

    offset: int = 0
    before: datetime | None = None
    marks: int = 0  # files at this offset that only say that the partition is idle
    idle: bool = False  # whether the last file is one of these


class Clock:
    """How far the events of a source have come, by the field that holds their time."""

    def __init__(self, source: Source) -> None:
        self.path = source.event_time.split(".")
        self.zone = ZoneInfo(source.zone)

    def latest(self, before: datetime | None, value: str, sent: datetime) -> datetime | None:
        """The latest event time behind a record, from that in front of it."""
        moment = self._event_time(value)
        if moment is None or moment > sent + AHEAD:
            return before
        return moment if before is None or moment > before else before

    def _event_time(self, value: str) -> datetime | None:
        try:
            found = json.loads(value)
            for name in self.path:
                found = found[name]
            moment = datetime.fromisoformat(found)
        except (ValueError, KeyError, TypeError, IndexError):
            return None
        if moment.tzinfo is UTC:
            return moment
        return (moment if moment.tzinfo else moment.replace(tzinfo=self.zone)).astimezone(UTC)


class Log:
    """The files of one topic, in the folder of its source."""

    def __init__(self, landing: Path, source: Source) -> None:
        self.source = source
        self.folder = landing / Path(source.files).parent
        self.idle = landing / IDLE_FILES
        self.clock = Clock(source)
        self.ends: dict[int, End] = {}
        self.looked: dict[int, float] = {}  # when these were known to be the ends
        self.folder.mkdir(parents=True, exist_ok=True)
        for left in self.folder.glob(".*.part"):
            if time.time() - left.stat().st_mtime > LEFT_BEHIND:
                left.unlink(missing_ok=True)

    def end(self, partition: int) -> End:
        """Looks up where the files of a partition end now."""
        self.looked[partition] = time.time()
        self.ends[partition] = self._last(partition)
        return self.ends[partition]

    def append(self, records: Sequence[Record], partitions: int) -> int:
        """Writes records of one partition, those that no file has yet; gives how many these were."""
        partition = records[0].partition
        end = self.ends.get(partition) or self.end(partition)
        while rest := [record for record in records if record.offset >= end.offset]:
            rows, after = self._rows(rest, end, partitions)
            if self._write(partition, end, rows):
                self.ends[partition], self.looked[partition] = after, time.time()
                return len(rest)
            end = self.end(partition)
        return 0

    def quiet(self, partition: int) -> float:
        """The seconds since a file of a partition was written or, without one, of the topic."""
        path = self._newest(partition) or min(self.folder.glob("*.csv"), default=None)
        try:
            return time.time() - path.stat().st_mtime if path else 0.0
        except FileNotFoundError:  # the oldest of the topic is joined with others just now
            return 0.0

    def pass_by(self, partition: int, partitions: int, until: datetime) -> bool:
        """Notes that a partition without new records is taken to be as far as `until`.

        It is a step in the order of its records: those that come later are late before `until`.
        """
        end = self.end(partition)
        if _step(until) > _step(end.before):
            now = datetime.now(UTC).isoformat()
            line = f"{partition},{partitions},{end.offset},{now},{until.isoformat()},,{IDLE},,"
            if not self._write(partition, end, [line]):
                return False  # another one wrote records, or the same
            end = self.end(partition)
        if not end.idle or end.before is None:
            return False
        # For tables; written again where a process died between both.
        mark = f"{self.source.topic},{partition},{partitions},{end.before.isoformat()}"
        self.idle.mkdir(exist_ok=True)
        newest = self._newest(partition)
        return newest is not None and write_once(self.idle / newest.name, MARKS, [mark])

    def _write(self, partition: int, end: End, lines: Sequence[str]) -> bool:
        """The file that begins where the files end; False where they do not end there any more."""
        path = self.folder / self._name(partition, end)
        if not write_once(path, COLUMNS, lines):
            return False
        # The name may be free because its file was joined with others since this reader looked.
        stood_still = time.time() - self.looked[partition] > JOINED_AFTER / 2
        if stood_still and path.name in covered(each.name for each in self.folder.glob("*.csv")):
            path.unlink(missing_ok=True)
            return False
        return True

    def _name(self, partition: int, end: End) -> str:
        again = f"_{end.marks:04}" if end.marks else ""
        return f"{self.source.topic}-{partition}-{end.offset:019}{again}.csv"

    def _newest(self, partition: int) -> Path | None:
        return max(
            self.folder.glob(f"{self.source.topic}-{partition}-{'[0-9]' * 19}*.csv"), default=None
        )

    def _rows(self, records: Sequence[Record], end: End, partitions: int) -> tuple[list[str], End]:
        lines, before, seen = list[str](), end.before, end.before.isoformat() if end.before else ""
        for partition, offset, sent, key, value, problem, replay_of in records:
            texts = f"{_quoted(replay_of)},{_quoted(problem)},{_quoted(key)},{_quoted(value)}"
            lines.append(f"{partition},{partitions},{offset},{sent.isoformat()},{seen},{texts}")
            if (latest := self.clock.latest(before, value, sent)) is not before and latest:
                before, seen = latest, latest.isoformat()
        return lines, End(records[-1].offset + 1, before)

    def _last(self, partition: int) -> End:
        path = self._newest(partition)
        if path is None:
            return End()
        row = _last_row(path)
        before = datetime.fromisoformat(row["before"]) if row["before"] else None
        if row["problem"] == IDLE:
            marks = int(path.stem.rpartition("-")[2].partition("_")[2] or 0) + 1
            return End(int(row["offset"]), before, marks, idle=True)
        latest = self.clock.latest(before, row["value"], datetime.fromisoformat(row["sent"]))
        return End(int(row["offset"]) + 1, latest)


def _last_row(path: Path) -> dict[str, str]:
    """Of a file in which each record is one line, without reading the others."""
    with path.open("rb") as stream:
        header, end, size = stream.readline(), stream.seek(0, os.SEEK_END), 4096
        while True:
            start = stream.seek(max(len(header), end - size))
            lines = stream.read(end - start).splitlines()
            if len(lines) > 1 or start == len(header):
                break
            size *= 16
    last = lines[-1:] if header == f"{','.join(COLUMNS)}\n".encode() else []
    csv.field_size_limit(4 * LONGEST)
    values = next(csv.reader(line.decode("utf-8", "replace") for line in last), [])
    if len(values) != len(COLUMNS):
        raise PipelineError(f"{path} is no file of records: who else writes to this folder?")
    return dict(zip(COLUMNS, values, strict=True))


def _quoted(value: str) -> str:
    """As `csv` would write it, at a third of its price."""
    return '"' + value.replace('"', '""') + '"' if value else ""


def write_once(path: Path, columns: Sequence[str], lines: Sequence[str]) -> bool:
    """A whole file or none, on the disk before its name is; False where the name exists."""
    return write_text(path, ["\n".join([",".join(columns), *lines, ""])])


def write_text(path: Path, text: Iterable[str]) -> bool:
    """The same of a text in pieces."""
    handle, hidden = tempfile.mkstemp(".part", ".", path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            stream.writelines(text)
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(hidden, path)
        except FileExistsError:
            return False
    finally:
        Path(hidden).unlink()
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
    return True


def _step(moment: datetime | None) -> float:
    """Idle partitions move by as much as events may be late, so that few files say it."""
    return -1.0 if moment is None else moment.timestamp() // AHEAD.total_seconds()


def as_text(value: bytes | None) -> tuple[str, str]:
    """A value as text on one line, and the problem with it, if there is one."""
    if value is None:
        return "", "a record without a value"
    if len(value) > LONGEST:
        start = value[:1000].decode("utf-8", "backslashreplace")
        return start, f"a record of more than {LONGEST} bytes, of which the start is kept"
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("utf-8", "backslashreplace"), "not UTF-8 text"
    if "\0" in text:
        return text.replace("\0", "\\0"), "a character that no text has, U+0000"
    # Between the parts of a JSON text the end of a line is a blank; inside of one it is escaped.
    return text.replace("\r", " ").replace("\n", " "), ""
