"""What is unusual: the latest value of each series against the median of those before.

Median and median absolute deviation instead of mean and standard deviation: one delivery that went
wrong last week neither moves what is usual nor widens it. What lies as near to the median of the same
weekday is usual too, since weeks have weekends. What a source says under `usual` goes before all that.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from statistics import median

from .history import Observation

# Times the median absolute deviation this is the standard deviation, where noise is normal.
NORMAL = 1.4826
WEEKS = 2  # of so many a weekday has to be known
SHARE = 0.01  # one row in a hundred is no alarm, although there was none before

FRESHNESS = "hours since the last delivery"


@dataclass(frozen=True)
class Observability:
    """The table `[observability]` of the settings."""

    threshold: float
    tolerance: float
    min_history: int
    window: int
    max_age_hours: float
    usual: Mapping[tuple[str, str], "Band"] = field(default_factory=dict)  # by source and measure


@dataclass(frozen=True)
class Band:
    """What is usual."""

    low: float
    middle: float
    high: float

    def __str__(self) -> str:
        return f"{number(self.low)} to {number(self.high)}"


@dataclass(frozen=True)
class Finding:
    source: str
    measure: str
    value: float
    usual: Band | None  # none while there is too little to compare with
    limit: float | None = None

    @property
    def unusual(self) -> bool:
        beyond = self.limit is not None and self.value > self.limit
        outside = self.usual is not None and not self.usual.low <= self.value <= self.usual.high
        return beyond or outside

    def __str__(self) -> str:
        told = f"{self.source}: {self.measure} is {number(self.value)}"
        if self.usual is not None:
            told += f", usual are {self.usual}"
        if self.limit is not None:
            told += f", at most {number(self.limit)} are allowed"
        return told


def band(
    values: Sequence[float], settings: Observability, days: Sequence[int] = (), least: float = 0.0
) -> Band | None:
    """What is usual after these values; `days` are the weekdays of them, and of the one to judge."""
    recent = values[-settings.window :]
    if len(recent) < settings.min_history:
        return None
    middle = median(recent)
    deviation = NORMAL * median(abs(value - middle) for value in recent)
    room = max(settings.threshold * deviation, settings.tolerance * abs(middle), least)
    then = days[-len(recent) - 1 : -1]
    same = [value for value, day in zip(recent, then, strict=False) if day == days[-1]]
    like = median(same) if len(same) >= WEEKS else middle
    low = min(middle, like) - room
    return Band(max(low, 0.0) if least else low, middle, max(middle, like) + room)


def bands(
    points: Sequence[Observation], measure: str, settings: Observability
) -> list[Band | None]:
    """What was usual for each delivery, by those before it."""
    given = settings.usual.get((points[0].source, measure))
    values = [each.measures[measure] for each in points]
    days = [each.at.weekday() for each in points]
    least = SHARE if "share of " in measure else 0.0
    return [
        given or band(values[:index], settings, days[: index + 1], least)
        for index in range(len(points))
    ]


def findings(
    history: Sequence[Observation], settings: Observability, now: datetime
) -> Iterator[Finding]:
    """The latest value of each series, judged by those before, and how long ago it came."""
    for source, observations in by_source(history).items():
        yield freshness(source, [each.at for each in observations], settings, now)
        for measure, points in series(observations).items():
            # A measure of the latest delivery only: what it no longer has is not judged.
            if (latest := observations[-1]) is points[-1]:
                usual = bands(points, measure, settings)[-1]
                yield Finding(source, measure, latest.measures[measure], usual)


def freshness(
    source: str, times: Sequence[datetime], settings: Observability, now: datetime
) -> Finding:
    """Late by what is usual for the source, which never is before it usually delivers."""
    hours = [_hours(later, earlier) for earlier, later in pairwise(times)]
    usual = band(hours, settings, [each.weekday() for each in times])
    usual = settings.usual.get((source, FRESHNESS), usual)
    waiting = None if usual is None else Band(0.0, usual.middle, usual.high)
    limit = settings.max_age_hours if usual is None else None
    return Finding(source, FRESHNESS, _hours(now, times[-1]), waiting, limit)


def by_source(history: Sequence[Observation]) -> Mapping[str, list[Observation]]:
    sources: dict[str, list[Observation]] = {}
    for observation in history:
        sources.setdefault(observation.source, []).append(observation)
    return dict(sorted(sources.items()))


def series(observations: Sequence[Observation]) -> Mapping[str, list[Observation]]:
    """The deliveries of which each measure was taken."""
    found: dict[str, list[Observation]] = {}
    for observation in observations:
        for measure in observation.measures:
            found.setdefault(measure, []).append(observation)
    return found


def number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.4g}"


def _hours(later: datetime, earlier: datetime) -> float:
    return (later - earlier).total_seconds() / 3600
