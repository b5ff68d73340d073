"""Measures of classification, from probabilities and true labels; each a pure function.

`SCORES` are those that can be compared with a baseline. Of two classes they are about the rarer
one, of more they are the mean over the classes, each against the rest. Rows have weights, so that
an interval can draw them again in groups.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from .data import Labels, Mask, Matrix, Vector

Z = 1.959964  # of a 95 % interval
BINS = 10  # of confidences
DRAWS = 500  # of rows, for an interval
POINTS = 200  # of a curve, at most
TINY = float(np.finfo(np.float64).tiny)  # in place of 0, to divide by


def wilson(hits: float, count: float) -> tuple[float, float]:
    """A 95 % interval for a share; it stays inside 0 and 1 and holds for small counts."""
    if count == 0:
        return 0.0, 1.0
    share, z2 = hits / count, Z * Z
    middle = (share + z2 / (2 * count)) / (1 + z2 / count)
    spread = Z * np.sqrt(share * (1 - share) / count + z2 / (4 * count * count)) / (1 + z2 / count)
    # At the ends the exact bound is 0 or 1, which rounding would miss.
    low = 0.0 if hits == 0 else max(float(middle - spread), 0.0)
    high = 1.0 if hits == count else min(float(middle + spread), 1.0)
    return low, high


Binned = tuple[float, float, float, int]


def calibration(probabilities: Matrix, y: Labels, weights: Vector) -> list[Binned]:
    """Mean confidence, accuracy, weight and count, in bins of equal weight by confidence."""
    confidence = probabilities.max(axis=1).astype(np.float64)
    right = (probabilities.argmax(axis=1) == y).astype(np.float64)
    found = []
    for rows in _binned(confidence, weights):
        worth = weights[rows]
        said, was = (float(np.average(part[rows], weights=worth)) for part in (confidence, right))
        found.append((said, was, float(worth.sum()), len(rows)))
    return found


def calibration_error(probabilities: Matrix, y: Labels, weights: Vector) -> float:
    """How far confidence and accuracy lie apart on average (ECE)."""
    found = calibration(probabilities, y, weights)
    whole = sum(weight for _, _, weight, _ in found)
    return sum(weight * abs(said - was) for said, was, weight, _ in found) / whole


def calibration_noise(probabilities: Matrix, weights: Vector) -> float:
    """The calibration error that a model of these confidences has by chance, in one case of 20."""
    random = np.random.default_rng(0)
    confidence = probabilities.max(axis=1).astype(np.float64)
    bins = list(_binned(confidence, weights))
    errors = []
    for _ in range(200):
        off = weights * (confidence - (random.random(len(confidence)) < confidence))
        errors.append(sum(abs(off[rows].sum()) for rows in bins) / weights.sum())
    return float(np.quantile(errors, 0.95))


def _binned(confidence: Vector, weights: Vector) -> Iterator[npt.NDArray[np.int64]]:
    """The rows of each bin; rows of one confidence are never in two, whatever their order."""
    _, step = np.unique(confidence, return_inverse=True)
    worth = np.bincount(step, weights)
    place = (BINS * (np.cumsum(worth) - worth / 2) / worth.sum()).astype(np.int64)[step]
    yield from (np.flatnonzero(place == number) for number in np.unique(place))


Score = Literal["accuracy", "auc", "average_precision", "f1", "log_loss", "qwk"]


class Judged:
    """Probabilities and the labels that were decided from them, ready to be scored many times."""

    def __init__(self, probabilities: Matrix, predicted: Labels, y: Labels, rare: int) -> None:
        self._right = (predicted == y).astype(np.float64)
        true = probabilities[np.arange(len(y)), y].astype(np.float64)
        self._losses = -np.log(np.clip(true, 1e-7, 1.0))
        classes = probabilities.shape[1]
        self._cells, self._classes = y * classes + predicted, classes
        asked = [rare] if classes == 2 else range(classes)
        self._ranked = [_Ranked(probabilities[:, code], y == code) for code in asked]
        self._decided = [(predicted == code, y == code) for code in asked]

    def score(self, name: Score, weights: Vector) -> float:
        match name:
            case "accuracy":
                return float((weights * self._right).sum() / weights.sum())
            case "log_loss":
                return float((weights * self._losses).sum() / weights.sum())
            case "qwk":
                return _kappa(self._cells, self._classes, weights)
            case "auc":
                return _mean([ranked.auc(weights) for ranked in self._ranked])
            case "average_precision":
                return _mean([ranked.average_precision(weights) for ranked in self._ranked])
            case "f1":
                return _mean([f1(said, true, weights) for said, true in self._decided])


SCORES: Mapping[Score, str] = {
    "accuracy": "accuracy",
    "auc": "AUC",
    "average_precision": "average precision",
    "f1": "F1",
    "log_loss": "log loss",
}
# Of classes that have an order, cheap where a neighbour is answered and dear far away.
ORDERED: Mapping[Score, str] = {**SCORES, "qwk": "QWK"}


def fitting(shares: Sequence[float]) -> Score:
    """The score that says most about classes of these shares."""
    if len(shares) > 2:
        return "log_loss"
    return "average_precision" if min(shares) < 0.1 else "auc"


def _kappa(cells: Labels, classes: int, weights: Vector) -> float:
    """Cohen's kappa with squared weights: 1 is perfect, 0 is what chance gives."""
    table = np.bincount(cells, weights, classes**2).reshape(classes, classes)
    codes = np.arange(classes)
    far = (codes[:, None] - codes[None, :]) ** 2
    chance = np.outer(table.sum(axis=1), table.sum(axis=0)) / max(table.sum(), TINY)
    expected = float((far * chance).sum())
    is_asked = expected > 0 and np.count_nonzero(table.sum(axis=1)) > 1
    return 1 - float((far * table).sum()) / expected if is_asked else np.nan


def f1(said: Mask, true: Mask, weights: Vector) -> float:
    """The harmonic mean of precision and recall."""
    both = 2 * weights[said & true].sum()
    total = weights[said].sum() + weights[true].sum()
    return float(both / total) if total else np.nan


class _Ranked:
    """Rows in the order of their scores; equal scores are one step."""

    def __init__(self, scores: npt.NDArray[np.floating], true: Mask) -> None:
        self._true = true
        values, self._step = np.unique(scores, return_inverse=True)
        self._steps = len(values)

    def counts(self, weights: Vector) -> tuple[Vector, Vector]:
        # Each on its own: a small weight would be lost in the difference of two large sums.
        true, other = (
            np.bincount(self._step, weights * rows, self._steps).astype(np.float64)
            for rows in (self._true, ~self._true)
        )
        return true, other

    def auc(self, weights: Vector) -> float:
        """How often a row of the class has the higher score than another row; ties are half."""
        true, other = self.counts(weights)
        pairs = true.sum() * other.sum()
        below = np.cumsum(other) - other / 2
        return float((true * below).sum() / pairs) if pairs else np.nan

    def average_precision(self, weights: Vector) -> float:
        """The mean precision over the recall, as the threshold falls."""
        true, other = (counts[::-1] for counts in self.counts(weights))
        found = np.cumsum(true)
        precision = found / np.maximum(found + np.cumsum(other), TINY)
        # Where all rows are of the class, any order of them would be perfect.
        is_asked = found[-1] > 0 and other.sum() > 0
        return float((precision * true).sum() / found[-1]) if is_asked else np.nan


def curves(
    scores: npt.NDArray[np.floating], true: Mask, weights: Vector
) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """As the threshold falls: false alarms and hits (ROC), and recall and precision."""
    hits, others = (np.cumsum(counts[::-1]) for counts in _Ranked(scores, true).counts(weights))
    steps = len(hits)
    few = np.unique(np.linspace(0, steps - 1, min(POINTS, steps)).round().astype(np.int64))
    precision = (hits / np.maximum(hits + others, TINY))[few].tolist()
    recall, false = ((part / (part[-1] or 1))[few].tolist() for part in (hits, others))
    roc = [(0.0, 0.0), *zip(false, recall, strict=True)]
    return roc, list(zip(recall, precision, strict=True))


def drawn(groups: npt.NDArray[np.str_], weights: Vector) -> Iterator[Vector]:
    """Weights of rows whose groups were drawn again: a group counts as often as it was drawn."""
    _, member = np.unique(groups, return_inverse=True)
    count = int(member.max()) + 1
    random = np.random.default_rng(0)
    for _ in range(DRAWS):
        times = np.bincount(random.integers(0, count, count), minlength=count)
        yield times[member] * weights


def interval(values: Sequence[float]) -> tuple[float, float]:
    """The middle 95 % of what was drawn; a draw without a class says nothing of it."""
    known = [value for value in values if np.isfinite(value)]
    low, high = np.quantile(known or [0.0], [0.025, 0.975])
    return float(low), float(high)


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if np.isfinite(value)]
    return sum(known) / len(known) if known else np.nan


def confusion(predicted: Labels, y: Labels, classes: int) -> list[list[int]]:
    """Rows are what was true, columns what was predicted."""
    table = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(table, (y, predicted), 1)
    return [[int(cell) for cell in row] for row in table]


def hits(
    predicted: Labels, y: Labels | bool, where: Mask | None, weights: Vector
) -> tuple[float, float, int]:
    """How many are right, of how many, as rows that count alike, and the rows.

    Rows of different weights tell less than as many that count alike: so many as Kish's formula says.
    """
    chosen = np.ones(len(predicted), dtype=bool) if where is None else where
    right, count = (predicted == y)[chosen], int(chosen.sum())
    if not count:
        return 0.0, 0.0, 0
    worth = weights[chosen]
    alike = float(worth.sum() ** 2 / (worth**2).sum())
    return float(np.average(right, weights=worth)) * alike, alike, count
