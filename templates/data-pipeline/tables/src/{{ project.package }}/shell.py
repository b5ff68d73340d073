"""Queries over all tables, and over sources as they were delivered."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from . import spec
from .errors import PipelineError, did_you_mean
from .ingest import bronze
from .quote import name
from .settings import Settings
from .store import Store


@contextmanager
def tables(settings: Settings) -> Iterator[Store]:
    """The warehouse, to be read; sources are views over the files that were taken in."""
    if not settings.database.exists():
        raise PipelineError(f"there is no {settings.database} yet: `run` makes it")
    with Store.open(None) as store:
        store.attach(settings)
        store.sql("create schema memory.bronze")
        for source in spec.load(settings.root).sources.values():
            relations = bronze(settings, store, source)
            rows = " union all ".join(relation.sql for relation in relations)
            hidden = "exclude (_path, _broken, _record)"
            store.sql(f"create view memory.bronze.{source.name} as select * {hidden} from ({rows})")
        yield store


def show(settings: Settings, table: str, rows: int) -> int:
    """Prints rows of a table by its key, or those that were rejected."""
    project = spec.load(settings.root)
    known = [*project.tables, *(f"bronze.{source}" for source in project.sources), "rejected"]
    if table not in known:
        raise PipelineError(f"no table is named `{table}`: {did_you_mean(table, known)}")
    key = project.tables[table].key if table in project.tables else ()
    order = f" order by {', '.join(map(name, key))}" if key else ""
    rows_of = f"{table}{order}"
    if table == "rejected":
        table = "meta.rejected"
        rows_of = f"(select * replace (left(record, 500) as record) from {table})"
    with tables(settings) as store:
        if not store.has(table):
            raise PipelineError(f"{table} is not built yet: `run` builds it")
        _print(store, f"from {rows_of} limit {rows}")
    return 0


def query(settings: Settings, sql: str) -> int:
    """Prints what a query gives."""
    with tables(settings) as store:
        _print(store, sql)
    return 0


def _print(store: Store, sql: str) -> None:
    try:
        result = store.connection.sql(sql)
        if result is not None:
            result.show(max_rows=10_000, max_width=200)
    except duckdb.Error as error:
        raise PipelineError(str(error)) from None


def shell(settings: Settings) -> int:
    """Reads queries, each ended by `;`, until the end of the input."""
    with tables(settings) as store:
        waiting = ""
        for line in _lines():
            waiting += line
            if not waiting.rstrip().endswith(";"):
                continue
            try:
                _print(store, waiting)
            except PipelineError as error:
                print(error, file=sys.stderr)
            waiting = ""
    return 0


def _lines() -> Iterator[str]:
    while True:
        try:
            yield input("sql> " if sys.stdin.isatty() else "") + "\n"
        except EOFError:
            return
