"""Where files land: in a folder, or in a bucket by its URL. Nothing else knows which of the two."""

import hashlib
import stat
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from .errors import PipelineError
from .storage import folder_of


@dataclass(frozen=True)
class File:
    name: str  # below the place where files land
    size: int
    stamp: str  # another one whenever the content may be another


@dataclass(frozen=True)
class Limits:
    """The table `[landing]` of the settings."""

    max_unclaimed: int = 0  # files that no source takes; if there are more, a run takes in nothing


class ChangedError(PipelineError):
    """The file is another one by now, or gone."""

    def __init__(self, file: File) -> None:
        super().__init__(f"{file.name} changed while it was read: run again")


class Hand(Protocol):
    """Files within reach: what they hold can be read here."""

    def digest(self, file: File) -> str:
        """The SHA-256 of the content, by which a file is known whatever its name is."""

    def path(self, file: File) -> Path: ...

    def is_unchanged(self, file: File) -> bool:
        """Whether what was read is all of one version of the file."""


class Landing(Protocol):
    place: str  # the folder or the URL, for people

    def files(self, pattern: str) -> Iterator[File]:
        """By their names, those that match, as `Path.glob` has it."""

    def at_hand(self, files: Iterable[File]) -> AbstractContextManager[Hand]:
        """The files to be read next, as long as the context lasts; within another, its own."""


class Folder:
    def __init__(self, path: Path) -> None:
        self._path = path
        self.place = str(path)

    def files(self, pattern: str) -> Iterator[File]:
        if not self._path.is_dir():
            raise PipelineError(f"[paths] landing: there is no folder {self.place}")
        for path in sorted(self._path.glob(pattern), key=lambda path: path.parts):
            if (file := self._file(path)) is not None:
                yield file

    @contextmanager
    def at_hand(self, files: Iterable[File]) -> Iterator[Hand]:
        yield self  # they are here already

    def digest(self, file: File) -> str:
        try:
            return digest_of(self.path(file))
        except FileNotFoundError:
            raise ChangedError(file) from None

    def path(self, file: File) -> Path:
        return self._path / file.name

    def is_unchanged(self, file: File) -> bool:
        return self._file(self.path(file)) == file

    def _file(self, path: Path) -> File | None:
        """None of what is no file, or is gone."""
        try:
            status = path.stat()
        except FileNotFoundError:
            return None
        if not stat.S_ISREG(status.st_mode):
            return None
        # As `relative_to` has it, which takes longer than all else for thousands of files.
        name = "/".join(path.parts[len(self._path.parts) :])
        return File(name, status.st_size, f"{status.st_size} {status.st_mtime_ns}")


def landing_at(place: str, state: Path) -> Landing:
    """What a folder or a URL names; the state is for what this machine remembers of a bucket."""
    folder = folder_of(place, "landing")
    if folder is not None:
        return Folder(folder)
    # Imported on demand: a folder needs nothing of it.
    from .landing_bucket import Bucket

    return Bucket(place.rstrip("/"), state)


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
