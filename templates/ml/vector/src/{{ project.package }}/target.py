"""What there is to predict: one of some classes, or a number where none are declared."""

from collections.abc import Sequence

from .classes import Classes
from .number import Number

Target = Classes | Number


def of(classes: Sequence[str]) -> Target:
    return Classes(tuple(classes)) if classes else Number()
