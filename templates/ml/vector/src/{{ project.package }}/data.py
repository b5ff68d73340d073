"""Labelled rows of a file, each value checked, each fault told with file and line.

`Task` says what the columns mean; `task.py` holds the one that this repository is about.
"""

import logging
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from .errors import BadInputError
from .files import Clock, moment, rows

log = logging.getLogger(__name__)

Matrix = npt.NDArray[np.float32]
Inputs = Matrix  # what the model reads, one row for each prediction
Vector = npt.NDArray[np.float64]
Labels = npt.NDArray[Any]  # codes of classes, or numbers
Mask = npt.NDArray[np.bool_]
Watched = Vector | npt.NDArray[np.str_]

LARGEST = float(np.finfo(np.float32).max)
# With a decimal comma, thousands may be divided by points.
COMMA = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?")


Part = Literal["year", "month", "day of month", "day of year", "weekday", "hour", "minute"]
PARTS: Mapping[Part, Callable[[datetime], int]] = {
    "year": lambda at: at.year,
    "month": lambda at: at.month,
    "day of month": lambda at: at.day,
    "day of year": lambda at: at.timetuple().tm_yday,
    "weekday": lambda at: at.isoweekday(),
    "hour": lambda at: at.hour,
    "minute": lambda at: at.minute,
}


@dataclass(frozen=True)
class Column:
    """How the cells of a feature become one number each; nothing of it is learned.

    Of a category it is the place of the word in `values`; the place after the last is that of all
    other words, the one after that of gaps. Of a time it is one whole part: seconds since 1970
    need more than the 32 bits that a model reads. The gap of a number or time is NaN.
    """

    kind: Literal["number", "category", "time"] = "number"
    gaps: Literal["refuse", "mark"] = "refuse"  # of a category they always have their place
    values: tuple[str, ...] = ()  # of a category
    part: Part | None = None  # of a time
    format: str | None = None  # of a time, for strptime; without it times are ISO
    decimal: Literal[".", ","] = "."  # of a number, as it is written in the file

    @property
    def other(self) -> int:
        return len(self.values)

    @property
    def gap(self) -> float:
        return self.other + 1 if self.kind == "category" else math.nan

    def check(self, name: str) -> None:
        fits = {
            "number": not self.values and not self.part and not self.format,
            "category": bool(self.values) and not self.part and not self.format,
            "time": not self.values and self.part in PARTS,
        }
        if self.kind != "number" and self.decimal != ".":
            raise BadInputError(f"task.py: the column `{name}` has `decimal`, which numbers have")
        if not fits.get(self.kind):
            raise BadInputError(
                f"task.py: the column `{name}` is declared in no way that is known: a number has "
                "no more, a category has `values`, a time has `part` and, if it is not ISO, `format`"
            )
        if len(set(self.values)) < len(self.values):
            raise BadInputError(f"task.py: the column `{name}` has a value twice")

    def read(self, text: str, where: str) -> float:
        if self.kind == "category":
            return self.values.index(text) if text in self.values else self.other
        if self.kind == "time" and self.part:
            return PARTS[self.part](moment(text, self.format, where))
        return number(text, where, self.decimal)


PLAIN = Column()


@dataclass(frozen=True, kw_only=True)
class Task:
    """What there is to predict, and how it is looked at."""

    name: str
    file: str  # below the data folder
    target: str
    kind: Literal["classes", "ordered", "number"] = "classes"  # what the target is
    classes: tuple[str, ...] = ()  # of both kinds of classes; "ordered": from the least to the most
    features: tuple[str, ...]
    # Kinds of rows that must not be served worse than the rest.
    slices: Mapping[str, Callable[[Matrix], Mask]] = field(default_factory=dict)
    # What is watched of each row, numbers or words; without it all features are.
    monitored: Callable[[Matrix], Mapping[str, Watched]] | None = None
    limits: tuple[float, float] | None = None  # of every feature, where they are known
    # How features are read that are more than plain numbers, or a target with a decimal comma.
    columns: Mapping[str, Column] = field(default_factory=dict)
    missing: tuple[str, ...] = ("",)  # a row with one of these as its target is left out
    weight: str | None = None  # how much a row counts: in the training and wherever it is judged
    group: str | None = None  # rows of one group never lie on both sides of a split
    time: str | None = None  # a column of times, for a split by time
    time_format: str | None = None  # of strptime, such as "%Y/%m/%d"; without it times are ISO

    @property
    def ordered(self) -> bool:
        return self.kind == "ordered"

    def check(self) -> None:
        """Refuse what can only be a mistake, or a leak: the answer among what it is made of."""
        roles = {
            "target": self.target,
            "weight": self.weight,
            "group": self.group,
            "time": self.time,
        }
        for role, name in roles.items():
            if name in self.features:
                raise BadInputError(
                    f"task.py: `{name}` is the {role} and listed among the features as well: a "
                    "model that reads it knows what it will not know later. Take it out of one"
                )
        for what, names in (("features", self.features), ("classes", self.classes)):
            if twice := [name for name in names if names.count(name) > 1]:
                raise BadInputError(f"task.py: `{twice[0]}` is listed twice in {what}")
        if self.kind == "ordered" and len(self.classes) < 3:
            raise BadInputError(
                "task.py: a target of the kind `ordered` needs three `classes` at least, from the "
                "least to the most; two have no order that matters"
            )
        if self.kind not in ("classes", "ordered", "number"):
            raise BadInputError(
                f"task.py: the target is of no kind {self.kind!r}: classes, ordered or number"
            )
        if self.kind == "classes" and len(self.classes) < 2:
            raise BadInputError(
                "task.py: `classes` needs two at least; a target that is a number is declared with "
                '`kind="number"` and no classes'
            )
        if self.kind == "number" and self.classes:
            raise BadInputError("task.py: a target of the kind `number` has no `classes`")
        for name, column in self.columns.items():
            column.check(name)
            if name == self.target and self.kind == "number":
                if column not in (PLAIN, Column(decimal=",")):
                    raise BadInputError(
                        f"task.py: of the target `{name}` only `decimal` can be declared in `columns`"
                    )
            elif name not in self.features:
                raise BadInputError(f"task.py: `columns` has `{name}`, which is no feature")

    def watched(self, x: Matrix) -> Mapping[str, Watched]:
        """Each feature as it is watched: words as words, a gap as a gap."""
        if self.monitored:
            return self.monitored(x)
        columns = ((name, self.columns.get(name, PLAIN)) for name in self.features)
        return {
            name: _words(column, values) if column.kind == "category" else values.astype(np.float64)
            for (name, column), values in zip(columns, x.T, strict=True)
        }

    def is_labelled(self, text: str) -> bool:
        return text in self.classes or text not in self.missing

    def answer(self, text: str, where: str) -> float:
        """What a cell of the target is: the place of a class, or a number."""
        if self.kind == "number":
            return self.columns.get(self.target, PLAIN).read(text, where)
        if text not in self.classes:
            raise BadInputError(f"{where} is `{text}`, not of {', '.join(self.classes)}")
        return self.classes.index(text)

    def given(self, name: str, value: float | str | None, where: str) -> float:
        """The number that a value of a request is read as: text where text is declared."""
        column = self.columns.get(name, PLAIN)
        if value is None or value in self.missing:
            if column.kind != "category" and column.gaps == "refuse":
                raise BadInputError(f"{where} is a gap, which this model does not take")
            return column.gap
        if isinstance(value, str) != (column.kind != "number"):
            expected = "number" if column.kind == "number" else "text"
            raise BadInputError(f"{where} must be a {expected}")
        return self.cell(name, value, where) if isinstance(value, str) else value

    def asked(self, name: str, text: str) -> float | str | None:
        """A cell as the value of a request."""
        if text in self.missing:
            return None
        column = self.columns.get(name, PLAIN)
        return text if column.kind != "number" else column.read(text, name)

    def cell(self, name: str, text: str, where: str) -> float:
        """The number that a cell of a feature is read as."""
        column = self.columns.get(name, PLAIN)
        if text not in self.missing:
            return column.read(text, where)
        if column.kind != "category" and column.gaps == "refuse":
            raise BadInputError(
                f"{where} is `{text}`, not a {column.kind}: a gap. If the model is to live with "
                f"gaps, declare it in `columns` of task.py: "
                f'"{name}": Column({"" if column == PLAIN else "…, "}gaps="mark")'
            )
        return column.gap


@dataclass(frozen=True)
class Dataset:
    x: Matrix
    y: Labels
    lines: npt.NDArray[np.int64]
    groups: npt.NDArray[np.str_]
    times: npt.NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    declared_weights: Vector = field(default_factory=lambda: np.empty(0))

    def __len__(self) -> int:
        return len(self.y)

    @property
    def weights(self) -> Vector:
        """How much each row counts: 1 where nothing is declared."""
        return self.declared_weights if len(self.declared_weights) else np.ones(len(self))

    def arrays(self) -> tuple[Any, ...]:
        return self.x, self.y, self.lines, self.groups, self.times, self.declared_weights

    def part(self, chosen: npt.NDArray[np.int64]) -> "Dataset":
        return Dataset(*(array[chosen] if len(array) else array for array in self.arrays()))


def load(path: Path, task: Task) -> Dataset:
    """All rows of a labelled file, or an error that names the first fault."""
    task.check()
    needed = [task.target, *task.features, *filter(None, (task.weight, task.group, task.time))]
    x, y, lines, groups, times, weights = [], [], [], [], [], []
    clock, left_out = Clock(task.time_format), 0
    for line, row in rows(path, needed):
        if not task.is_labelled(row[task.target]):
            left_out += 1
            continue
        values = [task.cell(name, row[name], f"{path}:{line}: {name}") for name in task.features]
        x.append(values)
        y.append(task.answer(row[task.target], f"{path}:{line}: {task.target}"))
        lines.append(line)
        groups.append(row[task.group] if task.group else "")
        if task.time:
            times.append(clock.seconds(row[task.time], f"{path}:{line}: {task.time}"))
        if task.weight:
            weights.append(_weight(row[task.weight], f"{path}:{line}: {task.weight}"))
    if left_out:
        log.info("%s: %d rows without `%s` are left out", path, left_out, task.target)
    if not y:
        raise BadInputError(f"{path} has no rows{' with a target' if left_out else ''}")
    data = Dataset(
        np.array(x, dtype=np.float32), np.array(y), np.array(lines), np.array(groups),
        np.array(times, dtype=np.float64), np.array(weights, dtype=np.float64),
    )  # fmt: skip
    return data if task.group else replace(data, groups=_copies(data))


def _weight(text: str, where: str) -> float:
    try:
        found = number(text, where)
    except BadInputError:
        found = 0.0
    if found <= 0:
        raise BadInputError(
            f"{where} is `{text[:40]}`, not a weight: each row needs a number above 0, or no row "
            "counts more than another"
        )
    return found


def median(values: Labels | Matrix, weights: Vector) -> float:
    """The median; of rows that count more or less, that of half of all weight."""
    if (weights == weights[0]).all():
        return float(np.median(values))
    return float(np.quantile(values, 0.5, weights=weights, method="inverted_cdf"))


def contents(data: Dataset) -> list[bytes]:
    """What the model sees of each row; equal rows have equal contents.

    Where the columns have fewer combinations than there are rows, rows are equal without being
    copies, so each has a content of its own.
    """
    if _combinations(data.x, len(data)) < len(data):
        return [str(line).encode() for line in data.lines.tolist()]
    return [row.tobytes() for row in data.x + np.float32(0)]  # of both zeros one


def _combinations(x: Matrix, enough: int) -> int:
    """How many different rows the values of the columns can form, or more than enough."""
    found = 1
    for column in x.T:
        found *= len(np.unique(column))
        if found >= enough:
            break
    return found


def _copies(data: Dataset) -> npt.NDArray[np.str_]:
    """Rows of equal content are one group: a copy on the other side of a split is a leak."""
    first: dict[bytes, str] = {}
    lines = map(str, data.lines.tolist())
    return np.array([first.setdefault(*pair) for pair in zip(contents(data), lines, strict=True)])


def _words(column: Column, codes: npt.NDArray[np.float32]) -> npt.NDArray[np.str_]:
    """A category as it was written; all words that are not declared are one, a gap is none."""
    return np.array([*column.values, "(another word)", ""])[codes.astype(np.int64)]


def load_features(path: Path, task: Task) -> tuple[Matrix, npt.NDArray[np.int64]]:
    """The features of a file that needs no label, with their lines."""
    task.check()
    x, lines = [], []
    for line, row in rows(path, task.features):
        x.append([task.cell(name, row[name], f"{path}:{line}: {name}") for name in task.features])
        lines.append(line)
    if not x:
        raise BadInputError(f"{path} has no rows")
    return np.array(x, dtype=np.float32), np.array(lines)


def number(text: str, where: str, decimal: str = ".") -> float:
    if decimal == ",":
        if not COMMA.fullmatch(text.strip()):
            raise BadInputError(f"{where} is `{text[:40]}`, not a number with a decimal comma")
        text = text.replace(".", "").replace(",", ".")
    try:
        # Python takes `1_000` and digits of all scripts, and others who read the file do not.
        value = float(text if text.isascii() and "_" not in text else "")
    except ValueError:
        raise BadInputError(
            f"{where} is `{text[:40]}`, not a number. If that stands for a gap, name it in "
            "`missing` of task.py; if the column holds words, times or decimal commas, declare it "
            'in `columns`: Column("category", values=(…)), Column("time", part="month", '
            'format="%Y/%m/%d") or Column(decimal=",")'
        ) from None
    if not math.isfinite(value) or abs(value) > LARGEST:
        raise BadInputError(f"{where} is `{text[:40]}`, not a finite number of 32 bits")
    return value
