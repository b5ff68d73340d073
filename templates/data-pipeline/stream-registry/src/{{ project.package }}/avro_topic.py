"""How the files of a topic in Avro are read: a copy with text in place of the bytes, then as all topics."""

import csv
import hashlib
from collections.abc import Iterator
from pathlib import Path

from .avro_subject import subject
from .avro_values import HEX, Values
from .log import COLUMNS, LONGEST, as_text
from .spec import Source
from .topic import Topic


def as_hex(value: bytes | None) -> tuple[str, str]:
    """A value as files keep it, and the problem with it, if there is one."""
    if value is None:
        return as_text(value)
    if len(value) > LONGEST:
        return HEX + value[:1000].hex(), as_text(value)[1]
    return HEX + value.hex(), ""


class AvroTopic(Topic):
    """Files that `log.py` writes, of values in Avro."""

    def version(self, source: Source) -> str:
        """By which schemas they are read: other ones read them again."""
        known = "".join(version.fingerprint for version in subject(source).versions)
        return hashlib.sha256(f"2 {known}".encode()).hexdigest()

    def prepare(self, source: Source, path: Path) -> Path:
        """A copy with each record as JSON, or with its bytes and why they cannot be read."""
        path = super().prepare(source, path)
        copy = path.with_name(f"{path.name}.{self.version(source)[:12]}.csv")
        part = copy.with_name(f"{copy.name}.part")
        csv.field_size_limit(4 * LONGEST)
        with (
            path.open(encoding="utf-8", newline="") as given,
            part.open("w", encoding="utf-8", newline="") as out,
        ):
            csv.writer(out, lineterminator="\n").writerows(_rows(Values(source), csv.reader(given)))
        part.replace(copy)
        return copy


def _rows(values: Values, rows: Iterator[list[str]]) -> Iterator[list[str]]:
    for row in rows:
        if len(row) == len(COLUMNS) and not row[-3]:
            row[-1], row[-3] = _short(*values.read(row[-1]))
        yield row


def _short(value: str, problem: str) -> tuple[str, str]:
    """Not longer than a line may be that DuckDB reads."""
    if problem:
        return value[:LONGEST], problem
    if len(value.encode()) > LONGEST:
        return value[:1000], f"more than {LONGEST} bytes as text, of which the start is kept"
    return value, ""
