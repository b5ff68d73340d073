"""Files by HTTP: CSV as it is, JSON as one object in a line, over all pages.

The server is asked only for what changed, by its ETag or Last-Modified. A token for it is
PIPELINE_<SOURCE>_TOKEN, or in the file that PIPELINE_<SOURCE>_TOKEN_FILE names.
"""

import gzip
import hashlib
import json
import re
import shutil
import time
import zlib
from datetime import UTC, datetime
from http.client import HTTPException, HTTPResponse
from io import BufferedIOBase
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError
from urllib.parse import urljoin, urlsplit
from urllib.request import Request, urlopen

from .errors import PipelineError
from .fetch import FetchError, draft, newest, secret
from .readers import unique
from .spec import Source

TRIES = 3
PAUSE = 2.0  # seconds before the second try, and twice that before the third
TIMEOUT = 30.0
AGAIN = (429, 500, 502, 503, 504)
LINES = ("application/jsonl", "application/x-ndjson", "application/x-jsonlines")
LONGEST = 60.0  # seconds for which a server may ask us to wait
BODY = (OSError, HTTPException, EOFError, zlib.error)


def fetch_http(source: Source, folder: Path) -> list[Path]:
    """The file that landed; nothing where nothing is new."""
    if urlsplit(source.url).scheme not in ("http", "https"):
        raise PipelineError(f"{source.path}: `url` begins with https:// or http://")
    memory, last = folder / f".{source.name}.http.json", newest(source, folder)
    known = json.loads(memory.read_text(encoding="utf-8")) if last and memory.is_file() else {}
    if known.get("url") != source.url:
        known = {}
    conditions = {"If-None-Match": known.get("etag"), "If-Modified-Since": known.get("modified")}
    with draft(folder) as part:
        answer = asked(source, source.url, {k: v for k, v in conditions.items() if v})
        if answer is None:
            return []
        is_json = source.kind == "jsonl" and answer.headers.get_content_type() not in LINES
        try:
            pages = _pages(source, answer, part.stream) if is_json else _copied(answer, part.stream)
        except BODY as error:
            raise FetchError(f"{shown(source.url)} ended early: {error!r}") from None
        if not part.stream.tell():
            if is_json:  # a list without rows, which is no file
                return []
            raise FetchError(f"{shown(source.url)} gives nothing")
        part.stream.seek(0)
        digest = hashlib.file_digest(part.stream, "sha256").hexdigest()  # type: ignore[arg-type]
        landed = list[Path]()
        if last is None or hashlib.sha256(last.read_bytes()).hexdigest() != digest:
            stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"
            landed = [folder / f"{source.name}-{stamp}{Path(source.files).suffix}"]
            part.land(landed[0])
    # What a server says of its first page is no word about the others.
    now = {"etag": answer.headers["ETag"], "modified": answer.headers["Last-Modified"]}
    with draft(folder) as note:
        note.stream.write(json.dumps({"url": source.url, **(now if pages == 1 else {})}).encode())
        note.replace(memory)
    return landed


def asked(source: Source, url: str, headers: dict[str, str]) -> HTTPResponse | None:
    """The answer; None where nothing changed."""
    request = Request(url, headers=headers)
    if token := secret(f"PIPELINE_{source.name.upper()}_TOKEN"):
        request.add_unredirected_header("Authorization", f"Bearer {token}")
    for attempt in range(1, TRIES + 1):
        asks = ""
        try:
            answer: HTTPResponse = urlopen(request, timeout=TIMEOUT)
            if answer.headers.get_content_type() == "text/html":
                raise FetchError(f"{shown(url)} gives a page of HTML, as one that asks to log in")
            return answer
        except HTTPError as error:
            if error.code == 304:
                return None
            why, final = f"answers {error.code} {error.reason}", error.code not in AGAIN
            asks = error.headers.get("Retry-After", "")
        except BODY as error:
            why, final = f"does not answer: {getattr(error, 'reason', error)}", False
        if final or attempt == TRIES:
            break
        time.sleep(min(float(asks), LONGEST) if asks.isdecimal() else PAUSE * attempt)
    raise FetchError(f"{shown(url)} {why}")


def plain(answer: HTTPResponse) -> BufferedIOBase:
    """What it holds; some servers compress it though nobody asked for that."""
    is_packed = answer.headers["Content-Encoding"] == "gzip"
    return gzip.GzipFile(fileobj=answer) if is_packed else answer


def _copied(answer: HTTPResponse, to: IO[bytes]) -> int:
    with answer:
        shutil.copyfileobj(plain(answer), to)
        if answer.length:  # of what it announced
            raise HTTPException(f"{answer.length} bytes are missing")
    return 1


def _pages(source: Source, first: HTTPResponse, to: IO[bytes]) -> int:
    answer, seen, before = first, {source.url}, list[Any]()
    while True:
        with answer:
            text = plain(answer).read()
        try:
            # A number is the text that it is: a float would round it.
            body = json.loads(text, parse_float=str, object_pairs_hook=unique)
        except (ValueError, RecursionError) as error:
            raise FetchError(f"{shown(source.url)} gives no JSON: {error}") from None
        rows = _field(body, source.items) if source.items else body
        if not isinstance(rows, list):
            raise FetchError(
                f"{shown(source.url)} gives no list of rows: name the field that holds it, `items`"
            )
        if rows and rows == before:
            raise FetchError(f"{shown(source.url)} gives one page again as the next one")
        before = rows
        for row in rows:
            line = json.dumps(row, ensure_ascii=False) + "\n"
            # Half a pair of surrogates is no letter: escaped, it costs its row alone.
            to.write(line.encode(errors="backslashreplace"))
        link = _field(body, source.next) if source.next else linked(answer)
        if not link:
            return len(seen)
        url = urljoin(source.url, str(link))
        if urlsplit(url)[:2] != urlsplit(source.url)[:2]:
            raise FetchError(f"the next page is {shown(url)}, of another server")
        if url in seen:
            raise FetchError(f"the pages of {shown(source.url)} go round in a circle")
        seen.add(url)
        following = asked(source, url, {})
        if following is None:
            raise FetchError(f"{shown(url)} answers 304, though it was not asked for changes")
        answer = following


def linked(answer: HTTPResponse) -> str:
    """The address of the next page, as RFC 8288 has it in a header."""
    links = re.findall("<([^>]*)>([^<]*)", answer.headers.get("Link", ""))
    is_next = re.compile(r"""; *rel *= *(next\b|"([^"]* )?next[ "])""", re.IGNORECASE)
    return next((target for target, words in links if is_next.search(words)), "")


def _field(body: Any, path: str) -> Any:
    for name in path.split("."):
        body = body.get(name) if isinstance(body, dict) else None
    return body


def shown(url: str) -> str:
    """Without a query, which may hold a key."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"
