"""Files of data: which they are, their rows as text, and the times in them.

Rows come from CSV and Parquet, each with its line, and each fault is told with file and line. A model
is only as reproducible as its data: `manifest.json` has the size and digest of every file of the data
folder, and nothing is read that changed without a word.
"""

import csv
import json
import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from .errors import BadInputError
from .settings import nearest
from .storage import digest, write, written

log = logging.getLogger(__name__)

PARQUET = ".parquet"
MANIFEST = "manifest.json"
# What is taken for a table of text, by its first bytes.
OTHERS = {
    b"PK\3\4": "a spreadsheet or a zip: save the table as CSV",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet: save the table as CSV",
    b"\x1f\x8b": "compressed by gzip: unpack it",
    b"PAR1": "Parquet: let its name end in .parquet",
}


def rows(path: Path, needed: Sequence[str]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Each row with its line in the file; the columns that are needed must be there."""
    lines = enumerate(_parquet(path), 1) if path.suffix == PARQUET else _csv(path)
    _, header = next(lines, (1, []))
    check_header(path, header, needed)
    for line, cells in lines:
        if len(cells) != len(header):
            found = f"{len(cells)} fields where the header has {len(header)}"
            raise BadInputError(f"{path}:{line}: {found}")
        yield line, dict(zip(header, cells, strict=True))


def check_header(path: Path, header: Sequence[str], needed: Sequence[str]) -> None:
    known = Counter(header)
    if missing := [name for name in needed if name not in known]:
        name = missing[0]
        raise BadInputError(f"{path}:1: there is no column `{name}`{nearest(name, header)}")
    for name, times in known.items():
        if times > 1:
            raise BadInputError(
                f"{path}:1: there are {times} columns `{name}`: one name must mean one column"
            )


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
    with faults_told(path), path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True, delimiter=separator(path))
        try:
            for cells in reader:
                line = reader.line_num
                if cells:  # else it is an empty line
                    yield line, cells
        except csv.Error as error:
            raise csv.Error(f"after line {line}: {error}") from None


@contextmanager
def faults_told(path: Path) -> Iterator[None]:
    """Why a CSV file cannot be read, and what to do."""
    try:
        yield
    except FileNotFoundError:
        raise BadInputError(f"{path} does not exist") from None
    except IsADirectoryError:
        raise BadInputError(f"{path} is a folder: name a file in it") from None
    except UnicodeDecodeError as error:
        with path.open("rb") as file:
            begins = file.read(8)
        for sign, told in OTHERS.items():
            if begins.startswith(sign):
                raise BadInputError(f"{path} is no CSV file but {told}") from None
        raise BadInputError(
            f"{path} is not in UTF-8 ({error.reason} at byte {error.start}): save it so, or "
            "convert it, for example with `iconv -f LATIN1 -t UTF-8`"
        ) from None
    except csv.Error as error:
        raise BadInputError(f"{path}: not a CSV file, {error}") from None


def _parquet(path: Path) -> Iterator[list[str]]:
    """The same texts as if it had been written as CSV."""
    try:
        import polars as pl
    except ImportError:
        raise BadInputError(f"{path}: polars reads Parquet: add it with `uv add polars`") from None

    def as_text(column: pl.Series) -> pl.Series | None:
        try:
            return column.cast(pl.String).fill_null("")
        except pl.exceptions.PolarsError:
            return None

    try:
        frame = pl.read_parquet(path, glob=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise BadInputError(f"{path}: {str(error).splitlines()[0]}") from None
    texts = pl.DataFrame([text for each in frame if (text := as_text(each)) is not None])
    if left_out := [name for name in frame.columns if name not in texts.columns]:
        log.info("%s: lists, durations and the like, so left out: %s", path, ", ".join(left_out))
    yield texts.columns
    yield from map(list, texts.iter_rows())


def moment(text: str, how: str | None, where: str) -> datetime:
    """A time by its format of `strptime`, or else by ISO 8601."""
    try:
        # What has no zone is given one by whoever reads it.
        return datetime.strptime(text, how) if how else datetime.fromisoformat(text)  # noqa: DTZ007
    except ValueError:
        iso = 'an ISO time; another format is declared in task.py, such as time_format="%Y/%m/%d"'
        fits = f"of the format {how}" if how else iso
        raise BadInputError(f"{where} is `{text[:40]}`, not {fits}") from None


def tell_contradictions(path: Path, target: str, rows: Iterable[tuple[object, int, float]]) -> None:
    """Say which rows have one content and several answers; each has content, line and answer."""
    first: dict[object, tuple[int, float]] = {}
    found = [
        (before, line)
        for content, line, answer in rows
        for before, other in [first.setdefault(content, (line, answer))]
        if answer != other
    ]
    if found:
        before, line = found[0]
        log.info(
            "%s: rows that equal an earlier one, with another `%s`: %d, such as line %d, which "
            "equals line %d; no model can tell them apart",
            path, target, len(found), line, before,
        )  # fmt: skip


class Clock:
    """Seconds since 1970 of the times of one column, which all have a zone or all have none."""

    def __init__(self, how: str | None) -> None:
        self._how = how
        self._zoned: bool | None = None  # of the time before

    def seconds(self, text: str, where: str) -> float:
        found = moment(text, self._how, where)
        zoned = found.tzinfo is not None
        if self._zoned not in (None, zoned):
            has, had = ("a", "none") if zoned else ("no", "one")
            raise BadInputError(
                f"{where} is `{text[:40]}` with {has} zone, those before have {had}: write all "
                "times of the column with their zone, or none"
            )
        self._zoned = zoned
        # Without a zone it is read as UTC, on whatever machine.
        return (found if zoned else found.replace(tzinfo=UTC)).timestamp()


def verified(folder: Path, name: str) -> str:
    """The digest of a file, if it is the one that the manifest names."""
    path = folder / name
    if not path.is_file():
        raise BadInputError(f"{path} does not exist")
    known = _manifest(folder).get(name)
    found = digest(path)
    if known is None or known["sha256"] != found:
        what = "is not in" if known is None else "is not what it was in"
        raise BadInputError(
            f"{path} {what} {folder / MANIFEST}: if the change is meant, look at it with the command "
            "`data` and accept it with `data --accept`"
        )
    return found


def accept(folder: Path) -> list[str]:
    """Write down all files as they are now; the names of those that are new or changed."""
    known = _manifest(folder) if (folder / MANIFEST).exists() else {}
    entries = {
        path.name: {"sha256": digest(path), "bytes": path.stat().st_size}
        for path in sorted((*folder.glob("*.csv"), *folder.glob("*.parquet")))
    }
    # What people wrote about a file, such as its source and licence, stays.
    kept = {name: {**known.get(name, {}), **entry} for name, entry in entries.items()}
    write(folder / MANIFEST, json.dumps(kept, indent=2) + "\n")
    return [name for name in kept if kept[name] != known.get(name)]


def _manifest(folder: Path) -> dict[str, dict[str, object]]:
    path = folder / MANIFEST
    try:
        found = json.loads(written(path))
    except FileNotFoundError:
        raise BadInputError(
            f"{path} does not exist; the command `data --accept` writes it"
        ) from None
    except json.JSONDecodeError as error:
        raise BadInputError(f"{path}: {error}") from None
    if not isinstance(found, dict) or not all(isinstance(v, dict) for v in found.values()):
        raise BadInputError(f"{path}: expected one object for each file")
    return found
