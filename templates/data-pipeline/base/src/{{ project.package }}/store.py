"""The warehouse: one DuckDB file, in which tables and what is known of them change together."""

import json
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import duckdb

from .errors import BusyError, PipelineError
from .settings import Settings

ENGINE = "4"  # raise it when all tables should be built again
ROW_FAILS = (duckdb.ConversionException, duckdb.InvalidInputException, duckdb.OutOfRangeException)
COUNTS = ("read", "accepted", "rejected", "older", "filtered")  # rows of a table in meta.counts
FIRST, NEXT = 3.0, 10.0  # seconds until long work is reported first, and between reports

META = """
create schema if not exists silver;
create schema if not exists gold;
create schema if not exists meta;
create table if not exists meta.files (
    source varchar, name varchar, digest varchar, raw varchar, path varchar, reader varchar, header varchar[],
    rows bigint, broken bigint, taken_at timestamptz default now());
create table if not exists meta.parts (
    source varchar, name varchar, partition varchar, rows bigint);
create table if not exists meta.broken (
    source varchar, name varchar, row bigint, reason varchar, record varchar);
create table if not exists meta.stamps (
    table_name varchar, partition varchar, made varchar, stamp varchar);
create table if not exists meta.links (table_name varchar, partition varchar, other varchar);
create table if not exists meta.rejected (
    table_name varchar, partition varchar, source varchar, file varchar, row bigint,
    reasons varchar[], record varchar);
create table if not exists meta.counts (
    table_name varchar, partition varchar, read bigint, accepted bigint, rejected bigint,
    older bigint, filtered bigint);
create table if not exists meta.runs (
    run varchar, table_name varchar, state varchar, partitions bigint,
    read bigint, accepted bigint, rejected bigint, older bigint, filtered bigint,
    seconds double, message varchar, ended_at timestamptz default now());
create table if not exists meta.contents (digest varchar primary key, content varchar);
create table if not exists meta.state (key varchar primary key, value varchar);
"""

# Casts of text: what is not written plainly is null, and what a row becomes depends on that row
# alone. DuckDB's own cast to timestamptz reads zone names such as EST, and then shifts rows near
# it; its casts to numbers take `1_000` for a thousand and round.
YEAR = "(?:[0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)"  # there is no year 0000
DAY = f"{YEAR}-[0-9]{{2}}-[0-9]{{2}}"
TIME = "[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.][0-9]{1,9})?)?"
CLOCK = f"{DAY}[T ]{TIME}"
EXACT = f"{DAY}[T ][0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(?:[.][0-9]{{1,9}})?"
OFFSET = "(?:Z|[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?)"
MACROS = (
    "is_text(given) as typeof(given) in ('VARCHAR', 'JSON')",
    "as_text(given) as case when typeof(given) = 'JSON' then json_extract_string(given, '$') "
    "else given::varchar end",
    "as_digits(given, decimals) as case when regexp_full_match(given, "
    "'[+-]?(?:[0-9]+(?:[.][0-9]{0,' || decimals || '}0*)?|[.]' || "
    "case decimals when 0 then '0+' else '[0-9]{1,' || decimals || '}0*' end || ')') then given end",
    "as_float(given) as case when regexp_full_match(given, "
    "'[+-]?(?:[0-9]+(?:[.][0-9]*)?|[.][0-9]+)(?:[eE][+-]?[0-9]+)?') then given end",
    "digits_of(number) as trim(replace(regexp_replace(number, '[eE].*', ''), '.', ''), '0')",
    "finite(number) as case when isfinite(number) then number end",
    # A number with a decimal comma; dots stand between thousands, or nowhere.
    "with_point(given) as case when regexp_full_match(given, "
    "'[+-]?(?:(?:[0-9]+|[0-9]{1,3}(?:[.][0-9]{3})+)(?:,[0-9]*)?|,[0-9]+)') "
    "then replace(replace(given, '.', ''), ',', '.') end",
    f"as_date(given) as case when regexp_full_match(given, '{DAY}') then given end",
    # The day of a moment in UTC, without DuckDB's calendars, which take ten times as long.
    "as_day(given) as case typeof(given) when 'TIMESTAMP WITH TIME ZONE' "
    "then make_timestamp(epoch_us(try_cast(given as timestamptz)))::date "
    "else try_cast(given as date) end",
    f"as_time(given) as case when regexp_full_match(given, '{TIME}') then given end",
    f"as_clock(given) as case when regexp_full_match(given, '{CLOCK}|{DAY}') then given end",
    # Of an hour that occurs twice when clocks are set back, the first.
    "earlier_of(moment, zone) as case when timezone(zone, moment - interval 1 hour) "
    "= timezone(zone, moment) then moment - interval 1 hour else moment end",
    # Of an hour that is left out when clocks are set forward, nothing.
    "on_clocks(clock, zone) as case when timezone(zone, timezone(zone, clock)) = clock "
    "then earlier_of(timezone(zone, clock), zone) end",
    # A moment by its offset from UTC; without one, by the clocks of the zone.
    f"as_moment(given, zone) as case when regexp_full_match(given, '{EXACT}{OFFSET}') "
    f"then try_cast(given as timestamptz) when regexp_full_match(given, '{CLOCK}{OFFSET}') "
    # DuckDB reads an offset behind seconds only.
    "then try_cast(regexp_replace(given, '([T ][0-9]+:[0-9]+)(Z|[+-])', '\\1:00\\2') as timestamptz) "
    f"when regexp_full_match(given, '{CLOCK}') then on_clocks(try_cast(given as timestamp), zone) "
    f"when regexp_full_match(given, '{DAY}') "
    "then earlier_of(timezone(zone, try_cast(given as timestamp)), zone) end",
)


def text(value: str) -> str:
    """A string as it is written in SQL."""
    return "'" + value.replace("'", "''") + "'"


def name(column: str) -> str:
    """A name as it is written in SQL, whatever it is."""
    return '"' + column.replace('"', '""') + '"'


def among(values: Iterable[str]) -> str:
    """The right side of `in`. Written out, since DuckDB looks for pandas at each value it is given."""
    return f"(select unnest([{', '.join(map(text, values))}]::varchar[]))"


@dataclass
class Step:
    """A step of long work: how many rows or files it has, and how many are done, if that is known."""

    what: str
    does: str = "is checked"
    total: int = 0
    unit: str = "rows"
    done: int | None = None  # else the query that runs knows
    since: float = field(default_factory=time.monotonic)

    def line(self, share: float) -> str:
        """How far it is, by what is done or by the share of the query."""
        seconds = time.monotonic() - self.since
        if self.done is not None:
            share = self.done / max(self.total, 1)
        line = f"{self.what} {self.does}"
        line += f" {self.total:,} {self.unit}: " if self.total else ": "
        if share <= 0.01:
            return f"{line}{seconds:.0f} s"
        rate = f", {share * self.total / seconds:,.0f} {self.unit} a second" if self.total else ""
        left = seconds * (1 - share) / share
        return f"{line}{share:.0%} after {seconds:.0f} s{rate}, about {left:.0f} s left"


class Store:
    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.step = Step("the warehouse")

    @classmethod
    @contextmanager
    def open(cls, settings: Settings | None) -> Iterator["Store"]:
        """The warehouse of the settings; an empty one in memory without settings."""
        config: dict[str, Any] = {}
        if settings and settings.memory:
            config["memory_limit"] = settings.memory
        if settings:
            settings.data.mkdir(parents=True, exist_ok=True)
        name = str(settings.database) if settings else ":memory:"
        with _busy(name):
            connection = duckdb.connect(name, config=config)
        try:
            connection.execute("set timezone = 'UTC'; set autoinstall_known_extensions = false")
            connection.execute(
                "set enable_progress_bar = true; set enable_progress_bar_print = false"
            )
            # A name in a query is a table, never a variable of this program.
            connection.execute("set python_enable_replacements = false")
            connection.execute(META)
            for macro in MACROS:
                connection.execute(f"create or replace temp macro {macro}")
            yield cls(connection)
        finally:
            # After Ctrl-C a thread of the query may go on, and to close would wait for its end.
            connection.interrupt()
            connection.close()

    def attach(self, settings: Settings) -> None:
        """Adds the warehouse, to be read."""
        with _busy(str(settings.database)):
            self.sql(f"attach {text(str(settings.database))} as warehouse (read_only)")
        for schema, table in self.sql(
            "select distinct schema_name, table_name from duckdb_columns() "
            "where database_name = 'warehouse' and not internal"
        ):
            self.sql(f"drop table if exists memory.{schema}.{table}")
            self.sql(f"create schema if not exists memory.{schema}")
            view = f"memory.{schema}.{table} as from warehouse.{schema}.{table}"
            self.sql(f"create view {view}")

    def sql(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.connection.execute(query, list(values) or None).fetchall()

    def by_row(self, query: str, wide: bool = False) -> list[tuple[Any, ...]]:
        """The same of a query in which `try` makes null of what fails for a row."""
        if not wide:
            with suppress(*ROW_FAILS):
                return self.sql(query)
        # DuckDB takes what two expressions have in common out of `try`, and computes it once; of
        # hundreds of columns, to look for that takes longer than to compute it.
        self.sql("set disabled_optimizers = 'common_subexpressions'")
        try:
            return self.sql(query)
        finally:
            self.sql("reset disabled_optimizers")

    def insert(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        """Appends rows, as one JSON text: DuckDB looks for pandas at each value it is given."""
        if rows:
            kinds = list(self.columns(table).items())[: len(rows[0])]
            shape = [{name: ["VARCHAR"] if kind == "VARCHAR[]" else kind for name, kind in kinds}]
            given = json.dumps([dict(zip(shape[0], row, strict=True)) for row in rows])
            unnested = f"unnest(from_json(?, '{json.dumps(shape)}'), max_depth := 2)"
            self.sql(f"insert into {table} by name select {unnested}", given)

    def columns(self, query: str) -> dict[str, str]:
        """The columns and types of a table or query, without executing it."""
        return {row[0]: row[1] for row in self.sql(f"describe {query}")}

    def has(self, table: str) -> bool:
        """Whether there is a table or view; to ask for `silver.csv` would look for a file."""
        where = "schema_name = ? and table_name = ? limit 1"
        return bool(self.sql(f"select 1 from duckdb_columns() where {where}", *table.split(".")))

    @contextmanager
    def reported(self, what: str) -> Iterator[None]:
        """Says on standard error how far the steps in the block are, if they take long."""
        done, self.step = threading.Event(), Step(what)

        def report() -> None:
            wait = FIRST
            while not done.wait(wait):
                wait = NEXT
                share = max(self.connection.query_progress() / 100, 0)
                print(self.step.line(share), file=sys.stderr, flush=True)

        reporter = threading.Thread(target=report, daemon=True)
        reporter.start()
        try:
            yield
        finally:
            done.set()
            reporter.join()

    def begin(self, does: str, total: int = 0, unit: str = "rows") -> None:
        self.step = Step(self.step.what, does, total, unit)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of what happens in it, or nothing."""
        self.connection.execute("begin")
        try:
            yield
        except BaseException:
            self.connection.execute("rollback")
            raise
        self.connection.execute("commit")


@contextmanager
def _busy(name: str) -> Iterator[None]:
    try:
        yield
    except duckdb.IOException as error:
        if "not a valid DuckDB" in str(error):
            raise PipelineError(
                f"{name} is damaged: move it away, and `run` builds it from the files that were "
                "taken in"
            ) from None
        if "lock" not in str(error).lower():
            raise
        raise BusyError(f"another process uses {name}: wait until it ends") from None
