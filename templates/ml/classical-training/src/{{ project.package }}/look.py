"""What a table seems to hold, and the declaration that follows from it.

All is read as text first. What is found is evidence, not knowledge: it stands as comments in
task.py, where its owner corrects what a file cannot say.
"""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Literal

import numpy as np
from sklearn.metrics import balanced_accuracy_score, r2_score
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_predict
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from .data import COMMA, LARGEST, Vector, is_number
from .errors import BadInputError
from .files import moment, rows
from .report import shown

Kind = Literal["number", "whole number", "flag", "category", "text", "time", "constant", "id"]
NUMBERS: tuple[Kind, ...] = ("number", "whole number")
GAPS = (
    *("", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "none", "?", "-"),
    *(".", "<NA>", "(null)", "\\N", "#N/A", "#DIV/0!", "#VALUE!"),
)
EMPTY = GAPS[:8]  # of a target, where `none` is a class
FLAGS = ({"0", "1"}, {"true", "false"}, {"yes", "no"}, {"y", "n"}, {"t", "f"})
DAYS = ("%Y/%m/%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y%m%d")
FORMATS = (None, *map("".join, product(DAYS, ("", " %H:%M", " %H:%M:%S"))))  # None is ISO
WRITTEN = ("%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y")
SCALES = (
    "none very_low low moderate high very_high", "low mid high", "low medium high critical",
    "very_small small medium large very_large", "none mild moderate severe very_severe",
    "fair good very_good premium ideal", "poor fair good very_good excellent", "bad ok good",
    "never rarely sometimes often always", "worse same better", "minor major critical",
    "too_little about_right too_much", "strongly_disagree disagree neutral agree strongly_agree",
    "very_dissatisfied dissatisfied neutral satisfied very_satisfied",
)  # fmt: skip
KEY = re.compile(r"(?i:(^|[\W_])(key|code|number|index|no|nr))$")  # besides the owners
OWNER = re.compile(
    r"(?i:(^|[\W_])(id|uuid|customer|user|patient|person|subject|student|employee|member|client"
    r"|household|account|company|driver|store|shop|site|station|machine|device|sensor|group))$"
    r"|[a-z]I[Dd]$"
)
# A number with something around it: `$5`, `12 %`, `1,764.05`, `3 kg`, or with the minus of a text.
DRESSED = re.compile(r"[$€£]?\s?[+\u2212\u2013-]?(?!0\d)\d[\d.,'\s]*([$€£%]|[a-zA-Zµ°]{1,3})?")
# Three digits behind each point: decimals, or thousands that points divide.
THOUSANDS = re.compile(r"[1-9]\d{0,2}(\.\d{3})?")
SENTINEL = re.compile(r"-?9{2,}(\.0+)?|-1")  # what is written where nothing is known
CODE = re.compile(r"0\d+")  # such as that of a place
NAMED = re.compile(r"[^\W\d]+[\W_]?\d+")  # such as `M017`, which is one of many of a kind
WEIGHT = re.compile(r"((sample|case|row|survey)[ _]?weights?|wts?|weights|fnlwgt)$", re.I)
MOST_CLASSES = 30  # more words of a target are no classes
MOST_CODES = 10  # nor more whole numbers
MOST_OF = 0.6  # of the cells of a column, so that it seems to hold such
MOST_FORMS = 200  # cells in which forms of times are looked for
MOST_WORDS = 200  # more of a category are not declared one by one
LEAST = 3  # rows of a class: one for each part
LEAKS = 0.98  # of the target, from one column alone
ENOUGH = 20  # rows


@dataclass
class Seen:
    """A column, and what speaks for what."""

    name: str
    cells: Sequence[str]  # with decimal points
    odd: Sequence[str]  # the few words among its numbers, which are gaps
    kind: Kind = "category"
    note: str = ""
    values: tuple[str, ...] = ()  # of a category
    formats: tuple[str | None, ...] = ()  # of a time, all that fit
    left_out: str = ""  # why it is no feature
    comma: bool = False  # its numbers have a decimal comma

    @cached_property
    def filled(self) -> list[str]:
        return [cell for cell in self.cells if cell not in GAPS]

    @cached_property
    def known(self) -> list[str]:
        return [cell for cell in self.filled if cell not in self.odd]

    @property
    def gaps(self) -> float:
        """Their share."""
        return 1 - len(self.known) / len(self.cells)

    def row(self) -> dict[str, object]:
        gaps = f"{100 * self.gaps:.1f} %" if self.gaps else ""
        used = f"not used: {self.left_out}" if self.left_out else ""
        return {"column": self.name, "kind": self.kind, "gaps": gaps, "seen": self.note, "": used}


@dataclass
class Found:
    file: Path
    target: str
    classes: tuple[str, ...]  # none where it is a number
    ordered: bool
    comma: bool  # of the target
    evidence: str  # of the target
    columns: list[Seen]
    missing: tuple[str, ...]
    group: str | None
    time: Seen | None
    rows: int
    told: list[str]


def at(file: Path, target: str) -> Found:
    whole = [row for _, row in rows(file, [])]
    table, empty = _with_target(file, target, whole)
    written = {name: [row[name] for row in table] for name in table[0]}
    commas = {name for name, cells in written.items() if _has_commas(cells)}
    y = _with_points(written[target]) if target in commas else written[target]
    classes, evidence = _target(file, target, y, len(whole) - len(table))
    order = _order(classes)
    columns = [
        _column(name, cells, name in commas) for name, cells in written.items() if name != target
    ]
    missing = {cell for seen in columns for cell in seen.cells if cell in GAPS or cell in seen.odd}
    found = Found(
        file=file,
        target=target,
        classes=order or classes,
        ordered=bool(order),
        comma=target in commas and not classes,
        evidence=evidence,
        columns=columns,
        missing=("", *sorted((missing | empty) - {""})),
        group=next((seen.name for seen in columns if _is_group(seen)), None),
        time=next((seen for seen in columns if _is_time(seen)), None),
        rows=len(table),
        told=[
            f"`{name}` is read with a decimal comma: if commas divide thousands, take them out"
            for name in sorted(commas)
            if any("," in cell for cell in written[name])
            and all(re.fullmatch(r"[^,]*(,\d{3})?", cell) for cell in written[name])
        ],
    )
    if len(table) < len(whole):
        found.told.append(f"{len(whole) - len(table)} rows have no `{target}`: they are left out")
    found.told += _told_of_target(found, Counter(y))
    for seen in columns:
        found.told += _told_of_role(seen, found, y)
        found.told += _told_of_column(seen)
    # With fewer combinations than rows, equal rows are no copies.
    used = [len(set(seen.cells)) for seen in columns if not seen.left_out]
    equal = len(table) - len({tuple(row.items()) for row in table})
    if equal and math.prod(used) >= len(table):
        found.told.append(f"{equal} rows are there twice; they stay on one side of the split")
    if all(seen.left_out for seen in columns):
        why = _some([f"{seen.name}: {seen.left_out}" for seen in columns], "; ")
        raise BadInputError(f"{file}: no column but {target} can be learned from ({why})")
    return found


def _with_target(
    file: Path, target: str, whole: Sequence[Mapping[str, str]]
) -> tuple[list[Mapping[str, str]], set[str]]:
    """The rows that have a target, and what stands where there is none."""
    if not whole:
        raise BadInputError(f"{file} has no rows")
    if target not in whole[0]:
        near = get_close_matches(target, whole[0], 1)
        meant = f"did you mean `{near[0]}`?" if near else f"there are {_some(list(whole[0]), ', ')}"
        raise BadInputError(f"{file}: there is no column `{target}`; {meant}")
    empty = {row[target] for row in whole} & set(EMPTY)
    table = [row for row in whole if row[target] not in empty]
    if not table:
        raise BadInputError(f"{file}: no row has a {target}")
    return table, empty


def _target(file: Path, name: str, y: Sequence[str], gaps: int) -> tuple[tuple[str, ...], str]:
    """The classes, none of a number, and what speaks for them."""
    counts, numbers = Counter(y), _numbers(y)
    if len(counts) == 1:
        others = f", but for {gaps} without one: if those mean a class, write its name" * bool(gaps)
        raise BadInputError(
            f"{file}: all rows have the same {name}, `{y[0]}`{others}: nothing to predict"
        )
    if numbers is not None and (len(counts) > MOST_CODES or not (numbers % 1 == 0).all()):
        low, middle, high = map(shown, np.quantile(numbers, [0, 0.5, 1]))
        return (), f"a number from {low} to {high}, with {middle} in the middle"
    if len(counts) > MOST_CLASSES:
        raise BadInputError(
            f"{file}: {name} has {len(counts)} different values, which are neither numbers nor a "
            f"few classes ({MOST_CLASSES} at most), such as `{_short(y[0])}`"
        )
    shares = ", ".join(f"{_short(c)} {100 * n / len(y):.2g} %" for c, n in counts.most_common(8))
    # Codes as numbers, so that 10 comes after 9.
    names = sorted(counts, key=float if numbers is not None else str)
    return tuple(names), f"{len(counts)} classes: {shares}"


def _order(classes: Sequence[str]) -> tuple[str, ...]:
    """The classes from the least to the most, where their words are those of a known scale."""
    words = {re.sub(r"[\s_-]+", "_", name.strip().lower()): name for name in classes}
    for scale in map(str.split, SCALES):
        if len(classes) > 2 and len(words) == len(classes) and words.keys() <= set(scale):
            return tuple(words[word] for word in scale if word in words)
    return ()


def _column(name: str, written: Sequence[str], has_commas: bool) -> Seen:
    cells = _with_points(written) if has_commas else written
    seen = Seen(name, cells, _odd(cells))
    known = seen.known
    counts, numbers = Counter(known), _numbers(known)
    if len(counts) < 2:
        seen.kind, seen.left_out = "constant", "it is constant"
        seen.note = f"always {_short(known[0])}" if known else "empty"
    elif {word.lower() for word in counts} in FLAGS:
        seen.kind, seen.note = "flag", ", ".join(sorted(counts))
        seen.values = () if counts.keys() == {"0", "1"} else tuple(sorted(counts))
    elif numbers is not None:
        seen.note = f"{shown(numbers.min())} to {shown(numbers.max())}"
        whole = bool((numbers % 1 == 0).all())
        # Rows without a target were left out, and their numbers with them.
        counts_up = (np.diff(numbers) >= 1).all() and np.ptp(numbers) < 1.5 * len(numbers)
        names = bool(KEY.search(name) or OWNER.search(name)) and len(counts) == len(known)
        if whole and (counts_up or names) and len(cells) >= ENOUGH:
            seen.kind = "id"
            seen.left_out = "it counts the rows" if counts_up else "each row has another"
        else:
            seen.kind, seen.comma = "whole number" if whole else "number", has_commas
    elif formats := tuple(form for form in FORMATS if all(_fits(cell, form) for cell in known)):
        # Some may have a zone and some none.
        times = sorted(known, key=lambda cell: moment(cell, formats[0], "").replace(tzinfo=None))
        seen.kind, seen.note, seen.formats = "time", f"{times[0]} to {times[-1]}", formats
    else:
        seen.note = f"{len(counts)} values, most often {_short(counts.most_common(1)[0][0])}"
        words = sum(len(cell.split()) for cell in known) / len(known)
        if len(known) >= ENOUGH and len(counts) == len(known) and words < 2.5:
            seen.kind, seen.left_out = "id", "each row has another"
        elif words >= 2.5 and len(counts) > 0.2 * len(known):
            seen.kind, seen.left_out = "text", "this model reads no texts"
        else:
            seen.values = tuple(sorted(counts))
            seen.left_out = "it has too many values" if len(counts) > MOST_WORDS else ""
    seen.note += f"; {', '.join(map(_short, seen.odd))} read as gaps" if seen.odd else ""
    seen.note += "; decimal comma" if seen.comma else ""
    return seen


def _told_of_target(found: Found, counts: Counter[str]) -> Iterator[str]:
    """What its owner should know of a target."""
    name = found.target
    if not found.classes and MOST_CODES < len(counts) <= MOST_CLASSES:
        yield (
            f"`{name}` has {len(counts)} whole numbers, which are read as a number: if they are "
            'codes, declare kind="classes" and name them in `classes`'
        )
    for code in sorted(found.classes):
        if counts[code] < LEAST:
            yield (
                f"`{_short(code)}` is the {name} of {counts[code]} row{'s' * (counts[code] > 1)}, "
                f"too few to learn and to judge: take it out of `classes` and name it in `left_out`"
            )
        elif counts[code] < ENOUGH:
            yield (
                f"`{_short(code)}` is the {name} of {counts[code]} rows: the few of them that judge "
                "a model say little of its recall"
            )
    if found.classes:
        yield from _told_of_spelling(name, found.classes)
    else:
        yield from _told_of_points(name, counts)
        yield from _outliers(name, list(counts.elements()))
    if found.ordered:
        yield f'`{name}` has an order, {" < ".join(found.classes)}: else kind="classes"'
    elif len(found.classes) > 2 and _numbers(found.classes) is not None:
        yield f'if the classes of `{name}` have an order, declare kind="ordered"'


def _told_of_role(seen: Seen, found: Found, y: Sequence[str]) -> Iterator[str]:
    """Leave out what is no feature: a group, the time of the rows, what gives the target away."""
    if seen.name == found.group:
        seen.left_out = "its rows belong together"
        yield f"rows of one `{seen.name}` stay on one side of the split"
    elif seen is found.time:
        seen.left_out = "it is when the row was"
        yield (
            f"`{seen.name}` is a time: if what is later is to be predicted from what was "
            'before, set [split] kind = "temporal"'
        )
    elif not seen.left_out and len(y) >= ENOUGH and (leak := _leak(seen, y, bool(found.classes))):
        seen.left_out = leak
        yield f"`{seen.name}` {leak}: is it known when a prediction is made?"


def _leak(seen: Seen, y: Sequence[str], are_classes: bool) -> str:
    """Whether a shallow tree tells the target from this column alone, on rows it has not seen."""
    if seen.cells == y:
        return "equals the target"
    if seen.kind in NUMBERS:
        numbers = [float(cell) if _is_plain(cell) else -1e30 for cell in seen.cells]
    else:
        numbers = np.unique(seen.cells, return_inverse=True)[1].tolist()
    x = np.array(numbers, dtype=np.float64)[:, None]
    how = {"max_depth": 5, "min_samples_leaf": 3, "random_state": 0}
    if are_classes:
        # Classes of fewer rows than folds say nothing here.
        counts = Counter(y)
        known = [row for row, answer in enumerate(y) if counts[answer] >= LEAST]
        true = np.array(y)[known]
        tree = DecisionTreeClassifier(**how, class_weight="balanced")
        folds, score = StratifiedKFold(LEAST, shuffle=True, random_state=0), balanced_accuracy_score
    else:
        # By ranks: of squared errors a long tail would be nearly all.
        numbers_of_target = np.array(y, dtype=np.float64)
        true = np.searchsorted(np.sort(numbers_of_target), numbers_of_target)
        known, tree = list(range(len(y))), DecisionTreeRegressor(**how)
        folds, score = KFold(LEAST, shuffle=True, random_state=0), r2_score
    if len(set(true.tolist())) < 2:
        return ""
    said = cross_val_predict(tree, x[known], true, cv=folds)
    return "alone tells the target" if score(true, said) >= LEAKS else ""


def _told_of_column(seen: Seen) -> Iterator[str]:
    """What its owner may want to write in another way."""
    name, known = seen.name, seen.filled
    if seen.kind == "time" and _is_zoned(known, seen.formats[0]) is None:
        yield f"the times of `{name}` have a zone in some rows alone: write all alike"
    if len(seen.formats) > 1:
        both = " and ".join(str(form or "ISO") for form in seen.formats[:2])
        yield f"the times of `{name}` fit {both}: the first is declared"
    if seen.kind in NUMBERS:
        if WEIGHT.search(name):
            yield (
                f"if `{name}` says how much a row counts, take it out of the features and declare "
                f"weight={_quoted(name)}"
            )
        yield from list(_sentinels(name, Counter(seen.known))) or _outliers(name, seen.known)
        yield from _told_of_points(name, seen.known)
        rises = bool((np.diff(np.array(seen.known, dtype=np.float64)) > 0).all())
        if rises and len(seen.known) >= ENOUGH and not seen.left_out:
            yield (
                f"`{name}` is larger in each row than in the row before: if it counts or names the "
                "rows, take it out of the features"
            )
    yield from _told_of_spelling(name, seen.values)
    is_named = len(seen.values) >= 10 and all(map(NAMED.fullmatch, seen.values))
    are_many = MOST_WORDS < len(seen.values) <= len(known) / 2
    if are_many or (is_named and not seen.left_out):
        yield (
            f"`{name}` seems to name what a row belongs to, {_few(seen.values)}: if a model is to answer "
            f"for others of them too, declare group={_quoted(name)} and do not list it in the features"
        )
    if seen.kind not in ("category", "text", "id"):
        return
    numbers = [cell for cell in known if _is_plain(cell) or DRESSED.fullmatch(cell.strip())]
    words = (cell for cell, _ in Counter(known).most_common() if not _is_plain(cell))
    odd = [cell for cell in words if not CODE.fullmatch(cell)]
    if odd and len(numbers) > MOST_OF * len(known):
        yield (
            f"`{name}` seems to hold numbers, but also {_few(odd)}: write those as plain "
            "numbers, or name them in `missing` if they stand for gaps"
        )
    elif len(forms := _forms(sorted(set(known))[:MOST_FORMS])) > 1:
        yield f"`{name}` seems to hold times in several forms, {_few(forms)}: write all in one"


def _told_of_spelling(name: str, words: Sequence[str]) -> Iterator[str]:
    written: dict[str, list[str]] = {}
    for word in words:
        written.setdefault(" ".join(word.lower().split()), []).append(word)
    for same in written.values():
        if len(same) > 1:
            yield f"`{name}` has {_few(same)}, which differ by case or spaces alone: write one of them"


def _told_of_points(name: str, cells: Collection[str]) -> Iterator[str]:
    if any("." in cell for cell in cells) and all(map(THOUSANDS.fullmatch, cells)):
        yield (
            f"`{name}` has three digits behind each point: if points divide thousands, declare "
            'Column(decimal=",") for it'
        )


def _sentinels(name: str, counts: Counter[str]) -> Iterator[str]:
    """A number far from all others that comes again and again."""
    for cell, times in counts.items():
        if times < LEAST or not SENTINEL.fullmatch(cell):
            continue
        others = np.array([float(other) for other in counts if other != cell])
        if len(others) < LEAST:
            continue
        far = max(others.min() - float(cell), float(cell) - others.max())
        if far > np.ptp(others):
            yield (
                f"`{name}` is {cell} in {times} rows, far from all else: if that stands for a gap, "
                f'declare Column(gaps="mark", sentinels=({cell},)) for it'
            )


def _outliers(name: str, cells: Sequence[str]) -> Iterator[str]:
    """The few numbers that lie ten times as far from the middle as nearly all rows."""
    numbers = np.array(cells, dtype=np.float64)
    off = np.abs(numbers - np.median(numbers))
    usual = np.quantile(off, 0.98)
    if len(cells) >= ENOUGH and usual and (count := int((off > 10 * usual).sum())):
        rows = f"{count} row{'s' * (count > 1)}"
        yield (
            f"`{name}` lies far from all else in {rows}, such as {shown(numbers[off.argmax()])}: few "
            "such rows decide about a model, so correct them or take them out if they are mistakes"
        )


def _forms(cells: Sequence[str]) -> list[str]:
    """One cell of each format that times are written in, if most of the cells are times."""
    fitting = [
        (next((form for form in (*FORMATS, *WRITTEN) if _fits(cell, form)), ""), cell)
        for cell in cells
    ]
    times = [(form, cell) for form, cell in fitting if form != ""]
    first = dict(reversed(times))
    return [first[form] for form in dict(times)] if len(times) > MOST_OF * len(cells) else []


def _is_time(seen: Seen) -> bool:
    """Whether it can be the time of each row."""
    complete = seen.kind == "time" and not seen.gaps
    return complete and _is_zoned(seen.cells, seen.formats[0]) is not None


def _is_zoned(cells: Sequence[str], form: str | None) -> bool | None:
    """Whether times have a zone; None where some have one and some have none."""
    zoned = {moment(cell, form, "").tzinfo is not None for cell in cells}
    return zoned.pop() if len(zoned) == 1 else None


def _is_group(seen: Seen) -> bool:
    owners = len(set(seen.cells))
    named = OWNER.search(seen.name) is not None
    return named and not seen.gaps and 10 <= owners <= len(seen.cells) / 1.2


def _is_plain(cell: str) -> bool:
    # A zero in front is a code, such as that of a place.
    digits = cell.lstrip("+-")
    if (digits[:1] == "0" and digits[1:2].isdigit()) or "_" in cell:
        return False
    try:
        return abs(float(cell)) <= LARGEST
    except ValueError:
        return False


def _numbers(cells: Sequence[str]) -> Vector | None:
    return np.array(cells, dtype=np.float64) if all(map(_is_plain, cells)) else None


def _has_commas(cells: Sequence[str]) -> bool:
    known = [cell for cell in cells if cell not in GAPS]
    said = any("," in cell or cell.count(".") > 1 for cell in known)
    return said and all(map(COMMA.fullmatch, known))


def _with_points(cells: Sequence[str]) -> list[str]:
    return [c if c in GAPS else c.replace(".", "").replace(",", ".") for c in cells]


def _odd(cells: Sequence[str]) -> list[str]:
    """The few words of a column that else holds numbers."""
    known = [cell for cell in cells if cell not in GAPS]
    odd = [cell for cell in known if not _is_plain(cell)]
    # 01234 and 1e99 are values, though nothing that a model can count with.
    if any(map(is_number, odd)):
        return []
    return sorted(set(odd)) if len(odd) <= 0.1 * len(known) and len(set(odd)) <= 3 else []


def _fits(cell: str, form: str | None) -> bool:
    try:
        moment(cell, form, "")
    except BadInputError:
        return False
    return True


def declaration(found: Found) -> str:
    """The text of task.py."""
    columns = [line for seen in found.columns if not seen.left_out for line in _declared(seen)]
    if found.comma:
        columns.append(f'        {_quoted(found.target)}: Column(decimal=","),')
    name = re.sub(r"[^a-z0-9]+", "-", found.file.stem.lower()).strip("-") or "task"
    time_format = found.time.formats[0] if found.time else None
    lines = [
        f"    name={_quoted(name)},",
        f"    file={_quoted(found.file.name)},",
        f"    target={_quoted(found.target)},",
        f"    # {found.evidence}"[:110].rstrip(),
        f'    kind="{"ordered" if found.ordered else "classes" if found.classes else "number"}",',
        *(_listed("    classes=", found.classes) if found.classes else ()),
        "    features=(",
        *map(_feature, found.columns),
        "    ),",
        *(["    columns={", *columns, "    },"] if columns else ()),
        *(_listed("    missing=", found.missing) if found.missing != ("",) else ()),
        *([f"    group={_quoted(found.group)},"] if found.group else ()),
        *([f"    time={_quoted(found.time.name)},"] if found.time else ()),
        *([f"    time_format={_quoted(time_format)},"] if time_format else ()),
    ]
    imports, body = "Column, Task" if columns else "Task", "\n".join(lines)
    text = f'''"""The task, as `new task` found it in {found.rows} rows; what a file cannot say, correct here."""

from .data import {imports}

TASK = Task(
{body}
)
'''
    return text if text.isascii() else f"# ruff: noqa: RUF001, RUF003, RUF100\n{text}"


def _feature(seen: Seen) -> str:
    gaps = f"; {100 * seen.gaps:.2g} % gaps" if seen.gaps else ""
    why = f"{seen.left_out}; " if seen.left_out else ""
    note = " ".join(f"{why}{seen.kind}: {seen.note}{gaps}".split())
    line = f"        {'# ' if seen.left_out else ''}{_quoted(seen.name)},"
    # A name is never cut: what is left of it would be no Python.
    return f"{line}  # {note}"[: max(115, len(line))].rstrip()


def _declared(seen: Seen) -> list[str]:
    start = f"        {_quoted(seen.name)}: Column("
    if seen.values:
        line = f'{start}"category", values={_tuple(seen.values)}),'
        if len(line) <= 100:
            return [line]
        values = [f"    {value}" for value in _listed("        values=", seen.values, most=0)]
        return [start, '            "category",', *values, "        ),"]
    how = ['decimal=","'] if seen.comma else []
    how += ['gaps="mark"'] if seen.gaps else []
    if seen.kind == "time":
        form = [f"format={_quoted(seen.formats[0])}"] if seen.formats[0] else []
        how = ['"time"', 'part="month"', *form, *how]
    return [f"{start}{', '.join(how)}),"] if how else []


def _listed(start: str, values: Sequence[str], most: int = 100) -> list[str]:
    """On one line, or one line for each, as the formatter leaves it."""
    line = f"{start}{_tuple(values)},"
    if len(line) <= most:
        return [line]
    room = " " * (len(start) - len(start.lstrip()))
    return [f"{start}(", *(f"{room}    {_quoted(value)}," for value in values), f"{room}),"]


def _tuple(values: Sequence[str]) -> str:
    return f"({', '.join(map(_quoted, values))}{',' * (len(values) == 1)})"


def _quoted(text: str) -> str:
    shown = repr(text)
    swap = shown.startswith("'") and '"' not in shown
    return f'"{shown[1:-1]}"' if swap else shown


def _short(text: str) -> str:
    return text if len(text) <= 20 else f"{text[:19]}…"


def _some(names: Sequence[str], between: str, most: int = 20) -> str:
    more = f"{between}and {len(names) - most} more" if len(names) > most else ""
    return between.join(names[:most]) + more


def _few(cells: Sequence[str]) -> str:
    return ", ".join(f"`{_short(cell)}`" for cell in cells[:3])
