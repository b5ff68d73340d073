"""Files that land in a bucket. Each is fetched once, read here, and deleted here when it is in bronze.

What tells files apart is their content, wherever they land. So that a file need not be fetched to
be known again, `landed.json` in the state folder remembers the digest of each version of an
object by its tag. Whoever deletes it pays for fetching all once more, and nothing is taken in twice.
"""

import hashlib
import json
import logging
import os
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from fsspec.utils import glob_translate
from obstore.exceptions import PreconditionError

from .bucket import Store
from .engines.duckdb import scratch
from .landing import ChangedError, File, Hand, digest_of

log = logging.getLogger(__name__)

FETCHERS = 8  # files that are fetched at once
CHUNK = 1 << 22  # bytes


class Bucket:
    def __init__(self, url: str, state: Path) -> None:
        self._store = Store(url)
        self.place = url
        self._memory = state / "landed.json"
        self._hand: Fetched | None = None

    def files(self, pattern: str) -> Iterator[File]:
        folder = re.split(r"[*?[]", pattern)[0].rpartition("/")[0]
        matches = re.compile(glob_translate(pattern)).match
        with self._store.answers():
            found = [
                File(each["path"], each["size"], str(each["e_tag"]))
                for some in self._store.objects.list(folder or None)
                for each in some
                if matches(each["path"])
            ]
        yield from sorted(found, key=lambda file: file.name)

    @contextmanager
    def at_hand(self, files: Iterable[File]) -> Iterator[Hand]:
        if self._hand:
            yield self._hand
            return
        with scratch("landing-") as folder:
            self._hand = Fetched(self._store, folder, self._remembered())
            try:
                if self._hand.fetch(files):
                    self._remember(self._hand.known)
                yield self._hand
            finally:
                self._hand = None

    def _remembered(self) -> dict[str, list[str]]:
        try:
            kept = json.loads(self._memory.read_text(encoding="utf-8"))
            return dict(kept["files"]) if kept["place"] == self.place else {}
        except (OSError, ValueError, KeyError, TypeError):
            return {}  # what cannot be read is fetched once more

    def _remember(self, known: dict[str, list[str]]) -> None:
        self._memory.parent.mkdir(parents=True, exist_ok=True)
        # A reader sees the old file or the new one, whoever else writes and wherever it stops.
        fresh = self._memory.with_suffix(f".{os.getpid()}")
        fresh.write_text(json.dumps({"place": self.place, "files": known}), encoding="utf-8")
        fresh.replace(self._memory)


class Fetched:
    """Files of the bucket that are here, and the digests of all that ever were."""

    def __init__(self, store: Store, folder: Path, known: dict[str, list[str]]) -> None:
        self._store = store
        self._folder = folder
        self.known = known  # stamp and digest by name

    def fetch(self, files: Iterable[File]) -> bool:
        """Those that nothing is known of. False if there are none."""
        new = [file for file in files if self._digest(file) is None]
        with ThreadPoolExecutor(FETCHERS) as fetchers:
            # A list, since the first failure is to be raised here.
            list(fetchers.map(self._fetch, new))
        return bool(new)

    def digest(self, file: File) -> str:
        return self._digest(file) or self._fetch(file)

    def path(self, file: File) -> Path:
        path = self._path(file)
        if not path.exists():
            self._fetch(file)
        return path

    def is_unchanged(self, file: File) -> bool:
        return True  # one version was fetched; what comes after it is for the next run

    def _digest(self, file: File) -> str | None:
        stamp, digest = self.known.get(file.name, ("", None))
        return digest if stamp == file.stamp else None

    def _path(self, file: File) -> Path:
        # Not the name itself: an object may have one that no file can have.
        name = hashlib.sha256(file.name.encode()).hexdigest()
        return self._folder / f"{name}{PurePosixPath(file.name).suffix}"

    def _fetch(self, file: File) -> str:
        path = self._path(file)
        with self._store.answers(), path.open("wb") as here:
            try:
                found = self._store.objects.get(file.name, options={"if_match": file.stamp})
                for chunk in found.stream(min_chunk_size=CHUNK):
                    here.write(chunk)
            except (FileNotFoundError, PreconditionError):
                raise ChangedError(file) from None
        digest = digest_of(path)
        self.known[file.name] = [file.stamp, digest]
        log.info("landing: %s fetched, %s bytes", file.name, f"{file.size:,}")
        return digest
