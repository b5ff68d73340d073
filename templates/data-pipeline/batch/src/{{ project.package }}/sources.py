"""Where files land and how they are split into records. Nothing is typed or renamed here.

A reader never fails on a bad record: it yields it with the problem, so that it can be counted
and looked at. `sql/silver.sql` then says what the fields of each source mean.
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from .records import Record, as_record, from_json


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
                yield as_record(line, "".join(taken), None, f"not valid CSV: {error}")
                continue
            raw = "".join(taken)
            if header is None:
                header = row
            elif len(row) == len(header):
                yield as_record(line, raw, dict(zip(header, row, strict=True)))
            elif row:
                problem = f"{len(row)} fields where the header has {len(header)}"
                yield as_record(line, raw, None, problem)


def read_jsonl(path: Path) -> Iterator[Record]:
    """One record per line, each a JSON object. Numbers stay the text that they were."""
    with _open(path) as file:
        for line, raw in enumerate(file, start=1):
            if raw.strip():
                yield from_json(line, raw)


# Bytes that are not UTF-8 become lone surrogates, by which `as_record` knows them.
_open = partial(Path.open, encoding="utf-8-sig", errors="surrogateescape", newline="")


SOURCES = (
    Source("shop", "shop/**/*.csv", read_csv),
    Source("marketplace", "marketplace/**/*.jsonl", read_jsonl),
)
