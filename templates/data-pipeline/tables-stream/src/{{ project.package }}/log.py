"""Files of the records of a topic: each begins where the one before ends, and its name is the fence.

A file is written hidden and then linked to `TOPIC-PARTITION-OFFSET.csv`, which fails where the name
exists. So of two readers of one partition, such as one that was taken for dead, the second finds the
file of the first and writes only what follows it: no record is there twice, and none is left out.
"""

import csv
import json
import os
import tempfile
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from .errors import PipelineError
from .spec import Source

COLUMNS = (
    *("partition", "partitions", "offset", "sent", "before"),
    *("replay_of", "problem", "key", "value"),
)
AHEAD = timedelta(minutes=10)  # an event that is further ahead of its broker's clock moves nothing
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


class Log:
    """The files of one topic, in the folder of its source."""

    def __init__(self, landing: Path, source: Source) -> None:
        self.source = source
        self.folder = landing / Path(source.files).parent
        self.zone = ZoneInfo(source.zone)
        self.ends: dict[int, End] = {}
        self.folder.mkdir(parents=True, exist_ok=True)
        for left in self.folder.glob(".*.part"):
            if time.time() - left.stat().st_mtime > LEFT_BEHIND:
                left.unlink(missing_ok=True)

    def end(self, partition: int) -> End:
        """Looks up where the files of a partition end now."""
        self.ends[partition] = self._last(partition)
        return self.ends[partition]

    def append(self, records: Sequence[Record], partitions: int) -> int:
        """Writes records of one partition, those that no file has yet; gives how many these were."""
        partition = records[0].partition
        end = self.ends.get(partition) or self.end(partition)
        while rest := [record for record in records if record.offset >= end.offset]:
            rows, after = self._rows(rest, end, partitions)
            if self._write(f"{self.source.topic}-{partition}-{end.offset:019}.csv", rows):
                self.ends[partition] = after
                return len(rest)
            end = self.end(partition)
        return 0

    def _rows(
        self, records: Sequence[Record], end: End, partitions: int
    ) -> tuple[list[tuple[object, ...]], End]:
        rows, before = list[tuple[object, ...]](), end.before
        for record in records:
            place = (record.partition, partitions, record.offset, record.sent.isoformat())
            told = (record.replay_of, record.problem, record.key, record.value)
            rows.append((*place, before.isoformat() if before else "", *told))
            before = self._latest(before, record.value, record.sent)
        return rows, End(records[-1].offset + 1, before)

    def _latest(self, before: datetime | None, value: str, sent: datetime) -> datetime | None:
        moment = self._event_time(value)
        if moment is None or moment > sent + AHEAD:
            return before
        return moment if before is None or moment > before else before

    def _event_time(self, value: str) -> datetime | None:
        try:
            found = json.loads(value)
            for name in self.source.event_time.split("."):
                found = found[name]
            moment = datetime.fromisoformat(found)
        except (ValueError, KeyError, TypeError, IndexError):
            return None
        if moment.tzinfo is UTC:
            return moment
        return (moment if moment.tzinfo else moment.replace(tzinfo=self.zone)).astimezone(UTC)

    def _write(self, name: str, rows: Sequence[Sequence[object]]) -> bool:
        """A whole file or none, on the disk before its name is; False where the name exists."""
        handle, hidden = tempfile.mkstemp(".part", ".", self.folder)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
                lines = csv.writer(stream, lineterminator="\n")
                lines.writerow(COLUMNS)
                lines.writerows(rows)
                stream.flush()
                os.fsync(stream.fileno())
            try:
                os.link(hidden, self.folder / name)
            except FileExistsError:
                return False
        finally:
            Path(hidden).unlink()
        if os.name == "posix":
            folder = os.open(self.folder, os.O_RDONLY)
            os.fsync(folder)
            os.close(folder)
        return True

    def _last(self, partition: int) -> End:
        files = self.folder.glob(f"{self.source.topic}-{partition}-{'[0-9]' * 19}.csv")
        path = max(files, default=None)
        if path is None:
            return End()
        csv.field_size_limit(4 * LONGEST)
        with path.open(encoding="utf-8", newline="") as stream:
            (row,) = deque(csv.DictReader(stream), maxlen=1) or (None,)
        if row is None or set(row) != set(COLUMNS):
            raise PipelineError(f"{path} is no file of records: who else writes to this folder?")
        before = datetime.fromisoformat(row["before"]) if row["before"] else None
        latest = self._latest(before, row["value"], datetime.fromisoformat(row["sent"]))
        return End(int(row["offset"]) + 1, latest)


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
