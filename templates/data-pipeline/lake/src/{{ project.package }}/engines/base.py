"""What an engine must do. Frames are Narwhals frames, so transforms need not know which it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import narwhals as nw
from arro3.core import RecordBatchReader

Frame: TypeAlias = nw.LazyFrame[Any]
Partition: TypeAlias = date | int | None


@dataclass(frozen=True)
class Written:
    """A Parquet file that an engine wrote and nobody has published yet."""

    path: Path
    partition: str | None
    rows: int
    size: int


class Engine(Protocol):
    def arrow(self, batches: RecordBatchReader) -> Frame:
        """A frame over a stream that can be read once."""

    def read(self, files: Sequence[str]) -> Frame:
        """A frame over Parquet files, at least one."""

    def empty(self, columns: Mapping[str, str]) -> Frame:
        """No rows, of columns with types as Delta tables name them."""

    def sql(self, query: str, name: str, frame: Frame) -> Frame:
        """What the query gives, in which the frame is the table `name`."""

    def kept(self, frame: Frame, folder: Path) -> Frame:
        """The same rows, computed once and held in the folder, for a frame that is read often."""

    def rows(self, frame: Frame) -> list[dict[str, Any]]:
        """All rows of a small frame."""

    def write(self, frame: Frame, folder: Path, partition: str) -> list[Written]:
        """New files under `folder/partition=value/`, which hold the partition column as well."""
