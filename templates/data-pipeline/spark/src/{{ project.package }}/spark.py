"""Spark: the same tables where one machine is not enough. Needs the extra `spark` and Java 17.

DuckDB reads files line by line, in little memory; Spark judges, joins and sums, by the same files in
`tables/`; what comes of it goes into the lake. All partitions are built each time, and the warehouse knows the
files alone. A query with words that Spark does not have is answered by DuckDB.
"""

import logging
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp
from sqlglot.time import format_time

from .errors import PipelineError
from .ingest import bronze
from .lake import TableError, again, as_published, replace, signed
from .making import Loading, Making, breach, conditions, making_of, versions
from .pipeline import Built
from .query import Branch, canonical
from .settings import Settings
from .spec import Project, Table
from .store import CLOCK, DAY, EXACT, OFFSET, Store, name, text
from .tokens import Tokens

try:
    from pyspark.errors import AnalysisException, ParseException, PySparkException
    from pyspark.sql import SparkSession
except ModuleNotFoundError:
    raise PipelineError("Spark is an extra: call `uv sync --extra spark`") from None

Say = Callable[[str], object]
SPARK = sqlglot.Dialect.get_or_raise("spark")

# Our casts of text, and functions of DuckDB that Spark calls otherwise.
FUNCTIONS = (
    "regexp_full_match(given string, form string) returns boolean return given rlike concat('^(?:', form, ')$')",
    "epoch_us(moment timestamp) returns bigint return unix_micros(moment)",
    "as_text(given string) returns string return given",
    "finite(number double) returns double return case when abs(number) < double('infinity') then number end",
    "as_digits(given string, decimals int) returns string return case when given rlike "
    "concat('^[+-]?([0-9]+([.][0-9]{0,', decimals, '}0*)?|[.]', "
    "case decimals when 0 then '0+' else concat('[0-9]{1,', decimals, '}0*') end, ')$') then given end",
    "as_float(given string) returns string return case when given rlike "
    "'^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?$' then given end",
    "with_point(given string) returns string return case when given rlike "
    "'^[+-]?(([0-9]+|[0-9]{1,3}([.][0-9]{3})+)(,[0-9]*)?|,[0-9]+)$' "
    "then replace(replace(given, '.', ''), ',', '.') end",
    f"as_date(given string) returns string return case when given rlike '^{DAY}$' then given end",
    f"as_clock(given string) returns string return case when given rlike '^({CLOCK}|{DAY})$' then given end",
    "as_moment(given string, zone string) returns timestamp return case "
    f"when given rlike '^({EXACT}|{CLOCK}){OFFSET}$' then try_cast("
    "regexp_replace(regexp_replace(given, '([T ][0-9]+:[0-9]+)(Z|[+-])', '$1:00$2'), "
    "'([+-][0-9]{2})([0-9]{2})$', '$1:$2') as timestamp) "
    f"when given rlike '^{DAY}$' or given rlike '^{CLOCK}$' and convert_timezone('UTC', zone, "
    "convert_timezone(zone, 'UTC', try_cast(given as timestamp_ntz))) = try_cast(given as timestamp_ntz) "
    "then cast(convert_timezone(zone, 'UTC', try_cast(given as timestamp_ntz)) as timestamp) end",
)

# Spark has no date that lies behind all others: the last and the first that it has.
ENDLESS = {"infinity": "9999-12-31", "-infinity": "0001-01-01"}


def build_all(project: Project, settings: Settings, store: Store, say: Say) -> list[Built]:
    """Every table after those that it reads; one that is held costs those that read it."""
    again(store)  # the lake will not be what the warehouse has
    with (
        TemporaryDirectory(prefix="spark-") as folder,
        Store.open(None) as shapes,
        Store.open(None) as plain,
    ):
        spark, tokens = Spark(settings, Path(folder), plain), Tokens(settings)
        found, stopped = list[Built](), set[str]()
        for table in project.tables.values():
            started, built = time.monotonic(), Built(table.name, "made", partitions=1)
            making = making_of(project, settings, shapes, table)
            making.create()
            if waits := [each for each in table.reads if each in stopped]:
                built.state, built.messages = "waiting", [f"{table.name} waits for {waits[0]}"]
            else:
                _build(spark, making, store, built)
            if built.state == "made":
                try:
                    personal = tokens.of(shapes, table)
                    if personal:
                        tokens.define(plain)
                    columns = as_published(shapes, table, personal)
                    replace(settings, plain, table, f"select {columns} from {table.name}")
                except (TableError, duckdb.ConversionException) as error:
                    built.state = "held"
                    built.messages.append(f"{table.path}: {str(error).splitlines()[0]}")
            else:
                stopped.add(table.name)
            for message in built.messages:
                say(message)
            built.seconds = time.monotonic() - started
            found.append(built)
    return found


def _build(spark: "Spark", making: Making, store: Store, built: Built) -> None:
    table = making.table
    if isinstance(making, Loading):
        for source in {branch.source: None for branch in making.branches}:
            spark.read(store, making, source)
        spark.view("judged", table, _judged(making))
        _gate(spark, making, store, built)
        rows = _newest(making)
    else:
        rows = canonical(table)
    if built.state == "made":
        built.counts["accepted"] = accepted = spark.keep(making, rows)
        if isinstance(making, Loading) and table.kind == "table":
            read, rejected = built.counts["read"], built.counts["rejected"]
            filtered = any(branch.where for branch in making.branches)
            built.counts["filtered" if filtered else "older"] = read - rejected - accepted
        for why in _broken(spark, making):
            built.state = "held"
            built.messages.append(f"{table.name}: {why}")


def _gate(spark: "Spark", making: Loading, store: Store, built: Built) -> None:
    """A share of rejected rows above the limit holds the table back, whichever partition has it."""
    table = making.table
    limit = making.settings.limit if table.limit is None else table.limit
    counted = f"{making.part()}, count(*), count(*) filter (not _fit)"
    parts = {p: both for p, *both in spark.rows(table, f"select {counted} from judged group by 1")}
    torn = f"select count(*) from meta.broken join {making.once} using (source, name)"
    ((lines,),) = store.sql(f"{torn} where source in {making.sources}")
    number, unfit = parts.get(making.unknown, (0, 0))
    parts[making.unknown] = [number + lines, unfit + lines]
    read = sum(number for number, _ in parts.values())
    for part, (number, unfit) in sorted(parts.items()):
        built.counts.update(read=number, rejected=unfit)
        # Of rows whose partition is unknown, all are rejected: they are compared with all rows.
        if unfit > limit * (number if part or not table.partition else read):
            built.state = "held"
            where = f", {table.partition} {part or 'unknown'}" if table.partition else ""
            built.messages.append(
                f"{table.name}{where}: {unfit} of {number} rows are rejected, the limit is "
                f'{limit:.1%}. DuckDB names them: `run` with `engine = "duckdb"`'
            )


def _judged(making: Loading) -> str:
    """Each row of the files, and whether it is fit; see `Loading.judged`."""
    branches = " union all ".join(map(_branch, making.branches))
    return f"select *, {' and '.join(['_fits', *making.rules.values()])} as _fit from ({branches})"


def _branch(branch: Branch) -> str:
    computed = "".join(f", {sql} as {column}" for column, sql in branch.columns.items())
    where = f" where _broken is not null or ({branch.where})" if branch.where else ""
    fits = " and ".join(["_broken is null", *(f"not ({holds})" for _, holds in branch.casts)])
    return (
        f"select {branch.select}, _path, _row, {fits} as _fits from (select *{computed} "
        f"from bronze.{branch.source}) as {name(branch.source)}{where}"
    )


def _newest(making: Loading) -> str:
    table, rows = making.table, "select * from judged where _fit"
    if key := ", ".join(map(name, filter(None, [*table.key, table.as_of]))):
        newest = "".join(f"{name(each)} desc nulls last, " for each in table.latest)
        place = f"row_number() over (partition by {key} order by {newest}_path desc, _row desc)"
        rows = f"select * from (select *, {place} as _place from ({rows})) where _place = 1"
    rows = f"select {making.outputs} from ({rows})"
    return versions(table, making.branches[0].outputs, rows) if table.kind == "history" else rows


def _broken(spark: "Spark", making: Making) -> list[str]:
    """Rules and keys of a derived table that do not hold."""
    table = making.table
    if isinstance(making, Loading) or table.kind == "view":
        return []
    found = []
    for reason, rule in conditions(table).items():
        query = f"select count(*) from {table.name} where ({rule}) is false"
        for (number,) in spark.rows(table, query):
            found += [breach(table, reason, number)] if number else []
    if key := ", ".join(map(name, table.key)):
        twice = f"select {key} from {table.name} group by {key} having count(*) > 1 limit 1"
        found += [f"the key {', '.join(table.key)} occurs twice" for _ in spark.rows(table, twice)]
    return found


class Spark:
    """A session, in which sources and tables have the names that queries give them."""

    def __init__(self, settings: Settings, folder: Path, plain: Store) -> None:
        self.session, self.folder, self.plain = _session(settings), folder, plain

    def read(self, store: Store, making: Loading, source: str) -> None:
        """The rows of all files of a source, in the order of reading, as text."""
        file = self.folder / f"{source}.parquet"
        relations = bronze(making.settings, store, making.project.sources[source])
        rows = " union all ".join(relation.sql for relation in relations)
        store.sql(
            f"copy (select * exclude (_record), row_number() over () as _row from ({rows})) "
            f"to {text(str(file))} (format parquet)"
        )
        # DuckDB adds to these tables with each read.
        store.sql("drop table if exists reject_errors")
        store.sql("drop table if exists reject_scans")
        self.session.read.parquet(str(file)).createOrReplaceTempView(_view("bronze", source))

    def view(self, called: str, table: Table, query: str) -> None:
        with _told(table):
            self.session.sql(as_spark(query)).createOrReplaceTempView(called)

    def keep(self, making: Making, query: str) -> int:
        """Computes a table once; those that read it find it by its name. Gives the number of rows."""
        table, target = making.table, self.folder / making.table.name
        columns, files = making.columns, text(str(target / "*.parquet"))
        try:
            frame = self.session.sql(as_spark(query))
        except (AnalysisException, ParseException):  # it has words that only DuckDB knows
            target.mkdir()
            file = text(str(target / "all.parquet"))
            rows = _typed({c: signed(kind) for c, kind in columns.items()}, f"({query})")
            self.plain.sql(f"copy ({rows}) to {file} (format parquet)")
        else:
            with _told(table):
                frame.write.parquet(str(target))
        layer, called = table.name.split(".")
        self.session.read.parquet(str(target)).createOrReplaceTempView(_view(layer, called))
        self.plain.sql(f"create schema if not exists {layer}")
        self.plain.sql(f"create view {table.name} as {_typed(columns, f'read_parquet({files})')}")
        return int(self.plain.sql(f"select count(*) from {table.name}")[0][0])

    def rows(self, table: Table, query: str) -> list[tuple[Any, ...]]:
        with _told(table):
            return [tuple(row) for row in self.session.sql(as_spark(query)).collect()]


def _typed(columns: Mapping[str, str], rows: str) -> str:
    """The rows with columns of the types that DuckDB gives them."""
    casts = ", ".join(f"{name(each)}::{kind} as {name(each)}" for each, kind in columns.items())
    return f"select {casts} from {rows}"


def as_spark(query: str) -> str:
    """A query for DuckDB in the words of Spark; tables become views, whose names have no layer."""
    tree = sqlglot.parse_one(query, dialect="duckdb")
    # Spark has no `try`: there, what fails for a row is an error of the table.
    for tried in list(tree.find_all(exp.Try)):
        tried.replace(tried.this)
    for node in list(tree.find_all(exp.Table)):
        if node.db:
            view = exp.to_table(_view(node.db, node.name))
            node.replace(exp.alias_(view, node.alias or node.name, table=True))
    return tree.transform(_in_words_of_spark).sql("spark")


def _in_words_of_spark(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Anonymous) and node.name.lower() == "row":
        return exp.Struct(expressions=node.expressions)
    if isinstance(node, exp.Anonymous) and node.name.lower() == "is_text":
        return exp.EQ(
            this=exp.Anonymous(this="typeof", expressions=node.expressions),
            expression=exp.Literal.string("string"),
        )
    if isinstance(node, exp.Anonymous) and node.name.lower() == "as_day":
        return exp.TryCast(this=node.expressions[0], to=exp.DataType.build("date"))
    if isinstance(node, exp.Anonymous) and node.name.lower() == "try_strptime":
        given, form = node.expressions
        letters = format_time(form.name, SPARK.INVERSE_TIME_MAPPING, SPARK.INVERSE_TIME_TRIE) or ""
        # One letter stands for one digit or two, as in DuckDB.
        form = exp.Literal.string(re.sub(r"(?<![A-Za-z])([dMHhms])\1(?![A-Za-z])", r"\1", letters))
        return exp.Anonymous(this="try_to_timestamp", expressions=[given, form])
    is_moment = isinstance(node, exp.Cast) and node.is_type("date", "timestamp", "timestamptz")
    if is_moment and node.this.name in ENDLESS:
        node.this.replace(exp.Literal.string(ENDLESS[node.this.name]))
    return node


def _view(layer: str, called: str) -> str:
    return f"{layer}_{called}"


@contextmanager
def _told(table: Table) -> Iterator[None]:
    try:
        yield
    except PySparkException as error:
        raise table.error(f"Spark cannot execute it: {str(error).splitlines()[0]}") from None


@cache
def _session(settings: Settings) -> SparkSession:
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        raise PipelineError("Spark needs Java 17 or later, and there is none on the path")
    # Workers use this Python, not whichever is first on the path.
    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master(settings.spark_master).appName(__package__)
    for key, value in {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": str(settings.spark_partitions),
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    }.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    # What fails is raised, and told in one line.
    session.sparkContext.setLogLevel("OFF")
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    for function in FUNCTIONS:
        session.sql(f"create or replace temporary function {function}")
    return session
