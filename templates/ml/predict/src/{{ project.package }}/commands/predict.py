"""Predictions for a file, at the desk of whoever asks."""

import csv
import sys
from pathlib import Path
from typing import Annotated

import typer

from ..data import load_features
from ..predictor import Predictor
from ..settings import Paths
from ..task import TASK


def command(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A CSV file with the features.")],
) -> None:
    """Print a CSV line for each row: its line, the prediction, the probability of each class there is."""
    predictor = Predictor.current(context.obj.load(Paths).models, TASK)
    x, lines = load_features(file, TASK)
    outputs = predictor.predict(x, lines.tolist())
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["line", "prediction", *TASK.classes])
    for line, answer, row in zip(lines, predictor.answers(outputs), outputs, strict=True):
        probabilities = [f"{value:.4f}" for value in row] if TASK.classes else []
        out.writerow([line, answer, *probabilities])
