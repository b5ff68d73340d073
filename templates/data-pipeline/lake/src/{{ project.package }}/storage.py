"""Where tables lie: in a folder, or in a bucket by its URL. Nothing else knows which of the two."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from .engines import Engine, Written
from .errors import PipelineError

SCHEMES = ("s3", "az", "gs")
# What such a URL is made of: a bucket or container, and perhaps a folder of it.
PLACE = re.compile(r"[\w.-]+(/[\w.=-]+)*/?", re.ASCII)
STATE = Path("data/state")
# The library for Delta tables takes a path for a URL, and would write to another folder.
MISREAD = re.compile(r"%[0-9A-Fa-f]{2}|\\")


class Storage(Protocol):
    place: str  # the folder or the URL, for people
    name: str  # for lineage
    state: Path  # where the program keeps what is its own, if no setting names another folder
    is_shared: bool  # whether other machines reach it as well
    options: dict[str, str] | None  # what deltalake needs to reach it

    def where(self, table: str) -> str: ...

    def mount(self, engine: Engine) -> None:
        """Let the engine read files of tables, under the names that `readable` gives."""

    def readable(self, table: str, sizes: Mapping[str, int]) -> list[str]: ...

    def staged(self, table: str) -> AbstractContextManager[Path]:
        """A folder of this machine into which an engine writes new files of a table."""

    def keep(self, table: str, written: Sequence[Written], folder: Path) -> None:
        """Bring what was written there to where readers look for it."""

    def answers(self) -> AbstractContextManager[None]:
        """Around whatever may have to go over the network: a failure is told in one line."""


class Folder:
    is_shared = False
    options: dict[str, str] | None = None

    def __init__(self, path: Path) -> None:
        misread = MISREAD.search(path.resolve().as_posix())
        if misread:
            raise PipelineError(
                f"tables cannot be kept in {path.resolve()}: Delta tables read `{misread[0]}` in a "
                "path as another letter; move the project, or let [paths] lake name another folder"
            )
        self._path = path
        self.place = str(path)
        self.name = path.resolve().name
        self.state = path

    def where(self, table: str) -> str:
        return str(self._path / table)

    def mount(self, engine: Engine) -> None:
        pass  # an engine reads any folder

    def readable(self, table: str, sizes: Mapping[str, int]) -> list[str]:
        return [str(self._path / table / file) for file in sizes]

    @contextmanager
    def staged(self, table: str) -> Iterator[Path]:
        yield self._path / table

    def keep(self, table: str, written: Sequence[Written], folder: Path) -> None:
        pass  # it lies there already

    def answers(self) -> AbstractContextManager[None]:
        return nullcontext()


def folder_of(place: str, setting: str) -> Path | None:
    """The folder that a setting of `[paths]` names; none if it names a place in a bucket."""
    scheme, is_url, rest = place.partition("://")
    if not is_url:
        return Path(place)
    if scheme == "file":
        return Path(unquote(urlsplit(place).path))
    if scheme not in SCHEMES or not PLACE.fullmatch(rest):
        # Not said again: it may hold a password.
        raise PipelineError(
            f"[paths] {setting} must be a folder or a URL such as s3://bucket/folder, "
            "az://container/folder or gs://bucket/folder, of letters, digits and . _ = - only, "
            "without credentials"
        )
    return None


def storage(place: str) -> Storage:
    """What a folder or a URL names."""
    folder = folder_of(place, "lake")
    if folder is not None:
        return Folder(folder)
    # Imported on demand: a folder needs nothing of it.
    from .bucket import Bucket

    return Bucket(place.rstrip("/"))


def state_of(place: str) -> Path:
    """The folder of this machine that goes with a lake, if no setting names another."""
    return STATE if "://" in place and not place.startswith("file:") else storage(place).state
