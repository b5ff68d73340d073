"""Bronze rows: every record as text, with where it came from."""

from collections.abc import Sequence

from arro3.core import Array, DataType, Field, RecordBatch, Schema

from .records import Record

TEXT, LONG = DataType.string(), DataType.int64()
COLUMNS = {
    "source": TEXT,
    "file": TEXT,
    "line": LONG,
    "digest": TEXT,
    "reader": TEXT,
    "raw": TEXT,
    "fields": TEXT,
    "problem": TEXT,
}
ARROW = Schema([Field(name, kind) for name, kind in COLUMNS.items()])


def as_arrow(
    source: str, file: str, digest: str, reader: str, records: Sequence[Record]
) -> RecordBatch:
    size = len(records)
    values: dict[str, list[object]] = {
        "source": [source] * size,
        "file": [file] * size,
        "line": [record.line for record in records],
        "digest": [digest] * size,
        "reader": [reader] * size,
        "raw": [record.raw for record in records],
        "fields": [record.fields for record in records],
        "problem": [record.problem for record in records],
    }
    arrays = [Array(values[name], kind) for name, kind in COLUMNS.items()]
    return RecordBatch(arrays, schema=ARROW)
