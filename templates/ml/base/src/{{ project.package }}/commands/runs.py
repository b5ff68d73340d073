"""What was run, and what came out."""

from typing import Annotated

import typer

from .. import tables, tracking


def command(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 20,
) -> None:
    """List the recorded runs, the newest first."""
    found = tracking.connect(context.obj).runs(limit)
    names = sorted({name for run in found for name in run.metrics})[:8]
    rows: list[dict[str, object]] = [
        {"run": run.id, "kind": run.kind, "status": run.status}
        | {name: run.metrics.get(name, "") for name in names}
        for run in found
    ]
    for line in tables.text(rows) if rows else ["nothing was run yet"]:
        print(line)
