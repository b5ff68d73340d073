"""Make a candidate and judge it."""

import typer

from .. import tables, tracking
from ..settings import Paths
from ..task import TASK


def command(context: typer.Context) -> None:
    """Train a candidate, evaluate it and write its card; 3 if the gate would refuse it."""
    # Slow to import, and not needed to list the commands.
    from .. import gate, report, training

    limits = gate.limits(context.obj, TASK)
    with tracking.connect(context.obj).run("train") as run:
        manifest = training.train(context.obj, TASK, run)
    checks = gate.judge(manifest.evaluation, manifest.parity_error, limits)
    rows = [
        {"check": c.name, "value": c.value, "limit": c.limit, "passed": "yes" if c.passed else "no"}
        for c in checks
    ]
    for line in tables.text(rows):
        print(line)
    made = context.obj.load(Paths).models / manifest.version
    print(f"\n{made / report.NAME} shows it: curves, slices and the card")
    gate.enforce(checks, made / report.NAME)
    print(f"promote it with: promote {manifest.version}")
