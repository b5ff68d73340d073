"""The lake: Delta tables, each in a folder. Engines write files, a Delta commit publishes them.

Two promises rest on the commit. It is atomic: readers see all of it or nothing. And it carries
positions, which say how far the table has read its input, so that rows and position cannot
part, and of two runs at once the second to commit fails instead of repeating the work.
"""

import json
import time
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import narwhals as nw
from deltalake import CommitProperties, DeltaTable, Field, Schema, Transaction
from deltalake.exceptions import CommitFailedError, DeltaError
from deltalake.schema import PrimitiveType
from deltalake.transaction import AddAction, RemoveAction

from .engines import Engine, Frame, Written
from .engines.base import Partition
from .errors import PipelineError


@dataclass(frozen=True)
class Table:
    name: str
    partition: str
    description: str


BRONZE = Table("bronze", "batch", "Every record that ever landed, as text, with its file and line")
SILVER = Table("silver", "ds", "The latest version of each thing, typed, by day of the event")
GOLD = Table("gold", "ds", "The published summary of each day")
QUARANTINE = Table("quarantine", "ds", "Records that silver could not take, with the reason")
TABLES = (BRONZE, SILVER, GOLD, QUARANTINE)


@dataclass(frozen=True)
class DataFile:
    path: str
    partition: Partition
    rows: int


class Lake:
    def __init__(self, root: Path, engine: Engine) -> None:
        self.root = root
        self.engine = engine
        # A table is opened once and committed to as it was then, so that the commit of another
        # run in between is noticed.
        self._open: dict[str, DeltaTable] = {}

    def exists(self, table: Table) -> bool:
        return self._delta(table) is not None

    def path(self, table: Table) -> Path:
        return self.root / table.name

    def version(self, table: Table) -> int:
        delta = self._delta(table)
        return -1 if delta is None else delta.version()

    def position(self, table: Table, of: str) -> int:
        """How far the table has read `of`; -1 before the first commit."""
        delta = self._delta(table)
        reached = None if delta is None else delta.transaction_version(of)
        return -1 if reached is None else reached

    def files(self, table: Table) -> list[DataFile]:
        delta = self._delta(table)
        return [] if delta is None else _files(delta, table)

    def partitions(self, table: Table) -> set[Partition]:
        return {file.partition for file in self.files(table)}

    def batches_after(self, position: int) -> set[Partition]:
        """Batches of bronze that a table which has read as far as this has not read."""
        batches = self.partitions(BRONZE)
        return {batch for batch in batches if isinstance(batch, int) and batch > position}

    def count(self, table: Table, only: Container[Partition] | None = None) -> int:
        """Rows of the table or of some partitions of it, from its log alone."""
        files = self.files(table)
        return sum(file.rows for file in files if only is None or file.partition in only)

    def changed(self, table: Table, since: int) -> set[Partition]:
        """Partitions whose files differ from those of version `since`; all if that is forgotten."""
        now = set(self.files(table))
        try:
            then = set(_files(DeltaTable(self.path(table), version=since), table))
        except (DeltaError, OverflowError):
            then = set()
        return {file.partition for file in now ^ then}

    def read(self, table: Table, only: Iterable[Partition] | None = None) -> Frame:
        """The rows of an existing table, or of some partitions of it."""
        delta = self._delta(table)
        if delta is None:
            raise PipelineError(f"there is no table {table.name} in {self.root} yet: call `run`")
        wanted = None if only is None else set(only)
        files = [f.path for f in _files(delta, table) if wanted is None or f.partition in wanted]
        if not files:
            return self.engine.empty(_columns(delta.schema()))
        return self.engine.read([str(self.path(table) / file) for file in files])

    def expect_columns(self, table: Table, frame: Frame) -> None:
        delta = self._delta(table)
        if delta is not None and delta.schema() != _schema(frame):
            raise PipelineError(
                f"the columns of {table.name} have changed, so all its days must change together: "
                "call `backfill` without dates"
            )

    def commit(
        self,
        table: Table,
        frame: Frame,
        replacing: Iterable[Partition],
        positions: Mapping[str, int],
        check: Callable[[], None] = lambda: None,
    ) -> int:
        """Publish the rows in place of those partitions, with the positions; gives their number.

        `check` is called when all rows are written and none is published.
        """
        delta = self._delta(table) or self._create(table, frame)
        self.expect_columns(table, frame)
        gone = set(replacing)
        old = [file.path for file in _files(delta, table) if file.partition in gone]
        written = self.engine.write(frame, self.path(table), table.partition)
        check()
        now = int(time.time() * 1000)
        remove = [RemoveAction(path, data_change=True, deletion_timestamp=now) for path in old]
        self._publish(delta, table, [*remove, *self._add(table, written, now)], "append", positions)
        return sum(file.rows for file in written)

    def rewrite(self, table: Table, frame: Frame, positions: Mapping[str, int]) -> None:
        """Publish the rows in place of the whole table, whose columns may change."""
        delta = self._delta(table) or self._create(table, frame)
        written = self.engine.write(frame, self.path(table), table.partition)
        add = self._add(table, written, int(time.time() * 1000))
        self._publish(delta, table, add, "overwrite", positions, _schema(frame))

    def vacuum(self, table: Table, hours: int) -> int:
        """Delete files that no version of the last hours needs, those of crashed runs included."""
        delta = self._delta(table)
        if delta is None:
            return 0
        gone = delta.vacuum(hours, dry_run=False, enforce_retention_duration=False, full=True)
        self._open[table.name] = DeltaTable(self.path(table))
        return len(gone)

    def _publish(
        self,
        delta: DeltaTable,
        table: Table,
        actions: Sequence[AddAction | RemoveAction],
        mode: str,
        positions: Mapping[str, int],
        schema: Schema | None = None,
    ) -> None:
        reached = [Transaction(of, position) for of, position in positions.items()]
        try:
            delta.create_write_transaction(
                list(actions),
                mode,
                schema or delta.schema(),
                [table.partition],
                commit_properties=CommitProperties(app_transactions=reached),
            )
        except CommitFailedError as error:
            raise PipelineError(
                f"another run changed {table.name} meanwhile ({error}); this one published nothing "
                "there: run again"
            ) from error
        self._open[table.name] = DeltaTable(self.path(table))

    def _add(self, table: Table, written: list[Written], now: int) -> list[AddAction]:
        return [
            AddAction(
                path=file.path.relative_to(self.path(table)).as_posix(),
                size=file.size,
                partition_values={table.partition: file.partition},
                modification_time=now,
                data_change=True,
                stats=json.dumps({"numRecords": file.rows}),
            )
            for file in written
        ]

    def _delta(self, table: Table) -> DeltaTable | None:
        if table.name not in self._open and DeltaTable.is_deltatable(str(self.path(table))):
            self._open[table.name] = DeltaTable(self.path(table))
        return self._open.get(table.name)

    def _create(self, table: Table, frame: Frame) -> DeltaTable:
        self._open[table.name] = DeltaTable.create(
            self.path(table),
            _schema(frame),
            partition_by=[table.partition],
            name=table.name,
            description=table.description,
        )
        return self._open[table.name]


def _files(delta: DeltaTable, table: Table) -> list[DataFile]:
    actions = delta.get_add_actions(flatten=True)
    columns = ("path", f"partition.{table.partition}", "num_records")
    return [
        DataFile(path.as_py(), partition.as_py(), rows.as_py())
        for path, partition, rows in zip(*(actions[name] for name in columns), strict=True)
    ]


_PRIMITIVES = {
    nw.Boolean: "boolean",
    nw.Date: "date",
    nw.Float64: "double",
    nw.Int32: "integer",
    nw.Int64: "long",
    nw.String: "string",
}


def _schema(frame: Frame) -> Schema:
    kinds = frame.collect_schema().items()
    return Schema([Field(name, PrimitiveType(type_name(name, kind))) for name, kind in kinds])


def _columns(schema: Schema) -> dict[str, str]:
    return {field.name: field.type.type for field in schema.fields}


def type_name(name: str, kind: nw.dtypes.DType) -> str:
    """The type of a column as Delta tables name it."""
    if isinstance(kind, nw.Decimal):
        return f"decimal({kind.precision},{kind.scale})"
    if isinstance(kind, nw.Datetime) and kind.time_zone:
        return "timestamp"
    for primitive, text in _PRIMITIVES.items():
        if kind == primitive:
            return text
    raise PipelineError(f"column {name}: cast {kind} to a type that Delta tables hold")
