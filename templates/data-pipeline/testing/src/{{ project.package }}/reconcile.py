"""Reconciliation: all tables are built again from the delivered files, elsewhere, and compared.

It trusts no step and no stamp: damage by a bug, a hand or a disk is found before somebody decides by
the numbers. It costs what a backfill of everything costs, and changes nothing.
"""

import argparse
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from . import pipeline, spec
from .settings import Settings, load
from .spec import Table
from .store import Store

SHOWN = 5  # rows that a difference names
AS_TEXT = "select columns(*)::varchar from"  # DuckDB hands out moments only with pytz
DIFFERENT = 4


@dataclass(frozen=True)
class Difference:
    """A promise that a table breaks."""

    table: str
    found: str

    def __str__(self) -> str:
        return f"{self.table}: {self.found}"


def differences(settings: Settings) -> list[Difference]:
    """Each difference between the tables and what their files and queries give."""
    if not settings.database.exists():
        return []
    with Store.open(settings):
        pass  # what a process that was killed has left beside the file is put into it
    with TemporaryDirectory() as folder:
        other = replace(settings, data=Path(folder))
        shutil.copy(settings.database, other.database)
        with Store.open(other) as store:
            store.sql("update meta.stamps set made = ''")
            # With our settings, since these know where the delivered files are.
            project = spec.load(settings.root)
            pipeline.build(project, settings, store, pipeline.Outcome(), lambda _: None)
        with Store.open(settings) as store:
            store.sql(f"attach '{other.database.as_posix()}' as fresh (read_only)")
            found = list(_compared(settings, store))
            store.sql("detach fresh")
    return found


def _compared(settings: Settings, store: Store) -> Iterator[Difference]:
    for table in spec.load(settings.root).tables.values():
        if not _exists(store, table.name):
            continue
        yield from _keys(table, store)
        for what, one, two in (
            ("missing", f"fresh.{table.name}", table.name),
            ("too many", table.name, f"fresh.{table.name}"),
        ):
            rows = store.sql(f"{AS_TEXT} (from {one} except all from {two})")
            for row in rows[:SHOWN]:
                yield Difference(table.name, f"{what}: {', '.join(map(str, row))}")
            if len(rows) > SHOWN:
                yield Difference(table.name, f"{what}: {len(rows) - SHOWN} rows more")
    for name, kept, fresh in store.sql(
        "select table_name, count(*) filter (which = 1), count(*) filter (which = 2) from ("
        "select table_name, 1 as which from meta.rejected union all "
        "select table_name, 2 from fresh.meta.rejected) group by 1 order by 1"
    ):
        if kept != fresh:
            yield Difference(name, f"{kept} rejected rows are noted, and {fresh} are rejected")


def _exists(store: Store, table: str) -> bool:
    layer, _, name = table.partition(".")
    here = "database_name = current_database() and schema_name = ? and table_name = ?"
    return bool(store.sql(f"select 1 from duckdb_tables() where {here}", layer, name))


def _keys(table: Table, store: Store) -> Iterator[Difference]:
    if not table.key or table.kind == "history":
        return
    key = ", ".join(f'"{column}"' for column in table.key)
    query = f"select {key} from {table.name} group by all having count(*) > 1 order by all limit {SHOWN}"
    for row in store.sql(f"{AS_TEXT} ({query})"):
        yield Difference(table.name, f"more than one row of {', '.join(map(str, row))}")


def add_reconcile(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    words = (
        "build all tables again from the delivered files and compare; ends with 4 if they differ"
    )
    commands.add_parser("reconcile", help=words).set_defaults(command=_reconcile)


def _reconcile(_: argparse.Namespace) -> int:
    found = differences(load())
    print("\n".join(map(str, found)) or "all tables are as their files and queries give")
    return DIFFERENT if found else 0
