"""Classes as targets: how a model answers with one, and how its answers are judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import evaluation
from .data import Dataset, Labels, Matrix, Task
from .evaluation import Evaluation, Origin, decide
from .metrics import SCORES


@dataclass(frozen=True)
class Classes:
    names: tuple[str, ...]
    kind = "classes"
    scores = SCORES
    loss = "log loss"  # what `tune` makes small
    quality = "accuracy"  # what people ask for first

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

    def origin(self, y: Labels) -> dict[str, Any]:
        """What the training rows are like."""
        counts = np.bincount(y, minlength=len(self.names))
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
        return evaluation.evaluate(outputs, data, task, baselines, shares, decision)

    def score(self, outputs: Matrix, y: Labels, decision: Sequence[float]) -> float:
        """The quality."""
        return float((decide(outputs, decision) == y).mean())
