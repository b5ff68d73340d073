"""How good a model is on rows that it has not seen: overall, by class, by slice, calibrated."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import numpy as np
import numpy.typing as npt
from pydantic import ConfigDict

from . import metrics, report
from .artifacts import Record
from .data import Dataset, Labels, Matrix, Task, Vector, are_known_by_line, identities
from .metrics import ORDERED, Score
from .report import Span

UNDEFINED = "-"  # a measure of rows that are not there
SEEN = "seen.json"  # beside the model: which rows it was made from
CHOSEN = ("train", "validation")
GROUP = "known group"  # others of a group that was learned from
LEARNED = (*CHOSEN, GROUP)  # rows of these parts judge nothing
NEW, UNKNOWN = "new", "not recorded"
PARTS = (*LEARNED, "test", NEW, UNKNOWN)

Places = npt.NDArray[np.str_]  # a part for each row
Name = TypeVar("Name", bound=str)
Scorer = Callable[[Name, Vector], float]  # of a score and the weights of the rows


class Share(Span):
    @classmethod
    def of(cls, hits: float, alike: float, count: int) -> "Share":
        low, high = metrics.wilson(hits, alike)
        return cls(value=hits / alike if count else 0.0, low=low, high=high, count=count)


class Bin(Record):
    confidence: float
    accuracy: float
    count: int


class Origin(Record):
    """The data that a model was made from."""

    file: str
    sha256: str
    rows: dict[str, int]
    class_shares: list[float]
    weight: str | None = None  # the column by which rows count more or less
    spread: tuple[float, ...] = ()  # of a number: least, middle, most, deviation, mean


class Seen(Record):
    """Which rows a model was made from, as digests, so that they are told in any other file.

    A row takes eight bytes. The version is the key, so digests of two models have nothing in
    common. They hold no value, but whoever guesses a whole row, or the name of a group, can tell
    that it was there: where that is a secret, so are the model's folder and its packages.
    """

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    by_line: bool
    rows: dict[str, bytes]  # of each part
    groups: bytes  # that were learned from

    @classmethod
    def of(cls, version: str, data: Dataset, parts: Mapping[str, Dataset], task: Task) -> "Seen":
        by_line = are_known_by_line(data)
        lines = [part.lines for name, part in parts.items() if name in CHOSEN]
        # The split has joined groups: their own names are in the data.
        groups = data.groups[np.isin(data.lines, np.concatenate(lines))] if task.group else ()
        return cls(
            by_line=by_line,
            rows={
                name: np.unique(_digests(version, identities(part, by_line))).tobytes()
                for name, part in parts.items()
            },
            groups=np.unique(_digests(version, map(str.encode, groups))).tobytes(),
        )

    def places(self, version: str, data: Dataset, task: Task) -> Places:
        found = np.full(len(data), NEW, dtype="<U16")
        if task.group:
            groups = _digests(version, map(str.encode, data.groups))
            found[np.isin(groups, np.frombuffer(self.groups, "<u8"))] = GROUP
        rows = _digests(version, identities(data, self.by_line))
        for part, known in self.rows.items():
            found[np.isin(rows, np.frombuffer(known, "<u8"))] = part
        return found


class Compared(Record):
    """A score with its 95 % interval, beside that of the best of the baselines.

    A gain is an improvement, also where less is better. Intervals draw whole groups of rows.
    """

    value: float
    low: float
    high: float
    baseline: str
    baseline_value: float
    gain: float
    gain_low: float
    gain_high: float
    defined: bool = True  # not where rows of one class alone are judged


class Evaluation(Record):
    measured: ClassVar = "Accuracy"  # of kinds of rows
    rows: int
    groups: int = 0  # that were drawn for the intervals
    accuracy: Share
    recalls: dict[str, Share]
    slices: dict[str, Share]
    scores: dict[Score, Compared]
    fitting: Score  # the score that says most about classes of these shares
    calibration_error: float
    calibration_noise: float  # what chance alone would give on so few rows
    calibration: list[Bin]
    confusion: list[list[int]]
    near: Share | None = None  # of classes with an order: right, or the one beside it

    @property
    def main(self) -> Compared:
        return self.scores[self.fitting]

    @property
    def quality(self) -> float:
        """What people ask for first."""
        return self.accuracy.value

    @property
    def name(self) -> str:
        """Of the score that says most."""
        return ORDERED[self.fitting]

    @property
    def spans(self) -> dict[str, Share]:
        """Accuracy of all rows, of each class, and of each slice."""
        recalls = {f"true {name}": share for name, share in self.recalls.items()}
        return {"all": self.accuracy, **recalls, **self.slices}

    def numbers(self) -> dict[str, float]:
        """What a tracker keeps."""
        return {
            **{name: found.value for name, found in self.scores.items() if found.defined},
            "accuracy": self.accuracy.value,
            "calibration_error": self.calibration_error,
            **({"gain": self.main.gain} if self.main.defined else {}),
            "worst_recall": min(recall.value for recall in self.recalls.values() if recall.count),
        }

    def table(self) -> Iterator[dict[str, Any]]:
        """Rows to print: what was measured, the number, the interval, of how many."""
        yield line("accuracy", self.rows, self.accuracy)
        if self.near:
            yield line("right, or the class beside it", self.near.count, self.near)
        for label, share in self.recalls.items():
            yield line(f"recall of {label}", share.count, share)
        for label, share in self.slices.items():
            yield line(f"accuracy, {label}", share.count, share)
        for score, found in self.scores.items():
            if score != "accuracy":
                yield line(ORDERED[score], self.rows, found, found.defined)
        yield number("calibration error", self.rows, self.calibration_error)
        yield from gained(self.name, self.main, self.rows)


def parts(folder: Path, version: str, data: Dataset, task: Task) -> tuple[Places, str]:
    """The part of each row of a file when a model was made, and what limits that knowledge."""
    if not (folder / SEEN).is_file():
        told = "no record of its rows is kept: it may have learned from these"
        return np.full(len(data), UNKNOWN), told
    seen = Seen.model_validate_json((folder / SEEN).read_bytes())
    told = (
        "many rows are equal, so they are known by their lines as well: in another order of the "
        "file they count as new"
    )
    return seen.places(version, data, task), told if seen.by_line else ""


def _digests(version: str, contents: Iterable[bytes]) -> npt.NDArray[np.uint64]:
    key = version.encode()
    found = (blake2b(content, digest_size=8, key=key).digest() for content in contents)
    return np.frombuffer(b"".join(found), "<u8")


def decide(probabilities: Matrix, decision: Sequence[float]) -> Labels:
    """The class of each row: the most probable, as each class weighs."""
    return np.asarray((probabilities * np.asarray(decision)).argmax(axis=1))


def compare(
    model: Scorer[Name],
    others: Mapping[str, Scorer[Name]],
    groups: npt.NDArray[np.str_],
    weights: Vector,
    scores: Mapping[Name, int],
) -> dict[Name, Compared]:
    """Each score beside that of the best of the others; its sign is -1 where less is better."""

    def best(score: Name, sign: int) -> tuple[float, str]:
        found = ((_finite(other(score, weights)), name) for name, other in others.items())
        return max(found, key=lambda pair: sign * pair[0])

    bests = {score: best(score, sign) for score, sign in scores.items()}
    drawn: dict[Name, list[tuple[float, float]]] = {score: [] for score in scores}
    # One draw at a time: all of them together are 500 times the rows.
    for again in metrics.drawn(groups, weights):
        for score, pairs in drawn.items():
            pairs.append((model(score, again), others[bests[score][1]](score, again)))

    def compared(score: Name, sign: int) -> Compared:
        value, (known, name) = model(score, weights), bests[score]
        low, high = metrics.interval([one for one, _ in drawn[score]])
        gains = [sign * (one - other) for one, other in drawn[score]]
        gain_low, gain_high = metrics.interval(gains)
        return Compared(
            value=_finite(value),
            low=low,
            high=high,
            baseline=name,
            baseline_value=known,
            gain=sign * (_finite(value) - known),
            gain_low=gain_low,
            gain_high=gain_high,
            defined=bool(np.isfinite(value)),
        )

    return {score: compared(score, sign) for score, sign in scores.items()}


def gained(name: str, main: Compared, rows: int) -> Iterator[dict[str, Any]]:
    if main.defined:
        yield number(f"{name} of {main.baseline}", rows, main.baseline_value)
        yield number(f"gain in {name}", rows, main.gain, main.gain_low, main.gain_high)


def line(name: str, rows: int, found: Span | Compared, is_defined: bool = True) -> dict[str, Any]:
    if rows and is_defined:
        return number(name, rows, found.value, found.low, found.high)
    return {"measure": name, "value": UNDEFINED, "95 % interval": "", "rows": rows}


def number(name: str, rows: int, value: float, *ends: float) -> dict[str, Any]:
    interval = " to ".join(map(report.measured, ends))
    shown = report.measured(value)
    return {"measure": name, "value": shown, "95 % interval": interval, "rows": rows}


def _finite(value: float) -> float:
    """A score of a class that no row has is no number; it is worth nothing."""
    return value if np.isfinite(value) else 0.0
