"""The promoted model, served by ONNX Runtime: checked input, checked output, nothing else."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort

from . import artifacts
from .artifacts import Manifest, Record
from .data import Matrix, Task
from .drift import Reference
from .errors import BadInputError, UntrustedError
from .evaluation import Evaluation

MODEL = "model.onnx"
BESIDE: tuple[str, ...] = ()  # files that the model cannot be served without


class Feature(Record):
    """An input with the range in which a value can be meant."""

    name: str
    low: float
    high: float


class Origin(Record):
    """The data that the model was made from."""

    file: str
    sha256: str
    rows: dict[str, int]
    class_shares: list[float]


class ModelManifest(Manifest):
    task: str
    features: list[Feature]
    classes: list[str]
    data: Origin
    settings: dict[str, dict[str, int | float | str | bool]]
    reference: dict[str, Reference]
    evaluation: Evaluation
    parity_error: float  # of the served format, against the library that made it


class Predictor:
    def __init__(
        self,
        model: Path,
        features: Sequence[Feature],
        classes: Sequence[str],
        version: str,
        threads: int = 1,
    ) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self.features, self.classes, self.version = features, classes, version
        try:
            self._session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # the runtime's own classes are not public
            raise UntrustedError(f"{model} is not a model that can be loaded: {error}") from None
        self._input = self._session.get_inputs()[0].name
        self._output = self._session.get_outputs()[-1].name
        self._low = np.array([feature.low for feature in features], dtype=np.float32)
        self._high = np.array([feature.high for feature in features], dtype=np.float32)

    @classmethod
    def current(cls, models: Path, task: Task, threads: int = 1) -> "Predictor":
        """The promoted model, if it is untouched and made for this task."""
        folder, manifest = artifacts.current(models, ModelManifest)
        names = tuple(feature.name for feature in manifest.features)
        if (names, tuple(manifest.classes)) != (task.features, task.classes):
            raise UntrustedError(
                f"{folder} was made for other features or classes than task.py names"
            )
        return cls(folder / MODEL, manifest.features, manifest.classes, manifest.version, threads)

    def predict(self, x: Matrix, lines: Sequence[int] | None = None) -> Matrix:
        """Class probabilities, one row for each row of `x`."""
        self.check(x, lines)
        return self.run(x)

    def check(self, x: Matrix, lines: Sequence[int] | None = None) -> None:
        """Refuse what the model was not made for, by row and feature."""
        if x.ndim != 2 or x.shape[1] != len(self._low):
            raise BadInputError(
                f"a row has {len(self._low)} numbers, the input has shape {x.shape}"
            )
        # Written so that NaN is outside as well.
        outside = ~((x >= self._low) & (x <= self._high))
        if outside.any():
            row, column = (int(found[0]) for found in np.nonzero(outside))
            feature = self.features[column]
            place = f"line {lines[row]}" if lines is not None else f"row {row}"
            raise BadInputError(
                f"{place}: {feature.name} is {x[row, column]:g}, outside of "
                f"{feature.low:g} to {feature.high:g}"
            )

    def run(self, x: Matrix) -> Matrix:
        probabilities: Matrix = self._session.run([self._output], {self._input: x})[0]
        if probabilities.shape != (len(x), len(self.classes)) or not (
            np.isfinite(probabilities).all()
            and np.allclose(probabilities.sum(axis=1), 1, atol=1e-3)
        ):
            raise UntrustedError("the model gives no probabilities of its classes")
        return probabilities

    def labels(self, probabilities: Matrix) -> list[str]:
        return [self.classes[code] for code in probabilities.argmax(axis=1)]


def plausible(x: Matrix, task: Task) -> list[Feature]:
    """The known limits, or else the range in training and much room on both sides.

    Measurements have long tails: what is refused is nonsense, such as a wrong unit. What is
    merely unusual is the matter of `drift`.
    """
    lows, highs = x.min(axis=0), x.max(axis=0)
    room = 10 * np.maximum(highs - lows, 1e-6)
    ranges = zip(task.features, lows - room, highs + room, strict=True)
    return [
        Feature(
            name=name,
            low=task.limits[0] if task.limits else float(low),
            high=task.limits[1] if task.limits else float(high),
        )
        for name, low, high in ranges
    ]
