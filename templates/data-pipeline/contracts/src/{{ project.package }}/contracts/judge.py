"""Whether columns and rows are as promised. Measured by whichever engine holds the data."""

import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import narwhals as nw

from ..engines import Engine, Frame
from ..lake import type_name
from .document import Column, ContractError, Promise, Rule

SHOWN = 3  # examples of rows for each breach

HOLDS: Mapping[str, Callable[[Any, Any], bool]] = {
    "mustBe": operator.eq,
    "mustNotBe": operator.ne,
    "mustBeGreaterThan": operator.gt,
    "mustBeGreaterOrEqualTo": operator.ge,
    "mustBeLessThan": operator.lt,
    "mustBeLessOrEqualTo": operator.le,
    "mustBeBetween": lambda value, ends: ends[0] <= value <= ends[1],
    "mustNotBeBetween": lambda value, ends: not ends[0] <= value <= ends[1],
}


def columns(promise: Promise, frame: Frame) -> Iterator[str]:
    """Each column that is missing, of another type, or promised nowhere."""
    found = {name: type_name(name, kind) for name, kind in frame.collect_schema().items()}
    wanted = {column.name: column.kind for column in promise.columns}
    for name, kind in wanted.items():
        if name not in found:
            yield f"{promise.table}.{name} is promised and missing"
        elif found[name] != kind:
            yield f"{promise.table}.{name} is promised as {kind} and is {found[name]}"
    for name in found:
        if name not in wanted:
            yield f"{promise.table}.{name} is {found[name]} and not in the contract"


def rows(promise: Promise, frame: Frame, engine: Engine) -> Iterator[str]:
    """Each promise about values that the rows break, with a few of them."""
    for column in promise.columns:
        place = f"{promise.table}.{column.name}"
        if column.required:
            empty = frame.filter(nw.col(column.name).is_null())
            yield from _told(f"{place} is empty", empty, promise, engine)
        if column.unique:
            yield from _repeated(promise, [column.name], frame, engine)
        for rule in column.rules:
            yield from _rule(place, rule, promise, column, frame, engine)
    if promise.key:
        yield from _repeated(promise, promise.key, frame, engine)
    for rule in promise.rules:
        yield from _rule(promise.table, rule, promise, None, frame, engine)


def _repeated(promise: Promise, names: list[str], frame: Frame, engine: Engine) -> Iterator[str]:
    counts = frame.group_by(*names).agg(n=nw.len()).filter(nw.col("n") > 1).sort(*names)
    found = engine.rows(counts.head(SHOWN))
    if found:
        some = "; ".join(_shown(row, names) for row in found)
        yield f"{promise.table} has more than one row of one {' and '.join(names)}, such as {some}"


def _rule(
    place: str, rule: Rule, promise: Promise, column: Column | None, frame: Frame, engine: Engine
) -> Iterator[str]:
    size = _number(engine, frame.select(n=nw.len()))
    if rule.metric == "rowCount":
        value: Any = size
    elif rule.metric == "sql":
        names = {"${object}": promise.table, "${property}": column.name if column else ""}
        query = rule.query
        for name, meant in names.items():
            query = query.replace(name, meant)
        value = _number(engine, engine.sql(query, promise.table, frame))
    elif rule.metric == "duplicateValues":
        by = [column.name] if column else list(rule.arguments.get("properties", []))
        value = size - _number(engine, frame.select(*by).unique().select(n=nw.len()))
    else:
        bad = frame.filter(_bad(place, rule, column))
        value = _number(engine, bad.select(n=nw.len()))
        if not _holds(rule, value, size):
            yield from _told(f"{place} breaks the rule {rule.name}", bad, promise, engine)
        return
    if not _holds(rule, value, size):
        limits = ", ".join(f"{name} {_plain(limit)}" for name, limit in rule.limits)
        yield f"{place} breaks the rule {rule.name}: it is {value}, and {limits}"


def _bad(place: str, rule: Rule, column: Column | None) -> nw.Expr:
    """Which rows a metric about single values counts."""
    if column is not None:
        value = nw.col(column.name)
        if rule.metric == "nullValues":
            return value.is_null()
        if rule.metric == "invalidValues" and "validValues" in rule.arguments:
            return ~value.is_in(rule.arguments["validValues"])
        if rule.metric == "invalidValues" and "pattern" in rule.arguments:
            return ~value.str.contains(rule.arguments["pattern"])
    raise ContractError(f"{place}: quality rule {rule.name}: {rule.metric} is not measured here")


def _holds(rule: Rule, value: Any, size: int) -> bool:
    number = value * 100 / size if rule.unit == "percent" and size else value
    return all(HOLDS[name](number, limit) for name, limit in rule.limits)


def _told(what: str, bad: Frame, promise: Promise, engine: Engine) -> Iterator[str]:
    count = _number(engine, bad.select(n=nw.len()))
    if count:
        names = promise.key or [column.name for column in promise.columns]
        some = engine.rows(bad.select(*names).sort(*names).head(SHOWN))
        rows = "1 row" if count == 1 else f"{count} rows"
        yield f"{what} in {rows}, such as {'; '.join(_shown(row, names) for row in some)}"


def _number(engine: Engine, frame: Frame) -> int:
    return int(next(iter(engine.rows(frame)[0].values())) or 0)


def _shown(row: Mapping[str, Any], names: list[str]) -> str:
    return ", ".join(f"{name} {row[name]}" for name in names)


def _plain(limit: Any) -> str:
    return " and ".join(map(str, limit)) if isinstance(limit, tuple) else str(limit)
