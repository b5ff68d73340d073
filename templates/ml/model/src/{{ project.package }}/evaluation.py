"""How good a model is on rows that it has not seen: overall, by class, by slice, calibrated."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from . import metrics
from .artifacts import Record
from .data import Dataset, Labels, Matrix, Task, Vector


class Share(Record):
    """A measured share with its 95 % interval."""

    value: float
    low: float
    high: float
    count: int

    @classmethod
    def of(cls, hits: int, count: int) -> "Share":
        low, high = metrics.wilson(hits, count)
        return cls(value=hits / count if count else 0.0, low=low, high=high, count=count)


class Bin(Record):
    confidence: float
    accuracy: float
    count: int


class Evaluation(Record):
    rows: int
    accuracy: Share
    recalls: dict[str, Share]
    slices: dict[str, Share]
    log_loss: float
    log_loss_low: float
    log_loss_high: float
    calibration_error: float
    calibration: list[Bin]
    confusion: list[list[int]]
    baselines: dict[str, float]  # accuracy of what is simpler than the model
    gain: float  # over the best of these
    gain_low: float
    gain_high: float

    def numbers(self) -> dict[str, float]:
        """What a tracker keeps."""
        return {
            "accuracy": self.accuracy.value,
            "log_loss": self.log_loss,
            "calibration_error": self.calibration_error,
            "gain": self.gain,
            "worst_recall": min(recall.value for recall in self.recalls.values()),
        }


def evaluate(
    probabilities: Matrix, data: Dataset, task: Task, baselines: Mapping[str, Labels]
) -> Evaluation:
    predicted = probabilities.argmax(axis=1)
    losses = metrics.log_losses(probabilities, data.y)
    gain, low, high = _gain(predicted, data.y, baselines)
    loss_low, loss_high = metrics.bootstrap(_mean, losses)
    return Evaluation(
        rows=len(data),
        accuracy=Share.of(*metrics.hits(predicted, data.y)),
        recalls={
            name: Share.of(*metrics.hits(predicted, data.y, data.y == code))
            for code, name in enumerate(task.classes)
        },
        slices={
            name: Share.of(*metrics.hits(predicted, data.y, where(data.x)))
            for name, where in task.slices.items()
        },
        log_loss=_mean(losses),
        log_loss_low=loss_low,
        log_loss_high=loss_high,
        calibration_error=metrics.calibration_error(probabilities, data.y),
        calibration=[
            Bin(confidence=said, accuracy=was, count=count)
            for said, was, count in metrics.calibration(probabilities, data.y)
        ],
        confusion=metrics.confusion(predicted, data.y, len(task.classes)),
        baselines={name: float((guess == data.y).mean()) for name, guess in baselines.items()},
        gain=gain,
        gain_low=low,
        gain_high=high,
    )


def table(evaluation: Evaluation) -> Iterator[dict[str, Any]]:
    """The results as rows to print: what was measured, the number, the interval, of how many."""
    yield _row("accuracy", evaluation.accuracy)
    for name, share in evaluation.recalls.items():
        yield _row(f"recall of {name}", share)
    for name, share in evaluation.slices.items():
        yield _row(f"accuracy, {name}", share)
    loss = (evaluation.log_loss, evaluation.log_loss_low, evaluation.log_loss_high)
    yield _line("log loss", loss, evaluation.rows)
    yield _line("calibration error", (evaluation.calibration_error, None, None), evaluation.rows)
    for name, value in evaluation.baselines.items():
        yield _line(f"accuracy of {name}", (value, None, None), evaluation.rows)
    gain = (evaluation.gain, evaluation.gain_low, evaluation.gain_high)
    yield _line("gain over the best of these", gain, evaluation.rows)


def _row(name: str, share: Share) -> dict[str, Any]:
    return _line(name, (share.value, share.low, share.high), share.count)


def _line(
    name: str, numbers: tuple[float, float | None, float | None], rows: int
) -> dict[str, Any]:
    value, low, high = numbers
    interval = "" if low is None or high is None else f"{low:.3f} to {high:.3f}"
    return {"measure": name, "value": f"{value:.3f}", "95 % interval": interval, "rows": rows}


def _gain(
    predicted: Labels, y: Labels, baselines: Mapping[str, Labels]
) -> tuple[float, float, float]:
    """Accuracy above that of the best baseline, row against row."""
    best = max(baselines.values(), key=lambda guess: int((guess == y).sum()))
    differences = (predicted == y).astype(np.float64) - (best == y)
    return (_mean(differences), *metrics.bootstrap(_mean, differences))


def _mean(values: Vector) -> float:
    return float(values.mean())
