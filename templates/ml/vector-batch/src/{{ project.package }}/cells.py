"""What the rows of a file give to the model, and why some of them cannot be used."""

from string import whitespace

import numpy as np
import polars as pl

from .data import PLAIN, Inputs, Mask, Task
from .errors import BadInputError
from .predictor import Predictor


def convert(frame: pl.DataFrame, task: Task, predictor: Predictor) -> tuple[Inputs, list[str]]:
    """The numbers of each row, and for each why it cannot be used, or nothing."""
    plain = [name for name in task.features if task.columns.get(name, PLAIN) == PLAIN]
    # As `number` reads them: plain spaces around are none of a number, and 64 bits come first.
    bare = pl.col(plain).str.strip_chars(whitespace).cast(pl.Float64, strict=False)
    numbers = frame.select(bare.cast(pl.Float32)).fill_null(np.nan)
    x = np.empty((len(frame), len(task.features)), dtype=np.float32)
    unread = np.zeros(x.shape, dtype=bool)
    for place, name in enumerate(task.features):
        if name in plain:
            x[:, place] = numbers[name].to_numpy()
        else:
            x[:, place], unread[:, place] = _declared(frame[name].to_list(), name, task)
    outside = predictor.outside(x) | unread
    return x, [_reason(frame, task, row, outside[row]) for row in range(len(x))]


def _declared(cells: list[str], name: str, task: Task) -> tuple[list[float], list[bool]]:
    """The numbers of cells that are more than that, and which of them cannot be read."""
    found: list[float] = []
    unread: list[bool] = []
    for cell in cells:
        try:
            found.append(task.cell(name, cell, name))
            unread.append(False)
        except BadInputError:
            found.append(np.nan)
            unread.append(True)
    return found, unread


def _reason(frame: pl.DataFrame, task: Task, row: int, outside: Mask) -> str:
    if not outside.any():
        return ""
    name = task.features[int(outside.argmax())]
    given: str = frame[row, name]
    if given in task.missing:
        return f"{name} is a gap, which this model does not take"
    kind = task.columns.get(name, PLAIN).kind
    return f"{name} is `{given[:40]}`, not a {kind} that can be meant"
