"""What the code would make, known without any data."""

from collections.abc import Mapping
from datetime import UTC, datetime

import narwhals as nw
from arro3.core import RecordBatchReader

from .bronze import ARROW
from .engines import Engine, Frame
from .flow import Flow
from .judging import readable, rejected
from .lake import BRONZE, GOLD, QUARANTINE, SILVER
from .silver import keep_latest


def made_by(flow: Flow, engine: Engine) -> Mapping[str, Frame]:
    """The tables that come of no record at all: no rows, but the columns that there would be."""
    nothing = engine.arrow(RecordBatchReader.from_batches(ARROW, iter(()))).with_columns(
        batch=nw.lit(0, nw.Int64),
        ingested_at=nw.lit(datetime.now(UTC)).cast(nw.Datetime("us", "UTC")),
    )
    rows = engine.sql(flow.silver, "bronze", nothing)
    silver = keep_latest(readable(rows))
    return {
        BRONZE.name: nothing,
        SILVER.name: silver,
        GOLD.name: flow.summarise(silver),
        QUARANTINE.name: rejected(rows),
    }
