"""What is unusual: the latest value of each series against the median of those before.

Median and median absolute deviation instead of mean and standard deviation: one delivery that went
wrong last week neither moves what is usual nor widens it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import median

from .history import Observation

# Times the median absolute deviation this is the standard deviation, where noise is normal.
NORMAL = 1.4826

FRESHNESS = "hours since the last delivery"


@dataclass(frozen=True)
class Observability:
    """The table `[observability]` of the settings."""

    threshold: float
    tolerance: float
    min_history: int
    window: int
    max_age_hours: float


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

    @property
    def row(self) -> Mapping[str, str]:
        """For a table."""
        return {
            "source": self.source,
            "measure": self.measure,
            "latest": number(self.value),
            "usual": "too little history" if self.usual is None else str(self.usual),
            "": "unusual" if self.unusual else "",
        }

    def __str__(self) -> str:
        told = f"{self.source}: {self.measure} is {number(self.value)}"
        if self.usual is not None:
            told += f", usual are {self.usual}"
        if self.limit is not None:
            told += f", at most {number(self.limit)} are allowed"
        return told


def band(values: Sequence[float], settings: Observability) -> Band | None:
    recent = values[-settings.window :]
    if len(recent) < settings.min_history:
        return None
    middle = median(recent)
    deviation = NORMAL * median(abs(value - middle) for value in recent)
    room = max(settings.threshold * deviation, settings.tolerance * abs(middle))
    return Band(middle - room, middle, middle + room)


def findings(
    history: Sequence[Observation], settings: Observability, now: datetime
) -> Iterator[Finding]:
    """The latest value of each series, judged by those before, and how long ago it came."""
    for source, observations in by_source(history).items():
        yield freshness(source, [each.at for each in observations], settings, now)
        for measure, values in series(observations).items():
            # A measure of the latest delivery only: what it no longer has is not judged.
            if measure in observations[-1].measures:
                yield Finding(source, measure, values[-1], band(values[:-1], settings))


def freshness(
    source: str, times: Sequence[datetime], settings: Observability, now: datetime
) -> Finding:
    """Late by what is usual for the source, which never is before it usually delivers."""
    hours = [_hours(later, earlier) for earlier, later in pairwise(times)]
    usual = band(hours, settings)
    waiting = None if usual is None else Band(0.0, usual.middle, usual.high)
    age = _hours(now, times[-1])
    return Finding(source, FRESHNESS, age, waiting, settings.max_age_hours)


def by_source(history: Sequence[Observation]) -> Mapping[str, list[Observation]]:
    sources: dict[str, list[Observation]] = {}
    for observation in history:
        sources.setdefault(observation.source, []).append(observation)
    return dict(sorted(sources.items()))


def series(observations: Sequence[Observation]) -> Mapping[str, list[float]]:
    found: dict[str, list[float]] = {}
    for observation in observations:
        for measure, value in observation.measures.items():
            found.setdefault(measure, []).append(value)
    return found


def number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.4g}"


def _hours(later: datetime, earlier: datetime) -> float:
    return (later - earlier).total_seconds() / 3600
