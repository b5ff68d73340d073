"""Is new data like the data of the training? The population stability index of watched numbers.

Two samples of one source differ by chance, the more the smaller they are. Without a shift, PSI
divided by (1/n + 1/m) is close to a chi-squared number, so the alarm has a floor that comes from
the sizes: a small sample does not cry wolf, a large one is held to the limit.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from pydantic import Field

from .artifacts import Record
from .data import Vector
from .settings import Section

BINS = 8


class Drift(Section):
    TABLE = "drift"

    max_psi: float = Field(gt=0)


class Reference(Record):
    """A distribution as it was in training: shares of the bins between edges."""

    edges: list[float]
    shares: list[float]
    count: int


@dataclass(frozen=True)
class Shift:
    name: str
    psi: float
    limit: float

    @property
    def alarm(self) -> bool:
        return self.psi > self.limit


def describe(values: Vector) -> Reference:
    """Bins of about equal count. Where one value fills several bins they become one."""
    edges = np.unique(np.quantile(values, np.linspace(0, 1, BINS + 1)[1:-1]))
    return Reference(
        edges=[float(edge) for edge in edges], shares=_shares(values, edges), count=len(values)
    )


def shifts(
    reference: Mapping[str, Reference], values: Mapping[str, Vector], max_psi: float
) -> Iterator[Shift]:
    for name, known in reference.items():
        psi, noise = _compare(known, values[name])
        yield Shift(name, psi, max(max_psi, noise))


def _compare(known: Reference, values: Vector) -> tuple[float, float]:
    # Half a row in each bin, so that an empty one is a finite surprise.
    new = _smooth(_shares(values, known.edges), len(values))
    old = _smooth(known.shares, known.count)
    psi = float(((new - old) * np.log(new / old)).sum())
    freedom = max(len(old) - 1, 1)
    return psi, (freedom + 4 * sqrt(2 * freedom)) * (1 / len(values) + 1 / known.count)


def _shares(values: Vector, edges: Sequence[float] | Vector) -> list[float]:
    counts = np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1)
    return [float(share) for share in counts / len(values)]


def _smooth(shares: Sequence[float], count: int) -> Vector:
    counts = np.asarray(shares) * count + 0.5
    return np.asarray(counts / counts.sum(), dtype=np.float64)
