"""Joins the small files of topics: those of an hour that is over, and later those of its day.

A reader leaves a file of each partition with each batch, and every run looks at each of them. Joined,
they hold the same lines in the same order, so that tables stay what they are.
"""

import argparse
import os
import shutil
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from . import pipeline, settings, spec
from .errors import BusyError, PipelineError, counted
from .ingest import Known, landed
from .log import IDLE_FILES, write_text
from .settings import Settings
from .spans import JOINED_AFTER, Span, covered, span
from .store import Store

LARGE = 256 << 20  # bytes above which a file gets no more
BLOCK = 1 << 20
PATIENCE = 60.0  # seconds in which a stream that builds leaves the warehouse free for a moment
PERIODS = ("%Y-%m-%d", "%Y-%m-%dT%H")  # a day that is over; of the current one, an hour
Say = Callable[[str], object]


class File(NamedTuple):
    """A file of a partition of a topic."""

    name: str
    span: Span
    period: str  # files of one are joined; without one it stays as it is
    size: int


def compact(settings: Settings, say: Say) -> str:
    """Joins files, has them taken in instead of those that they hold; says how many."""
    known, groups, number = Known(), 0, 0
    with Store.open(settings) as store:  # nobody else builds or joins meanwhile
        pipeline.run(settings, say, known=known)
        taken = dict(store.sql("select name, digest from meta.files"))
        for files in _partitions(settings, landed(settings, known), taken):
            for group, end in _groups(files):
                if _join(settings.landing, group, end):
                    groups, number = groups + 1, number + len(group)
        for name in covered(landed(settings, known)):
            (settings.landing / name).unlink(missing_ok=True)
        pipeline.run(settings, say, known=known)
        _sweep(settings, store)
    return f"{counted(number, 'file')} joined into {groups:,}"


def _partitions(
    settings: Settings, found: Mapping[str, str], taken: Mapping[str, str]
) -> Iterable[Sequence[File]]:
    """The files of each partition in their order, those that left the landing folder too."""
    sources = spec.load(settings.root).sources.values()
    folders = {Path(IDLE_FILES), *(Path(each.files).parent for each in sources if each.topic)}
    files, names = defaultdict[str, list[File]](list), {*found, *taken}
    for name in names - covered(names).keys():
        of = span(name)
        if of and Path(name).parent in folders:
            period, size = "", 0
            if found.get(name) == taken.get(name):  # it lies there as it was taken in
                at = (settings.landing / name).stat()
                period, size = _period(at.st_mtime), at.st_size
            files[of.of].append(File(name, of, period, size))
    return [sorted(each, key=lambda file: (file.span.start, file.name)) for each in files.values()]


def _period(written: float) -> str:
    over = time.time() - JOINED_AFTER
    for form in PERIODS:
        of, now = (datetime.fromtimestamp(at, UTC).strftime(form) for at in (written, over))
        if of < now:
            return of
    return ""


def _groups(files: Sequence[File]) -> Iterator[tuple[list[File], int]]:
    """Neighbours of one period, and the offset at which what follows them begins."""
    # The last one stays: it tells readers where the files end.
    files, some, size = [*files[:-1], files[-1]._replace(period="")], list[File](), 0
    for file, following in pairwise(files):
        some.append(file)
        size += file.size
        if file.period and following.period == file.period and size + following.size <= LARGE:
            continue
        end = following.span.start
        # Several files may begin at one offset, where a partition is idle.
        group = [each for each in some if each.period and each.span.start < end]
        if len(group) > 1:
            yield group, end
        some, size = [], 0


def _join(landing: Path, files: Sequence[File], end: int) -> bool:
    to = landing / f"{files[0].span.of}-{files[0].span.start:019}-{end:019}.csv"
    written = (landing / files[-1].name).stat().st_mtime
    if not write_text(to, _text([landing / file.name for file in files])):
        return False
    os.utime(to, (written, written))
    return True


def _text(paths: Iterable[Path]) -> Iterator[str]:
    """The lines of files with one header."""
    first = ""
    for path in paths:
        with path.open(encoding="utf-8", newline="") as stream:
            header = stream.readline()
            if not first:
                yield header
            elif header != first:
                raise PipelineError(f"{path} has other columns than the files in front of it")
            first = header
            while block := stream.read(BLOCK):
                yield block


def _sweep(settings: Settings, store: Store) -> None:
    """Deletes our copies of files that were joined."""
    names = {name for (name,) in store.sql("select name from meta.files") if span(name)}
    copies = {
        path.relative_to(settings.archive).as_posix(): path
        for folder in {Path(name).parent for name in names}
        for path in (settings.archive / folder).iterdir()
    }
    for name in covered({*names, *copies}).keys() - names:
        shutil.rmtree(copies[name])


def add_compact(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", say: Say) -> None:
    command = commands.add_parser("compact", help="join the small files of topics")

    def run(_: argparse.Namespace) -> int:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                say(compact(settings.load(), say))
                return 0
            except BusyError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)

    command.set_defaults(command=run)
