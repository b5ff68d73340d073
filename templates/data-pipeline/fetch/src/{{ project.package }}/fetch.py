"""Fetches what sources name, a URL, a bucket or a database, as files that land. `run` begins with it.

A file has a name that depends on where the one before ended, or is only kept where its content is
new, and gets that name when it is whole. So to fetch again adds nothing, and a crash leaves nothing.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from . import pipeline, settings, spec
from .errors import HELD, PipelineError, one_of
from .ingest import takes
from .settings import Settings
from .spec import Source

Say = Callable[[str], object]


class FetchError(Exception):
    """What one source did not give; others are fetched all the same."""


def fetch(settings: Settings, say: Say, only: Collection[str] = ()) -> dict[str, str]:
    """Fetches all sources that say from where; gives those that failed, and why."""
    sources = spec.load(settings.root).sources
    for name in only:
        one_of(sources, name, "there is no source")
    failed = {}
    for source in sources.values():
        if (only and source.name not in only) or not _places(source):
            continue
        try:
            folder = _folder(settings, source)
            for path in _way(source)(source, folder):
                say(f"{source.name}: fetched {path.relative_to(settings.landing).as_posix()}")
        except FetchError as error:
            failed[f"sources/{source.name}.toml"] = str(error)
    return failed


def fetch_and_run(settings: Settings, say: Say = print) -> pipeline.Outcome:
    """A run with what can be fetched; what could not is said, and held back."""
    failed = fetch(settings, say)
    for name, reason in failed.items():
        say(f"{name} is not fetched: {reason}")
    outcome = pipeline.run(settings, say)
    outcome.taken.refused.update(failed)
    return outcome


def secret(name: str) -> str:
    """As `settings.secret`; a file that cannot be read costs one source."""
    try:
        return settings.secret(name)
    except PipelineError as error:
        raise FetchError(str(error)) from None


def newest(source: Source, folder: Path) -> Path | None:
    """The file that was fetched last."""
    return max(folder.glob(f"{source.name}-*{Path(source.files).suffix}"), default=None)


class Draft:
    """A hidden file, until it is whole and gets its name."""

    def __init__(self, stream: IO[bytes], hidden: Path) -> None:
        self.stream, self.hidden = stream, hidden

    def land(self, path: Path) -> bool:
        """Gives it its name, once it is on the disk; False where the name exists."""
        self.stream.flush()
        os.fsync(self.stream.fileno())
        try:
            os.link(self.hidden, path)
        except FileExistsError:
            return False
        return True

    def replace(self, path: Path) -> None:
        """Gives it its name, in place of what may be there."""
        self.stream.flush()
        os.fsync(self.stream.fileno())
        self.hidden.replace(path)


@contextmanager
def draft(folder: Path) -> Iterator[Draft]:
    """A file that is gone behind the block, unless it landed."""
    handle, hidden = tempfile.mkstemp(".part", ".", folder)
    try:
        with os.fdopen(handle, "w+b") as stream:
            yield Draft(stream, Path(hidden))
    finally:
        Path(hidden).unlink(missing_ok=True)


def _folder(settings: Settings, source: Source) -> Path:
    folder = settings.landing / Path(source.files).parent
    if not takes(
        source, f"{Path(source.files).parent.as_posix()}/{source.name}-1{Path(source.files).suffix}"
    ):
        raise PipelineError(f"{source.path}: `files` must take all files of a folder: FOLDER/*.csv")
    if settings.landing.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def _places(source: Source) -> list[str]:
    places = {"url": source.url, "bucket": source.bucket, "database": source.database}
    return [key for key, place in places.items() if place]


def _way(source: Source) -> Callable[[Source, Path], list[Path]]:
    place, *others = _places(source)
    if others:
        given = f"`{place}` and `{others[0]}`"
        raise PipelineError(f"{source.path}: {given}: a source is fetched from one")
    if place == "url":
        from .fetch_http import fetch_http

        return fetch_http
    try:
        if place == "bucket":
            from .fetch_bucket import fetch_bucket

            return fetch_bucket
        from .fetch_database import fetch_database

        return fetch_database
    except ModuleNotFoundError as error:
        extra = {"bucket": "bucket", "database": "postgres"}[place]
        raise PipelineError(f"{error}: `uv sync --extra {extra}` installs it") from None


def add_fetch(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser("fetch", help="fetch sources from their URL, bucket or database")
    command.add_argument("sources", nargs="*", metavar="SOURCE", help="default: all")

    def run(given: argparse.Namespace) -> int:
        failed = fetch(settings.load(), print, given.sources)
        for name, reason in failed.items():
            print(f"{name}: {reason}", file=sys.stderr)
        return HELD if failed else 0

    command.set_defaults(command=run)
