"""Classes as targets: how a model answers with one, and how its answers are judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import evaluation, metrics
from .data import Dataset, Labels, Matrix, Task, Vector
from .evaluation import Evaluation, Origin, decide
from .metrics import ORDERED, SCORES, Score
from .report import Chart, Grid, Line


@dataclass(frozen=True)
class Classes:
    names: tuple[str, ...]
    ordered: bool = False
    measured = "Accuracy"  # of kinds of rows
    loss = "log loss"  # what `tune` makes small
    quality = "accuracy"  # what people ask for first

    @property
    def kind(self) -> str:
        return "classes with an order" if self.ordered else "classes"

    @property
    def scores(self) -> Mapping[Score, str]:
        return ORDERED if self.ordered else SCORES

    @property
    def outputs(self) -> int:
        """How many numbers a model gives for a row."""
        return len(self.names)

    def are_sound(self, outputs: Matrix) -> bool:
        return bool(np.isfinite(outputs).all() and np.allclose(outputs.sum(axis=1), 1, atol=1e-3))

    def answers(self, outputs: Matrix, decision: Sequence[float]) -> list[str]:
        return [self.names[code] for code in decide(outputs, decision)]

    def strata(self, y: Labels) -> Labels:
        """What each part of the data must have rows of."""
        return y

    def stratum(self, code: int) -> str:
        return f"of the class `{self.names[code]}`"

    def origin(self, y: Labels, weights: Vector) -> dict[str, Any]:
        """What the training rows are like."""
        counts = np.bincount(y, weights, len(self.names))
        return {"class_shares": [float(share) for share in counts / counts.sum()]}

    def unit(self, _: Origin) -> float:
        """Of differences: probabilities lie between 0 and 1."""
        return 1.0

    def prior(self, origin: Origin, rows: int) -> dict[str, Matrix]:
        """What can be said of rows without looking at them."""
        shares = np.array(origin.class_shares, dtype=np.float32)
        return {"the shares of the training": np.tile(shares, (rows, 1))}

    def described(self, y: Labels) -> list[dict[str, object]]:
        return [
            {"class": name, "rows": int((y == code).sum())} for code, name in enumerate(self.names)
        ]

    def told(self, origin: Origin) -> str:
        pairs = zip(self.names, origin.class_shares, strict=True)
        return ", ".join(f"{100 * share:.0f} % {name}" for name, share in pairs)

    def evaluate(
        self,
        outputs: Matrix,
        data: Dataset,
        task: Task,
        baselines: Mapping[str, Matrix],
        origin: Origin,
        decision: Sequence[float],
    ) -> Evaluation:
        shares = origin.class_shares
        return evaluation.evaluate(outputs, data, task, baselines, shares, decision, self.ordered)

    def rule(self, decision: Sequence[float]) -> str:
        """When which class is answered."""
        if len(set(decision)) == 1:
            return "The most probable class is answered."
        if len(self.names) == 2:
            rare = int(np.argmax(decision))
            least = decision[1 - rare] / sum(decision)
            return f"{self.names[rare]} is answered where its probability is above {least:.3g}."
        weights = ", ".join(
            f"{name} {weight:g}" for name, weight in zip(self.names, decision, strict=True)
        )
        return f"The class whose probability times its weight is the largest: {weights}."

    def charts(
        self, outputs: Matrix, y: Labels, weights: Vector, decision: Sequence[float]
    ) -> list[Chart | Grid]:
        """Curves of each class, of two of the rarer one, with the point that is answered by."""
        predicted, asked = decide(outputs, decision), range(len(self.names))
        if len(self.names) == 2:
            asked = range(int((y == 1).sum() <= (y == 0).sum()), 2)[:1]
        roc = [Line("", [(0, 0), (1, 1)], "guide")]
        precision = [Line("", [(0, 1), (1, 1)], "guide")]
        for code in list(asked)[:6]:
            curve, other = metrics.curves(outputs[:, code], y == code, weights)
            true, said = y == code, predicted == code
            recall = float(weights[said & true].sum() / (weights[true].sum() or 1))
            false = float(weights[said & ~true].sum() / (weights[~true].sum() or 1))
            roc.append(Line(self.names[code], curve))
            precision.append(Line(self.names[code], other))
            if len(asked) == 1 and said.any():
                hits = float(weights[said & true].sum() / weights[said].sum())
                roc.append(Line("as it is answered", [(false, recall)], "mark"))
                precision.append(Line("as it is answered", [(recall, hits)], "mark"))
        bins = [(said, was) for said, was, _, _ in metrics.calibration(outputs, y, weights)]
        least = min([0.9, *map(min, bins)])
        perfect = Line("", [(least, least), (1, 1)], "guide")
        confusion = metrics.confusion(predicted, y, len(self.names))
        return [
            Grid("Confusion", self.names, confusion, self.ordered),
            Chart("Calibration", "confidence", "accuracy", [perfect, Line("", bins)]),
            Chart("ROC", "false alarms", "hits (recall)", roc),
            Chart("Precision and recall", "recall", "precision", precision),
        ]

    def score(self, outputs: Matrix, y: Labels, decision: Sequence[float]) -> float:
        """The quality."""
        return float((decide(outputs, decision) == y).mean())
