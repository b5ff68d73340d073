"""Rows to learn from, rows to choose by, and rows that are looked at once, at the end.

Groups are never divided, nor are rows of equal content, whatever their groups are; and a split by
time never learns from what is later than what it is judged by.
"""

import logging
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from . import targets
from .data import Dataset, Labels, Task, contents
from .errors import BadInputError
from .settings import Section

log = logging.getLogger(__name__)

Rows = npt.NDArray[np.int64]
PARTS = ("train", "validation", "test")
ROOM = 1.5  # a group may be so much larger than what a part still lacks, and go there


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

    def named(self) -> dict[str, Dataset]:
        return dict(zip(PARTS, (self.train, self.validation, self.test), strict=True))

    def sizes(self) -> dict[str, int]:
        return {name: len(part) for name, part in self.named().items()}


def split(data: Dataset, how: Splitting, task: Task) -> Split:
    asked = targets.of(task)
    whole, strata = replace(data, groups=_joined(data)), asked.strata(data.y)
    if how.kind == "temporal":
        parts = _by_time(whole, how)
    elif _largest(whole) > min(how.validation, how.test) * len(data) > _largest(data):
        # Copies make one of too many groups: groups stay whole, and the copies are left out.
        whole = data
        parts = _without_copies(whole, _stratified(whole, strata, how))
    else:
        parts = _stratified(whole, strata, how)
    needed = {*strata.tolist(), *range(len(task.classes))}
    for name, rows in zip(PARTS, parts, strict=True):
        if missing := needed - set(strata[rows].tolist()):
            raise BadInputError(
                f"the {name} part has no rows {asked.stratum(min(missing))}: "
                f"{_why(strata, whole, parts, how, min(missing))}"
            )
    if out := len(data) - sum(map(len, parts)):
        log.info("left out, as their group or an equal row is in an earlier part: %d rows", out)
    return Split(*(whole.part(rows) for rows in parts))


def _joined(data: Dataset) -> npt.NDArray[np.str_]:
    """Groups that share a row of equal content are one: a copy on the other side is a leak."""
    above: dict[str, str] = {}

    def top(name: str) -> str:
        while (found := above.get(name, name)) != name:
            above[name] = above.get(found, found)
            name = above[name]
        return name

    first: dict[object, str] = {}
    for group, content in zip(data.groups.tolist(), contents(data), strict=True):
        one, other = top(group), top(first.setdefault(content, group))
        above[max(one, other)] = min(one, other)
    return np.array([top(group) for group in data.groups.tolist()])


def _largest(data: Dataset) -> int:
    return max(Counter(data.groups.tolist()).values())


def _without_copies(data: Dataset, parts: tuple[Rows, ...]) -> tuple[Rows, ...]:
    """No row of a part is equal to one of a part before."""
    known: set[object] = set()
    kept, content = [], contents(data)
    for rows in parts:
        kept.append(np.array([row for row in rows if content[row] not in known], dtype=np.int64))
        known.update(content[row] for row in rows)
    return tuple(kept)


def _stratified(data: Dataset, strata: Labels, how: Splitting) -> tuple[Rows, ...]:
    """Whole groups at random, the largest first, each to the part that lacks its classes most."""
    members: dict[str, list[int]] = defaultdict(list)
    for row, group in enumerate(data.groups.tolist()):
        members[group].append(row)
    groups, y = list(members.values()), strata.tolist()
    shares = (1 - how.validation - how.test, how.validation, how.test)
    wanted = [{code: share * n for code, n in Counter(y).items()} for share in shares]
    lacking = [dict(part) for part in wanted]
    parts: tuple[list[int], ...] = ([], [], [])
    order = np.random.default_rng(how.seed).permutation(len(groups)).tolist()
    shuffled = [groups[number] for number in order]
    for rows in sorted((rows for rows in shuffled if len(rows) > 1), key=len, reverse=True):
        counts = Counter(y[row] for row in rows)
        # The training part takes what is too large for the others.
        open_to = [p for p in range(3) if not p or len(rows) <= ROOM * sum(lacking[p].values())]
        part = max(
            open_to, key=lambda p: sum(n * lacking[p][c] / wanted[p][c] for c, n in counts.items())
        )
        parts[part].extend(rows)
        for code, n in counts.items():
            lacking[part][code] -= n
    # Groups of one row are many, and go the same way: to the part that lacks their class most.
    alone = np.array([rows[0] for rows in shuffled if len(rows) == 1], dtype=np.int64)
    for code in np.unique(strata[alone]).tolist():
        same = alone[strata[alone] == code]
        steps = np.arange(len(same))
        lack = [(lacking[p][code] - steps) / wanted[p][code] for p in range(3)]
        to = np.argsort(-np.concatenate(lack), kind="stable")[: len(same)] // len(same)
        for number, part_rows in enumerate(parts):
            part_rows.extend(same[to == number].tolist())
    return tuple(np.array(sorted(part), dtype=np.int64) for part in parts)


def _by_time(data: Dataset, how: Splitting) -> tuple[Rows, ...]:
    """The newest rows are the test; rows of one instant stay together."""
    if not len(data.times):
        raise BadInputError("a temporal split needs `time` in task.py, the column that holds it")
    ordered = np.sort(data.times)
    count = len(ordered)
    last_train = ordered[int(count * (1 - how.test - how.validation)) - 1]
    last_validation = ordered[int(count * (1 - how.test)) - 1]
    train = data.times <= last_train
    validation = ~train & (data.times <= last_validation)
    # What is known of a group from the past must not be asked again as if it were new.
    known = np.isin(data.groups, np.unique(data.groups[train]))
    chosen = np.isin(data.groups, np.unique(data.groups[validation]))
    return (
        np.flatnonzero(train),
        np.flatnonzero(validation & ~known),
        np.flatnonzero(~train & ~validation & ~known & ~chosen),
    )


def _why(
    strata: Labels, whole: Dataset, parts: tuple[Rows, ...], how: Splitting, missing: int
) -> str:
    """What stands in the way of a part with all classes, and the way on."""
    rows = int((strata == missing).sum())
    if not rows:
        return "no row of the file has it: take it out of `classes` in task.py"
    if how.kind == "temporal":
        if lost := rows - int((strata[np.concatenate(parts)] == missing).sum()):
            return (
                f"{lost} of its {rows} rows were left out, as their group or an equal row is older. If "
                "later rows of known groups are what will be asked, take `group` out of task.py; "
                'if rows of new ones are, judge by groups with kind = "stratified"'
            )
        return (
            f"all of its {rows} rows lie in another time. Other shares in [split] move the borders; "
            "without such a class, take it out of `classes` and its rows out of the file; or judge "
            'by groups with kind = "stratified"'
        )
    ((group, size),) = Counter(whole.groups.tolist()).most_common(1)
    if size > 1 and size > min(how.validation, how.test) * len(whole):
        return (
            f"the group of `{group}` has {size} of {len(whole)} rows, which stay together. Take a "
            "finer column as `group` in task.py, or take rows of it out of the file"
        )
    groups = len(set(whole.groups[strata == missing].tolist()))
    in_groups = f" in {groups} groups" if groups < rows else ""
    cure = "More data of it, or larger shares in [split], are needed"
    if groups < len(PARTS):
        cure = "Without more data of it, take it out of `classes` and its rows out of the file"
    return f"it has {rows} rows{in_groups}, and each of the three parts needs one. {cure}"
