"""What the rows of a file give to the model, and why some of them cannot be used."""

import numpy as np
import polars as pl

from .data import Inputs, Task
from .errors import BadInputError
from .predictor import Predictor


def convert(frame: pl.DataFrame, task: Task, predictor: Predictor) -> tuple[Inputs, list[str]]:
    """The message of each row, and for each why it cannot be answered, or nothing."""
    (column,) = task.features
    read = [_read(predictor, given, column) for given in frame[column]]
    return np.array([text for text, _ in read]), [reason for _, reason in read]


def _read(predictor: Predictor, given: str, column: str) -> tuple[str, str]:
    try:
        return predictor.check(given, column), ""
    except BadInputError as error:
        return "", str(error)
