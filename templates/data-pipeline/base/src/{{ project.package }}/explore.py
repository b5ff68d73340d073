"""Looks at the warehouse: a query, a shell, a table, and a page without a script or a server."""

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from html import escape
from shutil import get_terminal_size
from typing import Any

import duckdb

from . import spec
from .errors import PipelineError, one_of
from .ingest import UNKNOWN, WHOLE, bronze
from .settings import Settings
from .store import Store, name

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin-bottom: 2rem; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #8886; vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
.held, .waiting { color: #b00020; font-weight: 600; }
@media (prefers-color-scheme: dark) { body { background: #111; color: #ddd; } }
"""
SECTIONS = {
    "Tables": """
        select t.name as "table", t.description, sum(c.read) as read, sum(c.accepted) as accepted,
            sum(c.rejected) as rejected, sum(c.older) as "older versions",
            max_by(r.state, r.ended_at) as "last state", strftime(max(r.ended_at), '%Y-%m-%d %H:%M') as "built (UTC)"
        from described t left join (select table_name, sum(read) as read, sum(accepted) as accepted,
            sum(rejected) as rejected, sum(older) as older from meta.counts group by 1) c on c.table_name = t.name
        left join meta.runs r on r.table_name = t.name
        group by t.name, t.description, t.place order by t.place""",
    "Sources": """
        select source, count(*) as files, sum(rows) as rows, sum(broken) as "lines that are no rows",
            strftime(max(taken_at), '%Y-%m-%d %H:%M') as "last file (UTC)",
            (select max(p.partition) from meta.parts p where p.source = f.source and p.partition not in ('', '*'))
                as "newest partition"
        from meta.files f group by source order by source""",
    "Rejected rows": """
        select table_name as "table", reason, count(*) as rows, min(file) as "first file", min_by(row, file) as row
        from (select *, unnest(reasons) as reason from meta.rejected) group by all order by rows desc""",
    "Last runs": """
        select strftime(ended_at, '%Y-%m-%d %H:%M:%S') as "ended (UTC)", table_name as "table", state, partitions,
            read, accepted, rejected, round(seconds, 1) as seconds, message
        from meta.runs order by ended_at desc limit 50""",
}


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


def show(settings: Settings, table: str, rows: int) -> None:
    """Prints rows of a table by its key, or those that were rejected."""
    project = spec.load(settings.root)
    known = [*project.tables, *(f"bronze.{source}" for source in project.sources), "rejected"]
    one_of(known, table, "there is no table")
    key = project.tables[table].key if table in project.tables else ()
    shown = f"from {table}" + (f" order by {', '.join(map(name, key))}" if key else "")
    with tables(settings) as store:
        if table == "rejected":
            _print_rejected(store, rows)
        elif not store.has(table):
            raise PipelineError(f"{table} is not built yet: `run` builds it")
        else:
            _print(store, f"{shown} limit {rows}")


def _print_rejected(store: Store, rows: int) -> None:
    """As lines: in a table as wide as a terminal, reasons and records would be cut off."""
    columns = "file, row, reasons, table_name, partition, left(record, 500)"
    for file, row, reasons, *table, record in store.sql(
        f"select {columns} from meta.rejected limit {rows}"
    ):
        of = ", ".join(each for each in table if each not in (UNKNOWN, WHOLE))
        for line in (f"{file}, row {row}: {'; '.join(reasons)} ({of})", f"    {record}"):
            # Values of others cannot act on the terminal.
            print(re.sub(r"[\x00-\x1f\x7f-\x9f]", lambda found: ascii(found[0])[1:-1], line))


def query(settings: Settings, sql: str) -> None:
    with tables(settings) as store:
        _print(store, sql)


def shell(settings: Settings) -> None:
    """Reads queries, each ended by `;`, until the end of the input."""
    with tables(settings) as store, suppress(EOFError):
        waiting = ""
        while True:
            waiting += input("sql> " if sys.stdin.isatty() else "") + "\n"
            if waiting.rstrip().endswith(";"):
                try:
                    _print(store, waiting)
                except PipelineError as error:
                    print(error, file=sys.stderr)
                waiting = ""


def _print(store: Store, sql: str) -> None:
    try:
        result = store.connection.sql(sql)
        if result is not None:
            display(result)
    except duckdb.Error as error:
        raise PipelineError(str(error)) from None


def display(rows: duckdb.DuckDBPyRelation) -> None:
    """A table as wide as the terminal, which leaves columns out before it breaks lines."""
    rows.show(max_rows=10_000, max_width=get_terminal_size((200, 0)).columns)


def page(settings: Settings) -> str:
    """Rows, rejected rows and freshness, as HTML."""
    parts = []
    with tables(settings) as store:
        store.sql("create temp table described (name varchar, description varchar, place integer)")
        described = spec.load(settings.root).tables.values()
        store.insert("described", [(t.name, t.description, n) for n, t in enumerate(described)])
        for title, query in SECTIONS.items():
            heads = list(store.columns(query))
            parts.append(f"<h2>{title}</h2>\n{_table(heads, store.sql(query))}")
    made = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>Warehouse report</title>\n<style>{STYLE}</style>\n<h1>Warehouse</h1>\n<p>{made}</p>\n"
        + "\n".join(parts)
        + "\n</html>\n"
    )


def _table(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    if not rows:
        return "<p>None.</p>"
    head = "".join(f"<th>{escape(each)}</th>" for each in heads)
    body = "\n".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"


def _cell(value: Any) -> str:
    if value is None:
        return "<td></td>"
    if isinstance(value, int | float):
        return f'<td class="number">{value:,}</td>'
    state = f' class="{value}"' if value in ("held", "waiting") else ""
    return f"<td{state}>{escape(str(value))}</td>"
