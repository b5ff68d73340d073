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


def landed(settings: Settings) -> dict[str, str]:
    """Each file in the landing folder, by its name, with the digest of its content."""
    if not settings.landing.is_dir():
        raise PipelineError(
            f"the landing folder {settings.landing} does not exist: create it, or set `landing`"
        )
    found = {}
    for folder, _, names in os.walk(settings.landing):
        for each in names:
            if not each.startswith("."):
                path = Path(folder, each)
                with path.open("rb") as stream:
                    digest = hashlib.file_digest(stream, "sha256").hexdigest()
                found[path.relative_to(settings.landing).as_posix()] = digest
    return dict(sorted(found.items()))
