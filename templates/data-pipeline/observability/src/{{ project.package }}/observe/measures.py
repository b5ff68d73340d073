"""What is measured of rows: the distribution of each column in a few numbers, by its type."""

from datetime import UTC, datetime
from typing import Any

import narwhals as nw

from ..engines import Frame
from ..judging import HANDLING

# Columns that tell rows apart instead of saying something about them.
PLACES = (*HANDLING, "source", "file", "line", "ds", "key")


def measures(rows: Frame) -> dict[str, Any]:
    """Expressions by what they measure."""
    found = {}
    for name, kind in rows.collect_schema().items():
        if name in PLACES:
            continue
        column = nw.col(name)
        found[f"{name}: share of nulls"] = column.is_null().cast(nw.Float64).mean()
        if kind.is_numeric():
            found[f"{name}: mean"] = column.cast(nw.Float64).mean()
            found[f"{name}: greatest"] = column.cast(nw.Float64).max()
        elif kind == nw.String:
            found[f"{name}: different values"] = column.n_unique().cast(nw.Float64)
    return found


def instant(text: str) -> datetime:
    """A moment that an engine gave as text: in UTC, which not every engine writes with it."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
