"""Is new data like the data of the training? Numbers and words, bin by bin, both ways.

What is frequent has a bin of its own: zeros, a flag that is rarely set, a constant. The other
numbers are cut at their deciles; what lies below or above all of them, words that were never seen
and gaps have bins as well. An alarm is raised where

- one bin has half as much again, or a third less, and chance is ruled out: the bound of Chernoff
  holds for every number of rows. Or
- the whole differs, by the index of population stability and a chi-squared test.

Both leave one table in a hundred to chance, whatever it has of columns and bins.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import erfc, exp, log, pi, sqrt

import numpy as np
import numpy.typing as npt
from pydantic import Field

from .artifacts import Record
from .data import Vector
from .errors import BadInputError
from .settings import Section

Watched = Vector | npt.NDArray[np.str_]
Counts = npt.NDArray[np.int64]

ENOUGH = (1000, 300)  # rows of the training, and of the file, below which silence says nothing
CHANCE = 0.01  # of a false alarm, in a table
RATIO = 1.5
LEAST = 5.0  # rows that a bin should have in each sample, for the test of the whole
DECILES = np.arange(1, 10) / 10
MOST = 1000  # words that are known by name


class Drift(Section):
    TABLE = "drift"

    max_psi: float = Field(gt=0)


class Numbers(Record):
    """Numbers as they were in training: how many rows lay in which bin."""

    own: list[float]  # values with a bin of their own
    edges: list[float]  # between the others
    low: float
    high: float
    counts: list[int]

    def bins(self) -> list[str]:
        upper = (*self.edges, self.high)
        others = [f"below {self.low:g}", f"above {self.high:g}", "gap"]
        return [*(f"{v:g}" for v in self.own), *(f"to {edge:g}" for edge in upper), *others]

    def count(self, values: Watched) -> Counts:
        numbers = values.astype(np.float64)
        others = len(self.own) + len(self.edges) + 1
        place = len(self.own) + np.searchsorted(self.edges, numbers)
        place[numbers < self.low] = others
        place[numbers > self.high] = others + 1
        place[np.isnan(numbers)] = others + 2
        for index, value in enumerate(self.own):
            place[numbers == value] = index
        return np.bincount(place, minlength=others + 3)


class Words(Record):
    """Words as they were in training; one that is empty is a gap."""

    own: list[str]
    known: list[str]  # besides these
    counts: list[int]

    def bins(self) -> list[str]:
        return [*self.own, "another known word", "a word that was never seen", "gap"]

    def count(self, values: Watched) -> Counts:
        places = {word: number for number, word in enumerate(self.own)}
        places |= dict.fromkeys(self.known, len(self.own)) | {"": len(self.own) + 2}
        found, counts = np.unique(values, return_counts=True)
        into = [places.get(str(word), len(self.own) + 1) for word in found]
        return np.bincount(into, counts, minlength=len(self.own) + 3).astype(np.int64)


Reference = Numbers | Words


@dataclass(frozen=True)
class Shift:
    name: str
    psi: float
    alarm: bool
    judged: bool  # whether there were rows enough to say that nothing moved
    moved: str  # the bin that differs most, with its shares

    def row(self) -> dict[str, object]:
        return {
            "watched": self.name,
            "psi": f"{self.psi:.3f}",
            "moved most": self.moved,
            "drifted": self.verdict,
        }

    @property
    def verdict(self) -> str:
        if self.alarm:
            return "yes"
        return "no" if self.judged else "too few rows to judge"


def describe(values: Watched) -> Reference:
    return _words(values) if values.dtype.kind == "U" else _numbers(values.astype(np.float64))


def shifts(
    reference: Mapping[str, Reference], values: Mapping[str, Watched], max_psi: float
) -> Iterator[Shift]:
    if gone := sorted(reference.keys() - values.keys()):
        raise BadInputError(
            f"{gone[0]} was watched in training, and task.py has it no more: promote a model of this task"
        )
    for name, known in reference.items():
        if isinstance(known, Words) != (values[name].dtype.kind == "U"):
            raise BadInputError(f"{name} is watched in another way than in training: train anew")
        yield _compare(name, known, known.count(values[name]), len(reference), max_psi)


def _numbers(values: Vector) -> Numbers:
    finite = values[np.isfinite(values)]
    found, counts = np.unique(finite, return_counts=True)
    own = found[counts >= max(3, 0.02 * len(values))]
    rest = finite[~np.isin(finite, own)]
    made = Numbers(
        own=own.tolist(),
        edges=np.unique(np.quantile(rest, DECILES)).tolist() if len(rest) else [],
        low=float(found[0]) if len(found) else 0.0,
        high=float(found[-1]) if len(found) else 0.0,
        counts=[],
    )
    return made.model_copy(update={"counts": made.count(values).tolist()})


def _words(values: Watched) -> Words:
    found, counts = np.unique(values[values != ""], return_counts=True)
    order = np.argsort(-counts, kind="stable")
    found, counts = found[order], counts[order]
    own = int((counts >= max(2, 0.01 * len(values))).sum())
    least = int(counts[MOST]) + 1 if len(counts) > MOST else 1
    known = found[own : int((counts >= least).sum())]
    made = Words(own=found[:own].tolist(), known=known.tolist(), counts=[])
    rows = made.count(values)
    # Good and Turing: words that were never seen will be as many as those that are known at a
    # pinch are here. Without this a long tail of names would be an alarm for ever.
    rare = int(counts[counts <= least].sum())
    rows[own] = len(values) - int(rows[:own].sum()) - int(rows[-1]) - rare
    rows[own + 1] = rare
    return made.model_copy(update={"counts": rows.tolist()})


def _compare(name: str, known: Reference, new: Counts, columns: int, max_psi: float) -> Shift:
    old = np.array(known.counts)
    used = old + new > 0
    names = [name for name, is_used in zip(known.bins(), used, strict=True) if is_used]
    old, new = old[used], new[used]
    rows, chance = (int(old.sum()), int(new.sum())), CHANCE / (2 * columns)
    enough = rows[0] >= ENOUGH[0] and rows[1] >= ENOUGH[1]
    surprise, apart = _surprise(old, new)
    single = apart & (surprise > log(2 * len(old) / chance))
    joined = _join(old, new)
    psi = _psi(*joined)
    whole = enough and psi > max_psi and _by_chance(*joined) < chance
    worst = int(surprise.argmax())
    before, after = (f"{100 * part[worst] / part.sum():.1f} %" for part in (old, new))
    moved = f"{names[worst]}: {before} → {after}"
    return Shift(name, psi, bool(single.any()) or whole, enough, moved)


def _surprise(old: Counts, new: Counts) -> tuple[Vector, npt.NDArray[np.bool_]]:
    """How unlikely each bin is by chance, and whether its share changed by the ratio that matters.

    By chance at most the exponential of minus this, on each side: of the rows that lie in the bin
    so many would be new ones, or of those that do not.
    """
    share = new.sum() / (old.sum() + new.sum())
    found, apart = np.zeros(len(old)), np.zeros(len(old), dtype=np.bool_)
    for before, after in ((old, new), (old.sum() - old, new.sum() - new)):
        both = np.maximum(before + after, 1)
        bound = np.zeros(len(old))
        for part, expected in ((after, both * share), (before, both * (1 - share))):
            bound += part * np.log(np.maximum(part, 1) / expected)
        found = np.maximum(found, bound)
        ratio = (after + 0.5) / (new.sum() + 1) / ((before + 0.5) / (old.sum() + 1))
        apart |= np.maximum(ratio, 1 / ratio) >= RATIO
    return found, apart


def _join(old: Counts, new: Counts) -> tuple[Counts, Counts]:
    """Bins with too few rows for the test of the whole become one that has enough."""
    order = np.argsort(old + new)
    old, new = old[order], new[order]
    fewest = (old + new) * min(old.sum(), new.sum()) / (old.sum() + new.sum())
    if thin := int((fewest < LEAST).sum()):
        thin = max(thin, int(np.searchsorted(fewest.cumsum(), LEAST)) + 1)
        old, new = (np.append(part[thin:], part[:thin].sum()) for part in (old, new))
    return old, new


def _psi(old: Counts, new: Counts) -> float:
    # Half a row in each bin, so that an empty one is a finite surprise.
    before, after = ((part + 0.5) / (part.sum() + len(part) / 2) for part in (old, new))
    return float(((after - before) * np.log(after / before)).sum())


def _by_chance(old: Counts, new: Counts) -> float:
    """How often chance makes so large a difference, by a chi-squared test of both samples."""
    odds = sqrt(new.sum() / old.sum())
    found = float(((odds * old - new / odds) ** 2 / (old + new)).sum())
    freedom = len(old) - 1
    if freedom % 2:
        total, term, step = erfc(sqrt(found / 2)), sqrt(2 * found / pi) * exp(-found / 2), 3
    else:
        total, term, step = 0.0, exp(-found / 2), 2
    # The sum that the incomplete gamma function is for half numbers.
    while step <= freedom + 1:
        total += term
        term *= found / step
        step += 2
    return min(total, 1.0)
