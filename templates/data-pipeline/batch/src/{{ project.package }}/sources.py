"""Where files land and how they are split into records. Nothing is typed or renamed here.

A reader never fails on a bad record: it yields it with the problem, so that it can be counted
and looked at. `sql/silver.sql` then says what the fields of each source mean.
"""

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

NOT_UTF8 = "not UTF-8 text"


@dataclass(frozen=True)
class Record:
    line: int  # first line of the record in its file, from 1
    raw: str  # the record as it came
    fields: str | None  # the same as a JSON object whose values are text; none if unreadable
    problem: str | None = None


@dataclass(frozen=True)
class Source:
    name: str
    files: str  # pattern below the landing folder
    read: Callable[[Path], Iterator[Record]]


def read_csv(path: Path, delimiter: str = ",") -> Iterator[Record]:
    """One record per CSV row; the first row names the fields."""
    with _open(path) as file:
        taken: list[str] = []

        def lines() -> Iterator[str]:
            for line in file:
                taken.append(line)
                yield line

        rows = csv.reader(lines(), delimiter=delimiter, strict=True)
        header: list[str] | None = None
        while True:
            taken.clear()
            line = rows.line_num + 1
            try:
                row = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                yield _record(line, "".join(taken), None, f"not valid CSV: {error}")
                continue
            raw = "".join(taken)
            if header is None:
                header = row
            elif len(row) == len(header):
                yield _record(line, raw, dict(zip(header, row, strict=True)))
            elif row:
                problem = f"{len(row)} fields where the header has {len(header)}"
                yield _record(line, raw, None, problem)


def read_jsonl(path: Path) -> Iterator[Record]:
    """One record per line, each a JSON object. Numbers stay the text that they were."""
    with _open(path) as file:
        for line, raw in enumerate(file, start=1):
            if not raw.strip():
                continue
            try:
                value = json.loads(raw, parse_float=str, parse_int=str, parse_constant=str)
            except (ValueError, RecursionError):
                yield _record(line, raw, None, "not valid JSON")
                continue
            if isinstance(value, dict):
                yield _record(line, raw, value)
            else:
                yield _record(line, raw, None, "not a JSON object")


# Bytes that are not UTF-8 become lone surrogates, by which `_record` knows them.
_open = partial(Path.open, encoding="utf-8-sig", errors="surrogateescape", newline="")


def _record(
    line: int, raw: str, fields: Mapping[str, object] | None, problem: str | None = None
) -> Record:
    raw = raw.rstrip("\r\n")
    text = None if fields is None else json.dumps(fields, ensure_ascii=False)
    try:
        f"{raw}{text}".encode()
    except UnicodeEncodeError:
        # An escape such as \ud800 is half a character: no engine stores it as text.
        text, problem = None, NOT_UTF8
        raw = raw.encode("utf-8", "backslashreplace").decode()
    return Record(line, raw, text, problem)


SOURCES = (
    Source("shop", "shop/**/*.csv", read_csv),
    Source("marketplace", "marketplace/**/*.jsonl", read_jsonl),
)
