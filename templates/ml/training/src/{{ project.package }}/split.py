"""Rows to learn from, rows to choose by, and rows that are looked at once, at the end.

Groups are never divided, equal rows are one group, and a split by time never learns from what is
later than what it is judged by.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from .data import Dataset
from .errors import BadInputError
from .settings import Section

Rows = npt.NDArray[np.int64]


class Splitting(Section):
    TABLE = "split"

    kind: Literal["stratified", "temporal"]
    validation: float = Field(gt=0, lt=0.5)
    test: float = Field(gt=0, lt=0.5)
    seed: int = Field(ge=0)


@dataclass(frozen=True)
class Split:
    train: Dataset
    validation: Dataset
    test: Dataset

    def sizes(self) -> dict[str, int]:
        return {
            "train": len(self.train),
            "validation": len(self.validation),
            "test": len(self.test),
        }


def split(data: Dataset, how: Splitting) -> Split:
    parts = _by_time(data, how) if how.kind == "temporal" else _stratified(data, how)
    train, validation, test = (data.part(rows) for rows in parts)
    classes = set(data.y.tolist())
    for name, part in (("train", train), ("validation", validation), ("test", test)):
        if missing := classes - set(part.y.tolist()):
            raise BadInputError(
                f"the {name} part has no rows of class number {min(missing)}: more data or other "
                "shares in [split] are needed"
            )
    return Split(train, validation, test)


def _stratified(data: Dataset, how: Splitting) -> tuple[Rows, Rows, Rows]:
    """Whole groups at random, so that each class has its share in each part."""
    members: dict[str, list[int]] = defaultdict(list)
    for row, group in enumerate(data.groups):
        members[str(group)].append(row)
    strata: dict[int, list[list[int]]] = defaultdict(list)
    for rows in members.values():
        strata[int(data.y[rows[0]])].append(rows)
    random = np.random.default_rng(how.seed)
    parts: tuple[list[int], list[int], list[int]] = ([], [], [])
    for _, groups in sorted(strata.items()):
        total, filled = sum(map(len, groups)), 0
        for number in random.permutation(len(groups)):
            share = filled / total
            part = 2 if share < how.test else 1 if share < how.test + how.validation else 0
            parts[part].extend(groups[number])
            filled += len(groups[number])
    train, validation, test = (np.array(sorted(part), dtype=np.int64) for part in parts)
    return train, validation, test


def _by_time(data: Dataset, how: Splitting) -> tuple[Rows, Rows, Rows]:
    """The newest rows are the test; rows of one instant stay together."""
    if not len(data.times):
        raise BadInputError("a temporal split needs `time` in task.py, the column that holds it")
    ordered = np.sort(data.times)
    count = len(ordered)
    last_train = ordered[int(count * (1 - how.test - how.validation)) - 1]
    last_validation = ordered[int(count * (1 - how.test)) - 1]
    train = data.times <= last_train
    validation = ~train & (data.times <= last_validation)
    shared = set(data.groups[train]) & set(data.groups[~train])
    # What is known of a group from the past must not be asked again as if it were new.
    old = np.isin(data.groups, list(shared)) & ~train
    return (
        np.flatnonzero(train),
        np.flatnonzero(validation & ~old),
        np.flatnonzero(~train & ~validation & ~old),
    )
