"""Avro files: read with the schema they were written with, resolved to the one we know.

A source of kind `avro` is read by the subject NAME-value in `schemas/`, where NAME is the name of the
source, or by the one that it names. Files become lines of JSON whose values are text, and are judged
as all others are.
"""

import json
from pathlib import Path

from .avro_subject import subject
from .errors import PipelineError
from .readers import JsonLines, UnreadableError
from .registry.values import as_text
from .spec import Source


class Avro(JsonLines):
    """Files that carry the schema they were written with."""

    def version(self, source: Source) -> str:
        """By which schema files are read: another one reads them again."""
        return f"2 {subject(source).latest.fingerprint}"

    def shape(self, source: Source, path: Path) -> list[str]:
        return [field["name"] for field in subject(source).latest.document["fields"]]

    def prepare(self, source: Source, path: Path) -> Path:
        """Its records as lines of JSON, the whole file or nothing."""
        import fastavro

        known = subject(source)
        ours = known.latest
        copy = path.with_name(f"{path.name}.{ours.fingerprint[:12]}.jsonl")
        part = copy.with_name(copy.name + ".part")
        with path.open("rb") as given, part.open("w", encoding="utf-8", newline="") as out:
            try:
                for record in fastavro.reader(given, fastavro.parse_schema(ours.document)):
                    out.write(json.dumps(as_text(record), ensure_ascii=False) + "\n")
            except OSError:
                raise  # the disk failed, not the file: the next run reads it again
            except fastavro.read.SchemaResolutionError:
                raise UnreadableError(
                    f"written with a schema that {known.name} {ours.number} cannot read"
                ) from None
            except Exception as error:
                if "need to install" in str(error):
                    raise PipelineError(f"{error}: `uv add` it, and run again") from None
                # A damaged block raises whatever its bytes happen to mean.
                raise UnreadableError("cut off, damaged or not Avro") from None
        part.replace(copy)
        return copy
