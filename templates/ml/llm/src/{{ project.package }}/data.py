"""Labelled messages of a file, each fault told with file and line.

`Task` says what the columns mean; `task.py` holds the one that this repository is about.
"""

import logging
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import BadInputError
from .files import Clock, rows

log = logging.getLogger(__name__)

Texts = npt.NDArray[np.str_]
Inputs = Texts  # what the model reads, one for each answer
Matrix = npt.NDArray[np.float32]
Vector = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

REFUSED = frozenset({"Cc", "Cs"})  # categories of Unicode: controls, lone surrogates
LONGEST = 400  # characters of a message; what is longer is refused, not cut


@dataclass(frozen=True)
class Task:
    """What there is to answer, and how it is looked at."""

    name: str
    file: str  # below the data folder
    target: str
    classes: tuple[str, ...]
    features: tuple[str]  # the one column with the text
    # Kinds of messages that must not be served worse than the rest.
    slices: Mapping[str, Callable[[Texts], Mask]]
    # Numbers whose distribution is watched, one for each message.
    monitored: Callable[[Texts], Mapping[str, Vector]]
    group: str | None = None  # messages of one group never lie on both sides of a split
    time: str | None = None  # a column of times, for a split by time
    time_format: str | None = None  # of strptime, such as "%Y/%m/%d"; without it times are ISO

    def watched(self, x: Texts) -> Mapping[str, Vector]:
        return self.monitored(x)

    def check(self) -> None:
        """Refuse what can only be a mistake, or a leak: the answer among what it is made of."""
        roles = {"target": self.target, "group": self.group, "time": self.time}
        for role, name in roles.items():
            if name in self.features:
                raise BadInputError(
                    f"task.py: `{name}` is the {role} and listed among the features as well: a "
                    "model that reads it knows what it will not know later. Take it out of one"
                )
        for what, names in (("features", self.features), ("classes", self.classes)):
            if twice := [name for name in names if names.count(name) > 1]:
                raise BadInputError(f"task.py: `{twice[0]}` is listed twice in {what}")
        if len(self.classes) < 2:
            raise BadInputError("task.py: `classes` needs two at least")


@dataclass(frozen=True)
class Dataset:
    x: Texts
    y: Labels
    lines: npt.NDArray[np.int64]
    groups: npt.NDArray[np.str_]
    times: npt.NDArray[np.float64] = field(default_factory=lambda: np.empty(0))

    def __len__(self) -> int:
        return len(self.y)

    @property
    def weights(self) -> Vector:
        """How much each message counts: all the same."""
        return np.ones(len(self))

    def arrays(self) -> tuple[Any, ...]:
        return self.x, self.y, self.lines, self.groups, self.times

    def part(self, chosen: npt.NDArray[np.int64]) -> "Dataset":
        return Dataset(*(array[chosen] if len(array) else array for array in self.arrays()))


def load(path: Path, task: Task) -> Dataset:
    """All rows of a labelled file, or an error that names the first fault."""
    task.check()
    (column,) = task.features
    needed = [task.target, column, *filter(None, (task.group, task.time))]
    numbers: dict[str, int] = {name: code for code, name in enumerate(task.classes)}
    x, y, lines, groups, times = [], [], [], [], []
    clock, left_out = Clock(task.time_format), 0
    for line, row in rows(path, needed):
        if not row[task.target]:
            left_out += 1
            continue
        text = checked(row[column], f"{path}:{line}: {column}")
        if row[task.target] not in numbers:
            known = ", ".join(task.classes)
            raise BadInputError(
                f"{path}:{line}: {task.target} is `{row[task.target]}`, not of {known}"
            )
        x.append(text)
        y.append(numbers[row[task.target]])
        lines.append(line)
        # Equal messages are one group: a copy on the other side of a split is a leak.
        groups.append(row[task.group] if task.group else text.lower())
        if task.time:
            times.append(clock.seconds(row[task.time], f"{path}:{line}: {task.time}"))
    if left_out:
        log.info("%s: %d rows without `%s` are left out", path, left_out, task.target)
    if not y:
        raise BadInputError(f"{path} has no rows{' with a label' if left_out else ''}")
    return Dataset(
        np.array(x), np.array(y), np.array(lines), np.array(groups),
        np.array(times, dtype=np.float64),
    )  # fmt: skip


def contents(data: Dataset) -> list[str]:
    """What the model sees of each message, without what a copy may differ in."""
    return [" ".join(unicodedata.normalize("NFKC", text).casefold().split()) for text in data.x]


def load_features(path: Path, task: Task) -> tuple[Texts, npt.NDArray[np.int64]]:
    """The messages of a file that needs no label, with their lines."""
    task.check()
    (column,) = task.features
    found = [
        (checked(row[column], f"{path}:{line}: {column}"), line)
        for line, row in rows(path, task.features)
    ]
    if not found:
        raise BadInputError(f"{path} has no rows")
    texts, lines = zip(*found, strict=True)
    return np.array(texts), np.array(lines)


def checked(text: str, where: str) -> str:
    """The message as it is read, in training as in serving, if it is one that can be answered.

    Letters are composed (NFC), so that both ways to write é are one message. What only shapes the
    text, such as joiners, soft hyphens and marks of direction, is part of it.
    """
    for number, letter in enumerate(text):
        if unicodedata.category(letter) in REFUSED and letter not in "\r\n\t":
            raise BadInputError(
                f"{where} has U+{ord(letter):04X} as character {number + 1}: control characters "
                "and halves of characters are not read"
            )
    found = unicodedata.normalize("NFC", text.strip())
    if all(unicodedata.category(letter)[0] in "CZ" for letter in found):
        raise BadInputError(f"{where} is empty")
    if len(found) > LONGEST:
        raise BadInputError(f"{where} has {len(found)} characters, at most {LONGEST} are read")
    return found
