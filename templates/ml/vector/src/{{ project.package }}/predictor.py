"""The promoted model, served by ONNX Runtime: checked input, checked output, nothing else."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort

from . import artifacts, targets
from .artifacts import Manifest, Record
from .data import LARGEST, PLAIN, Column, Mask, Matrix, Task
from .drift import Reference
from .errors import BadInputError, UntrustedError
from .evaluation import Evaluation, Origin
from .number import Regression

MODEL = "model.onnx"
BESIDE: tuple[str, ...] = ()  # files that the model cannot be served without


class Feature(Record):
    """An input with the range in which a value can be meant."""

    name: str
    low: float
    high: float
    column: Column = PLAIN


class ModelManifest(Manifest):
    task: str
    features: list[Feature]
    classes: list[str]  # none where a number is answered
    ordered: bool = False
    data: Origin
    settings: dict[str, dict[str, int | float | str | bool]]
    decision: list[float]  # how much each class weighs where one is decided for
    reference: dict[str, Reference]
    evaluation: Evaluation | Regression
    parity_error: float  # of the served format, against the library that made it


class Predictor:
    def __init__(
        self,
        model: Path,
        features: Sequence[Feature],
        classes: Sequence[str],
        version: str,
        threads: int = 1,
        decision: Sequence[float] | None = None,
        ordered: bool = False,
    ) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self.features, self.classes, self.version = features, classes, version
        self.target = targets.named(classes, ordered)
        self.decision = decision or [1.0] * len(classes)
        try:
            self._session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # the runtime's own classes are not public
            raise UntrustedError(f"{model} is not a model that can be loaded: {error}") from None
        self._input = self._session.get_inputs()[0].name
        self._output = self._session.get_outputs()[-1].name
        self._gaps = np.array([feature.column.gaps == "mark" for feature in features], dtype=bool)
        self._low = np.array([feature.low for feature in features], dtype=np.float32)
        self._high = np.array([feature.high for feature in features], dtype=np.float32)

    @classmethod
    def current(cls, models: Path, task: Task, threads: int = 1) -> "Predictor":
        """The promoted model, if it is untouched and made for this task."""
        folder, manifest = artifacts.current(models, ModelManifest)
        made_for = [(feature.name, feature.column) for feature in manifest.features]
        asked_for = [(name, task.columns.get(name, PLAIN)) for name in task.features]
        made_of, asked_of = (manifest.ordered, *manifest.classes), (task.ordered, *task.classes)
        if (made_for, made_of) != (asked_for, asked_of):
            raise UntrustedError(
                f"{folder} was made for other features or classes than task.py names"
            )
        return cls(
            folder / MODEL,
            manifest.features,
            manifest.classes,
            manifest.version,
            threads,
            manifest.decision,
            manifest.ordered,
        )

    def predict(self, x: Matrix, lines: Sequence[int] | None = None) -> Matrix:
        """Class probabilities, or the number in a column of its own, for each row of `x`."""
        self.check(x, lines)
        return self.run(x)

    def check(self, x: Matrix, lines: Sequence[int] | None = None) -> None:
        """Refuse what the model was not made for, by row and feature."""
        if x.ndim != 2 or x.shape[1] != len(self._low):
            raise BadInputError(
                f"a row has {len(self._low)} numbers, the input has shape {x.shape}"
            )
        outside = self.outside(x)
        if outside.any():
            row, column = (int(found[0]) for found in np.nonzero(outside))
            feature = self.features[column]
            place = f"line {lines[row]}" if lines is not None else f"row {row}"
            raise BadInputError(
                f"{place}: {feature.name} is {x[row, column]:g}, outside of "
                f"{feature.low:g} to {feature.high:g}"
            )

    def outside(self, x: Matrix) -> Mask:
        """What cannot be meant; NaN is meant where gaps are declared."""
        inside = (x >= self._low) & (x <= self._high)
        return np.asarray(~(inside | np.isnan(x) & self._gaps))

    def run(self, x: Matrix) -> Matrix:
        outputs: Matrix = self._session.run([self._output], {self._input: x})[0]
        right = outputs.shape == (len(x), self.target.outputs)
        if not (right and self.target.are_sound(outputs)):
            what = "no probabilities of its classes" if self.classes else "no finite numbers"
            raise UntrustedError(f"the model gives {what}")
        return outputs

    def answers(self, outputs: Matrix) -> list[str] | list[float]:
        """A class or a number for each row."""
        return self.target.answers(outputs, self.decision)


def plausible(x: Matrix, task: Task) -> list[Feature]:
    """The known limits, or else the range of all that is known and much room on both sides.

    Measurements have long tails: what is refused is nonsense, such as a wrong unit. What is
    merely unusual is the matter of `drift`.
    """
    return [
        _feature(name, task.columns.get(name, PLAIN), values[~np.isnan(values)], task.limits)
        for name, values in zip(task.features, x.T, strict=True)
    ]


def _feature(
    name: str, column: Column, values: Matrix, limits: tuple[float, float] | None
) -> Feature:
    if column.kind == "category":
        return Feature(name=name, low=0, high=column.gap, column=column)
    if limits:
        return Feature(name=name, low=limits[0], high=limits[1], column=column)
    if not len(values):
        raise BadInputError(f"{name} has nothing but gaps: take it out of the features")
    low, high = float(values.min()), float(values.max())
    room = 10 * ((high - low) or abs(high) or 1.0)
    return Feature(
        name=name,
        low=max(low - room, -LARGEST),
        high=min(high + room, LARGEST),
        column=column,
    )


def read_as(feature: Feature, task: Task) -> dict[str, Any]:
    """How its cells become numbers, for a place that knows nothing of this project."""
    return {**asdict(feature.column), "missing": task.missing}


def probes(x: Matrix, features: Sequence[Feature], rows: int = 10_000) -> Matrix:
    """Rows of all that is accepted: values of other rows, limits, tiny numbers, gaps, any word."""
    random = np.random.default_rng(0)
    columns = []
    for values, feature in zip(x.T, features, strict=True):
        rare = [
            feature.low,
            feature.high,
            0.0,
            -0.0,
            1e-30,
            1e-45,
            *np.linspace(feature.low, feature.high, 7),
        ]
        if feature.column.kind == "category":
            rare = list(range(round(feature.high) + 1))
        elif feature.column.gaps == "mark":
            rare.append(np.nan)
        known = np.array(rare, dtype=np.float32)
        allowed = known[np.isnan(known) | (known >= feature.low) & (known <= feature.high)]
        columns.append(
            np.where(
                random.random(rows) < 0.3, random.choice(allowed, rows), random.choice(values, rows)
            )
        )
    return np.stack(columns, axis=1).astype(np.float32)
