"""The card of a model: what it is, how good, where not, and how it was made. With figures."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from . import storage, tables
from .evaluation import table
from .gate import Check
from .model import NOTES
from .predictor import ModelManifest

CARD = "card.md"
FIGURE = "evaluation.png"


def text(manifest: ModelManifest, checks: Sequence[Check]) -> str:
    shares = zip(manifest.classes, manifest.data.class_shares, strict=True)
    judged = [
        {
            "check": check.name,
            "value": f"{check.value:.3g}",
            "limit": f"{check.limit:.3g}",
            "passed": "yes" if check.passed else "**no**",
        }
        for check in checks
    ]
    made = [{"what": name, "value": value} for name, value in _made(manifest).items()]
    return f"""# Model {manifest.version}: {manifest.task}

From {_inputs(manifest)} to {", ".join(manifest.classes)}. {NOTES}

## How good it is

On {manifest.evaluation.rows} rows that took no part in fitting, choosing or calibrating:

{tables.markdown(list(table(manifest.evaluation)))}
![Confusion and calibration]({FIGURE})

## The gate

{tables.markdown(judged)}
## Limits

- It knows rows like those of its training: {", ".join(f"{100 * s:.0f} % {n}" for n, s in shares)}.
  Values outside of the ranges in the manifest are refused.
- The intervals above hold for new rows from the same source. `drift FILE` tells whether a file is.
- Differences between slices smaller than their intervals mean nothing.

## How it was made

{tables.markdown(made)}
`run` in a repository of phase `training` or `both` makes it; the same data, code and settings give
the same version. `package` writes what a repository of phase `inference` unpacks in `models/`.
"""


def draw(folder: Path, manifest: ModelManifest) -> None:
    figure = Figure(figsize=(9, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    _confusion(left, manifest)
    _calibration(right, manifest)
    # Without the date and version that matplotlib adds, the same model has the same bytes.
    figure.savefig(folder / FIGURE, dpi=80, metadata={"Software": None})


def publish(folder: Path, reports: Path, manifest: ModelManifest, checks: Sequence[Check]) -> None:
    """The card where people look, with the gate as it was when it let the model pass."""
    storage.write(reports / CARD, text(manifest, checks))
    storage.write(reports / FIGURE, (folder / FIGURE).read_bytes())


def _inputs(manifest: ModelManifest) -> str:
    names = [feature.name for feature in manifest.features]
    return f"{len(names)} numbers" if len(names) > 1 else f"a {names[0]}"


def _made(manifest: ModelManifest) -> dict[str, str]:
    rows = ", ".join(f"{count} {part}" for part, count in manifest.data.rows.items())
    settings = {
        f"{table}.{key}": str(value)
        for table, values in manifest.settings.items()
        for key, value in values.items()
    }
    return {
        "data": f"{manifest.data.file}, sha256 {manifest.data.sha256[:12]}…",
        "rows": rows,
        **settings,
        **manifest.made_with,
        "difference of the served format": f"{manifest.parity_error:.1e}",
    }


def _confusion(axes: Axes, manifest: ModelManifest) -> None:
    counts = manifest.evaluation.confusion
    axes.imshow(counts, cmap="Blues")
    middle = max(map(max, counts)) / 2
    for true, row in enumerate(counts):
        for guess, count in enumerate(row):
            color = "white" if count > middle else "black"
            axes.text(guess, true, str(count), ha="center", va="center", color=color)
    axes.set_xticks(range(len(manifest.classes)), manifest.classes)
    axes.set_yticks(range(len(manifest.classes)), manifest.classes)
    axes.set(title="Confusion", xlabel="predicted", ylabel="true")


def _calibration(axes: Axes, manifest: ModelManifest) -> None:
    bins = manifest.evaluation.calibration
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":", label="perfect")
    confidence, accuracy = [b.confidence for b in bins], [b.accuracy for b in bins]
    axes.plot(confidence, accuracy, marker="o", label="model")
    low = max(0.0, min(confidence + accuracy) - 0.05)
    axes.set(title="Calibration", xlabel="confidence", ylabel="accuracy")
    axes.set(xlim=(low, 1.02), ylim=(low, 1.02))
    axes.legend(loc="upper left")
