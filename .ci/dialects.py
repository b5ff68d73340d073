#!/usr/bin/env python3
"""Random CSV files, as a generated batch pipeline that is set up reads them and as Python's `csv` does.

    .ci/dialects.py REPOSITORY [ROUNDS [SEED]]

No value may differ, and no row may be missing that was not rejected; a file that is refused costs itself. Each round reads 240
files. Prints those that are read wrong, and what became of all.
"""

import contextlib
import csv
import importlib
import io
import os
import random
import sys
import tempfile
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

from deliveries import package_of

COLUMNS = ("id", "amount", "note")
FILES = 40  # of each source in a round
PLAIN = ("1", "x", "foo", "12.50", "2026-01-01", "", " v", "v ", '"q"', '"d""d"', '"a{delimiter}b"')
ODD = (
    *('"l\nm"', '"l\r\nm"', '"l\rm"', '"l\n""m"', 'mid"dle', '"ab"c', 'x"', '""', '"q" ', '"', '"""', '""""'),
    *("z\0y", "e\u0301\u00e9", "\u00a0n", "\u2028p", "#c", "\\", '\\"', "a\\", "'x'", "`", "NULL", "\\N", "nan"),
    *("\x01k", "\x0bk", "\x0ck", "\x1ck", "\x85k", "{long}", "{number}"),
)
ENDS = ("\n", "\r\n", "\r")

Rows = Counter[tuple[str | None, ...]]


class Dialect:
    """A source, and what its files look like."""

    def __init__(self, name: str, delimiter: str, encoding: str, header: bool) -> None:
        self.name, self.delimiter, self.encoding, self.header = name, delimiter, encoding, header

    def declare(self, root: Path) -> None:
        (root / "landing" / self.name).mkdir(parents=True)
        names = ", ".join(f'"{column}"' for column in COLUMNS)
        (root / f"sources/{self.name}.toml").write_text(
            f'files = "{self.name}/*.csv"\ncolumns = [{names}]\ndelimiter = "{self.delimiter}"\n'
            f'encoding = "{self.encoding}"\nheader = {str(self.header).lower()}\n'
        )
        (root / f"tables/silver/{self.name}.sql").write_text(
            f'/*---\ndescription = "Texts"\nlimit = 1\n---*/\nselect {", ".join(COLUMNS)}, _file as file from bronze.{self.name}\n'
        )

    def content(self, draw: random.Random) -> bytes:
        """A file: mostly sound, with one kind of trouble or another."""
        end, is_mixed = draw.choice(ENDS), draw.random() < 0.12
        is_ragged, has_blanks, is_longer = (draw.random() < share for share in (0.15, 0.15, 0.1))
        lines = [list(COLUMNS) if self.header else ["1", "2", "3"]]
        for _ in range(draw.choice((0, 1, 2, 3, 5, 8, 20, 60))):
            odd = draw.random() < draw.choice((0, 0.1, 0.6))
            row = [draw.choice(ODD if odd and draw.random() < 0.5 else PLAIN) for _ in COLUMNS]
            if is_ragged and draw.random() < 0.3:
                row = row[:-1] if draw.random() < 0.5 else [*row, "more"]
            lines.append(row + [""] * (is_longer and draw.random() < 0.9))
            if has_blanks and draw.random() < 0.3:
                lines.append([])
        long, number = "L" * draw.choice((9, 40_000, 300_000)), str(draw.randrange(10**20))
        text = "".join(
            self.delimiter.join(line) + (draw.choice(ENDS) if is_mixed else end) for line in lines
        )
        for mark, value in (("{delimiter}", self.delimiter), ("{long}", long), ("{number}", number)):
            text = text.replace(mark, value)
        if draw.random() < 0.3:
            text = text.rstrip("\r\n")
        mark = "\ufeff" if self.encoding == "utf-8" and draw.random() < 0.1 else ""
        return (mark + text).encode(self.encoding, "replace")

    def rows(self, content: bytes, blanks: str) -> tuple[Rows, int] | None:
        """Its rows as Python reads them, and how many have too few or too many values; None where it gives up."""
        text = content.decode("utf-8-sig" if self.encoding == "utf-8" else self.encoding)
        try:
            lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=self.delimiter))
        except csv.Error:
            return None
        found, torn = Rows(), 0
        for line in filter(None, lines[self.header :]):
            # A delimiter may end each line.
            values = line[:-1] if line[len(COLUMNS) :] == [""] else line
            if len(values) == len(COLUMNS):
                found[tuple(_clean(value, blanks) for value in values)] += 1
            else:
                torn += 1
        return found, torn


DIALECTS = (
    Dialect("comma", ",", "utf-8", True),
    Dialect("semicolon", ";", "utf-8", True),
    Dialect("tab", "\t", "utf-8", True),
    Dialect("latin", ",", "latin-1", True),
    Dialect("wide", ",", "utf-16", True),
    Dialect("bare", "|", "utf-8", False),
)


def _clean(value: str, blanks: str) -> str | None:
    return unicodedata.normalize("NFC", value.strip(blanks)) or None


def is_right(known: Rows, torn: int, found: Rows, rejected: int) -> bool:
    """Nothing was made up, what is missing was rejected, and so was each row with too few or too many values."""
    return not found - known and (known - found).total() <= rejected and torn <= rejected


def read(package: str, root: Path, draw: random.Random) -> Counter[str]:
    """One round: what became of how many files."""
    module = {name: importlib.import_module(f"{package}.{name}") for name in ("cli", "readers", "settings", "store")}
    for name in ("sources", "tables/silver"):
        (root / name).mkdir(parents=True)
    (root / "pipeline.toml").write_text('landing = "landing"\ndata = "data"\nlimit = 1.0\nunclaimed = 0\nmemory = ""\n')
    files = dict[str, tuple[Dialect, bytes]]()
    for dialect in DIALECTS:
        dialect.declare(root)
        # A file that was there before is not taken in again.
        for number, content in enumerate(dict.fromkeys(dialect.content(draw) for _ in range(FILES))):
            name = f"{dialect.name}/{number:03}.csv"
            files[name] = dialect, content
            (root / "landing" / name).write_bytes(content)
    os.chdir(root)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        code = module["cli"].main(["run"])
    if code not in (0, 3):
        print(printed.getvalue())
        return Counter(wrong=len(files))
    given = defaultdict[str, Rows](Counter)
    with module["store"].Store.open(module["settings"].load(root)) as store:
        for dialect in DIALECTS:
            for file, *row in store.sql(f"select file, {', '.join(COLUMNS)} from silver.{dialect.name}"):
                given[file][tuple(row)] += 1
        rejected = Counter(dict(store.sql("select file, count(*) from meta.rejected group by all")))
    became = Counter[str]()
    for name, (dialect, content) in files.items():
        if f"{name} cannot be read: " in printed.getvalue():
            became["refused"] += 1
        elif (known := dialect.rows(content, module["readers"].BLANKS)) is None:
            became["read by the pipeline alone"] += 1
        elif is_right(*known, given[name], rejected[name]):
            became["alike"] += 1
        else:
            became["wrong"] += 1
            print(f"{name}: {content[:500]!r}\n  Python reads {known}\n  the pipeline {given[name]}, {rejected[name]} rejected")
    return became


def main(repository: str, rounds: str = "1", seed: str = "1") -> int:
    package = package_of(Path(repository).resolve())
    csv.field_size_limit(1 << 30)
    became, start = Counter[str](), Path.cwd()
    for number in range(int(rounds)):
        with tempfile.TemporaryDirectory() as folder:
            became += read(package, Path(folder), random.Random(f"{seed}-{number}"))
            os.chdir(start)
    print(", ".join(f"{count} {what}" for what, count in became.most_common()))
    return 1 if became["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
