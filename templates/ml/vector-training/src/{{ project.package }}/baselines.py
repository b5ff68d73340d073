"""What a model must beat to be worth its trouble."""

import numpy as np

from .data import Dataset, Labels, Matrix
from .model import Fitted


def guesses(_: Fitted, train: Dataset, test: Dataset, classes: int) -> dict[str, Labels]:
    """The class of each test row, by rules that fit in a line and need no fitted model."""
    counts = np.bincount(train.y, minlength=classes)
    return {
        "the most frequent class": np.full(len(test), counts.argmax()),
        "the nearest class mean": _nearest_mean(train, test, classes),
    }


def numbers(train: Dataset, test: Dataset) -> dict[str, Matrix]:
    """The number of each test row, by rules of the same kind."""
    middle = np.full((len(test), 1), np.median(train.y), dtype=np.float32)
    return {"the middle": middle, "a line over the best column": _best_line(train, test)}


def _best_line(train: Dataset, test: Dataset) -> Matrix:
    best, found = np.inf, np.full(len(test), train.y.mean())
    for values, asked in zip(train.x.T.astype(np.float64), test.x.T, strict=True):
        known = ~np.isnan(values)
        if known.sum() < 2 or values[known].min() == values[known].max():
            continue
        middle = values[known].mean()
        slope, height = np.polyfit(values[known] - middle, train.y[known], 1)
        # In a gap the line says what it says of the mean.
        off = np.abs(np.nan_to_num(values - middle) * slope + height - train.y).mean()
        if off < best:
            best, found = off, np.nan_to_num(asked - middle) * slope + height
    return found[:, None].astype(np.float32)


def _nearest_mean(train: Dataset, test: Dataset, classes: int) -> Labels:
    with np.errstate(over="ignore"):
        x = np.ma.masked_invalid(train.x)
        middle = np.ma.filled(x.mean(axis=0), 0)
        spread = np.maximum(np.ma.filled(x.std(axis=0), 0), 1e-6)
    # A gap is as far from one class as from another.
    known = np.nan_to_num((train.x - middle) / spread)
    asked = np.nan_to_num((test.x - middle) / spread)
    means = np.stack([known[train.y == code].mean(axis=0) for code in range(classes)])
    distances = ((asked[:, None, :] - means[None, :, :]) ** 2).sum(axis=2)
    return np.asarray(distances.argmin(axis=1))
