"""Labelled rows from CSV files, each value checked, each fault told with file and line.

`Task` says what the columns mean; `task.py` holds the one that this repository is about.
"""

import csv
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .errors import BadInputError

Matrix = npt.NDArray[np.float32]
Inputs = Matrix  # what the model reads, one row for each prediction
Vector = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

LARGEST = float(np.finfo(np.float32).max)


@dataclass(frozen=True)
class Task:
    """What there is to predict, and how it is looked at."""

    name: str
    file: str  # below the data folder
    target: str
    classes: tuple[str, ...]
    features: tuple[str, ...]
    # Kinds of rows that must not be served worse than the rest.
    slices: Mapping[str, Callable[[Matrix], Mask]]
    # Numbers whose distribution is watched, one for each row.
    monitored: Callable[[Matrix], Mapping[str, Vector]]
    limits: tuple[float, float] | None = None  # of every feature, where they are known
    group: str | None = None  # rows of one group never lie on both sides of a split
    time: str | None = None  # a column of ISO times, for a split by time


@dataclass(frozen=True)
class Dataset:
    x: Matrix
    y: Labels
    lines: npt.NDArray[np.int64]
    groups: npt.NDArray[np.str_]
    times: npt.NDArray[np.float64] = field(default_factory=lambda: np.empty(0))

    def __len__(self) -> int:
        return len(self.y)

    def part(self, chosen: npt.NDArray[np.int64]) -> "Dataset":
        times = self.times[chosen] if len(self.times) else self.times
        return Dataset(
            self.x[chosen], self.y[chosen], self.lines[chosen], self.groups[chosen], times
        )


def load(path: Path, task: Task) -> Dataset:
    """All rows of a labelled file, or an error that names the first fault."""
    needed = [task.target, *task.features, *filter(None, (task.group, task.time))]
    numbers: dict[str, int] = {name: code for code, name in enumerate(task.classes)}
    x, y, lines, groups, times = [], [], [], [], []
    for line, row in rows(path, needed):
        values = [number(row[name], f"{path}:{line}: {name}") for name in task.features]
        if row[task.target] not in numbers:
            known = ", ".join(task.classes)
            raise BadInputError(
                f"{path}:{line}: {task.target} is `{row[task.target]}`, not of {known}"
            )
        x.append(values)
        y.append(numbers[row[task.target]])
        lines.append(line)
        # Rows of equal content are one group: a copy on the other side of a split is a leak.
        groups.append(row[task.group] if task.group else ",".join(map(str, values)))
        if task.time:
            times.append(_time(row[task.time], f"{path}:{line}: {task.time}"))
    if not y:
        raise BadInputError(f"{path} has no rows")
    return Dataset(
        np.array(x, dtype=np.float32), np.array(y), np.array(lines), np.array(groups),
        np.array(times, dtype=np.float64),
    )  # fmt: skip


def load_features(path: Path, task: Task) -> tuple[Matrix, npt.NDArray[np.int64]]:
    """The features of a file that needs no label, with their lines."""
    x, lines = [], []
    for line, row in rows(path, task.features):
        x.append([number(row[name], f"{path}:{line}: {name}") for name in task.features])
        lines.append(line)
    if not x:
        raise BadInputError(f"{path} has no rows")
    return np.array(x, dtype=np.float32), np.array(lines)


def rows(
    path: Path, needed: tuple[str, ...] | list[str]
) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Each row with its line in the file."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, [])
            if missing := [name for name in needed if name not in header]:
                raise BadInputError(f"{path}:1: there is no column `{missing[0]}`")
            for cells in reader:
                if len(cells) != len(header):
                    found = f"{len(cells)} fields where the header has {len(header)}"
                    raise BadInputError(f"{path}:{reader.line_num}: {found}")
                yield reader.line_num, dict(zip(header, cells, strict=True))
    except FileNotFoundError:
        raise BadInputError(f"{path} does not exist") from None
    except (csv.Error, UnicodeDecodeError) as error:
        raise BadInputError(f"{path}: not a CSV file in UTF-8: {error}") from None


def number(text: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise BadInputError(f"{where} is `{text[:40]}`, not a number") from None
    if not math.isfinite(value) or abs(value) > LARGEST:
        raise BadInputError(f"{where} is `{text[:40]}`, not a finite number of 32 bits")
    return value


def _time(text: str, where: str) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        raise BadInputError(f"{where} is `{text[:40]}`, not an ISO time") from None
