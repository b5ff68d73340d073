"""Values of a topic in Avro, framed as all clients of schema registries frame them.

A zero byte, four bytes with the id of the schema that it was written with, then the record. Where a
registry runs, ids are its own; where none does, the id is the number of a version in `schemas/`.

Files of the topic keep these bytes, as hex behind `0x`, and the record is read out of them anew for the
tables. So a schema that came late or is corrected makes old records right. Beside the files lies each
schema that the registry gave, hidden: they can be read without the registry, too.
"""

import io
import json
import struct
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime
from datetime import time as clock
from decimal import Decimal, InvalidOperation
from functools import cached_property
from pathlib import Path
from typing import Any

from .avro_subject import subject
from .errors import PipelineError
from .registry.values import as_text
from .settings import load
from .spec import Source

KIND = "avro_topic"
HEX = "0x"
FRAME = struct.Struct(">bI")
AGAIN = 60.0  # seconds after which a record that cannot be read makes us look for schemas again
DAMAGED = "damaged, or not what its schema says"
# How a text of the sample becomes a value of these types.
FROM_TEXT: dict[str, Callable[[str], Any]] = {
    "date": date.fromisoformat,
    "time-millis": clock.fromisoformat,
    "time-micros": clock.fromisoformat,
    "timestamp-millis": datetime.fromisoformat,
    "timestamp-micros": datetime.fromisoformat,
    "local-timestamp-millis": datetime.fromisoformat,
    "local-timestamp-micros": datetime.fromisoformat,
    "decimal": Decimal,
    "bytes": bytes.fromhex,
    "fixed": bytes.fromhex,
    "float": float,
    "double": float,
}
# What these types are in JSON.
SHAPES: dict[str, Any] = {
    **dict.fromkeys(("record", "map"), Mapping),
    **dict.fromkeys(("string", "enum"), str),
    **dict.fromkeys(("int", "long"), int),
    **{"array": list, "boolean": bool},
}


class UnreadError(ValueError):
    """Why the bytes of a record cannot be read."""


def fields_of(source: Source) -> Callable[[str], Any]:
    """How the fields of a value in the files of a topic are found; raises ValueError where they are not."""
    return Values(source).fields if source.kind == KIND else json.loads


def encoder_of(source: Source) -> Callable[[bytes], bytes]:
    """How a line of the sample becomes a value of the topic."""
    return Values(source).encode if source.kind == KIND else bytes


class Values:
    """The values of one topic."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.settings = load(source.path.parents[1])
        self.folder = self.settings.landing / Path(source.files).parent
        self._told = False
        self._look()

    def _look(self) -> None:
        """Reads the versions of the subject, and forgets which schemas were not known."""
        import fastavro  # here, since it takes a while to load

        self._looked = time.monotonic()
        self.subject = subject(self.source)
        self._named: dict[str, Any] = {}
        self._ours = fastavro.parse_schema(self.subject.latest.document, self._named)
        self._writers: dict[int, Any] = {}  # None for an id that is not known

    def read(self, value: str) -> tuple[str, str]:
        """A value in a file, as JSON by our latest version, and the problem with it, if there is one."""
        if not value.startswith(HEX):  # text, from before the topic was Avro
            return value, ""
        try:
            return json.dumps(self.fields(value), ensure_ascii=False), ""
        except UnreadError as why:
            return value, str(why)

    def fields(self, value: str) -> Any:
        """What the record in a value says, each leaf of it as text; raises why it cannot be read."""
        if not value.startswith(HEX):
            return json.loads(value)
        try:
            return as_text(self._decoded(as_bytes(value)))
        except UnreadError:
            if time.monotonic() < self._looked + AGAIN:
                raise
        self._look()  # a reader that runs for long learns of new versions
        return self.fields(value)

    def encode(self, line: bytes) -> bytes:
        """A line of the sample by our latest version; what does not fit it stays as it is."""
        import fastavro

        out = io.BytesIO()
        out.write(FRAME.pack(0, self.number))
        try:
            value = self._typed(self._ours, json.loads(line, parse_float=str))
            fastavro.schemaless_writer(out, self._ours, value)
        except (ValueError, TypeError) as error:
            if not self._told:
                self._told = True
                start = line[:40].decode("utf-8", "replace")
                _say(f"{self.latest} does not hold each line of the sample: {start}…: {error}")
            return line
        return out.getvalue()

    @property
    def latest(self) -> str:
        """The name of what values are read by."""
        return f"{self.subject.name} {self.subject.latest.number}"

    @cached_property
    def number(self) -> int:
        """The id of our latest version."""
        if not self.settings.registry_url:
            return self.subject.latest.number
        from .registry import server

        return server.number(self._server, self.subject)

    @cached_property
    def _server(self) -> Any:
        from .registry import server
        from .registry.subjects import registry

        return server.client(registry(self.settings))

    def _decoded(self, content: bytes) -> Mapping[str, Any]:
        import fastavro

        if len(content) < FRAME.size or content[0] != 0:
            raise UnreadError("no frame: it does not begin with the id of a schema")
        number, stream = FRAME.unpack_from(content)[1], io.BytesIO(content[FRAME.size :])
        writer = self._writer(number)
        try:
            found = fastavro.schemaless_reader(stream, writer, self._ours)
        except fastavro.read.SchemaResolutionError:
            raise UnreadError(f"{self.latest} cannot read what schema {number} wrote") from None
        except Exception:
            # Damaged bytes raise whatever they happen to mean.
            raise UnreadError(DAMAGED) from None
        if stream.read(1) or not isinstance(found, Mapping):
            raise UnreadError(DAMAGED)
        return found

    def _writer(self, number: int) -> Any:
        """The schema of an id."""
        import fastavro

        if number not in self._writers:
            text = self._schema(number)
            try:
                self._writers[number] = text and fastavro.parse_schema(json.loads(text))
            except (ValueError, fastavro.schema.SchemaParseException):
                raise UnreadError(f"schema {number} is not one of Avro by itself") from None
        if self._writers[number] is None:
            raise UnreadError(f"schema {number} is not known")
        return self._writers[number]

    def _schema(self, number: int) -> str | None:
        if not self.settings.registry_url:
            versions = {each.number: each.text for each in self.subject.versions}
            return versions.get(number)
        path = self.folder / f".schema-{number}.avsc"
        if path.is_file():
            return path.read_text(encoding="utf-8")
        text = self._asked(number)
        if text is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            part = path.with_name(f"{path.name}.{time.monotonic_ns()}.part")
            part.write_text(text, encoding="utf-8")
            part.replace(path)
        return text

    def _asked(self, number: int) -> str | None:
        from .registry import server
        from .registry.subjects import SchemaError

        try:
            return server.schema(self._server, number)
        except SchemaError as error:  # of the machine, not of a schema or a record
            raise PipelineError(f"{error}. Nothing is lost: start again once it answers") from None

    def _typed(self, schema: Any, value: Any) -> Any:
        """A value of JSON as the schema has it; an error says where it does not fit."""
        if isinstance(schema, list):
            return self._one_of(schema, value)
        if isinstance(schema, str):
            schema = self._named.get(schema, {"type": schema})
        kind = schema["type"]
        named = schema.get("logicalType", kind)
        if not isinstance(value, SHAPES.get(named, object)) or (kind == "null") != (value is None):
            raise ValueError(f"{value!r} is no {named}")
        if kind == "enum" and value not in schema["symbols"]:
            raise ValueError(f"{value!r} is none of {', '.join(schema['symbols'])}")
        if kind == "record":
            return self._record(schema, value)
        if kind == "array":
            return [self._typed(schema["items"], each) for each in value]
        if kind == "map":
            return {key: self._typed(schema["values"], each) for key, each in value.items()}
        try:
            return FROM_TEXT[named](str(value)) if named in FROM_TEXT else value
        except (ValueError, InvalidOperation):
            raise ValueError(f"{value!r} is no {named}") from None

    def _record(self, schema: Mapping[str, Any], value: Mapping[str, Any]) -> dict[str, Any]:
        found = {}
        for field in schema["fields"]:
            name = field["name"]
            if name not in value and "default" in field:
                continue
            try:
                found[name] = self._typed(field["type"], value.get(name))
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from None
        return found

    def _one_of(self, schemas: list[Any], value: Any) -> Any:
        for schema in schemas:
            with suppress(ValueError):
                return self._typed(schema, value)
        raise ValueError(f"{value!r} fits no part of the union")


def as_bytes(value: str) -> bytes:
    """A value of a file, as it was sent."""
    try:
        return bytes.fromhex(value.removeprefix(HEX))
    except ValueError:  # text that only begins like it
        return value.encode()


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)
