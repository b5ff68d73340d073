"""Predictions for a whole file."""

from pathlib import Path
from typing import Annotated

import typer

from .. import tables
from ..settings import Paths, Settings
from ..task import TASK

OUT = Path("out")


def command(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A CSV or Parquet file with the features.")],
    out: Annotated[Path, typer.Option(help="The folder for results.")] = OUT,
) -> None:
    """Score a file in chunks; call it again after an interruption, and it goes on."""
    score(context.obj, file, out)


def score(settings: Settings, file: Path, out: Path = OUT) -> None:
    # Slow to import, and not needed to list the commands.
    from .. import batch

    models = settings.load(Paths).models
    job, summary = batch.score(file, out, models, TASK, settings.load(batch.Batch))
    rows = [{"prediction": name, "rows": count} for name, count in summary.classes.items()]
    if not rows:
        rows = [{"prediction": f"{TASK.target}, a number", "rows": summary.predicted}]
    rows.append({"prediction": "rejected", "rows": summary.rejected})
    for line in tables.text(rows):
        print(line)
    print(f"\n{summary.rows} rows of {file} by model {summary.model}: {job / batch.RESULT}")
