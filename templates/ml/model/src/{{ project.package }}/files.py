"""Rows of CSV and Parquet files, as text: each with its line, each fault told with file and line."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from .errors import BadInputError

PARQUET = ".parquet"


def rows(path: Path, needed: Sequence[str]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Each row with its line in the file; the columns that are needed must be there."""
    lines = enumerate(_parquet(path), 1) if path.suffix == PARQUET else _csv(path)
    _, header = next(lines, (1, []))
    if missing := [name for name in needed if name not in header]:
        raise BadInputError(f"{path}:1: there is no column `{missing[0]}`")
    if twice := [name for name in header if header.count(name) > 1]:
        raise BadInputError(
            f"{path}:1: there are {header.count(twice[0])} columns `{twice[0]}`: one name "
            "must mean one column"
        )
    for line, cells in lines:
        if len(cells) != len(header):
            found = f"{len(cells)} fields where the header has {len(header)}"
            raise BadInputError(f"{path}:{line}: {found}")
        yield line, dict(zip(header, cells, strict=True))


def separator(path: Path) -> str:
    """A comma, or what separates the columns of a header without one."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header = next(csv.reader(file), [])
    except (OSError, csv.Error, UnicodeDecodeError):
        return ","  # whoever reads the file says what is wrong with it
    marks = ";\t|" if len(header) == 1 else ""
    return next((mark for mark in marks if mark in header[0]), ",")


def _csv(path: Path) -> Iterator[tuple[int, list[str]]]:
    line = 1
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True, delimiter=separator(path))
            for cells in reader:
                line = reader.line_num
                if cells:  # else it is an empty line
                    yield line, cells
    except FileNotFoundError:
        raise BadInputError(f"{path} does not exist") from None
    except UnicodeDecodeError as error:
        raise BadInputError(
            f"{path} is not in UTF-8 ({error.reason} at byte {error.start}): save it so, or "
            "convert it, for example with `iconv -f LATIN1 -t UTF-8`"
        ) from None
    except csv.Error as error:
        raise BadInputError(f"{path}: not a CSV file, after line {line}: {error}") from None


def _parquet(path: Path) -> Iterator[list[str]]:
    """The same texts as if it had been written as CSV."""
    try:
        import polars as pl
    except ImportError:
        raise BadInputError(f"{path}: polars reads Parquet: add it with `uv add polars`") from None
    try:
        frame = pl.read_parquet(path, glob=False).select(pl.all().cast(pl.String)).fill_null("")
    except (OSError, pl.exceptions.PolarsError) as error:
        raise BadInputError(f"{path}: {str(error).splitlines()[0]}") from None
    yield frame.columns
    yield from map(list, frame.iter_rows())
