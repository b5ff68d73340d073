"""Files without the rows of a person; all other rows stay as they were written."""

import csv
import gzip
import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import duckdb

from .readers import cleaned, listed, numbered, opened
from .spec import Source
from .store import name, text


def without(source: Source, path: Path, person: str, to: Path) -> int:
    """Writes the file anew, in its encoding and compressed as it was; returns the rows left out."""
    if source.kind == "parquet":
        return _parquet(source, path, person, to)
    encoding = source.encoding.replace("utf-8", "utf-8-sig")
    with opened(path, encoding) as given, _writer(path, source.encoding, to) as out:
        return (_csv if source.kind == "csv" else _json)(source, given, person, out)


def _writer(path: Path, encoding: str, to: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(to, "wt", encoding=encoding, newline="")
    return to.open("w", encoding=encoding, newline="")


def plain(value: object) -> str:
    """A value as readers clean it."""
    return unicodedata.normalize("NFC", str(value).strip(" \t\xa0"))


def _csv(source: Source, given: IO[str], person: str, out: IO[str]) -> int:
    lines: list[str] = []

    def noted() -> Iterator[str]:
        for line in given:
            lines.append(line)
            yield line

    out.writelines(given.readline() for _ in range(source.skip))
    csv.field_size_limit(1 << 30)
    rows, left_out = csv.reader(noted(), delimiter=source.delimiter), 0
    names = [*source.columns, *source.optional]
    if source.header:
        names = numbered(column.strip() for column in next(rows, []))
    place = names.index(source.person)
    out.writelines(lines)
    lines.clear()
    for row in rows:
        if place < len(row) and plain(row[place]) == person:
            left_out += 1
        else:
            out.writelines(lines)
        lines.clear()
    return left_out


def _json(source: Source, given: IO[str], person: str, out: IO[str]) -> int:
    document = given.read()
    lines = document.splitlines(keepends=True)
    if (rows := listed(lines, document)) is not None:
        lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    kept = [line for line in lines if not _holds(line, source.person, person)]
    out.writelines(kept)
    return len(lines) - len(kept)


def _holds(line: str, column: str, person: str) -> bool:
    try:
        row = json.loads(line)
    except ValueError:
        return False
    return isinstance(row, dict) and plain(row.get(column)) == person


def _parquet(source: Source, path: Path, person: str, to: Path) -> int:
    rows = f"read_parquet({text(path.as_posix())})"
    found = f"coalesce({cleaned(f'{name(source.person)}::varchar', ())} = {text(person)}, false)"
    with duckdb.connect() as connection:
        query = f"copy (from {rows} where not {found}) to {text(to.as_posix())} (format parquet)"
        connection.execute(query)
        counted = connection.execute(f"select count(*) from {rows} where {found}").fetchall()
    return int(counted[0][0])
