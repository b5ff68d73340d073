"""How good a model is on rows that it has not seen: overall, by class, by slice, calibrated."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from . import metrics, report
from .artifacts import Record
from .data import Dataset, Labels, Matrix, Vector
from .metrics import ORDERED, Score
from .storage import digest

UNDEFINED = "-"  # a measure of rows that are not there
UNSEEN = "unseen.txt"  # beside the model: the lines of its data that took no part in the training

Name = TypeVar("Name", bound=str)
Name_contra = TypeVar("Name_contra", bound=str, contravariant=True)


class Share(Record):
    """A measured share with its 95 % interval."""

    value: float
    low: float
    high: float
    count: int

    @classmethod
    def of(cls, hits: float, alike: float, count: int) -> "Share":
        low, high = metrics.wilson(hits, alike)
        return cls(value=hits / alike if count else 0.0, low=low, high=high, count=count)


class Bin(Record):
    confidence: float
    accuracy: float
    count: int


class Origin(Record):
    """The data that a model was made from."""

    file: str
    sha256: str
    rows: dict[str, int]
    class_shares: list[float]
    weight: str | None = None  # the column by which rows count more or less
    spread: tuple[float, ...] = ()  # of a number: the least, the middle, the most, the deviation


class Compared(Record):
    """A score with its 95 % interval, beside that of the best of the baselines.

    A gain is an improvement, also where less is better. Intervals draw whole groups of rows.
    """

    value: float
    low: float
    high: float
    baseline: str
    baseline_value: float
    gain: float
    gain_low: float
    gain_high: float
    defined: bool = True  # not where rows of one class alone are judged


class Evaluation(Record):
    rows: int
    accuracy: Share
    recalls: dict[str, Share]
    slices: dict[str, Share]
    scores: dict[Score, Compared]
    fitting: Score  # the score that says most about classes of these shares
    calibration_error: float
    calibration_noise: float  # what chance alone would give on so few rows
    calibration: list[Bin]
    confusion: list[list[int]]
    near: Share | None = None  # of classes with an order: right, or the one beside it

    @property
    def main(self) -> Compared:
        return self.scores[self.fitting]

    @property
    def quality(self) -> float:
        """What people ask for first."""
        return self.accuracy.value

    @property
    def name(self) -> str:
        """Of the score that says most."""
        return ORDERED[self.fitting]

    @property
    def spans(self) -> dict[str, Share]:
        """Accuracy of all rows, of each class, and of each slice."""
        recalls = {f"true {name}": share for name, share in self.recalls.items()}
        return {"all": self.accuracy, **recalls, **self.slices}

    def numbers(self) -> dict[str, float]:
        """What a tracker keeps."""
        return {
            **{name: found.value for name, found in self.scores.items() if found.defined},
            "accuracy": self.accuracy.value,
            "calibration_error": self.calibration_error,
            **({"gain": self.main.gain} if self.main.defined else {}),
            "worst_recall": min(recall.value for recall in self.recalls.values() if recall.count),
        }

    def table(self) -> Iterator[dict[str, Any]]:
        """Rows to print: what was measured, the number, the interval, of how many."""
        yield _row("accuracy", self.accuracy)
        if self.near:
            yield _row("right, or the class beside it", self.near)
        for label, share in self.recalls.items():
            yield _row(f"recall of {label}", share)
        for label, share in self.slices.items():
            yield _row(f"accuracy, {label}", share)
        for score, found in self.scores.items():
            if score != "accuracy":
                yield compared(ORDERED[score], found, self.rows)
        yield line("calibration error", (self.calibration_error, None, None), self.rows)
        yield from gained(self.name, self.main, self.rows)


def unseen(folder: Path, made_of: Origin, file: Path, data: Dataset) -> Dataset:
    """The rows of a file that took no part in the training of a model: only these may judge it.

    Another file than the one of the training is taken as a whole.
    """
    if not (folder / UNSEEN).is_file() or digest(file) != made_of.sha256:
        return data
    known = [int(line) for line in (folder / UNSEEN).read_text(encoding="utf-8").split()]
    return data.part(np.flatnonzero(np.isin(data.lines, known)))


def decide(probabilities: Matrix, decision: Sequence[float]) -> Labels:
    """The class of each row: the most probable, as each class weighs."""
    return np.asarray((probabilities * np.asarray(decision)).argmax(axis=1))


class Scored(Protocol[Name_contra]):
    def score(self, name: Name_contra, weights: Vector) -> float: ...


def compare(
    model: Scored[Name],
    others: Mapping[str, Scored[Name]],
    groups: npt.NDArray[np.str_],
    weights: Vector,
    scores: Mapping[Name, int],
) -> dict[Name, Compared]:
    """Each score beside that of the best of the others; its sign is -1 where less is better."""
    draws = list(metrics.drawn(groups, weights))
    return {
        name: _compared(model, others, name, sign, weights, draws) for name, sign in scores.items()
    }


def _compared(
    model: Scored[Name],
    others: Mapping[str, Scored[Name]],
    score: Name,
    sign: int,
    all_rows: Vector,
    draws: Sequence[Vector],
) -> Compared:
    known = {name: _finite(other.score(score, all_rows)) for name, other in others.items()}
    best = max(known, key=lambda name: sign * known[name])
    found = model.score(score, all_rows)
    value = _finite(found)
    drawn = [model.score(score, weights) for weights in draws]
    against = [others[best].score(score, weights) for weights in draws]
    gains = [sign * (one - other) for one, other in zip(drawn, against, strict=True)]
    low, high = metrics.interval(drawn)
    gain_low, gain_high = metrics.interval(gains)
    return Compared(
        value=value,
        low=low,
        high=high,
        baseline=best,
        baseline_value=known[best],
        gain=sign * (value - known[best]),
        gain_low=gain_low,
        gain_high=gain_high,
        defined=bool(np.isfinite(found)),
    )


def gained(name: str, main: Compared, rows: int) -> Iterator[dict[str, Any]]:
    if main.defined:
        yield line(f"{name} of {main.baseline}", (main.baseline_value, None, None), rows)
        yield line(f"gain in {name}", (main.gain, main.gain_low, main.gain_high), rows)


def compared(name: str, found: Compared, rows: int) -> dict[str, Any]:
    if found.defined:
        return line(name, (found.value, found.low, found.high), rows)
    return {"measure": name, "value": UNDEFINED, "95 % interval": "", "rows": rows}


def line(name: str, numbers: tuple[float, float | None, float | None], rows: int) -> dict[str, Any]:
    value, low, high = numbers
    ends = [report.measured(end) for end in (low, high) if end is not None]
    return {
        "measure": name,
        "value": report.measured(value),
        "95 % interval": " to ".join(ends),
        "rows": rows,
    }


def _finite(value: float) -> float:
    """A score of a class that no row has is no number; it is worth nothing."""
    return value if np.isfinite(value) else 0.0


def _row(name: str, share: Share) -> dict[str, Any]:
    if share.count:
        return line(name, (share.value, share.low, share.high), share.count)
    return {"measure": name, "value": UNDEFINED, "95 % interval": "", "rows": 0}
