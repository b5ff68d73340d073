"""How well whoever answers does on labelled messages: exact match and F1, by slice, with intervals.

A message without a label, as none of the classes was answered, is wrong and counted apart.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import Field

from . import metrics
from .data import Dataset, Labels, Task, Vector
from .errors import RefusedError
from .evaluation import UNDEFINED, Share
from .settings import Section

NONE = -1  # where no class was named


class Comparing(Section):
    TABLE = "compare"

    min_exact_match: float = Field(ge=0, le=1)  # the lower end of its interval
    min_slice: float = Field(ge=0, le=1)


@dataclass(frozen=True)
class Result:
    exact: Share
    f1: Share  # the mean over the classes that are there
    classes: dict[str, float]  # F1 of each
    slices: dict[str, Share]
    unclear: int
    baseline: float  # exact match of the most frequent class

    def numbers(self) -> dict[str, float]:
        """What a tracker keeps."""
        return {"exact_match": self.exact.value, "f1": self.f1.value, "unclear": self.unclear}


def judge(labels: Sequence[str | None], data: Dataset, task: Task) -> Result:
    codes: dict[str | None, int] = {name: code for code, name in enumerate(task.classes)}
    said = np.array([codes.get(label, NONE) for label in labels])
    each = f1(said, data.y, len(task.classes), data.weights)
    drawn = [
        float(np.nanmean(f1(said, data.y, len(task.classes), weights)))
        for weights in metrics.drawn(data.groups, data.weights)
    ]
    low, high = metrics.interval(drawn)
    return Result(
        exact=Share.of(*metrics.hits(said, data.y, None, data.weights)),
        f1=Share(value=float(np.nanmean(each)), low=low, high=high, count=len(data)),
        classes=dict(zip(task.classes, each.tolist(), strict=True)),
        slices={
            name: Share.of(*metrics.hits(said, data.y, where(data.x), data.weights))
            for name, where in task.slices.items()
        },
        unclear=int((said == NONE).sum()),
        baseline=float(np.bincount(data.y).max() / len(data)),
    )


def f1(said: Labels, y: Labels, classes: int, weights: Vector) -> Vector:
    """Of each class, the harmonic mean of precision and recall; NaN for one that is never met."""
    return np.array([metrics.f1(said == code, y == code, weights) for code in range(classes)])


def rows(result: Result) -> Iterator[dict[str, object]]:
    """The results as rows to print."""
    yield _row("exact match", result.exact)
    yield _row("F1, mean of the classes", result.f1)
    for name, value in result.classes.items():
        shown = f"{value:.3f}" if np.isfinite(value) else UNDEFINED
        yield {"measure": f"F1 of {name}", "value": shown, "95 % interval": ""}
    for name, share in result.slices.items():
        yield _row(f"exact match, {name}", share)
    yield {"measure": "messages without a label", "value": result.unclear, "95 % interval": ""}
    frequent = f"{result.baseline:.3f}"
    yield {"measure": "the most frequent class", "value": frequent, "95 % interval": ""}


def enforce(result: Result, limits: Comparing) -> None:
    if told := list(_broken(result, limits)):
        raise RefusedError(f"not good enough to answer: {'; '.join(told)}")


def _broken(result: Result, limits: Comparing) -> Iterator[str]:
    # The lower end: a good number by chance on few rows does not pass.
    least = max(limits.min_exact_match, result.baseline)
    if result.exact.low < least:
        yield f"exact match, lower end is {result.exact.low:.3f}, limit {least:.3g}"
    for name, share in result.slices.items():
        if share.count and share.value < limits.min_slice:
            yield f"exact match, {name} is {share.value:.3f}, limit {limits.min_slice:g}"


def _row(name: str, share: Share) -> dict[str, object]:
    if not share.count:
        return {"measure": name, "value": UNDEFINED, "95 % interval": ""}
    interval = f"{share.low:.3f} to {share.high:.3f}"
    return {"measure": name, "value": f"{share.value:.3f}", "95 % interval": interval}
