"""What the rows of a file give to the model, and why some of them cannot be used."""

import numpy as np
import polars as pl

from .data import Inputs, Mask, Task
from .predictor import Predictor


def convert(frame: pl.DataFrame, task: Task, predictor: Predictor) -> tuple[Inputs, list[str]]:
    """The numbers of each row, and for each why it cannot be used, or nothing."""
    numbers = frame.select(pl.col(task.features).cast(pl.Float32, strict=False))
    x = numbers.fill_null(np.nan).to_numpy().astype(np.float32)
    low = np.array([feature.low for feature in predictor.features])
    high = np.array([feature.high for feature in predictor.features])
    outside = ~((x >= low) & (x <= high))
    return x, [_reason(frame, task, row, outside[row]) for row in range(len(x))]


def _reason(frame: pl.DataFrame, task: Task, row: int, outside: Mask) -> str:
    if not outside.any():
        return ""
    name = task.features[int(outside.argmax())]
    given = frame[row, name]
    shown = "missing" if given is None else f"`{str(given)[:40]}`"
    return f"{name} is {shown}, not a number that can be meant"
