"""A number as the target: how a model answers with it, and how far its answers are off.

Errors are in the unit of the target, so limits of the gate compare them with those of a baseline.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from . import report
from .artifacts import Record
from .data import Dataset, Labels, Mask, Matrix, Task, Vector, median
from .evaluation import Compared, Origin, compare, compared, gained, line
from .report import MOST, Chart, Grid, Line

Score = Literal["mae", "rmse", "r2"]
SCORES: Mapping[Score, str] = {"mae": "MAE", "rmse": "RMSE", "r2": "R²"}
SIGNS: Mapping[Score, int] = {"mae": -1, "rmse": -1, "r2": 1}
BINS = 10


class Slice(Record):
    """The mean absolute error of a kind of rows, and the gain over the baseline among them."""

    value: float
    low: float
    high: float
    gain_high: float
    count: int


class Bin(Record):
    """Rows of about the same answer: what it was, what was true, and most of the errors."""

    predicted: float
    true: float
    low: float  # of the errors, without the lowest tenth
    high: float
    count: int


class Regression(Record):
    rows: int
    scores: dict[Score, Compared]
    slices: dict[str, Slice]
    residuals: list[Bin]
    fitting: Score = "mae"

    @property
    def main(self) -> Compared:
        return self.scores[self.fitting]

    @property
    def quality(self) -> float:
        return self.scores["r2"].value

    @property
    def name(self) -> str:
        return SCORES[self.fitting]

    @property
    def spans(self) -> dict[str, Slice]:
        """MAE of all rows and of each slice."""
        main = self.scores["mae"]
        whole = {name: getattr(main, name) for name in ("value", "low", "high", "gain_high")}
        return {"all": Slice(count=self.rows, **whole), **self.slices}

    def numbers(self) -> dict[str, float]:
        """What a tracker keeps."""
        return {
            **{name: found.value for name, found in self.scores.items() if found.defined},
            "gain": self.main.gain,
        }

    def table(self) -> Iterator[dict[str, Any]]:
        for score, found in self.scores.items():
            yield compared(SCORES[score], found, self.rows)
        for label, part in self.slices.items():
            yield line(f"MAE, {label}", (part.value, part.low, part.high), part.count)
        yield from gained(self.name, self.main, self.rows)


class Off:
    """Answers and what was true, ready to be scored many times."""

    def __init__(self, outputs: Matrix, y: Vector) -> None:
        self._true = y
        self._errors = outputs[:, 0].astype(np.float64) - y

    def score(self, name: Score, weights: Vector) -> float:
        if not weights.sum():
            return np.nan
        square = float(np.average(self._errors**2, weights=weights))
        match name:
            case "mae":
                return float(np.average(np.abs(self._errors), weights=weights))
            case "rmse":
                return float(np.sqrt(square))
            case "r2":
                middle = np.average(self._true, weights=weights)
                spread = float(np.average((self._true - middle) ** 2, weights=weights))
                return 1 - square / spread if spread else np.nan


@dataclass(frozen=True)
class Number:
    names: tuple[str, ...] = ()
    kind = "a number"
    measured = "MAE"  # of kinds of rows
    scores = SCORES
    loss = "MAE"  # what `tune` makes small
    quality = "R²"  # what people ask for first
    outputs = 1  # how many numbers a model gives for a row

    def are_sound(self, outputs: Matrix) -> bool:
        return bool(np.isfinite(outputs).all())

    def answers(self, outputs: Matrix, _: Sequence[float]) -> list[float]:
        # As short as 32 bits can be told apart.
        return [float(str(value)) for value in outputs[:, 0]]

    def strata(self, y: Labels) -> Labels:
        """What each part of the data must have rows of: any."""
        return np.zeros(len(y), dtype=np.int64)

    def stratum(self, _: int) -> str:
        return "at all"

    def origin(self, y: Labels, weights: Vector) -> dict[str, Any]:
        """What the training rows are like."""
        spread = (y.min(), median(y, weights), y.max(), y.std())
        return {"class_shares": [], "spread": tuple(float(value) for value in spread)}

    def unit(self, origin: Origin) -> float:
        """Of differences: a standard deviation, so that one limit fits every target."""
        return origin.spread[3] or 1.0

    def prior(self, origin: Origin, rows: int) -> dict[str, Matrix]:
        """What can be said of rows without looking at them."""
        middle = np.full((rows, 1), origin.spread[1], dtype=np.float32)
        return {"the middle of the training": middle}

    def described(self, y: Labels) -> list[dict[str, object]]:
        quantiles = {"minimum": 0, "25 %": 0.25, "median": 0.5, "75 %": 0.75, "maximum": 1}
        return [
            {"target": name, "value": float(np.quantile(y, at))} for name, at in quantiles.items()
        ]

    def told(self, origin: Origin) -> str:
        low, middle, high, _ = map(report.shown, origin.spread)
        return f"from {low} to {high}, half of them below {middle}"

    def evaluate(
        self,
        outputs: Matrix,
        data: Dataset,
        task: Task,
        baselines: Mapping[str, Matrix],
        _: Origin,
        __: Sequence[float],
    ) -> Regression:
        model = Off(outputs, data.y)
        others = {name: Off(found, data.y) for name, found in baselines.items()}
        scores = compare(model, others, data.groups, data.weights, SIGNS)
        simple = baselines[scores["mae"].baseline]
        return Regression(
            rows=len(data),
            scores=scores,
            slices={
                name: _slice(outputs, simple, data, where(data.x))
                for name, where in task.slices.items()
            },
            residuals=list(_residuals(outputs[:, 0].astype(np.float64), data.y)),
        )

    def rule(self, _: Sequence[float]) -> str:
        return ""

    def charts(
        self, outputs: Matrix, y: Labels, _: Vector, __: Sequence[float]
    ) -> list[Chart | Grid]:
        """Answers against what was true, and how far they are off."""
        rows = np.unique(np.linspace(0, len(y) - 1, min(len(y), MOST)).round().astype(np.int64))
        said, true = outputs[rows, 0].astype(np.float64), y[rows].astype(np.float64)
        ends = [float(end(both)) for both in [np.append(said, true)] for end in (np.min, np.max)]
        cloud = Line("a row", list(zip(said.tolist(), true.tolist(), strict=True)), "dots")
        off = Line("a row", list(zip(said.tolist(), (true - said).tolist(), strict=True)), "dots")
        bins = list(_residuals(outputs[:, 0].astype(np.float64), y))
        middle = [Line("80 % of the rows: from", [(b.predicted, b.low) for b in bins])]
        middle.append(Line("to", [(b.predicted, b.high) for b in bins]))
        perfect = Line("", [(ends[0], ends[0]), (ends[1], ends[1])], "guide")
        zero = Line("", [(float(said.min()), 0.0), (float(said.max()), 0.0)], "guide")
        return [
            Chart("Answered and true", "answered", "true", [perfect, cloud]),
            Chart("Errors", "answered", "true - answered", [zero, off, *middle]),
        ]

    def score(self, outputs: Matrix, y: Labels, _: Sequence[float]) -> float:
        """The quality."""
        return Off(outputs, y).score("r2", np.ones(len(y)))


def _slice(outputs: Matrix, simple: Matrix, data: Dataset, chosen: Mask) -> Slice:
    if not chosen.any():
        return Slice(value=0, low=0, high=0, gain_high=0, count=0)
    model, other = (Off(found[chosen], data.y[chosen]) for found in (outputs, simple))
    signs: Mapping[Score, int] = {"mae": -1}
    groups, weights = data.groups[chosen], data.weights[chosen]
    found = compare(model, {"": other}, groups, weights, signs)["mae"]
    count = int(chosen.sum())
    return Slice(
        value=found.value, low=found.low, high=found.high, gain_high=found.gain_high, count=count
    )


def _residuals(said: Vector, true: Vector) -> Iterator[Bin]:
    """In bins of equal count, by what was answered."""
    for rows in np.array_split(np.argsort(said, kind="stable"), min(BINS, len(said))):
        low, high = np.quantile(true[rows] - said[rows], [0.1, 0.9])
        yield Bin(
            predicted=float(said[rows].mean()),
            true=float(true[rows].mean()),
            low=float(low),
            high=float(high),
            count=len(rows),
        )
