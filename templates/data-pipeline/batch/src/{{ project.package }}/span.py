"""A span of days, as `backfill` is given it."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Span:
    """Days of events, both ends included."""

    first: date = date.min
    last: date = date.max

    @property
    def whole(self) -> bool:
        return (self.first, self.last) == (date.min, date.max)

    def __contains__(self, day: object) -> bool:
        # Rows without a day belong to no span but the whole: only there are all rows looked at.
        return self.first <= day <= self.last if isinstance(day, date) else self.whole

    def __str__(self) -> str:
        if self.whole:
            return "all days"
        return f"{_bound(self.first, date.min)} to {_bound(self.last, date.max)}"


def _bound(day: date, unset: date) -> str:
    return "..." if day == unset else day.isoformat()
