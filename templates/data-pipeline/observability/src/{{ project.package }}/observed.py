"""Watches the runs: measures, metrics, lineage and a report. It stops none of them."""

import argparse
import logging
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from . import spec
from .errors import PipelineError
from .observe import metrics
from .observe.history import observations
from .observe.judge import Band, Finding, Observability, findings
from .observe.page import page
from .pipeline import Built
from .settings import Settings, load
from .spec import Project, Source
from .store import Store

log = logging.getLogger(__name__)
UNUSUAL = 5  # the exit code of `quality`
HINT = 'what is right so can be said in sources/NAME.toml under [usual]: "rows" = "0 to 500"'


def folder(settings: Settings) -> Path:
    return settings.data / "observed"


def look(settings: Settings, now: datetime | None = None) -> list[Finding]:
    """Judges the latest delivery of each source by those before, and writes report and metrics."""
    now = now or datetime.now(UTC)
    project = spec.load(settings.root)
    limits = Observability(
        settings.threshold,
        settings.tolerance,
        settings.min_history,
        settings.window,
        settings.max_age_hours,
        dict(each for source in project.sources.values() for each in _usual(source)),
    )
    with Store.open(settings) as store:
        history = observations(project, store, settings.window)
        rows = {name: _rows(store, name) for name in project.tables}
    found = list(findings(history, limits, now))
    silent = project.sources.keys() - {each.source for each in history}
    found += [Finding(source, "deliveries", 0.0, None) for source in sorted(silent)]
    folder(settings).mkdir(parents=True, exist_ok=True)
    metrics.write(folder(settings) / "metrics.prom", found, rows)
    title = "What is usual, and what is not"
    text = page(title, history, found, rows, limits, now)
    (folder(settings) / "report.html").write_text(text, encoding="utf-8")
    return found


def _usual(source: Source) -> Iterator[tuple[tuple[str, str], Band]]:
    """What the source says is usual, in the words of a warning."""
    for measure, words in source.usual.items():
        try:
            low, high = (float(each.replace(",", "")) for each in words.split(" to "))
        except ValueError:
            raise source.error(
                f"`usual`: {measure} is {words!r}, expected such as '0 to 36'"
            ) from None
        yield (source.name, measure), Band(low, (low + high) / 2, high)


def _rows(store: Store, table: str) -> int:
    # One that is not built yet has none.
    return int(store.sql(f"select count(*) from {table}")[0][0]) if store.has(table) else 0


def after_run(settings: Settings, project: Project, tables: Sequence[Built]) -> None:
    """Reports lineage and what is unusual; trouble with that is logged, and stops nothing."""
    try:
        _trace(settings, project, tables)
        unusual = [str(each) for each in look(settings) if each.unusual]
        for line in [*unusual, HINT] if unusual else []:
            log.warning("quality: %s", line)
    except (PipelineError, OSError, duckdb.Error) as error:
        log.warning("quality: not measured: %s", error)


def _trace(settings: Settings, project: Project, tables: Sequence[Built]) -> None:
    """One pair of OpenLineage events for each table that was made or held."""
    from .observe.lineage import Dataset, Lineage  # takes a while to import

    lineage = Lineage(folder(settings) / "lineage.jsonl", "pipeline")
    for built in tables:
        if built.state not in ("made", "held"):
            continue

        def made(name: str = built.table) -> list[Dataset]:
            with Store.open(settings) as store:
                columns = store.columns(name) if store.has(name) else {}
                return [Dataset(place(settings, name), columns, _rows(store, name))]

        inputs = [place(settings, name) for name in project.tables[built.table].reads]
        with suppress(PipelineError), lineage.step(built.table, inputs, made):
            if built.state == "held":
                raise PipelineError("; ".join(built.messages))


def place(settings: Settings, name: str) -> str:
    """Where lineage finds a table or source."""
    return str(settings.database / name)


def add_quality(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    words = "judge the latest deliveries by those before; ends with 5 if something is unusual"
    commands.add_parser("quality", help=words).set_defaults(command=_quality)


def _quality(_: argparse.Namespace) -> int:
    settings = load()
    found = look(settings)
    for each in found:
        print(f"{'unusual' if each.unusual else 'usual':8} {each}")
    unusual = sum(each.unusual for each in found)
    print(f"{unusual} of {len(found)} measures are unusual; {folder(settings) / 'report.html'}")
    if unusual:
        print(HINT)
    return UNUSUAL if unusual else 0
