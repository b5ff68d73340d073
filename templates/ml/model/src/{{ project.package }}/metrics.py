"""Measures of classification, from probabilities and true labels; each a pure function."""

from collections.abc import Callable

import numpy as np

from .data import Labels, Mask, Matrix, Vector

Z = 1.959964  # of a 95 % interval


def wilson(hits: int, count: int) -> tuple[float, float]:
    """A 95 % interval for a share; it stays inside 0 and 1 and holds for small counts."""
    if count == 0:
        return 0.0, 1.0
    share, z2 = hits / count, Z * Z
    middle = (share + z2 / (2 * count)) / (1 + z2 / count)
    spread = Z * np.sqrt(share * (1 - share) / count + z2 / (4 * count * count)) / (1 + z2 / count)
    # At the ends the exact bound is 0 or 1, which rounding would miss.
    low = 0.0 if hits == 0 else float(middle - spread)
    high = 1.0 if hits == count else float(middle + spread)
    return low, high


def bootstrap(
    statistic: Callable[[Vector], float], values: Vector, seed: int = 0, rounds: int = 1000
) -> tuple[float, float]:
    """A 95 % interval for a statistic of the values, by drawing them again and again."""
    random = np.random.default_rng(seed)
    drawn = values[random.integers(0, len(values), (rounds, len(values)))]
    low, high = np.quantile([statistic(row) for row in drawn], [0.025, 0.975])
    return float(low), float(high)


def log_losses(probabilities: Matrix, y: Labels) -> Vector:
    """For each row, minus the logarithm of the probability of what was true."""
    true = probabilities[np.arange(len(y)), y].astype(np.float64)
    return -np.log(np.clip(true, 1e-7, 1.0))


def calibration(probabilities: Matrix, y: Labels, bins: int = 10) -> list[tuple[float, float, int]]:
    """Mean confidence, accuracy and count, in bins of equal count by confidence."""
    confidence = probabilities.max(axis=1).astype(np.float64)
    right = probabilities.argmax(axis=1) == y
    order = np.argsort(confidence, kind="stable")
    return [
        (float(confidence[rows].mean()), float(right[rows].mean()), len(rows))
        for rows in np.array_split(order, min(bins, len(y)))
    ]


def calibration_error(probabilities: Matrix, y: Labels) -> float:
    """How far confidence and accuracy lie apart on average (ECE)."""
    found = calibration(probabilities, y)
    return sum(count * abs(said - was) for said, was, count in found) / len(y)


def confusion(predicted: Labels, y: Labels, classes: int) -> list[list[int]]:
    """Rows are what was true, columns what was predicted."""
    table = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(table, (y, predicted), 1)
    return [[int(cell) for cell in row] for row in table]


def hits(predicted: Labels, y: Labels, where: Mask | None = None) -> tuple[int, int]:
    """How many are right, of how many."""
    right = predicted == y if where is None else (predicted == y)[where]
    return int(right.sum()), len(right)
