"""Objects of a bucket: S3 and what speaks its protocol, Azure Blob Storage, Google Cloud Storage.

Each object below `bucket = "s3://bucket/folder"` that has the ending of the source's files lands under its own
name, once for each of its versions. Credentials come from the environment, by the names of the cloud's own tools.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from obstore.exceptions import BaseError
from obstore.store import from_url

from .cloud import LIMITS, SCHEMES, credentials, refusal
from .errors import PipelineError
from .fetch import FetchError, draft
from .ingest import takes
from .spec import Source


def fetch_bucket(source: Source, folder: Path) -> list[Path]:
    """The files that landed: objects that are new, or changed since they were fetched."""
    if source.bucket.partition("://")[0] not in SCHEMES:
        raise PipelineError(f"{source.path}: `bucket` begins with s3://, az:// or gs://")
    memory, landed = folder / f".{source.name}.bucket.json", list[Path]()
    known = json.loads(memory.read_text(encoding="utf-8")) if memory.is_file() else {}
    if known.get("bucket") != source.bucket:
        known = {"bucket": source.bucket, "objects": {}}
    try:
        store = from_url(source.bucket, **_options())
        for name, version in _listed(store, source):
            if known["objects"].get(name) == version:
                continue
            path = folder / PurePosixPath(name).name
            if any(path == other for other in landed):
                raise FetchError(f"{source.bucket}: two objects are called {path.name}")
            with draft(folder) as part:
                for block in store.get(name).stream():
                    part.stream.write(block)
                part.replace(path)
            landed.append(path)
            known["objects"][name] = version
            # After each, so that a crash fetches one of them again.
            with draft(folder) as note:
                note.stream.write(json.dumps(known).encode())
                note.replace(memory)
    except BaseError as error:
        raise FetchError(f"{source.bucket}: {refusal(str(error))}") from None
    return landed


def _listed(store: Any, source: Source) -> Iterator[tuple[str, str]]:
    """The objects that are files of the source, and what tells their versions apart."""
    folder = Path(source.files).parent.as_posix()
    for some in store.list():
        for each in some:
            if takes(source, f"{folder}/{PurePosixPath(each['path']).name}"):
                yield each["path"], f"{each['e_tag'] or each['last_modified']} {each['size']}"


def _options() -> dict[str, Any]:
    plain = os.environ.get("AWS_ALLOW_HTTP", "").lower() in ("1", "true")
    try:
        return {"config": credentials(), "client_options": {**LIMITS, "allow_http": plain}}
    except PipelineError as error:
        raise FetchError(str(error)) from None
