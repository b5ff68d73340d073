"""The stream that is watched: the same steps, measured and told. It never stops one.

What is measured is all that arrived between two publications of windows, so the series are those
of windows and not of batches, whose size says nothing.
"""

import logging
from dataclasses import dataclass
from pathlib import Path

import narwhals as nw

from . import settings
from .errors import PipelineError
from .lake import BRONZE, GOLD, QUARANTINE, SILVER, TABLES, Lake, Table, type_name
from .observe import metrics
from .observe.history import History, Observation
from .observe.judge import Finding, Observability, findings
from .observe.lineage import Dataset, Lineage
from .observe.measures import instant, measures
from .observe.page import page
from .stream import Stream

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Observer:
    """Measures what came since it last looked, and keeps report, metrics and history up to date."""

    stream: Stream

    @property
    def folder(self) -> Path:
        return self.stream.lake.state / "observed"

    @property
    def history(self) -> History:
        return History(self.folder / "history.jsonl")

    @property
    def report(self) -> Path:
        return self.folder / "report.html"

    @property
    def lineage(self) -> Lineage:
        return Lineage(self.folder / "lineage.jsonl", self.stream.lake.storage.name)

    def note(self) -> None:
        """Measure what arrived since the last time."""
        lake = self.stream.lake
        since = max((each.batch for each in self.history.read()), default=0)
        if lake.exists(BRONZE) and lake.count(BRONZE, lake.batches_after(since)):
            self.history.add([profile(self.stream, since)])

    def look(self) -> list[Finding]:
        """Judge the latest by those before, and write it down for people and machines."""
        history = self.history.read()
        limits, now = settings.load("observability", Observability), self.stream.clock()
        found = list(findings(history, limits, now))
        rows = {table.name: self.stream.lake.count(table) for table in TABLES}
        self.folder.mkdir(parents=True, exist_ok=True)
        metrics.write(self.folder / "metrics.prom", found, rows)
        title = "What is usual, and what is not"
        text = page(title, history, found, rows, limits, now)
        self.report.write_text(text, encoding="utf-8")
        return found


class ObservedStream(Stream):
    def publish(self) -> int:
        if not self.is_due():
            return 0
        observer = Observer(self)
        with observer.lineage.step("publish", [self.lake.where(BRONZE)], self._made):
            count = super().publish()
        if count:
            self._observe(observer)
        return count

    def _made(self) -> list[Dataset]:
        tables = (SILVER, QUARANTINE, GOLD)
        return [_dataset(self.lake, table) for table in tables if self.lake.exists(table)]

    def _observe(self, observer: Observer) -> None:
        try:
            observer.note()
            found = observer.look()
        except (PipelineError, OSError) as error:
            log.warning("quality: not measured: %s", error)
            return
        for each in found:
            if each.unusual:
                log.warning("quality: %s", each)


def profile(stream: Stream, since: int) -> Observation:
    """What can be said of all that arrived after that batch."""
    rows, engine = stream.judged(since), stream.lake.engine
    (counts,) = engine.rows(
        rows.select(
            batch=nw.col("batch").max(),
            at=nw.col("ingested_at").max().cast(nw.String),
            rows=nw.len(),
            dead=(~nw.col("reason").is_null()).cast(nw.Int64).sum(),
        )
    )
    good = rows.filter(nw.col("reason").is_null())
    (found,) = engine.rows(good.select(**measures(good)))
    return Observation(
        batch=counts["batch"],
        source=stream.topic,
        at=instant(counts["at"]),
        measures={
            "records": float(counts["rows"]),
            "share of dead letters": counts["dead"] / counts["rows"],
            **{name: float(value) for name, value in found.items() if value is not None},
        },
    )


def _dataset(lake: Lake, table: Table) -> Dataset:
    columns = lake.read(table).collect_schema().items()
    kinds = {name: type_name(name, kind) for name, kind in columns}
    return Dataset(lake.where(table), kinds, lake.count(table))
