"""Subjects: the versions of a schema, as files. What was released is known by its fingerprint."""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from avro.errors import AvroException
from avro.schema import Schema, parse

from ..errors import PipelineError
from ..settings import Settings

RELEASED = "released.json"


class SchemaError(PipelineError):
    """Schemas are not what they should be; the message names the file."""

    exit_code = 4


@dataclass(frozen=True)
class Registry:
    """What the settings say of it."""

    folder: Path
    compatibility: str
    url: str = ""
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True)
class Version:
    number: int
    path: Path
    text: str
    schema: Schema

    @property
    def document(self) -> Any:
        return json.loads(self.text)

    @property
    def fingerprint(self) -> str:
        """Of what it means: spaces and the order of keys do not count."""
        return hashlib.sha256(json.dumps(self.document, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Subject:
    name: str
    versions: tuple[Version, ...]

    @property
    def latest(self) -> Version:
        return self.versions[-1]


def registry(settings: Settings) -> Registry:
    return Registry(
        settings.schemas,
        settings.compatibility,
        settings.registry_url,
        settings.registry_user,
        settings.registry_password,
    )


def subjects(folder: Path) -> list[Subject]:
    found = [read(path) for path in sorted(folder.iterdir()) if path.is_dir()]
    if not found:
        raise SchemaError(f"{folder} holds no subject: a folder with 1.avsc is one")
    return found


def read(folder: Path) -> Subject:
    """The subject in a folder; its versions have no gaps."""
    files = {path.stem: path for path in folder.glob("*.avsc")}
    wanted = [str(number) for number in range(1, len(files) + 1)]
    if sorted(files) != sorted(wanted) or not files:
        raise SchemaError(f"{folder}: versions are 1.avsc, 2.avsc and so on, without gaps")
    return Subject(folder.name, tuple(_version(files[number]) for number in wanted))


def _version(path: Path) -> Version:
    try:
        text = path.read_text(encoding="utf-8")
        return Version(int(path.stem), path, text, parse(text))
    except (AvroException, UnicodeDecodeError) as error:
        raise SchemaError(f"{path} is not an Avro schema: {error}") from None


def released(folder: Path) -> dict[str, str]:
    """Fingerprints of the versions that others have seen."""
    path = folder / RELEASED
    if not path.exists():
        return {}
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): str(fingerprint) for name, fingerprint in given.items()}
    except (ValueError, AttributeError):
        raise SchemaError(f"{path} cannot be read: restore it from git") from None


def release(folder: Path) -> list[str]:
    """Note the fingerprints of all versions; gives the names of those that are new."""
    known = released(folder)
    now = {key(s, version): version.fingerprint for s in subjects(folder) for version in s.versions}
    text = json.dumps(now, indent=2, sort_keys=True) + "\n"
    (folder / RELEASED).write_text(text, encoding="utf-8")
    return sorted(now.keys() - known.keys())


def key(subject: Subject, version: Version) -> str:
    return f"{subject.name}/{version.number}"
