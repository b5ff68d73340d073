"""How files of each kind are read: their columns, and a relation that DuckDB reads them by."""

import codecs
import csv
import gzip
import json
import lzma
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

import duckdb

from .errors import PipelineError
from .quote import name, text
from .spec import Source

LOOK = 1000  # lines of a JSON file in which each column must occur once


class UnreadableError(Exception):
    """A file that cannot be read as it is: cut off, or in another encoding."""


class Reader(Protocol):
    """What a kind of file must offer."""

    judges: bool  # whether `_broken` can be other than null

    def header(self, source: Source, path: Path) -> list[str]:
        """The columns of one file."""

    def prepare(self, source: Source, path: Path) -> Path:
        """The file, or a copy beside it that DuckDB can read."""

    def relation(self, source: Source, paths: Sequence[Path], header: Sequence[str]) -> str:
        """SQL that gives its columns as text, with `filename`, `_broken` and `_record`."""


def path_list(paths: Sequence[Path]) -> str:
    return f"[{', '.join(text(path.as_posix()) for path in paths)}]"


@contextmanager
def opened(path: Path, encoding: str) -> Iterator[IO[str]]:
    """Its text, decompressed."""
    try:
        if path.suffix.lower() == ".gz":
            with gzip.open(path, "rt", encoding=encoding, newline="") as stream:
                yield stream
        else:
            with path.open(encoding=encoding, newline="") as stream:
                yield stream
    except (EOFError, gzip.BadGzipFile, lzma.LZMAError) as error:
        raise UnreadableError(f"cut off or not compressed: {error}") from None
    except UnicodeDecodeError as error:
        raise UnreadableError(f"not {encoding}: {error.reason} at byte {error.start}") from None


def as_utf8(source: Source, path: Path) -> Path:
    """A copy in UTF-8 where the file is in another encoding, since DuckDB reads few of them."""
    try:
        encoding = codecs.lookup(source.encoding).name
    except LookupError:
        raise PipelineError(f"{source.path}: there is no encoding `{source.encoding}`") from None
    if encoding == "utf-8":
        if path.suffix.lower() == ".gz":  # a file that was cut off is found before it is read
            with opened(path, "latin-1") as given:
                while given.read(1 << 20):
                    pass
        return path
    copy = path.with_name(f"{path.name.removesuffix('.gz')}.{encoding}.utf8")
    with opened(path, encoding) as given, copy.open("w", encoding="utf-8", newline="") as out:
        while block := given.read(1 << 20):
            out.write(block)
    return copy


def cleaned(value: str, nulls: Sequence[str]) -> str:
    """Blanks around a value are no part of it, letters have one Unicode form, gaps are null."""
    has_blank = " or ".join(f"contains({value}, chr({code}))" for code in (32, 9, 160))
    trimmed = f"trim({value}, ' ' || chr(9) || chr(160))"  # costs more than the rest together
    plain = f"nullif(nfc_normalize(case when {has_blank} then {trimmed} else {value} end), '')"
    for null in nulls:
        plain = f"nullif({plain}, {text(null)})"
    return plain


class Csv:
    """Text with a delimiter, and the names of its columns in the first line."""

    judges = False

    def header(self, source: Source, path: Path) -> list[str]:
        with opened(path, "utf-8-sig") as stream:
            first = next(csv.reader(stream, delimiter=source.delimiter), [])
        return [column.strip() for column in first]

    def prepare(self, source: Source, path: Path) -> Path:
        return as_utf8(source, path)

    def relation(self, source: Source, paths: Sequence[Path], header: Sequence[str]) -> str:
        # By position: the names of a file may be empty or occur twice, ours do not.
        given = ", ".join(f"c{number}: 'VARCHAR'" for number in range(len(header)))
        place = {column: f"c{number}" for number, column in enumerate(header)}
        columns = [
            f"{cleaned(place[column], source.nulls) if column in place else 'null::varchar'} as {name(column)}"
            for column in (*source.columns, *source.optional)
        ]
        record = ", ".join(f"{text(column)}, {place[column]}" for column in place)
        return (
            f"select {', '.join(columns)}, filename, null::varchar as _broken, "
            f"json_object({record})::varchar as _record from read_csv({path_list(paths)}, "
            f"columns = {{{given}}}, delim = {text(source.delimiter)}, quote = '\"', escape = '\"', "
            "header = true, auto_detect = false, nullstr = '', filename = true, "
            "store_rejects = true, rejects_limit = 0)"
        )


class JsonLines:
    """An object in each line. A column that holds objects or lists is their JSON."""

    judges = True

    def header(self, source: Source, path: Path) -> list[str]:
        found: dict[str, None] = {}
        with opened(path, "utf-8-sig") as stream:
            for line, _ in zip(stream, range(LOOK), strict=False):
                try:
                    row = json.loads(line)
                except ValueError:
                    continue
                found.update(dict.fromkeys(row if isinstance(row, dict) else ()))
        return list(found)

    def prepare(self, source: Source, path: Path) -> Path:
        return as_utf8(source, path)

    def relation(self, source: Source, paths: Sequence[Path], header: Sequence[str]) -> str:
        columns = [
            f"{cleaned(f'row ->> {text(column)}', source.nulls)} as {name(column)}"
            for column in (*source.columns, *source.optional)
        ]
        # DuckDB reads numbers with a point as doubles, which hold 15 digits.
        long = "regexp_matches(line, '[:,\\[]\\s*-?[0-9.]{17,}') and list_max(list_transform("
        long += (
            "regexp_extract_all(line, '[:,\\[]\\s*-?([0-9]+[.][0-9]+)', 1), n -> length(n))) > 16"
        )
        return (
            f"select {', '.join(columns)}, filename, case when row is null then 'not a JSON object' "
            f"when {long} then 'a number of more than 15 digits: write it as a string' end as "
            "_broken, line as _record from (select line, filename, case when json_valid(line) and "
            "json_type(line) = 'OBJECT' then line::json end as row from "
            f"read_csv({path_list(paths)}, columns = {{line: 'VARCHAR'}}, delim = chr(1), "
            "quote = '', escape = '', header = false, auto_detect = false, filename = true, "
            "store_rejects = true, rejects_limit = 0))"
        )


class Parquet:
    """Columns with types; they are read as text, and judged like all others."""

    judges = False

    def header(self, source: Source, path: Path) -> list[str]:
        try:
            with duckdb.connect() as connection:
                found = connection.execute("describe from read_parquet(?)", [path.as_posix()])
                return [row[0] for row in found.fetchall()]
        except duckdb.Error as error:
            raise UnreadableError(str(error).splitlines()[0]) from None

    def prepare(self, source: Source, path: Path) -> Path:
        return path

    def relation(self, source: Source, paths: Sequence[Path], header: Sequence[str]) -> str:
        columns = [
            f"{cleaned(f'{name(column)}::varchar', source.nulls) if column in header else 'null::varchar'} "
            f"as {name(column)}"
            for column in (*source.columns, *source.optional)
        ]
        record = ", ".join(f"{text(column)}, {name(column)}::varchar" for column in header)
        return (
            f"select {', '.join(columns)}, filename, null::varchar as _broken, "
            f"json_object({record})::varchar as _record "
            f"from read_parquet({path_list(paths)}, filename = true)"
        )


READERS: dict[str, Reader] = {"csv": Csv(), "jsonl": JsonLines(), "parquet": Parquet()}
