"""Windows of event time: which a row belongs to, and which are closed.

All of it rests on one number, the bound. Windows that end at the bound or before are closed:
they are published and never change. A row from before the bound is late, because a window that
it belongs to is closed. The bound follows the watermark, the moment that the topic is through
with: the latest event time less the lateness that is waited for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import narwhals as nw

from .engines import Engine, Frame
from .errors import PipelineError

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NEVER = -1  # before the first bound


class Duration(int):
    """Microseconds, written as 90s, 15m, 1h or 2d."""

    def __new__(cls, text: str) -> "Duration":
        number, unit = text[:-1], text[-1:]
        if unit not in UNITS or not number.isdecimal() or not int(number):
            raise ValueError(text)
        return super().__new__(cls, int(number) * UNITS[unit] * 1_000_000)


@dataclass(frozen=True)
class Windows:
    """The table `[windows]` of the settings."""

    kind: str
    size: Duration
    step: Duration
    gap: Duration
    lateness: Duration
    remember: Duration

    def __post_init__(self) -> None:
        if self.kind not in ("tumbling", "sliding", "session"):
            raise PipelineError(
                f"[windows] kind: `{self.kind}` is none of tumbling, sliding, session"
            )
        if self.size % self.every or self.size < self.every:
            raise PipelineError("[windows] size must be a multiple of step")
        if self.remember < self.size + self.lateness:
            raise PipelineError("[windows] remember must be at least size and lateness together")

    @property
    def every(self) -> int:
        """A window begins each so many microseconds; tumbling windows are steps of their size."""
        return self.step if self.kind == "sliding" else self.size

    def bound(self, watermark: int) -> int:
        """Up to where windows are closed once this moment is over."""
        late = watermark - self.lateness
        if late < 0:
            return NEVER
        return late if self.kind == "session" else late // self.every * self.every

    def reach(self, bound: int) -> int:
        """Rows from here on tell all windows that are open at the bound."""
        return max(0, bound - (self.remember if self.kind == "session" else self.size))

    def assign(self, engine: Engine, rows: Frame, moment: str, keys: Sequence[str]) -> Frame:
        """Each row once for each of its windows, with `window_start`, `window_end` and their day."""
        bounds = self._sessions(moment, keys) if self.kind == "session" else self._aligned(moment)
        query = f"""
            with bounded as ({bounds})
            select
                *,
                make_timestamptz(start_us) as window_start,
                make_timestamptz(end_us) as window_end,
                cast(make_timestamptz(start_us) as date) as window_day
            from bounded
        """
        columns = rows.collect_schema().names()
        placed = engine.sql(query, "event", rows).with_columns(ds=nw.col("window_day"))
        return placed.select(*columns, "window_start", "window_end")

    def _aligned(self, moment: str) -> str:
        earlier = ", ".join(f"({back})" for back in range(0, self.size, self.every))
        start = f"epoch_us({moment}) - epoch_us({moment}) % {self.every} - back"
        return f"""
            select event.*, {start} as start_us, {start} + {self.size} as end_us
            from event cross join (values {earlier}) as earlier(back)
        """

    def _sessions(self, moment: str, keys: Sequence[str]) -> str:
        who = ", ".join(keys)
        return f"""
            with timed as (select *, epoch_us({moment}) as micros from event),
            opened as (
                select *, micros - lag(micros) over (partition by {who} order by micros, key) as pause
                from timed
            ),
            numbered as (
                select *, sum(case when pause < {self.gap} then 0 else 1 end)
                    over (partition by {who} order by micros, key rows unbounded preceding) as session
                from opened
            )
            select
                *,
                min(micros) over (partition by {who}, session) as start_us,
                max(micros) over (partition by {who}, session) + {self.gap} as end_us
            from numbered
        """


def moment_of(micros: int) -> datetime:
    return EPOCH + timedelta(microseconds=max(0, micros))
