"""Avro files: read with the schema they were written with, resolved to the one we know."""

import json
from collections.abc import Iterator
from pathlib import Path

import fastavro

from .errors import PipelineError
from .records import Record, as_record
from .registry.subjects import read, registry
from .registry.values import as_text


def latest(subject: str) -> str:
    """The version of the subject that files are read by."""
    return str(read(registry().folder / subject).latest.number)


def read_avro(path: Path, subject: str) -> Iterator[Record]:
    """One record per Avro record, its fields by the latest version of the subject.

    What cannot be read is one record with the problem: a file that was cut off keeps what comes
    before the cut, one whose schema does not fit is told once.
    """
    ours = read(registry().folder / subject).latest
    line = 0
    with path.open("rb") as file:
        try:
            reader = fastavro.reader(file, reader_schema=fastavro.parse_schema(ours.document))
            for line, value in enumerate(reader, start=1):
                fields = as_text(value)
                yield as_record(line, json.dumps(fields, ensure_ascii=False), fields)
        except OSError:
            raise  # the disk failed, not the file: the next run reads it again
        except fastavro.read.SchemaResolutionError:
            problem = f"written with a schema that {subject} {ours.number} cannot read"
            yield as_record(line + 1, "", None, problem)
        except Exception as error:
            if "need to install" in str(error):
                raise PipelineError(f"{error}: `uv add` it, and run again") from None
            # A damaged block raises whatever its bytes happen to mean.
            yield as_record(line + 1, "", None, "not readable as Avro from here on")
