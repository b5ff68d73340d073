"""Avro files without the records of a person; the bytes of all others stay as they were written."""

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import fastavro
from fastavro.write import Writer

from .avro_subject import subject
from .erase_files import is_of, place
from .registry.values import as_text
from .spec import Source


class Kept:
    """A block as a writer takes it, of records as they are encoded."""

    def __init__(self) -> None:
        self.num_records = 0
        self.bytes_ = BytesIO()


def without_records(source: Source, path: Path, person: str, to: Path) -> int:
    """Writes the file anew by its own schema and codec; empty where no record is left."""
    ours = fastavro.parse_schema(subject(source).latest.document)
    where, left_out, all_kept = place(source), 0, 0
    with path.open("rb") as given, path.open("rb") as again, to.open("wb") as out:
        # Our schema knows the person's field, whatever the writer's calls it.
        read = fastavro.reader(again, ours)
        blocks = fastavro.block_reader(given)
        meta = {key: value for key, value in blocks.metadata.items() if not key.startswith("avro.")}
        schema = json.loads(blocks.metadata["avro.schema"])
        writer = Writer(out, schema, codec=blocks.codec, metadata=meta)
        for block in blocks:
            kept = Kept()
            for record in _encoded(block, blocks.writer_schema):
                if is_of(as_text(next(read)), where, person):
                    left_out += 1
                else:
                    kept.num_records += 1
                    kept.bytes_.write(record)
            if kept.num_records:
                writer.write_block(kept)
                all_kept += kept.num_records
        writer.flush()
        if not all_kept:
            out.truncate(0)
    return left_out


def _encoded(block: Any, schema: Any) -> Iterator[bytes]:
    """Each record of a block as it is encoded."""
    schema = fastavro.parse_schema(schema)
    data, start = block.bytes_.getvalue(), 0
    stream = BytesIO(data)
    for _ in range(block.num_records):
        fastavro.schemaless_reader(stream, schema, None)
        yield data[start : stream.tell()]
        start = stream.tell()
