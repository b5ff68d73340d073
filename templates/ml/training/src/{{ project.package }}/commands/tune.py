"""Look for better settings."""

from typing import Annotated

import typer

from .. import tables, target, tracking
from ..task import TASK


def command(
    context: typer.Context,
    trials: Annotated[
        int, typer.Option(min=1, help="So many in all, earlier calls included.")
    ] = 20,
) -> None:
    """Search settings by validation loss; a call that was stopped goes on where it was."""
    from .. import tuning

    with tracking.connect(context.obj).run("tune") as run:
        study = tuning.tune(context.obj, TASK, trials)
        run.params(study.best_params)
        loss = target.of(TASK.classes).loss
        run.metrics({loss.replace(" ", "_"): study.best_value})
    done = [trial for trial in study.trials if trial.value is not None]
    done.sort(key=lambda trial: trial.value or 0.0)
    rows = [{loss: trial.value, **trial.params} for trial in done[:5]]
    names = dict.fromkeys(name for row in rows for name in row)
    for line in tables.text([{name: row.get(name, "") for name in names} for row in rows]):
        print(line)
    options = " ".join(f"--set {value}" for value in tuning.best(study))
    print(f"\ntrain with these: {options} train")
