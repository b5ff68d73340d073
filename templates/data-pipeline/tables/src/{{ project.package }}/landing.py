"""The folder in which files land."""

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

from .errors import PipelineError
from .settings import Settings


@dataclass
class Taken:
    """What came in, and what could not be read."""

    files: int = 0
    rows: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


Known = dict[Path, tuple[int, int, str]]  # size, time of change and digest of a file


def landed(settings: Settings, known: Known | None = None) -> dict[str, str]:
    """Each file in the landing folder, by its name, with the digest of its content.

    A service that looks each second passes what it knew of files, and they are not read again.
    """
    if not settings.landing.is_dir():
        raise PipelineError(
            f"the landing folder {settings.landing} does not exist: create it, or set `landing`"
        )
    found, seen = {}, set[str]()
    for folder, below, names in os.walk(settings.landing, followlinks=True):
        if (real := os.path.realpath(folder)) in seen:  # a link to where it lies
            below.clear()
            continue
        seen.add(real)
        for each in names:
            path = Path(folder, each)
            if each.startswith(".") or not os.path.lexists(path):  # or moved away by now
                continue
            if not path.is_file():
                raise PipelineError(f"{path} is no file, and no link to one: remove it")
            found[path.relative_to(settings.landing).as_posix()] = _digest(path, known)
    return dict(sorted(found.items()))


def _digest(path: Path, known: Known | None) -> str:
    at = path.stat() if known is not None else None
    if known and at and (of := known.get(path)) and of[:2] == (at.st_size, at.st_mtime_ns):
        return of[2]
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if known is not None and at:
        known[path] = (at.st_size, at.st_mtime_ns, digest)
    return digest
