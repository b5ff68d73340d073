"""What was measured of each delivery, from what the runs noted and the tables hold.

Nothing is kept for it: a delivery is what a source brought within a minute. Its distribution is that
of the partitions it brought rows for, in the table that is loaded from the source.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from ..spec import Project, Source, Table
from ..store import Store


@dataclass(frozen=True)
class Observation:
    """What was measured of one delivery."""

    batch: int
    source: str
    at: datetime
    measures: Mapping[str, float]


def observations(project: Project, store: Store, window: int) -> list[Observation]:
    """The latest deliveries of each source, oldest first."""
    return [
        observation
        for source in project.sources.values()
        for observation in _of_source(project, store, source, window)
    ]


def _of_source(
    project: Project, store: Store, source: Source, window: int
) -> Iterator[Observation]:
    counts = store.sql(
        "with came as (select name, timezone('UTC', time_bucket(interval 1 minute, f.taken_at)) "
        "as minute, f.rows as brought "
        "from meta.files f where source = $1), bad as (select file as name, count(*) as rejected "
        "from (select distinct r.file, r.row from meta.rejected r where source = $1) group by file) "
        "select minute, sum(brought), coalesce(sum(rejected), 0) from came left join bad using (name) "
        "group by minute order by minute desc limit $2",
        source.name,
        window + 1,
    )
    table = _loaded(project, source)
    measured = _measured(store, source, table) if table and counts else {}
    for batch, (at, rows, bad) in enumerate(reversed(counts), start=1):
        found = {"rows": float(rows), "share of rejected rows": float(bad / rows if rows else 0)}
        yield Observation(batch, source.name, at.replace(tzinfo=UTC), found | measured.get(at, {}))


def _loaded(project: Project, source: Source) -> Table | None:
    """The table whose partitions are those of the source."""
    for table in project.tables.values():
        if table.partition and table.reads == (f"bronze.{source.name}",):
            return table
    return None


def _measured(store: Store, source: Source, table: Table) -> dict[datetime, dict[str, float]]:
    """By delivery: nulls of each column, means and greatest numbers, different texts."""
    if not store.has(table.name):
        return {}
    wanted = {}
    for column, kind in store.columns(table.name).items():
        if column in (*table.key, table.partition):
            continue
        quoted = '"' + column.replace('"', '""') + '"'
        wanted[f"{column}: share of nulls"] = f"avg(({quoted} is null)::double)"
        if kind.startswith(("DECIMAL", "DOUBLE", "FLOAT")) or kind.endswith(("INT", "INTEGER")):
            finite = f"{quoted}::double) filter (isfinite({quoted}::double))"
            wanted[f"{column}: mean"] = f"avg({finite}"
            wanted[f"{column}: greatest"] = f"max({finite}"
        elif kind == "VARCHAR":
            wanted[f"{column}: different values"] = f"count(distinct {quoted})::double"
    if not wanted:
        return {}
    rows = store.sql(
        "with came as (select distinct timezone('UTC', time_bucket(interval 1 minute, f.taken_at)) "
        "as minute, p.partition "
        "from meta.files f join meta.parts p using (source, name) where source = $1) "
        f"select minute, {', '.join(wanted.values())} from came join {table.name} t "
        f'on t."{table.partition}"::varchar = came.partition group by minute',
        source.name,
    )
    return {
        at: {
            name: float(value)
            for name, value in zip(wanted, values, strict=True)
            if value is not None
        }
        for at, *values in rows
    }
