"""What there is to answer: one of some classes."""

from collections.abc import Sequence

from .classes import Classes


def of(classes: Sequence[str]) -> Classes:
    return Classes(tuple(classes))
