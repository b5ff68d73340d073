"""Reconciliation: the layers say the same, counted and added up anew from the data itself.

The steps keep these promises while they run; this reads the finished tables and trusts no step,
so that damage by a bug, a hand or a disk is found before somebody decides by the numbers.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import narwhals as nw

from .engines import Frame
from .flow import Flow
from .lake import BRONZE, GOLD, QUARANTINE, SILVER, Lake


@dataclass(frozen=True)
class Difference:
    promise: str
    found: str


def differences(lake: Lake, flow: Flow) -> Iterator[Difference]:
    """Each promise that the published tables break."""
    if not lake.exists(SILVER):
        return
    yield from _records(lake)
    yield from _keys(lake)
    if lake.exists(GOLD) and lake.position(GOLD, "silver") == lake.version(SILVER):
        yield from _summary(lake, flow)


def _records(lake: Lake) -> Iterator[Difference]:
    """Every record of bronze is behind a row of silver, or in quarantine."""
    bronze = _number(lake, lake.read(BRONZE).select(n=nw.len()))
    silver = _number(lake, lake.read(SILVER).select(n=nw.col("seen").sum()))
    aside = _number(lake, lake.read(QUARANTINE).select(n=nw.len()))
    if bronze != silver + aside:
        yield Difference(
            "bronze = silver with its repetitions + quarantine",
            f"{bronze} records in bronze, {silver} behind silver, {aside} in quarantine",
        )


def _keys(lake: Lake) -> Iterator[Difference]:
    """Silver has one row for each key, on one day."""
    counts = lake.read(SILVER).group_by("key").agg(n=nw.len())
    repeated = lake.engine.rows(counts.filter(nw.col("n") > 1))
    if repeated:
        keys = sorted(str(row["key"]) for row in repeated)
        some = ", ".join(keys[:5])
        yield Difference("one row of silver for each key", f"more than one of {some}")


def _summary(lake: Lake, flow: Flow) -> Iterator[Difference]:
    """Gold is what the summary of all of silver gives, row by row and so sum by sum."""
    published = _bag(lake, lake.read(GOLD))
    computed = _bag(lake, flow.summarise(lake.read(SILVER)))
    for row, count in (computed - published).items():
        yield Difference("gold = the summary of silver", f"{count} missing in gold: {_shown(row)}")
    for row, count in (published - computed).items():
        yield Difference("gold = the summary of silver", f"{count} too many in gold: {_shown(row)}")


Row = tuple[tuple[str, str], ...]


def _bag(lake: Lake, frame: Frame) -> Counter[Row]:
    rows = lake.engine.rows(frame)
    return Counter(tuple(sorted((name, str(row[name])) for name in row)) for row in rows)


def _shown(row: Row) -> str:
    return ", ".join(f"{name} {value}" for name, value in row)


def _number(lake: Lake, frame: Frame) -> int:
    return int(lake.engine.rows(frame)[0]["n"] or 0)
