"""What there is to answer: one of some classes."""

from collections.abc import Sequence
from typing import Protocol

from .classes import Classes


class Declared(Protocol):
    """A task, or the manifest of a model."""

    @property
    def classes(self) -> Sequence[str]: ...


def declared(what: Declared) -> Classes:
    return of(what.classes)


def of(classes: Sequence[str]) -> Classes:
    return Classes(tuple(classes))
