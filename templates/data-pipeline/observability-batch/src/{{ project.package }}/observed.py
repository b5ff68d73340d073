"""The pipeline that is watched: the same steps, measured and told. It never stops one."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import narwhals as nw

from . import settings
from .errors import PipelineError
from .judging import judged
from .lake import BRONZE, GOLD, QUARANTINE, SILVER, TABLES, Lake, Table, type_name
from .observe import metrics
from .observe.history import History, Observation
from .observe.judge import Finding, Observability, findings
from .observe.lineage import Dataset, Lineage
from .observe.measures import instant, measures
from .observe.page import page
from .pipeline import Pipeline
from .span import Span

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Observer:
    """Measures what came since it last looked, and keeps report, metrics and history up to date."""

    pipeline: Pipeline

    @property
    def folder(self) -> Path:
        return self.pipeline.lake.state / "observed"

    @property
    def history(self) -> History:
        return History(self.folder / "history.jsonl")

    @property
    def report(self) -> Path:
        return self.folder / "report.html"

    @property
    def lineage(self) -> Lineage:
        return Lineage(self.folder / "lineage.jsonl", self.pipeline.lake.storage.name)

    def look(self) -> list[Finding]:
        lake = self.pipeline.lake
        history = self.history.read()
        since = max((each.batch for each in history), default=0)
        if lake.exists(BRONZE) and lake.batches_after(since):
            self.history.add(profile(self.pipeline, since))
            history = self.history.read()
        limits = settings.load("observability", Observability)
        now = self.pipeline.clock()
        found = list(findings(history, limits, now))
        rows = {table.name: lake.count(table) for table in TABLES}
        self.folder.mkdir(parents=True, exist_ok=True)
        metrics.write(self.folder / "metrics.prom", found, rows)
        title = "What is usual, and what is not"
        text = page(title, history, found, rows, limits, now)
        self.report.write_text(text, encoding="utf-8")
        return found


class ObservedPipeline(Pipeline):
    def ingest(self) -> bool:
        with self._told("ingest", [self.landing.place], BRONZE):
            return super().ingest()

    def settle(self) -> bool:
        with self._told("settle", [self.lake.where(BRONZE)], SILVER, QUARANTINE):
            return super().settle()

    def recompute(self, span: Span) -> None:
        with self._told("recompute", [self.lake.where(BRONZE)], SILVER, QUARANTINE):
            super().recompute(span)

    def publish(self, span: Span | None = None) -> bool:
        try:
            with self._told("publish", [self.lake.where(SILVER)], GOLD):
                return super().publish(span)
        finally:
            self._observe()

    @contextmanager
    def _told(self, name: str, inputs: list[str], *outputs: Table) -> Iterator[None]:
        def made() -> list[Dataset]:
            return [_dataset(self.lake, table) for table in outputs if self.lake.exists(table)]

        with Observer(self).lineage.step(name, inputs, made):
            yield

    def _observe(self) -> None:
        try:
            found = Observer(self).look()
        except (PipelineError, OSError) as error:
            log.warning("quality: not measured: %s", error)
            return
        for each in found:
            if each.unusual:
                log.warning("quality: %s", each)


def profile(pipeline: Pipeline, since: int) -> Iterator[Observation]:
    """What can be said of each source's part in each batch after `since`."""
    rows = judged(pipeline.lake, pipeline.flow, since)
    good = rows.filter(nw.col("reason").is_null())
    engine = pipeline.lake.engine
    at = nw.col("ingested_at").max().cast(nw.String)
    bad = (~nw.col("reason").is_null()).cast(nw.Int64).sum()
    counts = rows.group_by("batch", "source").agg(at=at, rows=nw.len(), bad=bad)
    measured = good.group_by("batch", "source").agg(**measures(good))
    values = {(row.pop("batch"), row.pop("source")): row for row in engine.rows(measured)}
    for row in engine.rows(counts.sort("batch", "source")):
        found = values.get((row["batch"], row["source"]), {})
        yield Observation(
            batch=row["batch"],
            source=row["source"],
            at=instant(row["at"]),
            measures={
                "rows": float(row["rows"]),
                "share of rejected rows": row["bad"] / row["rows"],
                **{name: float(value) for name, value in found.items() if value is not None},
            },
        )


def _dataset(lake: Lake, table: Table) -> Dataset:
    columns = lake.read(table).collect_schema().items()
    kinds = {name: type_name(name, kind) for name, kind in columns}
    return Dataset(lake.where(table), kinds, lake.count(table))
