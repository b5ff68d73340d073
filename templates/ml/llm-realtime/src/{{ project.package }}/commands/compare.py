"""Is whoever answers by the settings good enough?"""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from .. import harness, tables, tracking
from ..data import load
from ..settings import Settings
from ..task import TASK


def command(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A CSV file with messages and labels.")],
    rows: Annotated[int, typer.Option(min=1, help="At most so many, from the whole file.")] = 200,
) -> None:
    """Ask for labelled messages and judge the answers; 3 if they are not good enough."""
    compare(context.obj, file, rows)


def compare(settings: Settings, file: Path, most: int) -> None:
    # Slow to import, and not needed to list the commands.
    from .. import answering

    limits = settings.load(harness.Comparing)
    data = load(file, TASK)
    data = data.part(np.unique(np.linspace(0, len(data) - 1, most).astype(np.int64)))
    model = answering.connect(settings, TASK)
    for text, line in zip(data.x, data.lines, strict=True):
        model.check(str(text), f"{file}:{line}")
    with tracking.connect(settings).run("compare") as run:
        run.params({"file": file, "rows": len(data), **model.version()})
        answers = model.answers(data.x)
        found = harness.judge([one.label for one in answers], data, TASK)
        run.metrics({**found.numbers(), **model.spent()})
    told = ", ".join(f"{name} {value}" for name, value in model.version().items())
    print(f"{told}, on {len(data)} rows of {file}")
    for line in tables.text(list(harness.rows(found))):
        print(line)
    if errors := [one.error for one in answers if one.error]:
        print(f"{len(errors)} messages have no answer, which counts as wrong; first: {errors[0]}")
    for name, value in model.spent().items():
        print(f"spent {name}: {value:g}")
    harness.enforce(found, limits)
