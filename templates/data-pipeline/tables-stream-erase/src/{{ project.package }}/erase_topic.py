"""Files of a topic without the records of a person; offsets stay, so that nothing is read again."""

import csv
import json
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from .erase_files import is_of, names, place, plain
from .ingest import takes
from .log import COLUMNS, IDLE_FILES, LONGEST, MARKS, NO_RECORD, Clock, write_once
from .settings import Settings
from .spec import Source, load

ERASED = f"{NO_RECORD}a person was erased"


def without_records(source: Source, path: Path, person: str, to: Path) -> int:
    """Writes the file anew: of a record of the person its offset stays, and how far events had come."""
    clock, where, number = Clock(source), place(source), 0
    csv.field_size_limit(4 * LONGEST)
    with (
        path.open(encoding="utf-8", newline="") as given,
        to.open("w", encoding="utf-8", newline="") as out,
    ):
        out.write(given.readline())
        for line in given:
            row = dict(zip(COLUMNS, next(csv.reader([line])), strict=True))
            if not _is_of(row, where, person):
                out.write(line)
                continue
            before = datetime.fromisoformat(row["before"]) if row["before"] else None
            seen = clock.latest(before, row["value"], datetime.fromisoformat(row["sent"]))
            kept = (row["partition"], row["partitions"], row["offset"], row["sent"])
            out.write(f"{','.join(kept)},{seen.isoformat() if seen else ''},,{ERASED},,\n")
            number += 1
    return number


def _is_of(row: dict[str, str], where: list[str], person: str) -> bool:
    if plain(row["key"]) == person:
        return True
    value = None
    if not row["problem"]:
        with suppress(ValueError):
            value = json.loads(row["value"])
    if isinstance(value, dict):
        return is_of(value, where, person)
    # A record that cannot be used does not say whose it is: its text does.
    return names(row["key"], person) or names(row["value"], person)


def mark(settings: Settings, source: Source, path: Path) -> None:
    """Tells tables how far a partition had come by records that are erased: what is final stays so."""
    with path.open(encoding="utf-8", newline="") as given:
        erased = [row for row in csv.DictReader(given) if row["problem"] == ERASED]
    if not erased or not erased[-1]["before"]:
        return
    last = erased[-1]
    name = f"{source.topic}-{last['partition']}-{int(last['offset']):019}-erased.csv"
    path = settings.landing / IDLE_FILES / name
    file = path.relative_to(settings.landing).as_posix()
    if any(takes(each, file) for each in load(settings.root).sources.values()):
        path.parent.mkdir(exist_ok=True)
        line = f"{source.topic},{last['partition']},{last['partitions']},{last['before']}"
        write_once(path, MARKS, [line])
