"""Proposes a source from a look at what a URL gives: at most its first megabytes, for a short time."""

import json
import time
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from .errors import PipelineError
from .fetch import FetchError
from .fetch_http import BODY, LINES, asked, linked, plain, shown
from .propose import as_name, new_source
from .settings import Settings
from .spec import KINDS, Source

MOST = 20_000_000  # bytes
SECONDS = 60.0
NEXT = ("next", "next_url", "next_page", "next_link", "links.next", "paging.next", "meta.next")


def new_source_of(settings: Settings, url: str, given_name: str | None) -> str:
    """Writes `sources/NAME.toml` for what the URL gives; returns its path."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise PipelineError(f"{url} is no URL of HTTP: it begins with https:// or http://")
    last = Path(parts.path)
    source_name = given_name or as_name(last.stem or parts.hostname)
    look = Source(source_name, settings.root / "sources" / f"{source_name}.toml", "", (), url=url)
    try:
        answer = asked(look, url, {})
        if answer is None:  # it was not asked for changes
            raise FetchError(f"{shown(url)} answers 304")
        body, is_whole = _start(answer, url)
    except FetchError as error:
        raise PipelineError(str(error)) from None
    if body[:2] == b"\x1f\x8b":
        raise PipelineError(f"{shown(url)} is compressed, which `fetch` does not read")
    kind, more = KINDS.get(last.suffix.lower(), "csv"), [f"url = {json.dumps(url)}"]
    content = answer.headers.get_content_type()
    if content in LINES or "json" in content:
        kind = "jsonl"
    if kind == "jsonl" and content not in LINES:
        if not is_whole:
            raise PipelineError(f"{shown(url)} gives more than {MOST:,} bytes of JSON in one page")
        body, fields = _rows(body, shown(url))
        fields += [] if any(each.startswith("next") for each in fields) else _link(answer)
        more += fields
    elif not is_whole and kind == "parquet":
        raise PipelineError(f"{shown(url)} gives more than {MOST:,} bytes of Parquet")
    elif not is_whole:
        body = body[: body.rfind(b"\n") + 1]
        more.append(f"# What follows is from the first {len(body):,} bytes.")
    with TemporaryDirectory() as folder:
        file = Path(folder, source_name, f"look.{kind}")
        file.parent.mkdir()
        file.write_bytes(body)
        return new_source(settings, file, source_name, more)


def _start(answer: HTTPResponse, url: str) -> tuple[bytes, bool]:
    """What comes within the limits, and whether it is all."""
    found, end = bytearray(), time.monotonic() + SECONDS
    try:
        with answer:
            content = plain(answer)
            while len(found) <= MOST and time.monotonic() < end:
                block = content.read1(1 << 16)
                if not block:
                    return bytes(found), True
                found += block
    except BODY as error:
        raise FetchError(f"{shown(url)} ended early: {error!r}") from None
    if len(found) <= MOST:
        raise FetchError(f"{shown(url)} gave {len(found):,} bytes in {SECONDS:.0f} s: too slow")
    return bytes(found[:MOST]), False


def _rows(body: bytes, url: str) -> tuple[bytes, list[str]]:
    """The rows of a page as lines, and the fields that hold them and the next page."""
    try:
        page = json.loads(body, parse_float=str)
    except ValueError as error:
        raise PipelineError(f"{url} gives no JSON: {error}") from None
    lists = [(path, value) for path, value in _fields(page) if _is_rows(value)]
    if not lists:
        raise PipelineError(f"{url} gives no list of objects")
    items, rows = max(lists, key=lambda each: len(each[1]))
    fields = [f"items = {json.dumps(items)}          # {len(rows)} rows"] if items else []
    following = [path for path, value in _fields(page) if path in NEXT and isinstance(value, str)]
    fields += [f"next = {json.dumps(path)}          # the next page" for path in following[:1]]
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows), fields


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)


def _fields(page: Any, path: str = "", depth: int = 3) -> Iterator[tuple[str, Any]]:
    """Each field of an object and of those in it, by its path."""
    yield path, page
    if isinstance(page, dict) and depth:
        for key, value in page.items():
            yield from _fields(value, f"{path}.{key}" if path else key, depth - 1)


def _link(answer: HTTPResponse) -> list[str]:
    told = "# The next page is in the header `Link`, which `fetch` follows."
    return [told] if linked(answer) else []
