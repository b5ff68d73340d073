"""The lake: each table as a Delta table too, for other programs, in a folder or in a bucket.

After a run the partitions that changed take the place of those before, in one commit for each table, and each
commit is a version that can be read later. Personal columns are tokens there, see `tokens.py`.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import NamedTuple

import duckdb
from deltalake import DeltaTable, QueryBuilder, write_deltalake
from deltalake.exceptions import DeltaError

from . import spec
from .build import Builder, digest
from .cloud import LIMITS, SCHEMES, credentials, refusal
from .errors import PipelineError, one_of
from .ingest import UNKNOWN
from .settings import Settings
from .spec import Project, Table
from .store import Store, name, text
from .tokens import Tokens, undeclared

Say = Callable[[str], object]
MOST = 1000  # partitions that one commit replaces; of more the whole table is written
TIDY = 100  # versions after which files that no kept version needs are deleted
LEFT = "meta.unpublished (table_name varchar)"  # tables that have no file any more
PUBLISHED = "meta.published (table_name varchar, partition varchar, stamp varchar)"
# Delta tables have no numbers without a sign, and no times of a day.
SIGNED = {
    **{"UTINYINT": "SMALLINT", "USMALLINT": "INTEGER", "UINTEGER": "BIGINT"},
    **{"UBIGINT": "DECIMAL(20, 0)", "HUGEINT": "DECIMAL(38, 0)", "UHUGEINT": "DECIMAL(38, 0)"},
}
NOT_THERE = re.compile(r"\b(TIMESTAMP_NS|TIME|INTERVAL|BIT|UNION)\b")
# What the library says of a value, such as a date that is infinite, and not of a lake that is away.
OF_TABLE = re.compile("panicked|Schema error|Kernel error")


class TableError(Exception):
    """Why a table cannot be published."""


class Shape(NamedTuple):
    """What is published of a table: its columns, as SQL, which of them are tokens, and by which key."""

    columns: str
    personal: list[str]
    key: str


def publish(project: Project, settings: Settings, store: Store, say: Say) -> None:
    """Writes what changed since it was published last; all of it into a lake that is new."""
    builder, tokens, faults = Builder(project, settings, store), Tokens(settings), list[str]()
    for meta in (PUBLISHED, LEFT):
        store.sql(f"create table if not exists {meta}")
    for table in project.tables.values():
        if not store.has(table.name):
            continue
        personal = tokens.of(store, table)
        key = tokens.define(store) if personal else ""
        try:  # what is wrong with a table costs this one, and not those behind it
            shape = Shape(as_published(store, table, personal), sorted(personal), key)
            with store.reported(table.name):
                if _publish(settings, store, table, shape, builder.stamps(table.name)):
                    for line in undeclared(store, table.name, personal):
                        say(line)
        except (TableError, duckdb.ConversionException) as error:
            words = str(error).splitlines()[0]
            faults.append(f"{table.path}: {words}. The table is built, and not published")
    for (gone,) in store.sql("select distinct table_name from meta.published order by 1"):
        if gone not in project.tables:
            store.sql("delete from meta.published where table_name = ?", gone)
            store.insert("meta.unpublished", [(gone,)])
            say(f"{gone} has no file any more, and stays as it is in {place_of(settings, gone)}")
    if faults:
        raise PipelineError("\n".join(faults))


def _publish(
    settings: Settings, store: Store, table: Table, shape: Shape, stamps: Mapping[str, str]
) -> bool:
    """Whether the whole table was written, as one that is new or has other columns."""
    written = digest(settings.lake, table.partition, shape, store.columns(table.name))
    how = json.dumps([shape.personal, written])
    known = "select partition, stamp from meta.published where table_name = ?"
    before = dict(store.sql(known, table.name))
    now = {part: f"{how}\n{stamp}" for part, stamp in stamps.items() if part != UNKNOWN}
    now = now or {UNKNOWN: f"{how}\n"}  # a table without rows is there, too
    changed = sorted(part for part in now | before if now.get(part) != before.get(part))
    if not changed:
        return False
    only = None
    as_before = any(stamp.startswith(how) for stamp in before.values())
    # By a partition that is a token nothing can be found in the lake.
    column = table.partition if table.partition not in shape.personal else None
    if column and as_before and len(changed) < MOST:
        parts = [text(part) for part in changed if part != UNKNOWN]
        only = f"{name(column)} in ({', '.join(parts)})" if parts else "false"
    replace(settings, store, table, f"select {shape.columns} from {table.name}", only)
    were = [set(json.loads(stamp.split("\n")[0])[0]) for stamp in before.values()]
    if any(set(shape.personal) - each for each in were):
        forget_versions([table.name], settings)  # persons stand there in what is a token now
    # If it dies before this is noted, the next run writes the same once more.
    with store.transaction():
        store.sql("delete from meta.published where table_name = ?", table.name)
        store.insert("meta.published", [(table.name, *each) for each in now.items()])
    return not as_before


def replace(
    settings: Settings, store: Store, table: Table, rows: str, only: str | None = None
) -> None:
    """Puts rows in place of those of a table, or of those for which a condition holds."""
    place, options = place_of(settings, table.name), options_of()
    with answers(settings):
        if not DeltaTable.is_deltatable(place, options):
            only = None
        try:
            write_deltalake(
                place,
                store.connection.sql(f"{rows} where {only or 'true'}"),
                mode="overwrite",
                predicate=only,
                schema_mode=None if only else "overwrite",
                partition_by=[table.partition] if table.partition else [],
                storage_options=options,
            )
        except DeltaError as error:
            if OF_TABLE.search(str(error)):
                raise TableError(f"Delta tables do not have all of its values: {error}") from None
            raise
        written = DeltaTable(place, storage_options=options)
        if written.version() % TIDY == TIDY - 1:
            hours = settings.lake_days * 24
            written.vacuum(hours, dry_run=False, enforce_retention_duration=False)


def as_published(store: Store, table: Table, tokens: Mapping[str, str]) -> str:
    """The columns: personal ones as tokens, and each in a type that Delta tables have."""
    found = []
    for column, kind in store.columns(table.name).items():
        if missing := NOT_THERE.search(kind.replace("TIMESTAMP WITH TIME ZONE", "")):
            raise TableError(
                f"`{column}` is {missing[1].lower()}, which Delta tables do not have: cast it, for "
                "example to varchar"
            )
        plain = name(column) if signed(kind) == kind else f"{name(column)}::{signed(kind)}"
        found.append(f"{tokens.get(column, plain)} as {name(column)}")
    return ", ".join(found)


def signed(kind: str) -> str:
    """The type by which a type of DuckDB is written to files."""
    return re.sub(r"\w+", lambda word: SIGNED.get(word[0], word[0]), kind)


def again(store: Store) -> None:
    """What was published is not known any more: the next `publish` writes all of it."""
    store.sql(f"create table if not exists {PUBLISHED}")
    store.sql("delete from meta.published")


def forget_versions(tables: Iterable[str], settings: Settings) -> None:
    """Deletes all versions but the newest, with their files and their part of the log."""
    with answers(settings):
        for each in tables:
            place, options = place_of(settings, each), options_of()
            if not DeltaTable.is_deltatable(place, options):
                continue
            table = DeltaTable(place, storage_options=options)
            table.vacuum(0, dry_run=False, enforce_retention_duration=False)
            for days in (0, settings.lake_days):
                kept = {"delta.logRetentionDuration": f"interval {days} days"}
                table.alter.set_table_properties(kept)
                table = DeltaTable(place, storage_options=options)
                if not days:
                    table.create_checkpoint()
                    table.cleanup_metadata()


def versions(settings: Settings) -> Iterator[str]:
    """A line for each table: where it lies, its newest version and since when."""
    for table in spec.load(settings.root).tables:
        place, options = place_of(settings, table), options_of()
        with answers(settings):
            if DeltaTable.is_deltatable(place, options):
                newest = DeltaTable(place, storage_options=options)
                since = datetime.fromtimestamp(newest.history(1)[0]["timestamp"] / 1000, UTC)
                yield f"{table}: version {newest.version()} of {since:%Y-%m-%d %H:%M:%S} UTC, {place}"


def as_of(settings: Settings, table: str, when: str | None, rows: int) -> duckdb.DuckDBPyRelation:
    """Rows of a version by its number, of the one that was the newest at a time, or of the newest."""
    known = list(spec.load(settings.root).tables)
    one_of(known, table, "there is no table")
    place, options = place_of(settings, table), options_of()
    with answers(settings):
        if not DeltaTable.is_deltatable(place, options):
            raise PipelineError(f"{table} is not published yet: `run` does it")
        found = DeltaTable(place, storage_options=options)
        newest = found.version()
        try:
            if when is not None:
                found.load_as_version(int(when) if when.isdigit() else _version_at(found, when))
        except (DeltaError, ValueError):
            raise PipelineError(
                f"--as-of {when}: {table} has no such version; the newest is {newest}, and a time is "
                "written as 2026-01-31T12:00"
            ) from None
        query = f"select * from given limit {rows}"
        return duckdb.from_arrow(QueryBuilder().register("given", found).execute(query))


def _version_at(table: DeltaTable, given: str) -> int:
    """The version that was the newest at a time; before the first there is none."""
    moment = datetime.fromisoformat(given)
    until = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000
    return max(int(each["version"]) for each in table.history() if each["timestamp"] <= until)


def place_of(settings: Settings, table: str) -> str:
    """The folder or the URL of a table: that of the lake, its layer, its name."""
    scheme, is_url, _ = settings.lake.partition("://")
    if is_url and scheme not in SCHEMES:
        raise PipelineError(
            "`lake` must be a folder, or a URL such as s3://bucket/folder, az://container/folder or "
            "gs://bucket/folder"
        )
    lake = settings.lake.rstrip("/") if is_url else (settings.root / settings.lake).as_posix()
    if not is_url and (odd := re.search(r"%[0-9A-Fa-f]{2}|\\", lake)):
        raise PipelineError(
            f"`lake` cannot be {lake}: Delta tables read `{odd[0]}` in a path as another letter"
        )
    return f"{lake}/{table.replace('.', '/')}"


def options_of() -> dict[str, str]:
    """What the library needs to reach a bucket."""
    return {**LIMITS, "max_retries": "6", "retry_timeout": "30s", **credentials()}


@contextmanager
def answers(settings: Settings) -> Iterator[None]:
    """A lake that cannot be reached is one line: of what a server says, its code alone."""
    try:
        yield
    except (DeltaError, OSError) as error:
        why = refusal(str(error))
        raise PipelineError(
            f"{settings.lake}: {why}. The tables are built; the next run publishes what is left"
        ) from None
