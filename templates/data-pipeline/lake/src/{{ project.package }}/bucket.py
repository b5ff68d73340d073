"""Tables in a bucket: S3 and what speaks its protocol, Azure Blob Storage, Google Cloud Storage.

deltalake commits there by a conditional put, so that of two commits at once one gives way. Engines
write to this machine first and the files are sent then; of what is read only the parts that a
query asks for are fetched. Files of tables never change, so what was fetched once stays true.

Credentials come from the environment or from files that a secret store mounts, and are in no
message: of what the storage answers only its code is told.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any

from deltalake.exceptions import DeltaError
from fsspec import AbstractFileSystem
from obstore.exceptions import BaseError, InvalidPathError
from obstore.store import from_url

from .engines import Engine, Written
from .engines.duckdb import scratch
from .errors import AwayError, PipelineError
from .storage import STATE

# NAME_FILE in the environment is a file that holds the value of NAME.
SECRETS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AZURE_STORAGE_ACCOUNT_KEY",
    "AZURE_STORAGE_SAS_TOKEN",
    "AZURE_CLIENT_SECRET",
    "GOOGLE_SERVICE_ACCOUNT_KEY",
)
NEEDED = {
    scheme: f"there are no credentials: set {names} in the environment"
    for scheme, names in (
        ("s3", "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
        ("az", "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY"),
        ("gs", "GOOGLE_SERVICE_ACCOUNT, the path of its key file,"),
    )
}
# Who finds none in the environment asks the machine, which has some where a cloud gave it a role.
NO_CREDENTIALS = re.compile(
    r"/latest/(api/token|meta-data)|169\.254\.169\.|metadata\.google|Account must be specified"
)
STATUS = re.compile(r"status code\W+(?:\x1b\[\d+m\W*)*(\d{3})")
RETRIES = 6
PATIENCE = 30  # seconds after which nothing is tried again
CONNECT, REQUEST = 5, 60  # seconds
SENDERS = 8  # files that are sent at once
TAIL = 1 << 16  # bytes at the end of a file, where Parquet says what is in it
TAILS = 256
KNOWN = 100_000

_numbers = count(1)


class Store:
    """A bucket or a folder of one: how it is reached, and what is told where that fails."""

    def __init__(self, url: str) -> None:
        self.place = url
        self._scheme = url.partition("://")[0]
        secrets = dict(_secrets())
        limits = {"timeout": f"{REQUEST}s", "connect_timeout": f"{CONNECT}s"}
        retries = {"max_retries": str(RETRIES), "retry_timeout": f"{PATIENCE}s"}
        self.options: dict[str, str] | None = {**limits, **retries, **secrets}
        # Which of its settings there are depends on the scheme, which types cannot tell.
        given: dict[str, Any] = {
            "config": secrets,
            "client_options": {**limits, "allow_http": _is_true("AWS_ALLOW_HTTP")},
            "retry_config": {
                "max_retries": RETRIES,
                "retry_timeout": timedelta(seconds=PATIENCE),
            },
        }
        with self.answers():
            self.objects = from_url(url, **given)

    @contextmanager
    def answers(self) -> Iterator[None]:
        try:
            yield
        except InvalidPathError as error:
            # Such as one with `..` in it, which would be a file somewhere else.
            raise PipelineError(f"{self.place}: {str(error).splitlines()[0]}") from None
        except (BaseError, DeltaError, OSError) as error:
            text = str(error)
            if NO_CREDENTIALS.search(text):
                raise PipelineError(f"{self.place}: {NEEDED[self._scheme]}") from None
            if "Error performing" not in text:
                raise
            if found := STATUS.search(text):
                status = found[1]
                # A server in trouble, or one that is asked too often, may be better later.
                kind = AwayError if status >= "500" or status == "429" else PipelineError
                raise kind(f"{self.place}: {_refused(status, text)}") from None
            raise AwayError(
                f"{self.place}: it does not answer; nothing was lost, run again when it does"
            ) from None


class Bucket(Store):
    """A lake in it."""

    is_shared = True
    state = STATE

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.name = url
        # A scheme of its own, which no engine takes for one that it knows how to reach.
        self._files = Files(f"lake{next(_numbers)}", self)

    def where(self, table: str) -> str:
        return f"{self.place}/{table}"

    def mount(self, engine: Engine) -> None:
        engine.mount(self._files)

    def readable(self, table: str, sizes: Mapping[str, int]) -> list[str]:
        return self._files.named({f"{table}/{file}": size for file, size in sizes.items()})

    @contextmanager
    def staged(self, table: str) -> Iterator[Path]:
        with scratch("lake-") as folder:
            yield folder / table

    def keep(self, table: str, written: Sequence[Written], folder: Path) -> None:
        def send(file: Written) -> None:
            self.objects.put(f"{table}/{file.path.relative_to(folder).as_posix()}", file.path)

        with self.answers(), ThreadPoolExecutor(SENDERS) as senders:
            # A list, since the first failure is to be raised here.
            list(senders.map(send, written))

    def part(self, path: str, start: int, end: int) -> bytes:
        with self.answers():
            return bytes(self.objects.get_range(path, start=start, end=end))

    def size(self, path: str) -> int:
        with self.answers():
            return int(self.objects.head(path)["size"])


# The base class has no types.
class Files(AbstractFileSystem):  # type: ignore[misc]
    """The bucket as DuckDB reads it. What the Delta log says of a file is not asked for again."""

    cachable = False

    def __init__(self, protocol: str, bucket: Bucket) -> None:
        super().__init__()
        self.protocol = protocol
        self.failure: PipelineError | None = None
        self._bucket = bucket
        self._sizes: dict[str, int] = {}
        self._tail = lru_cache(TAILS)(self._read_tail)

    def named(self, sizes: Mapping[str, int]) -> list[str]:
        if len(self._sizes) > KNOWN:
            self._sizes.clear()
        self._sizes.update(sizes)
        return [f"{self.protocol}://{path}" for path in sizes]

    def glob(self, path: str, **_: object) -> list[str]:
        return [path]  # files are named one by one

    def info(self, path: str, **_: object) -> dict[str, object]:
        return {"name": path, "size": self._size(self._name(path)), "type": "file"}

    def modified(self, path: str) -> datetime:
        return datetime.fromtimestamp(0, UTC)  # never since

    def read(self, path: str, start: int, end: int) -> bytes:
        size = self._size(path)
        end, tail = min(end, size), max(0, size - TAIL)
        if start >= end:
            return b""
        with self._noted():
            if start >= tail:
                return self._tail(path, size)[start - tail : end - tail]
            return self._bucket.part(path, start, end)

    def _open(self, path: str, mode: str = "rb", **_: object) -> "Reader":
        return Reader(self, self._name(path))

    def _name(self, path: str) -> str:
        return path.removeprefix(f"{self.protocol}://")

    def _size(self, path: str) -> int:
        if path not in self._sizes:
            with self._noted():
                self._sizes[path] = self._bucket.size(path)
        return self._sizes[path]

    def _read_tail(self, path: str, size: int) -> bytes:
        return self._bucket.part(path, max(0, size - TAIL), size)

    @contextmanager
    def _noted(self) -> Iterator[None]:
        # DuckDB makes an error of its own of ours: this one is raised again by the engine.
        try:
            yield
        except PipelineError as error:
            self.failure = error
            raise


class Reader:
    """One file, open for reading."""

    def __init__(self, files: Files, path: str) -> None:
        self._files = files
        self._path = path
        self._at = 0

    def read(self, size: int) -> bytes:
        found = self._files.read(self._path, self._at, self._at + size)
        self._at += len(found)
        return found

    def seek(self, place: int, _whence: int = 0) -> int:
        self._at = place
        return place

    def tell(self) -> int:
        return self._at

    def close(self) -> None:
        pass  # nothing is held open


def _secrets() -> Iterator[tuple[str, str]]:
    """Those that are given as files; the libraries look for all others by themselves."""
    for name in SECRETS:
        if file := os.environ.get(f"{name}_FILE"):
            try:
                yield name.lower(), Path(file).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise PipelineError(f"{name}_FILE: {file}: {error.strerror}") from None


def _is_true(name: str) -> bool:
    return os.environ.get(name, "").lower() in ("1", "true")


def _refused(status: str, text: str) -> str:
    # Nothing else of the answer is told: the addresses in it may be signed.
    code = "".join(re.findall(r"<Code>(\w+)</Code>", text)[:1])
    told = f"{status} {code}".strip()
    if code in ("NoSuchBucket", "ContainerNotFound") or "bucket does not exist" in text:
        return "there is no such bucket, or it belongs to another account or region"
    if status in ("401", "403"):
        return f"access is refused ({told}): look at the credentials and at what they may do"
    return f"it answers {told}"
