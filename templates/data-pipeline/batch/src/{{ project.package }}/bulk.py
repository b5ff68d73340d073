"""Large files, split by DuckDB in one pass over all cores.

Only where that gives exactly the records that the readers in `sources.py` give; tests hold the
one against the other. A file with anything in it that they might see otherwise is left to them.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import duckdb

from .bronze import COLUMNS
from .engines.duckdb import quoted
from .records import composed

LARGE = 1_000_000  # bytes from which a query pays
CHUNK = 1 << 20  # bytes

# No longer line is split here: within it no value is larger than the readers allow.
LONGEST = csv.field_size_limit()

# DuckDB drops a NUL unseen, and JSON has more than one way to write the others.
CONTROL = bytes(set(range(32)) - set(b"\t\n\r"))


@dataclass(frozen=True)
class Bulk:
    """Records that a query gives: line, raw, fields and problem of each, as in `Record`."""

    query: str
    records: int

    def bronze(self, source: str, file: str, digest: str, reader: str) -> str:
        """The query of the bronze rows."""
        origin = {"source": source, "file": file, "digest": digest, "reader": reader}
        columns = (f"{quoted(origin[n])} as {n}" if n in origin else n for n in COLUMNS)
        return f"select {', '.join(columns)} from ({self.query})"


def split_csv(path: Path, delimiter: str = ",") -> Bulk | None:
    """The records of a CSV file in which each line is a row by itself; none of any other."""
    comma = rf"\x{{{ord(delimiter):x}}}"
    # A value in quotes, one without that may hold quotes further on, or nothing.
    value = f'"(?:[^"]|"")*"|[^"{comma}][^{comma}]*|'
    row = f"(?:{value})(?:{comma}(?:{value}))*"
    lines = _lines(path)
    odd = f"contains(raw, '\"') and not regexp_full_match(raw, {quoted(row)})"
    if path.suffix.lower() == ".gz" or _misread(path):
        return None
    try:
        with duckdb.cursor() as connection:
            filled, strange = connection.execute(
                f"select count(*) filter (raw <> ''), count(*) filter ({odd}) from {lines}"
            ).fetchall()[0]
    except duckdb.Error:
        # Not UTF-8, lines of different ends, a line that does not end: the reader tells which.
        return None
    header = [] if strange else _header(path, delimiter)
    if not header or len(set(header)) < len(header):
        return None
    size = len(header)
    pairs = ", ".join(f"{quoted(name)}, given[{at}]" for at, name in enumerate(header, start=1))
    parts = f"regexp_extract_all({quoted(delimiter)} || raw, {quoted(f'{comma}({value})')}, 1)"
    query = f"""
        with lines as (select row_number() over () as line, raw from {lines}),
        split as (
            select line, raw, case
                when contains(raw, '"') then list_transform({parts}, lambda part: case
                    when starts_with(part, '"') then replace(part[2:-2], '""', '"')
                    else part
                end)
                else string_split(raw, {quoted(delimiter)})
            end as parts
            from lines
            where line > 1 and raw <> ''
        ),
        formed as (
            select line, raw, case
                when strlen(raw) = length(raw) then parts  -- ASCII has one form only
                else list_transform(parts, lambda part: nfc_normalize(part))
            end as given
            from split
        )
        select line, raw,
            case when len(given) = {size} then cast(json_object({pairs}) as varchar) end as fields,
            case when len(given) <> {size}
                then len(given) || ' fields where the header has {size}'
            end as problem
        from formed
    """
    return Bulk(query, filled - 1)


def _misread(path: Path) -> bool:
    """Whether DuckDB would see other lines or characters in the file than the reader."""
    with path.open("rb") as file:
        parts = iter(lambda: file.read(CHUNK) + file.readline(LONGEST), b"")  # of whole lines
        return any(
            # Near a CR without LF it drops text.
            (b"\r" in part and part.count(b"\r") > part.count(b"\r\n"))
            or len(part.translate(None, CONTROL)) < len(part)
            for part in parts
        )


def _lines(path: Path) -> str:
    """Each line as one value, for want of delimiters and quotes."""
    return (
        f"read_csv({quoted(str(path))}, columns = {{'raw': 'varchar'}}, auto_detect = false, "
        "header = false, delim = '', quote = '', escape = '', comment = '', "
        f"compression = 'none', strict_mode = true, max_line_size = {LONGEST})"
    )


def _header(path: Path, delimiter: str) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        header: list[str] = composed(next(csv.reader(file, delimiter=delimiter, strict=True), []))
        return header
