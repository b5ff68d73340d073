"""What the tables hold, told in a few lines. Gold is printed as it is, whatever its columns."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

import narwhals as nw

from .engines import Frame
from .errors import PipelineError
from .flow import Flow
from .lake import BRONZE, GOLD, QUARANTINE, SILVER, TABLES, Lake

Rows = Sequence[Mapping[str, object]]


def summary(lake: Lake, flow: Flow) -> Iterator[str]:
    """Rows per table, how they add up, why rows were set aside, and the totals of gold."""
    tables = [{"table": t.name, "rows": lake.count(t), "where": lake.path(t)} for t in TABLES]
    yield from table(tables)
    yield ""
    yield conservation(lake)
    if reasons := quarantined(lake):
        yield ""
        yield from table([{"rows": rows, "set aside because": why} for why, rows in reasons])
    if lake.exists(GOLD):
        yield ""
        yield from table(rows(lake, flow.totals(lake.read(GOLD))))


def conservation(lake: Lake) -> str:
    bronze, silver, aside = (lake.count(t) for t in (BRONZE, SILVER, QUARANTINE))
    repeated = seen(lake) - silver
    equal = "=" if bronze == silver + repeated + aside else "!="
    return f"bronze {bronze} {equal} silver {silver} + repeated {repeated} + quarantine {aside}"


def seen(lake: Lake) -> int:
    """Bronze rows that silver rests on, those of repeated and older versions included."""
    if not lake.count(SILVER):
        return 0
    total = lake.read(SILVER).select(seen=nw.col("seen").sum())
    return int(lake.engine.rows(total)[0]["seen"])


def quarantined(lake: Lake) -> list[tuple[str, int]]:
    if not lake.exists(QUARANTINE):
        return []
    counts = lake.read(QUARANTINE).group_by("reason").agg(rows=nw.len())
    pairs = ((row["reason"], row["rows"]) for row in lake.engine.rows(counts))
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))


def show(lake: Lake, name: str, day: date | None, limit: int) -> Iterator[str]:
    """The first rows of a table, and how many there are if these are not all."""
    which = next(t for t in TABLES if t.name == name)
    if day is not None and which.partition != "ds":
        raise PipelineError(f"{name} is not kept by day: leave out --day")
    frame = lake.read(which, None if day is None else [day])
    shown = rows(lake, frame, limit + 1)
    yield from table(shown[:limit])
    if len(shown) > limit:
        yield f"... the first {limit} rows only; --limit shows more"


def rows(lake: Lake, frame: Frame, limit: int | None = None) -> Rows:
    """Rows of a frame, in order of their values."""
    columns = frame.collect_schema()
    ordered = frame.sort(*columns.names())
    few = ordered if limit is None else ordered.head(limit)
    # Instants leave the engine as text: as objects they would need a time zone library.
    texts = [name for name, kind in columns.items() if kind == nw.Datetime]
    return lake.engine.rows(few.with_columns(nw.col(*texts).cast(nw.String)) if texts else few)


def table(rows: Rows) -> Iterator[str]:
    """Columns of equal width, numbers to the right."""
    if not rows:
        return
    names = list(rows[0])
    cells = [[_text(row[name]) for name in names] for row in rows]
    right = [all(isinstance(row[name], int | float | Decimal) for row in rows) for name in names]
    widths = [max(map(len, column)) for column in zip(names, *cells, strict=True)]
    for line in [names, *cells]:
        padded = (
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(line, widths, right, strict=True)
        )
        yield "  ".join(padded).rstrip()


def _text(value: object) -> str:
    return "" if value is None else str(value)
