"""DuckDB: one process, all cores, no server."""

from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any, cast

import duckdb
import narwhals as nw
from arro3.core import RecordBatchReader

from .base import Frame, Written


class DuckDB:
    def __init__(self) -> None:
        self._connection = duckdb.connect()
        self._streams = count()
        # Days are days in UTC, on every machine.
        self._connection.execute("set TimeZone = 'UTC'")
        # All that is needed is linked in; the network is none of a query's business.
        self._connection.execute("set autoinstall_known_extensions = false")

    def arrow(self, batches: RecordBatchReader) -> Frame:
        name = f"stream_{next(self._streams)}"
        self._connection.register(name, batches)
        return _frame(self._connection.table(name))

    def read(self, files: Sequence[str]) -> Frame:
        names = ", ".join(map(_text, files))
        query = f"select * from read_parquet([{names}], hive_partitioning = false)"
        return _frame(self._connection.sql(query))

    def empty(self, columns: Mapping[str, str]) -> Frame:
        # DuckDB knows the other type names as they are; its plain timestamp has no zone.
        kinds = {name: kind.replace("timestamp", "timestamptz") for name, kind in columns.items()}
        nulls = ", ".join(f'cast(null as {kind}) as "{name}"' for name, kind in kinds.items())
        return _frame(self._connection.sql(f"select {nulls} where false"))

    def sql(self, query: str, name: str, frame: Frame) -> Frame:
        # The frame's own query goes in as text: a view of this name could be replaced before
        # the lazy result is read.
        given = _relation(frame).sql_query()
        return _frame(
            self._connection.sql(f"with {name} as (\n{given}\n)\nselect * from (\n{query}\n)")
        )

    def kept(self, frame: Frame, folder: Path) -> Frame:
        file = str(folder / f"kept-{next(self._streams)}.parquet")
        query = _relation(frame).sql_query()
        self._connection.execute(f"copy (\n{query}\n) to {_text(file)} (format parquet)")
        return self.read([file])

    def rows(self, frame: Frame) -> list[dict[str, Any]]:
        relation = _relation(frame)
        return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]

    def write(self, frame: Frame, folder: Path, partition: str) -> list[Written]:
        folder.mkdir(parents=True, exist_ok=True)
        written = self._connection.execute(
            f"copy (\n{_relation(frame).sql_query()}\n) to {_text(str(folder))} (format parquet, "
            f"partition_by ({partition}), write_partition_columns, overwrite_or_ignore, "
            "filename_pattern 'part-{uuid}', return_stats)",
        )
        return [
            Written(Path(path), parts[partition], rows, size)
            for path, rows, size, _footer, _columns, parts in written.fetchall()
        ]


def _frame(relation: duckdb.DuckDBPyRelation) -> Frame:
    return nw.from_native(relation)


def _relation(frame: Frame) -> duckdb.DuckDBPyRelation:
    return cast(duckdb.DuckDBPyRelation, frame.to_native())


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
