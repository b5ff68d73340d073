"""Which models may be promoted. A limit that is not kept refuses, and names itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from .errors import RefusedError
from .evaluation import Evaluation
from .metrics import SCORES, Score
from .settings import Section


class Gate(Section):
    TABLE = "gate"

    min_accuracy: float = Field(ge=0, le=1)
    min_recall: float = Field(ge=0, le=1)
    max_slice_drop: float = Field(ge=0, le=1)
    score: Literal["auto", Score]
    min_gain: float = Field(ge=-1, le=1)
    max_calibration_error: float = Field(ge=0, le=1)
    max_parity_error: float = Field(ge=0, le=1)


@dataclass(frozen=True)
class Check:
    name: str
    value: float
    limit: float
    passed: bool


def judge(evaluation: Evaluation, parity_error: float, gate: Gate) -> list[Check]:
    return list(_checks(evaluation, parity_error, gate))


def enforce(checks: Sequence[Check]) -> None:
    if failed := [check for check in checks if not check.passed]:
        told = "; ".join(f"{c.name} is {c.value:.4g}, limit {c.limit:.4g}" for c in failed)
        raise RefusedError(f"not promoted: {told}")


def _checks(evaluation: Evaluation, parity_error: float, gate: Gate) -> Iterator[Check]:
    # The lower end of the interval: a good number by chance on few rows does not pass.
    yield _at_least("accuracy, lower end", evaluation.accuracy.low, gate.min_accuracy)
    for name, share in evaluation.recalls.items():
        yield _at_least(f"recall of {name}", share.value, gate.min_recall)
    for name, share in evaluation.slices.items():
        if share.count:
            # The upper end: a slice of few rows is not worse by chance.
            least = evaluation.accuracy.value - gate.max_slice_drop
            yield _at_least(f"accuracy, {name}, upper end", share.high, least)
    score = evaluation.fitting if gate.score == "auto" else gate.score
    found = evaluation.scores[score]
    gain = f"gain in {SCORES[score]} over {found.baseline}, lower end"
    yield Check(gain, found.gain_low, gate.min_gain, found.gain_low > gate.min_gain)
    most = max(gate.max_calibration_error, evaluation.calibration_noise)
    yield _at_most("calibration error", evaluation.calibration_error, most)
    yield _at_most("difference of the exported model", parity_error, gate.max_parity_error)


def _at_least(name: str, value: float, limit: float) -> Check:
    return Check(name, value, limit, value >= limit)


def _at_most(name: str, value: float, limit: float) -> Check:
    return Check(name, value, limit, value <= limit)
