"""Has the data moved away from what the model was made from?"""

from pathlib import Path
from typing import Annotated

import typer

from .. import artifacts, drift, tables, tracking
from ..data import load_features
from ..errors import DriftError
from ..predictor import ModelManifest
from ..settings import Paths
from ..task import TASK


def command(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A CSV file with the features.")],
) -> None:
    """Compare a file with the training data of the current model; 4 if it has drifted."""
    limit = context.obj.load(drift.Drift).max_psi
    _, manifest = artifacts.current(context.obj.load(Paths).models, ModelManifest)
    x, _ = load_features(file, TASK)
    with tracking.connect(context.obj).run("drift") as run:
        run.params({"file": file, "model": manifest.version, "rows": len(x)})
        found = list(drift.shifts(manifest.reference, TASK.watched(x), limit))
        found.sort(key=lambda shift: (shift.alarm, shift.psi), reverse=True)
        run.metrics({f"psi {shift.name}": shift.psi for shift in found})
    for line in tables.text([shift.row() for shift in found]):
        print(line)
    if moved := [shift for shift in found if shift.alarm]:
        raise DriftError(
            f"{file}: {len(moved)} of {len(found)} watched columns have drifted, first "
            f"{moved[0].name} ({moved[0].moved}): find out why before you trust predictions, and "
            "train anew if the change is there to stay"
        )
    if not all(shift.judged for shift in found):
        training, rows_of_file = drift.ENOUGH
        print(
            f"\ntoo few rows to judge: without an alarm, at least {training} rows of training and "
            f"{rows_of_file} of the file are needed to say that nothing moved"
        )
