"""The gate before gold: if too many rows were rejected, nothing is published.

It looks at all rows since the last publication, so a blocked run stays blocked until somebody
has corrected something: a next run with few or no new rows does not slip through.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import narwhals as nw

from . import settings
from .engines import Engine, Frame
from .errors import PipelineError
from .lake import BRONZE, GOLD, QUARANTINE, Lake
from .span import Span


class BlockedError(PipelineError):
    exit_code = 3


@dataclass(frozen=True)
class Quality:
    max_rejected_share: float
    tolerated_rows: int = 0


@dataclass(frozen=True)
class Tally:
    what: str
    rows: int
    rejected: Mapping[str | None, int]  # by reason

    @property
    def bad(self) -> int:
        return sum(self.rejected.values())

    @property
    def share(self) -> float:
        return self.bad / self.rows if self.rows else 0.0


def check_unpublished(lake: Lake) -> None:
    """Raise `BlockedError` if too many rows since the last publication were rejected."""
    since = lake.position(GOLD, "bronze")
    new = lake.count(BRONZE, lake.batches_after(since))
    rejected = lake.read(QUARANTINE).filter(nw.col("batch") > since)
    _check(Tally("rows since the last publication", new, _reasons(lake.engine, rejected)))


def check_backfill(engine: Engine, rows: Frame, span: Span) -> None:
    """The same for rows that are judged anew, before anything of it is written."""
    reasons = _reasons(engine, rows)
    total = sum(reasons.values())
    reasons.pop(None, 0)
    _check(Tally(f"rows of {span}", total, reasons))


def _reasons(engine: Engine, rows: Frame) -> dict[str | None, int]:
    counts = engine.rows(rows.group_by("reason").agg(rows=nw.len()).sort("reason"))
    return {row["reason"]: row["rows"] for row in counts}


def _check(tally: Tally) -> None:
    quality = settings.load("quality", Quality)
    if tally.share > quality.max_rejected_share and tally.bad > quality.tolerated_rows:
        raise BlockedError(_explain(tally, quality.max_rejected_share))


def _explain(tally: Tally, limit: float) -> str:
    return "\n".join(
        [
            f"gold is not published: {tally.bad} of {tally.rows} {tally.what} were rejected, "
            f"{tally.share:.1%}, and at most {limit:.1%} may be",
            *(f"  {rows:>5}  {reason}" for reason, rows in tally.rejected.items()),
            "Gold is as it was; `show quarantine` prints what is set aside. If the code judges "
            "wrongly, correct it and call `backfill`. If the rows are bad, have them delivered "
            "again, and let these pass by PIPELINE_QUALITY_MAX_REJECTED_SHARE=1 for one run.",
        ]
    )
