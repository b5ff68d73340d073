"""Files that are there as a whole or not at all, and who is at work on them."""

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

LEASE = ".lease"  # at the end of the name of a file that says who fills a folder


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_of(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def write(path: Path, content: str | bytes) -> None:
    """Replace a file in one step; a reader sees the old content or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode() if isinstance(content, str) else content
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextmanager
def folder(path: Path, keep: bool = False) -> Iterator[Path]:
    """A folder to fill; it takes its place when it is complete, and is gone if that fails.

    With `keep` nothing is ever replaced: files are made read-only, and where another process was
    faster, its folder stays and this one is dropped. What a process that was killed had begun is
    taken away by the next one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    for name, _ in abandoned(path.parent, f".*{LEASE}"):
        shutil.rmtree(path.parent / name.removesuffix(LEASE), ignore_errors=True)
    work = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}."))
    try:
        with lease(work.with_name(work.name + LEASE)):
            yield work
            work.chmod(0o755)
            if not keep and path.exists():
                shutil.rmtree(path)
            if not path.exists():
                for file in work.iterdir() if keep else ():
                    file.chmod(0o444)
                work.replace(path)
    finally:
        shutil.rmtree(work, ignore_errors=True)


@contextmanager
def lease(path: Path) -> Iterator[IO[str]]:
    """A file that says that somebody is at work; what is written to it says on what.

    It is locked, and the system takes the lock away with the process, however that ends.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("a+", encoding="utf-8") as file:
            locked(file)
            yield file
    finally:
        path.unlink(missing_ok=True)


def abandoned(folder: Path, pattern: str = "*") -> Iterator[tuple[str, str]]:
    """Leases of processes that are no more: the name of each and what it says. Then it is gone."""
    for path in sorted(folder.glob(pattern)):
        with path.open("a+", encoding="utf-8") as file:
            if not locked(file):
                continue
            file.seek(0)
            found = path.name, file.read()
        yield found
        path.unlink(missing_ok=True)


def locked(file: IO[str]) -> bool:
    """Lock a file, if nobody else has."""
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
