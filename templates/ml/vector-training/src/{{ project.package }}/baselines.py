"""What a model must beat to be worth its trouble."""

import numpy as np

from .data import Dataset, Labels, Matrix, median
from .model import Fitted


def guesses(_: Fitted, train: Dataset, test: Dataset, classes: int) -> dict[str, Labels]:
    """The class of each test row, by rules that fit in a line and need no fitted model."""
    counts = np.bincount(train.y, train.weights, classes)
    return {
        "the most frequent class": np.full(len(test), counts.argmax()),
        "the nearest class mean": _nearest_mean(train, test, classes),
    }


def numbers(train: Dataset, test: Dataset) -> dict[str, Matrix]:
    """The number of each test row, by rules of the same kind."""
    middle = np.full((len(test), 1), median(train.y, train.weights), dtype=np.float32)
    mean = np.full_like(middle, np.average(train.y, weights=train.weights))
    line = _best_line(train, test)
    return {"the middle": middle, "the mean": mean, "a line over the best column": line}


def _best_line(train: Dataset, test: Dataset) -> Matrix:
    weights = train.weights
    best, found = np.inf, np.full(len(test), np.average(train.y, weights=weights))
    for values, asked in zip(train.x.T.astype(np.float64), test.x.T, strict=True):
        known = ~np.isnan(values)
        if known.sum() < 2 or values[known].min() == values[known].max():
            continue
        centre = np.average(values[known], weights=weights[known])
        fitted = values[known] - centre, train.y[known]
        slope, height = np.polyfit(*fitted, 1, w=np.sqrt(weights[known]))
        # In a gap the line says what it says of the mean.
        errors = np.abs(np.nan_to_num(values - centre) * slope + height - train.y)
        if (off := float(np.average(errors, weights=weights))) < best:
            best, found = off, np.nan_to_num(asked - centre) * slope + height
    return found[:, None].astype(np.float32)


def _nearest_mean(train: Dataset, test: Dataset, classes: int) -> Labels:
    with np.errstate(over="ignore"):
        x, weights = np.ma.masked_invalid(train.x), train.weights
        centre = np.ma.average(x, axis=0, weights=weights)
        deviation = np.sqrt(np.ma.average((x - centre) ** 2, axis=0, weights=weights))
    centre = np.ma.filled(centre, 0)
    spread = np.maximum(np.ma.filled(deviation, 0), 1e-6)
    # A gap is as far from one class as from another.
    known = np.nan_to_num((train.x - centre) / spread)
    asked = np.nan_to_num((test.x - centre) / spread)
    parts = [train.y == code for code in range(classes)]
    means = np.stack([np.average(known[p], axis=0, weights=weights[p]) for p in parts])
    distances = ((asked[:, None, :] - means[None, :, :]) ** 2).sum(axis=2)
    return np.asarray(distances.argmin(axis=1))
