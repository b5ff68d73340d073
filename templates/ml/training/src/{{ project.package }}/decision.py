"""Which class is answered: the most probable, or by a threshold that was chosen on held out rows.

A threshold is two weights: the class whose probability times its weight is the larger one is
answered. So probabilities stay what they are, and more than two classes can be weighed as well.
"""

from typing import Literal

import numpy as np
from pydantic import Field

from .data import Labels, Mask, Matrix, Vector
from .errors import ProjectError
from .metrics import f1
from .settings import Section

RARE = 0.1  # where one of two classes has less than this share, `auto` looks for a threshold


class Decision(Section):
    TABLE = "decision"

    rule: Literal["auto", "largest", "f1", "cost"]
    # Of `cost`: what it costs to miss a class, in the order of `classes`.
    cost: list[float] = Field(max_length=1000)


def check(found: Decision, classes: int) -> None:
    """Refuse what cannot be held against so many classes, before anything is begun."""
    if not classes and (found.rule != "auto" or found.cost):
        raise ProjectError(
            f"[decision] rule = {found.rule!r}, cost = {found.cost}: a number is answered as the "
            'model gives it; of numbers leave them at "auto" and []'
        )
    if found.rule == "cost" and (len(found.cost) != classes or min(found.cost) <= 0):
        raise ProjectError(f"[decision] cost needs {classes} numbers above 0, one for each class")
    if found.rule == "f1" and classes != 2:
        raise ProjectError('[decision] rule = "f1" is for two classes; "cost" is for any number')


def needs_held(how: Decision, shares: list[float]) -> bool:
    """Whether rows are to be predicted that were not learned from."""
    return _rule(how, shares) in ("f1", "cost") and len(shares) == 2


def choose(
    how: Decision, shares: list[float], held: Matrix | None, y: Labels, weights: Vector
) -> list[float]:
    """The weight of each class."""
    rule, classes = _rule(how, shares), len(shares)
    if held is None:
        return [float(cost) for cost in how.cost] if rule == "cost" else [1.0] * classes
    rare = int(np.argmin(shares))
    tried = _thresholds(held[:, rare])
    if rule == "f1":
        worth = [f1(held[:, rare] >= t, y == rare, weights) for t in tried]
    else:
        worth = [-_cost(held[:, rare] >= t, y, rare, how.cost, weights) for t in tried]
    # Of equal ones the middle: the threshold is to hold for rows that nobody has seen.
    equal = [t for t, value in zip(tried, worth, strict=True) if value == np.nanmax(worth)]
    threshold = equal[len(equal) // 2]
    found = [threshold, threshold]
    found[rare] = 1 - threshold
    return found


def _rule(how: Decision, shares: list[float]) -> str:
    if how.rule != "auto":
        return how.rule
    return "f1" if len(shares) == 2 and min(shares) < RARE else "largest"


def _thresholds(scores: Matrix) -> list[float]:
    """Between each two scores; at most a few hundred, and never 0 or 1."""
    values = np.unique(scores.astype(np.float64))
    middles = (values[1:] + values[:-1]) / 2 if len(values) > 1 else np.array([0.5])
    few = np.unique(np.quantile(middles, np.linspace(0, 1, 500))) if len(middles) > 500 else middles
    return [float(value) for value in np.clip(few, 1e-6, 1 - 1e-6)]


def _cost(said: Mask, y: Labels, rare: int, cost: list[float], weights: Vector) -> float:
    missed, false = weights[~said & (y == rare)].sum(), weights[said & (y != rare)].sum()
    return float(cost[rare] * missed + cost[1 - rare] * false)
