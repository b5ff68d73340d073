"""What a table seems to hold, and the declaration that follows from it.

All is read as text first. What is found is evidence, not knowledge: it stands as comments in
task.py, where its owner corrects what a file cannot say.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from itertools import product
from pathlib import Path
from typing import Literal

import numpy as np
from sklearn.metrics import balanced_accuracy_score, r2_score
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_predict
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from .data import COMMA, LARGEST, Vector
from .errors import BadInputError
from .files import moment, rows
from .report import shown

Kind = Literal["number", "whole number", "flag", "category", "text", "time", "constant", "id"]
GAPS = ("", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "none", "?", "-")
EMPTY = GAPS[:8]  # of a target, where `none` is a class
FLAGS = ({"0", "1"}, {"true", "false"}, {"yes", "no"}, {"y", "n"}, {"t", "f"})
DAYS = ("%Y/%m/%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y%m%d")
TIMES = ("", " %H:%M", " %H:%M:%S")
FORMATS = (None, *(f"{day}{time}" for day, time in product(DAYS, TIMES)))
WRITTEN = ("%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y")
SCALES = (
    "none low moderate high", "low mid high", "low medium high critical", "small medium large",
    "fair good very_good premium ideal", "poor fair good very_good excellent", "bad ok good",
    "never rarely sometimes often always", "worse same better", "minor major critical",
)  # fmt: skip
OWNER = re.compile(r"(^|_)(id|uuid|customer|user|patient|client|household|store|group)$", re.I)
# A number with something around it: `$5`, `12 %`, `1,764.05`, `3 kg`.
DRESSED = re.compile(r"[$€£]?\s?[+-]?(?!0\d)\d[\d.,'\s]*([$€£%]|[a-zA-Zµ°]{1,3})?")
SENTINEL = re.compile(r"-?9{2,}(\.0+)?|-1")  # what is written where nothing is known
WEIGHT = re.compile(r"((sample|case|row|survey)_?weights?|wts?|weights|fnlwgt)$", re.I)
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
    kind: Kind
    gaps: int
    rows: int
    note: str
    values: tuple[str, ...] = ()  # of a category
    formats: tuple[str | None, ...] = ()  # of a time, all that fit
    left_out: str = ""  # why it is no feature
    comma: bool = False  # its numbers have a decimal comma

    def row(self) -> dict[str, object]:
        gaps = f"{100 * self.gaps / self.rows:.1f} %" if self.gaps else ""
        used = f"not used: {self.left_out}" if self.left_out else ""
        return {"column": self.name, "kind": self.kind, "gaps": gaps, "seen": self.note, "": used}


@dataclass
class Found:
    file: Path
    target: str
    classes: tuple[str, ...]  # none where it is a number
    evidence: str  # of the target
    columns: list[Seen]
    missing: tuple[str, ...]
    group: str | None
    time: Seen | None
    rows: int
    equal: int  # rows that are there twice
    told: list[str]
    comma: bool = False  # of the target
    ordered: bool = False  # its classes


def at(file: Path, target: str) -> Found:
    whole = [row for _, row in rows(file, [])]
    if not whole:
        raise BadInputError(f"{file} has no rows")
    if target not in whole[0]:
        near = get_close_matches(target, whole[0], 1)
        meant = f"did you mean `{near[0]}`?" if near else f"there are {', '.join(whole[0])}"
        raise BadInputError(f"{file}: there is no column `{target}`; {meant}")
    empty = {row[target] for row in whole} & set(EMPTY)
    table = [row for row in whole if row[target] not in empty]
    if not table:
        raise BadInputError(f"{file}: no row has a {target}")
    written = {name: [row[name] for row in table] for name in table[0]}
    commas = {name for name, values in written.items() if _has_commas(values)}
    cells = {
        name: [_with_point(cell) for cell in values] if name in commas else values
        for name, values in written.items()
    }
    y = cells.pop(target)
    classes, evidence = _target(file, target, y)
    order = _order(classes)
    columns = [_column(name, values) for name, values in cells.items()]
    for seen in columns:
        seen.comma = seen.name in commas and seen.kind in ("number", "whole number")
        seen.note += "; decimal comma" if seen.comma else ""
    missing = {cell for values in cells.values() for cell in values if cell in GAPS}
    missing |= {cell for name, values in cells.items() for cell in _odd(values)} | empty
    found = Found(
        file=file,
        target=target,
        classes=order or classes,
        evidence=evidence,
        columns=columns,
        missing=("", *sorted(missing - {""})),
        group=next((seen.name for seen in columns if _is_group(seen, cells[seen.name])), None),
        time=next((seen for seen in columns if _is_time(seen, cells[seen.name])), None),
        rows=len(table),
        equal=len(table) - len({tuple(row.items()) for row in table}),
        told=[
            f"`{name}` is read with a decimal comma: if commas divide thousands, take them out"
            for name in sorted(commas)
            if all(re.fullmatch(r"[^,]*(,\d{3})?", cell) for cell in written[name])
        ],
        comma=target in commas and not classes,
        ordered=bool(order),
    )
    if len(table) < len(whole):
        found.told.append(f"{len(whole) - len(table)} rows have no `{target}`: they are left out")
    found.told += _told_of_target(target, classes, y)
    if order:
        found.told.append(f'`{target}` has an order, {" < ".join(order)}: else kind="classes"')
    elif len(classes) > 2 and _numbers(classes) is not None:
        found.told.append(f'if the classes of `{target}` have an order, declare kind="ordered"')
    _leave_out(found, cells, y)
    if not any(not seen.left_out for seen in columns):
        why = "; ".join(f"{seen.name}: {seen.left_out}" for seen in columns)
        raise BadInputError(f"{file}: no column but {target} can be learned from ({why})")
    return found


def _told_of_target(name: str, classes: Sequence[str], y: Sequence[str]) -> Iterator[str]:
    """What its owner should know of a target."""
    counts = Counter(y)
    if not classes and MOST_CODES < len(counts) <= MOST_CLASSES:
        yield (
            f"`{name}` has {len(counts)} whole numbers, which are read as a number: if they are "
            'codes, declare kind="classes" and name them in `classes`'
        )
    for code in sorted(classes):
        if counts[code] < LEAST:
            yield (
                f"`{_short(code)}` is the {name} of {counts[code]} row{'s' * (counts[code] > 1)}, "
                f"too few to learn and to judge: take it out of `classes` and name it in `missing`, "
                "which leaves its rows out"
            )


def _target(file: Path, name: str, y: Sequence[str]) -> tuple[tuple[str, ...], str]:
    counts = Counter(y)
    if len(counts) == 1:
        raise BadInputError(f"{file}: all rows have the same {name}, `{y[0]}`: nothing to predict")
    numbers = _numbers(y)
    if numbers is not None and (len(counts) > MOST_CODES or not (numbers % 1 == 0).all()):
        low, middle, high = np.quantile(numbers, [0, 0.5, 1])
        return (), f"a number from {shown(low)} to {shown(high)}, half below {shown(middle)}"
    if len(counts) > MOST_CLASSES:
        raise BadInputError(
            f"{file}: {name} has {len(counts)} different values, which are neither numbers nor a "
            f"few classes ({MOST_CLASSES} at most), such as `{_short(y[0])}`"
        )
    shares = ", ".join(f"{_short(c)} {100 * n / len(y):.2g} %" for c, n in counts.most_common(8))
    return tuple(sorted(counts)), f"{len(counts)} classes: {shares}"


def _order(classes: Sequence[str]) -> tuple[str, ...]:
    """The classes from the least to the most, where their words are those of a known scale."""
    words = {re.sub(r"[\s_-]+", "_", name.strip().lower()): name for name in classes}
    for scale in SCALES:
        if len(classes) > 2 and len(words) == len(classes) and words.keys() <= set(scale.split()):
            return tuple(words[word] for word in scale.split() if word in words)
    return ()


def _column(name: str, cells: Sequence[str]) -> Seen:
    odd = _odd(cells)
    known = [cell for cell in cells if cell not in GAPS and cell not in odd]
    counts, gaps = Counter(known), len(cells) - len(known)

    def seen(kind: Kind, note: str, left_out: str = "") -> Seen:
        words = f"; {', '.join(map(_short, odd))} read as gaps" if odd else ""
        return Seen(name, kind, gaps, len(cells), note + words, left_out=left_out)

    if len(counts) < 2:
        only = f"always {_short(known[0])}" if known else "empty"
        return seen("constant", only, "it is constant")
    if {word.lower() for word in counts} in FLAGS:
        found = seen("flag", ", ".join(sorted(counts)))
        found.values = () if counts.keys() == {"0", "1"} else tuple(sorted(counts))
        return found
    numbers = _numbers(known)
    if numbers is not None:
        whole = bool((numbers % 1 == 0).all())
        note = f"{shown(numbers.min())} to {shown(numbers.max())}"
        # Rows without a target were left out, and their numbers with them.
        counts_up = (np.diff(numbers) >= 1).all() and np.ptp(numbers) < 1.5 * len(numbers)
        if whole and len(cells) >= ENOUGH and counts_up:
            return seen("id", note, "it counts the rows")
        return seen("whole number" if whole else "number", note)
    if formats := tuple(_formats(known)):
        first, *_, last = sorted(known, key=lambda cell: _naive(cell, formats[0]))
        found = seen("time", f"{first} to {last}")
        found.formats = formats
        return found
    note = f"{len(counts)} values, most often {_short(counts.most_common(1)[0][0])}"
    words = sum(len(cell.split()) for cell in known) / len(known)
    if len(known) >= ENOUGH and len(counts) == len(known) and words < 2.5:
        return seen("id", note, "each row has another")
    if words >= 2.5 and len(counts) > 0.2 * len(known):
        return seen("text", note, "this model reads no texts")
    left_out = "it has too many values" if len(counts) > MOST_WORDS else ""
    found = seen("category", note, left_out)
    found.values = tuple(sorted(counts))
    return found


def _leave_out(found: Found, cells: dict[str, list[str]], y: Sequence[str]) -> None:
    for seen in found.columns:
        if seen.name == found.group:
            seen.left_out = "its rows belong together"
            found.told.append(f"rows of one `{seen.name}` stay on one side of the split")
        elif seen is found.time:
            seen.left_out = "it is when the row was"
            found.told.append(
                f"`{seen.name}` is a time: if what is later is to be predicted from what was "
                'before, set [split] kind = "temporal"'
            )
        elif not seen.left_out and len(y) >= ENOUGH and (told := _leak(seen, cells, y, found)):
            seen.left_out = told
            found.told.append(f"`{seen.name}` {told}: is it known when a prediction is made?")
        found.told += _told_of_column(seen, cells[seen.name])
        if len(seen.formats) > 1:
            both = " and ".join(str(form or "ISO") for form in seen.formats[:2])
            found.told.append(f"the times of `{seen.name}` fit {both}: the first is declared")
    if found.equal:
        found.told.append(f"{found.equal} rows are there twice; they stay on one side of the split")


def _told_of_column(seen: Seen, cells: Sequence[str]) -> Iterator[str]:
    """What its owner may want to write in another way."""
    known = [cell for cell in cells if cell not in GAPS]
    if seen.kind == "time" and _is_zoned(known, seen.formats[0]) is None:
        yield f"the times of `{seen.name}` have a zone in some rows alone: write all alike"
    if seen.kind in ("number", "whole number") and WEIGHT.search(seen.name):
        yield (
            f"if `{seen.name}` says how much a row counts, take it out of the features and declare "
            f"weight={_quoted(seen.name)}"
        )
    if seen.kind in ("number", "whole number"):
        yield from _sentinels(seen.name, Counter(known))
    if seen.kind not in ("category", "text", "id"):
        return
    numbers = [cell for cell in known if _is_number(cell) or DRESSED.fullmatch(cell.strip())]
    odd = [cell for cell, _ in Counter(known).most_common() if not _is_number(cell)]
    if odd and len(numbers) > MOST_OF * len(known):
        yield (
            f"`{seen.name}` seems to hold numbers, but also {_few(odd)}: write those as plain "
            "numbers, or name them in `missing` if they stand for gaps"
        )
    elif len(forms := _forms(sorted(set(known))[:MOST_FORMS])) > 1:
        yield f"`{seen.name}` seems to hold times in several forms, {_few(forms)}: write all in one"


def _few(cells: Sequence[str]) -> str:
    return ", ".join(f"`{_short(cell)}`" for cell in cells[:3])


def _sentinels(name: str, counts: Counter[str]) -> Iterator[str]:
    """A number far from all others that comes again and again."""
    for cell, times in counts.items():
        others = np.array([float(other) for other in counts if other != cell])
        if times < LEAST or len(others) < LEAST or not SENTINEL.fullmatch(cell):
            continue
        far = max(others.min() - float(cell), float(cell) - others.max())
        if far > np.ptp(others):
            yield (
                f"`{name}` is {cell} in {times} rows, far from all else: if that stands for a gap, "
                "name it in `missing`"
            )


def _forms(cells: Sequence[str]) -> list[str]:
    """One cell of each format that times are written in, if most of the cells are times."""
    found: dict[str | None, str] = {}
    fitting = 0
    for cell in cells:
        form = next((form for form in (*FORMATS, *WRITTEN) if _fits(cell, form)), "")
        if form != "":
            found.setdefault(form, cell)
            fitting += 1
    return list(found.values()) if fitting > MOST_OF * len(cells) else []


def _leak(seen: Seen, cells: dict[str, list[str]], y: Sequence[str], found: Found) -> str:
    """Whether a shallow tree tells the target from this column alone, on rows it has not seen."""
    column = cells[seen.name]
    if column == list(y):
        return "equals the target"
    numbers = _numbers([cell if _is_number(cell) else "-1e30" for cell in column])
    if numbers is None or seen.values:
        numbers = np.unique(column, return_inverse=True)[1].astype(np.float64)
    x = numbers[:, None]
    how = {"max_depth": 5, "min_samples_leaf": 3, "random_state": 0}
    if not found.classes:
        true = np.array(y, dtype=np.float64)
        folds = KFold(3, shuffle=True, random_state=0)
        said = cross_val_predict(DecisionTreeRegressor(**how), x, true, cv=folds)
        return "alone tells the target" if r2_score(true, said) >= LEAKS else ""
    if min(Counter(y).values()) < 3:
        return ""
    folds = StratifiedKFold(3, shuffle=True, random_state=0)
    tree = DecisionTreeClassifier(**how, class_weight="balanced")
    said = cross_val_predict(tree, x, np.array(y), cv=folds)
    return "alone tells the target" if balanced_accuracy_score(y, said) >= LEAKS else ""


def _is_time(seen: Seen, cells: Sequence[str]) -> bool:
    """Whether it can be the time of each row."""
    return seen.kind == "time" and not seen.gaps and _is_zoned(cells, seen.formats[0]) is not None


def _is_zoned(cells: Sequence[str], form: str | None) -> bool | None:
    """Whether times have a zone; None where some have one and some have none."""
    zoned = {moment(cell, form, "").tzinfo is not None for cell in cells}
    return zoned.pop() if len(zoned) == 1 else None


def _is_group(seen: Seen, cells: Sequence[str]) -> bool:
    known = len(set(cells))
    return bool(OWNER.search(seen.name)) and not seen.gaps and 10 <= known <= len(cells) / 1.2


def _is_number(cell: str) -> bool:
    # A zero in front is a code, such as that of a place.
    if re.match(r"[+-]?0\d", cell) or "_" in cell:
        return False
    try:
        return abs(float(cell)) <= LARGEST
    except ValueError:
        return False


def _numbers(cells: Sequence[str]) -> Vector | None:
    return np.array(cells, dtype=np.float64) if all(map(_is_number, cells)) else None


def _has_commas(cells: Sequence[str]) -> bool:
    known = [cell for cell in cells if cell not in GAPS]
    return any("," in cell for cell in known) and all(map(COMMA.fullmatch, known))


def _with_point(cell: str) -> str:
    return cell if cell in GAPS else cell.replace(".", "").replace(",", ".")


def _odd(cells: Sequence[str]) -> list[str]:
    """The few words of a column that else holds numbers."""
    known = [cell for cell in cells if cell not in GAPS]
    odd = [cell for cell in known if not _is_number(cell)]
    few = 0 < len(odd) <= 0.1 * len(known) and len(set(odd)) <= 3
    return sorted(set(odd)) if few else []


def _naive(cell: str, form: str | None) -> datetime:
    """To sort by, where some have a zone and some have none."""
    return moment(cell, form, "").replace(tzinfo=None)


def _formats(cells: Sequence[str]) -> Iterator[str | None]:
    for form in FORMATS:
        if all(_fits(cell, form) for cell in cells):
            yield form


def _fits(cell: str, form: str | None) -> bool:
    try:
        moment(cell, form, "")
    except BadInputError:
        return False
    return True


def declaration(found: Found) -> str:
    """The text of task.py."""
    used = [seen for seen in found.columns if not seen.left_out]
    columns = [line for seen in used for line in _declared(seen)]
    if found.comma:
        columns.append(f'        {_quoted(found.target)}: Column(decimal=","),')
    lines = [
        f"    name={_quoted(_slug(found.file.stem))},",
        f"    file={_quoted(found.file.name)},",
        f"    target={_quoted(found.target)},",
        f"    # {found.evidence}"[:110],
        f'    kind="{"ordered" if found.ordered else "classes" if found.classes else "number"}",',
        *(_listed("    classes=", found.classes) if found.classes else ()),
        "    features=(",
        *(_feature(seen) for seen in found.columns),
        "    ),",
        *(["    columns={", *columns, "    },"] if columns else ()),
        *(_listed("    missing=", found.missing) if found.missing != ("",) else ()),
        *([f"    group={_quoted(found.group)},"] if found.group else ()),
        *([f"    time={_quoted(found.time.name)},"] if found.time else ()),
        *(
            [f"    time_format={_quoted(found.time.formats[0])},"]
            if found.time and found.time.formats[0]
            else ()
        ),
    ]
    imports = "Column, Task" if columns else "Task"
    body = "\n".join(lines)
    text = f'''"""The task, as `new task` found it in {found.rows} rows; what a file cannot say, correct here."""

from .data import {imports}

TASK = Task(
{body}
)
'''
    return text if text.isascii() else f"# ruff: noqa: RUF001, RUF003, RUF100\n{text}"


def _feature(seen: Seen) -> str:
    gaps = f"; {100 * seen.gaps / seen.rows:.2g} % gaps" if seen.gaps else ""
    why = f"{seen.left_out}; " if seen.left_out else ""
    note = " ".join(f"{why}{seen.kind}: {seen.note}{gaps}".split())
    line = f"{_quoted(seen.name)},  # {note}"
    return f"        {'# ' if seen.left_out else ''}{line}"[:115]


def _declared(seen: Seen) -> list[str]:
    how = ['decimal=","'] if seen.comma else []
    how += ['gaps="mark"'] if seen.gaps else []
    if seen.values:
        start = f'        {_quoted(seen.name)}: Column("category", values='
        return _listed(start, seen.values, ")")
    if seen.kind == "time":
        form = f"format={_quoted(seen.formats[0])}" if seen.formats[0] else ""
        parts = ", ".join(filter(None, ('"time"', 'part="month"', form, *how)))
        return [f"        {_quoted(seen.name)}: Column({parts}),"]
    return [f"        {_quoted(seen.name)}: Column({', '.join(how)}),"] if how else []


def _listed(start: str, values: Sequence[str], end: str = "") -> list[str]:
    """On one line, or one line for each, as the formatter writes it."""
    quoted = [_quoted(value) for value in values]
    inside = ", ".join(quoted) + ("," if len(values) == 1 else "")
    line = f"{start}({inside}){end},"
    if len(line) <= 100:
        return [line]
    room = " " * (len(start) - len(start.lstrip()))
    if not end:
        return [f"{start}(", *(f"{room}    {value}," for value in quoted), f"{room}),"]
    name, values_at = start.split(": Column(", 1)
    kind, word = values_at.rsplit(", ", 1)
    within = f"{room}    "
    inner = f"{within}{kind}, {word}({inside})"
    if len(inner) <= 100:
        return [f"{name}: Column(", inner, f"{room}),"]
    return [
        f"{name}: Column(",
        f"{within}{kind},",
        f"{within}{word}(",
        *(f"{within}    {value}," for value in quoted),
        f"{within}),",
        f"{room}),",
    ]


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "task"


def _quoted(text: str | None) -> str:
    shown = repr(text or "")
    swap = shown.startswith("'") and '"' not in shown
    return f'"{shown[1:-1]}"' if swap else shown


def _short(text: str) -> str:
    return text if len(text) <= 20 else f"{text[:19]}…"
