"""What goes to the device, and whether it is fit for it."""

from pathlib import Path
from typing import Annotated

import typer

from .. import artifacts, edge, storage, tables, tracking, unseen
from ..data import load
from ..predictor import MODEL, ModelManifest
from ..settings import Paths, Settings
from ..task import TASK

DIST = Path("dist")


def command(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(help="Rows with labels, to measure with.")] = None,
    to: Annotated[Path, typer.Option(help="The folder for the bundle.")] = DIST,
) -> None:
    """Make the bundle, measure size, latency and accuracy (R² of a number); 3 if a budget is not kept."""
    report(context.obj, file, to)


def report(settings: Settings, file: Path | None = None, to: Path = DIST) -> None:
    paths, budget = settings.load(Paths), settings.load(edge.Edge)
    made, manifest = artifacts.current(paths.models, ModelManifest)
    source = file or paths.data / TASK.file
    data = unseen.rows(made, manifest, source, load(source, TASK), own=file is None)
    folder = edge.bundle(paths.models, budget.model, to, TASK)
    with tracking.connect(settings).run("edge") as run:
        chosen = edge.measure(folder, data, TASK)
        full = chosen
        if budget.model != MODEL:
            full = edge.measure(edge.bundle(paths.models, MODEL, to, TASK), data, TASK)
        run.params({"model": budget.model, "bundle": folder, "rows": len(data)})
        run.metrics({"bytes": chosen.bytes, "p99_ms": chosen.p99_ms, "accuracy": chosen.accuracy})
    rows = [found.row() for found in dict.fromkeys((full, chosen))]
    measured = f"measured with {len(data)} rows that the model has not seen"
    storage.write(
        paths.reports / "edge.md", f"# On the device\n\n{tables.markdown(rows)}\n{measured}\n"
    )
    for line in tables.text(rows):
        print(line)
    print(
        f"\n{measured}\n{folder}: copy it to the device; `device.py` answers what it reads, line by line"
    )
    edge.enforce(chosen, full, budget)
