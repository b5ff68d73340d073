"""What there is to predict: one of some classes, perhaps in an order, or else a number."""

from collections.abc import Sequence
from typing import Protocol

from .classes import Classes
from .number import Number

Target = Classes | Number


class Declared(Protocol):
    """A task, or the manifest of a model."""

    @property
    def classes(self) -> Sequence[str]: ...
    @property
    def ordered(self) -> bool: ...


def declared(what: Declared) -> Target:
    return Classes(tuple(what.classes), what.ordered) if what.classes else Number()


def of(classes: Sequence[str]) -> Target:
    return Classes(tuple(classes)) if classes else Number()
