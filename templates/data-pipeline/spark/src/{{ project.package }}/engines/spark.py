"""Spark: the same transforms where one machine is not enough. Needs the extra `spark` and Java 17.

On this machine by itself; with a cluster by `[spark] master`, which then must reach the lake.
"""

import atexit
import os
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote
from uuid import uuid4

import duckdb
import narwhals as nw
from arro3.core import RecordBatchReader

from .. import settings
from ..errors import PipelineError
from .base import Frame, Written
from .duckdb import CLOCK, OFFSET

if TYPE_CHECKING:
    from ..bucket import Files

# What Spark calls otherwise than DuckDB, in whose words queries are written.
WORDS = {"timestamptz": "timestamp"}
FUNCTIONS = (
    "create temporary function text_at(document string, path string) returns string return "
    "nullif(trim(both concat(' ', chr(9), chr(160)) from get_json_object(document, path)), '')",
    "create temporary function as_digits(given string, decimals int) returns string return "
    "case when given rlike concat('^[+-]?[0-9]+([.][0-9]{0,', decimals, '}0*)?$') then given end",
    "create temporary function as_moment(given string, zone string) returns timestamp return case "
    f"when given rlike '^{CLOCK}{OFFSET}$' then try_cast("
    "regexp_replace(regexp_replace(given, '([T ][0-9]+:[0-9]+)(Z|[+-])', '$1:00$2'), "
    "'([+-][0-9]{2})([0-9]{2})$', '$1:$2') as timestamp) "
    f"when given rlike '^({CLOCK}|[0-9]+-[0-9]+-[0-9]+)$' then cast("
    "convert_timezone(zone, 'UTC', try_cast(given as timestamp_ntz)) as timestamp) end",
    "create temporary function json_extract_string(document string, path string) returns string "
    "return get_json_object(document, path)",
    "create temporary function epoch_us(moment timestamp) returns bigint return unix_micros(moment)",
    "create temporary function make_timestamptz(micros bigint) returns timestamp "
    "return timestamp_micros(micros)",
    "create temporary function sha256(text string) returns string return sha2(text, 256)",
)
TYPES = {"long": "bigint", "integer": "int", "short": "smallint", "byte": "tinyint"}
NULL = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True)
class Cluster:
    """The table `[spark]` of the settings."""

    master: str = "local[*]"
    shuffle_partitions: int = 4


class Spark:
    def __init__(self) -> None:
        self._session = _session(settings.load("spark", Cluster))
        self._names = count()

    def mount(self, files: "Files") -> None:
        raise PipelineError(
            "[paths] lake: Spark reads no bucket here, as what it needs for one, hadoop-aws and the "
            "like, is not installed but downloaded: use DuckDB, or a folder that is mounted"
        )

    def arrow(self, batches: RecordBatchReader) -> Frame:
        return self._loaded("from stream", stream=batches)

    def scan(self, query: str) -> Frame:
        return self._loaded(query)

    def _loaded(self, query: str, **streams: RecordBatchReader) -> Frame:
        # DuckDB turns it into a file without holding it in memory.
        file = _scratch() / f"loaded-{uuid4().hex}.parquet"
        with duckdb.connect() as loader:
            for name, stream in streams.items():
                loader.register(name, stream)
            loader.execute(f"copy ({query}) to '{file}' (format parquet)")
        return self.read([str(file)])

    def read(self, files: Sequence[str]) -> Frame:
        return _frame(self._session.read.parquet(*files))

    def empty(self, columns: Mapping[str, str]) -> Frame:
        kinds = ", ".join(f"`{name}` {TYPES.get(kind, kind)}" for name, kind in columns.items())
        return _frame(self._session.createDataFrame([], kinds))

    def sql(self, query: str, name: str, frame: Frame) -> Frame:
        view = f"{name}_{next(self._names)}"
        frame.to_native().createOrReplaceTempView(view)
        for theirs, ours in WORDS.items():
            query = re.sub(rf"\b{theirs}\b", ours, query)
        whole = f"with {name} as (table {view})\nselect * from (\n{query}\n)"
        return _frame(self._session.sql(whole))

    def kept(self, frame: Frame, folder: Path) -> Frame:
        target = str(folder / f"kept-{next(self._names)}")
        frame.to_native().write.parquet(target)
        return self.read([target])

    def rows(self, frame: Frame) -> list[dict[str, Any]]:
        return [row.asDict() for row in frame.to_native().collect()]

    def write(self, frame: Frame, folder: Path, partition: str) -> list[Written]:
        # The folders are named by a copy of the column: Spark leaves out of the files what it
        # writes into their paths.
        copy = f"of_{partition}"
        native = frame.with_columns(nw.col(partition).alias(copy)).to_native()
        staged = folder / f"_spark-{uuid4().hex}"
        native.repartition(copy).write.partitionBy(copy).parquet(str(staged))
        try:
            return [_moved(file, folder, partition) for file in sorted(staged.rglob("*.parquet"))]
        finally:
            shutil.rmtree(staged)


def _frame(native: Any) -> Frame:
    frame: Frame = nw.from_native(native)
    return frame


def _moved(file: Path, folder: Path, partition: str) -> Written:
    value = unquote(file.parent.name.partition("=")[2])
    target = folder / f"{partition}={value}" / f"part-{uuid4()}.parquet"
    target.parent.mkdir(parents=True, exist_ok=True)
    file.rename(target)
    counted = duckdb.execute("select num_rows from parquet_file_metadata($1)", [str(target)])
    (rows,) = counted.fetchall()[0]
    return Written(target, None if value == NULL else value, rows, target.stat().st_size)


@cache
def _scratch() -> Path:
    folder = Path(mkdtemp(prefix="pipeline-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def _session(cluster: Cluster) -> Any:
    try:
        from pyspark.sql import SparkSession
    except ModuleNotFoundError:
        raise PipelineError("Spark is an extra: call `uv sync --extra spark`") from None
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        raise PipelineError("Spark needs Java 17 or later, and there is none on the path")
    # Workers use this Python, not whichever is first on the path.
    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master(cluster.master).appName(__package__.partition(".")[0])
    for name, value in {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.session.timeZone": "UTC",
        # A name in double quotes is a column, as in DuckDB.
        "spark.sql.ansi.doubleQuotedIdentifiers": "true",
        "spark.sql.shuffle.partitions": str(cluster.shuffle_partitions),
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    }.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    for function in FUNCTIONS:
        session.sql(function)
    return session
