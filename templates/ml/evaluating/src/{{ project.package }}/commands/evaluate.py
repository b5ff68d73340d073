"""Is the model still as good as when it was promoted?"""

from pathlib import Path
from typing import Annotated

import typer

from .. import artifacts, drift, report, storage, tables, tracking, unseen
from ..data import load
from ..predictor import ModelManifest, Predictor
from ..settings import Paths, Settings
from ..task import TASK


def command(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A CSV file with features and labels.")],
) -> None:
    """Evaluate the current model on a labelled file, beside its numbers at promotion."""
    evaluate(context.obj, file)


def evaluate(settings: Settings, file: Path) -> None:
    models = settings.load(Paths).models
    predictor = Predictor.current(models, TASK)
    folder, manifest = artifacts.current(models, ModelManifest)
    whole = load(file, TASK)
    data = unseen.rows(folder, manifest, file, whole)
    asked = predictor.target
    with tracking.connect(settings).run("evaluate") as run:
        run.params({"file": file, "model": predictor.version, "rows": len(data)})
        outputs = predictor.predict(data.x, data.lines.tolist())
        found = asked.evaluate(
            outputs,
            data,
            TASK,
            asked.prior(manifest.data, len(data)),
            manifest.data,
            predictor.decision,
        )
        run.metrics(found.numbers())
        watched, limit = TASK.watched(data.x), settings.load(drift.Drift).max_psi
        shifts = [shift.row() for shift in drift.shifts(manifest.reference, watched, limit)]
        card = folder / "card.md"
        page = report.page(
            report.Report(
                title=f"{TASK.name}, model {predictor.version}, on {file.name}",
                judged=f"Judged by {len(data)} of the {len(whole)} rows of {file}.",
                rule=asked.rule(predictor.decision),
                measures=list(found.table()),
                measure=asked.measured,
                spans=found.spans,
                charts=asked.charts(outputs, data.y, data.weights, predictor.decision),
                drift=shifts,
                card=card.read_text(encoding="utf-8") if card.is_file() else "",
            )
        )
        place = settings.load(Paths).reports / "evaluation.html"
        storage.write(place, page)
        run.artifact(place)
    print(f"model {predictor.version} on {file}")
    if len(data) < len(whole):
        print(f"judged by {len(data)} of {len(whole)} rows: the others took part in the training")
    for line in tables.text(list(found.table())):
        print(line)
    print(f"{asked.quality} at promotion: {manifest.evaluation.quality:.3f}")
    print(f"{place} shows it, with drift and the card")
