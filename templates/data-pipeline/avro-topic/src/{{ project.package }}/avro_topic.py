"""Records of the topic in Avro, framed as schema registries have it.

A zero byte, four bytes with the id of the schema that it was written with, then the record. Where a
registry runs, ids are its own; where none does, the id is the number of the version in the
repository. Whoever wrote by whatever version: fields come out by our latest.
"""

import io
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

import fastavro

from .codec import Codec
from .records import Record, as_record
from .registry.subjects import Registry, Subject, read
from .registry.values import as_text

FRAME = struct.Struct(">bI")


@dataclass(frozen=True)
class Topic:
    """The table `[topic]` of the settings."""

    subject: str


def topic_codec(chosen: Registry, name: str) -> Codec:
    avro = AvroTopic(chosen, read(chosen.folder / name))
    return Codec(avro.decode, avro.encode)


class AvroTopic:
    def __init__(self, chosen: Registry, subject: Subject) -> None:
        self.chosen = chosen
        self.subject = subject
        self._ours = fastavro.parse_schema(subject.latest.document)
        self._writers: dict[int, Any] = {}
        if not chosen.url:
            documents = {version.number: version.document for version in subject.versions}
            self._writers = {n: fastavro.parse_schema(schema) for n, schema in documents.items()}

    def decode(self, offset: int, value: bytes) -> Record:
        raw = value.hex()  # whatever its bytes are
        if len(value) < FRAME.size or value[0] != 0:
            return as_record(offset, raw, None, "not framed with the id of a schema")
        number, content = FRAME.unpack_from(value)[1], io.BytesIO(value[FRAME.size :])
        writer = self._writer(number)
        if writer is None:
            return as_record(offset, raw, None, "written with a schema that is not known")
        try:
            found = fastavro.schemaless_reader(content, writer, self._ours)
        except fastavro.read.SchemaResolutionError:
            latest = f"{self.subject.name} {self.subject.latest.number}"
            return as_record(offset, raw, None, f"written with a schema that {latest} cannot read")
        except Exception:
            # Damaged bytes raise whatever they happen to mean.
            return as_record(offset, raw, None, "not readable as Avro")
        if content.read(1) or not isinstance(found, Mapping):
            return as_record(offset, raw, None, "not readable as Avro")
        return as_record(offset, raw, as_text(found))

    def encode(self, line: bytes) -> bytes:
        """A line of the sample by our latest version; what does not fit it stays as it is."""
        out = io.BytesIO()
        try:
            value = typed(self.subject.latest.document, json.loads(line, parse_float=str))
            out.write(FRAME.pack(0, self.number))
            fastavro.schemaless_writer(out, self._ours, value)
        except (ValueError, TypeError, LookupError, InvalidOperation):
            return line
        return out.getvalue()

    @property
    def number(self) -> int:
        """The id of our latest version."""
        if not self.chosen.url:
            return self.subject.latest.number
        from .registry import server

        return server.number(self.server, self.subject)

    @cached_property
    def server(self) -> Any:
        # Imported on demand: its client takes a while to load.
        from .registry import server

        return server.client(self.chosen)

    def _writer(self, number: int) -> Any:
        if number not in self._writers and self.chosen.url:
            from .registry import server

            text = server.schema(self.server, number)
            self._writers[number] = text and fastavro.parse_schema(json.loads(text))
        return self._writers.get(number)


def typed(schema: Any, value: Any) -> Any:
    """A value of JSON as the schema has it; raises what conversion raises where it does not fit."""
    if isinstance(schema, list):
        if value is None and "null" in schema:
            return None
        return typed(next(kind for kind in schema if kind != "null"), value)
    kind, logical = (schema, None) if isinstance(schema, str) else (schema["type"], schema)
    if kind == "record":
        if not isinstance(value, Mapping):
            raise ValueError(f"{value} is not an object")
        return {f["name"]: typed(f["type"], value.get(f["name"])) for f in schema["fields"]}
    if logical and logical.get("logicalType") == "timestamp-millis":
        return datetime.fromisoformat(value)
    if logical and logical.get("logicalType") == "decimal":
        return Decimal(str(value))
    if kind == "string" and not isinstance(value, str):
        raise ValueError(f"{value} is not a text")
    return value
