"""The speed table against the batch: equal, or it is told which records make the difference.

Both are made of the same records by the same query and the same numbers. They differ where the
batch knows more: records that came too late for the speed layer, that were corrected after their
window was closed, or that came by file only. A difference that no such record explains is a fault.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import narwhals as nw

from . import report
from .engines import Frame
from .flow import Flow
from .lake import BRONZE, DEAD_LETTERS, RECENT, SILVER, WINDOWS, Lake
from .windows import Windows, moment_of

PERIOD = ("window_start", "window_end")

Row = Mapping[str, object]
Assign = Callable[[Frame], Frame]
Place = tuple[str, ...]  # start and end of a window, and what it is told apart by


@dataclass(frozen=True)
class Difference:
    place: Place
    speed: str
    batch: str
    because: Sequence[str]


@dataclass(frozen=True)
class Comparison:
    windows: int
    differences: Sequence[Difference]

    @property
    def unexplained(self) -> Sequence[Difference]:
        return [difference for difference in self.differences if not difference.because]


def compare(lake: Lake, flow: Flow, windows: Windows) -> Comparison:
    """All windows that the speed layer has closed and still remembers the records of."""
    days = [str(day) for day in lake.partitions(RECENT)]
    if not days or not lake.exists(SILVER) or not lake.exists(WINDOWS):
        return Comparison(0, [])
    # Up to where both know all: the batch has taken over what was read when this was the bound.
    bound = moment_of(min(lake.position(table, "bound") for table in (WINDOWS, BRONZE)))
    start = nw.lit(min(days)).cast(nw.Date).cast(nw.Datetime("us", "UTC"))

    def inside(frame: Frame) -> Frame:
        return frame.filter(nw.col("window_start") >= start, nw.col("window_end") <= nw.lit(bound))

    def assigned(rows: Frame) -> Frame:
        return windows.assign(lake.engine, rows, flow.moment, flow.keys)

    whole = lake.read(SILVER).filter(nw.col("source") == flow.source)
    batch = _numbers(lake, flow, inside(flow.windowed(assigned(whole))))
    speed = _numbers(lake, flow, inside(lake.read(WINDOWS)))
    causes = list(_causes(lake, flow, assigned, whole))
    differing = sorted(p for p in batch.keys() | speed.keys() if batch.get(p) != speed.get(p))
    return Comparison(
        len(batch.keys() | speed.keys()),
        [
            Difference(
                place,
                speed.get(place, "nothing"),
                batch.get(place, "nothing"),
                sorted({why for other, why in causes if _meet(place, other)}),
            )
            for place in differing
        ],
    )


def shown(found: Comparison) -> Iterator[str]:
    equal = found.windows - len(found.differences)
    yield f"speed and batch: {equal} of {found.windows} windows say the same"
    for difference in found.differences:
        start, end, *keys = difference.place
        yield f"  {start[:16]} to {end[:16]}, {', '.join(keys)}"
        yield f"    speed: {difference.speed}"
        yield f"    batch: {difference.batch}"
        yield from (f"    {why}" for why in difference.because or ["no record explains this"])


def _numbers(lake: Lake, flow: Flow, frame: Frame) -> dict[Place, str]:
    places = (*PERIOD, *flow.keys)
    return {
        _place(row, places): ", ".join(
            f"{name} {row[name]}" for name in sorted(row.keys() - {*places, "ds"})
        )
        for row in report.rows(lake, frame)
    }


def _causes(lake: Lake, flow: Flow, assigned: Assign, whole: Frame) -> Iterator[tuple[Place, str]]:
    """The windows of each record that the two layers do not count alike, and why that is."""
    recent = lake.read(RECENT)
    letters = {(row["file"], row["line"]): str(row["reason"]) for row in _letters(lake)}
    names = ("key", "file", "line", *PERIOD, *flow.keys)
    for rows, others in ((whole, recent), (recent, whole)):
        unlike = rows.join(others.select("key", "version"), on=["key", "version"], how="anti")
        for row in report.rows(lake, assigned(unlike).select(*names)):
            if rows is recent:
                why = "has another version by now"
            elif (row["file"], row["line"]) in letters:
                why = letters[row["file"], row["line"]]
            else:
                why = f"is of {row['file']} and was not counted"
            yield _place(row, (*PERIOD, *flow.keys)), f"{row['key']}: {why}"


def _letters(lake: Lake) -> Sequence[Row]:
    return report.rows(lake, lake.read(DEAD_LETTERS).select("file", "line", "reason"))


def _place(row: Row, names: Sequence[str]) -> Place:
    return tuple(str(row[name]) for name in names)


def _meet(one: Place, other: Place) -> bool:
    """Sessions grow by a late record, so windows of one key that overlap are held together."""
    return one[2:] == other[2:] and one[0] < other[1] and other[0] < one[1]
