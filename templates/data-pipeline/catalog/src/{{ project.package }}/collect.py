"""Gathers the catalog from the files of sources and tables, and from what the runs left behind."""

import argparse
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from . import pipeline, spec
from .catalog.model import Column, Dataset, Event
from .catalog.site import site
from .settings import Settings, load
from .spec import Project, Source, Table
from .store import Store

EVENTS = 20  # of the history of a table


def write(settings: Settings, path: Path) -> int:
    """Writes the page; gives how many datasets it has."""
    datasets = list(collect(settings))
    path.parent.mkdir(parents=True, exist_ok=True)
    title = f"The data of {settings.root.name}"
    path.write_text(site(title, datasets, datetime.now(UTC)), encoding="utf-8")
    return len(datasets)


def collect(settings: Settings) -> Iterator[Dataset]:
    """Every source and table, in the order in which they are built."""
    project = spec.load(settings.root)
    types = pipeline.columns(project, settings)
    with Store.open(settings) as store:
        for source in project.sources.values():
            yield _source(project, source, store)
        stages: dict[str, int] = {}
        for table in project.tables.values():
            stages[table.name] = 1 + max((stages.get(name, 0) for name in table.reads), default=0)
            yield _table(project, table, stages[table.name], types[table.name], store)


def _source(project: Project, source: Source, store: Store) -> Dataset:
    query = (
        "select count(*), sum(f.rows), timezone('UTC', max(f.taken_at)) from meta.files f "
        "where source = ?"
    )
    files, rows, at = store.sql(query, source.name)[0]
    facts = [("format", source.kind), ("zone of its times", source.zone)]
    if files:
        facts += [("files", f"{files:,}"), ("rows", f"{rows:,}"), ("last delivery", _minute(at))]
    return Dataset(
        name=f"bronze.{source.name}",
        stage=0,
        kind="source",
        description=source.description,
        location=f"{source.files}, by {_inside(project, source.path)}",
        owner=source.owner or None,
        columns=[Column(name, "text", _meaning(project, source, name)) for name in source.columns],
        facts=facts,
    )


def _meaning(project: Project, source: Source, column: str) -> str:
    """What the source says of a column, else a table that has it under the same name."""
    if column in source.columns_help:
        return source.columns_help[column]
    readers = [t for t in project.tables.values() if f"bronze.{source.name}" in t.reads]
    return next((t.columns[column] for t in readers if column in t.columns), "")


def _table(
    project: Project, table: Table, stage: int, types: Mapping[str, str], store: Store
) -> Dataset:
    return Dataset(
        name=table.name,
        stage=stage,
        kind=table.kind,
        description=table.description,
        location=_inside(project, table.path),
        made_of=table.reads,
        owner=table.owner or None,
        columns=[
            Column(name, kind, table.columns.get(name, ""), ", ".join(_promised(table, name)))
            for name, kind in types.items()
        ],
        facts=list(_facts(table, store)),
        history=list(_history(table, store)),
    )


def _promised(table: Table, column: str) -> Iterator[str]:
    if column in table.key:
        yield "key"
    if column == table.partition:
        yield "partition"
    if column in table.personal:
        yield "personal"


def _facts(table: Table, store: Store) -> Iterator[tuple[str, str]]:
    for rule in table.rules:
        yield "rule", rule
    if not _exists(table, store):
        yield "rows", "none: it was not built yet"
        return
    ((rows,),) = store.sql(f"select count(*) from {table.name}")
    yield "rows", f"{rows:,}"
    if table.partition and rows:
        column = f'"{table.partition}"'
        # As text: DuckDB hands out moments only with pytz.
        span = f"min({column})::varchar, max({column})::varchar"
        ((first, last),) = store.sql(f"select {span} from {table.name}")
        yield f"partitions by {table.partition}", f"{first} to {last}"


def _exists(table: Table, store: Store) -> bool:
    schema, _, name = table.name.partition(".")
    query = "select 1 from duckdb_tables() where schema_name = ? and table_name = ?"
    return bool(store.sql(query, schema, name))


def _history(table: Table, store: Store) -> Iterator[Event]:
    """The latest runs that changed the table or could not."""
    runs = store.sql(
        "select timezone('UTC', ended_at), state, partitions, accepted, rejected, message "
        "from meta.runs "
        "where table_name = ? and state != 'unchanged' order by 1 desc",
        table.name,
    )
    for number, (at, *rest) in list(zip(range(len(runs), 0, -1), runs, strict=True))[:EVENTS]:
        yield Event(number, at, _what(*rest))


def _what(state: str, partitions: int, accepted: int, rejected: int, message: str | None) -> str:
    words = f"{state}: {partitions} partitions, {accepted} rows, {rejected} rejected"
    return f"{words}; {message}" if message else words


def _inside(project: Project, path: Path) -> str:
    return path.relative_to(project.root).as_posix()


def _minute(at: Any) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def add_catalog(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    words = "write a page about all tables to data/catalog/index.html"
    commands.add_parser("catalog", help=words).set_defaults(command=_catalog)


def _catalog(_: argparse.Namespace) -> int:
    settings = load()
    path = settings.data.parent / "catalog" / "index.html"
    print(f"{path}: {write(settings, path)} datasets")
    return 0
