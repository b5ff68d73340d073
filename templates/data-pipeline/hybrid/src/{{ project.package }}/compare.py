"""Tables that are like others, held against these: equal, or it is told which rows make the difference.

Both are made by one query, so they differ where one way of arrival knows more: rows that were late or
rejected on one of them, came by one alone, or were corrected in between. A difference that no such row
explains is a fault, and so is a row that has other values by the other way and is no other version.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from . import spec
from .explore import tables
from .ingest import WHOLE
from .making import Loading, near
from .query import parsed
from .settings import Settings, load
from .spec import Project, Table
from .store import Store, name, text

UNEXPLAINED = 4
Cause = tuple[str, str, bool]  # a partition, why a row is not the same there, if that is a fault


@dataclass(frozen=True)
class Difference:
    """A partition in which two tables differ."""

    partition: str
    rows: Sequence[str]
    because: Sequence[str]
    faults: Sequence[str]  # of rows, which hide behind no cause of another row


@dataclass(frozen=True)
class Comparison:
    """A table and the one that is like it, as far as both can know the same."""

    tables: tuple[str, str]
    partitions: int
    differences: Sequence[Difference]

    @property
    def lines(self) -> Iterator[str]:
        """What is printed."""
        first, second = self.tables
        equal = self.partitions - len(self.differences)
        yield f"{first} and {second}: {equal} of {self.partitions} partitions say the same"
        for each in self.differences:
            yield f"  {each.partition}"
            yield from (f"    {row}" for row in each.rows)
            known = [f"because {why}" for why in each.because]
            known += [f"fault: {why}" for why in each.faults]
            yield from (f"    {line}" for line in known or ["because no row explains it"])


def compare(settings: Settings) -> list[Comparison]:
    """Each table with partitions that is like another one and derived, from the first to the last partition it has."""
    project = spec.load(settings.root)
    alike = [table for table in project.tables.values() if table.like]
    with tables(settings) as store:
        causes = list[Cause]()
        for first, second in _loaded(project):
            if store.has(first.name) and store.has(second.name):
                causes += _causes(project, settings, store, first, second)
        return [
            _compared(store, project.tables[table.like], table, causes)
            for table in alike
            if table.partition and not table.loaded and store.has(table.name)
        ]


def _loaded(project: Project) -> list[tuple[Table, Table]]:
    """The pairs of tables that hold the rows of both ways, whether or not the query is the same."""
    known, found = project.tables, dict[tuple[str, str], tuple[Table, Table]]()
    for table in known.values():
        for pair in ((table.like, table.name), *table.inputs.items()):
            first, second = (known.get(each) for each in pair)
            if not (first and second and first.loaded and second.loaded):
                continue
            if first.key and first.key == second.key:  # by which a row is known as the same
                found[pair] = (first, second)
    return list(found.values())


def _compared(store: Store, first: Table, second: Table, causes: Sequence[Cause]) -> Comparison:
    one, other = _contents(store, first), _contents(store, second)
    reach = sorted(other)
    known = {part for part in {*one, *other} if reach and reach[0] <= part <= reach[-1]}
    found = []
    for part in sorted(part for part in known if one.get(part) != other.get(part)):
        seen = {part, WHOLE, *near(second, part)}
        because, faults = (
            sorted({why for where, why, wrong in causes if where in seen and wrong is which})
            for which in (False, True)
        )
        rows = [*_only(store, first, second, part), *_only(store, second, first, part)]
        found.append(Difference(part, rows, because, faults))
    return Comparison((first.name, second.name), len(known), found)


def _contents(store: Store, table: Table) -> dict[str, Any]:
    """What tells the rows of each partition from others."""
    part = name(str(table.partition))
    rows = f"select {part}::varchar, count(*), sum(hash(t)) from {table.name} as t group by 1"
    return {partition: content for partition, *content in store.sql(rows)}


def _only(store: Store, table: Table, other: Table, part: str) -> Iterator[str]:
    where = f"where {name(str(table.partition))}::varchar = {text(part)}"
    columns = [each for each in store.columns(table.name) if each != table.partition]
    shown = ", ".join(f"{name(each)}::varchar" for each in columns)
    query = f"select {shown} from {table.name} {where} except all select {shown} from {other.name}"
    for row in store.sql(f"{query} {where} order by all"):
        values = (f"{each} {value}" for each, value in zip(columns, row, strict=True))
        yield f"{table.name}: {', '.join(values)}"


def _causes(
    project: Project, settings: Settings, store: Store, first: Table, second: Table
) -> list[Cause]:
    """The partitions of each row that is not the same by both ways, and why that is."""
    keys = ", ".join(map(name, first.key))
    known = first.latest if first.latest == second.latest else ()
    latest = ", ".join(f"{name(column)}::varchar" for column in known)
    both = _of_records(store, first) & _of_records(store, second) - {*first.key, *known}
    each = (f"{text(c + ' ')} || coalesce({name(c)}::varchar, 'nothing')" for c in sorted(both))
    given = f"[{', '.join(each)}]::varchar[]"
    for number, table in enumerate((first, second)):
        making = Loading(project, settings, store, table)
        why = "array_to_string(list_sort(list_distinct(flatten(list(_reasons)))), '; ')"
        store.by_row(
            f"create or replace temp table rejected_{number} as select {keys}, {why} as why "
            f"from ({making.judged(making.relations())}) where not _fit group by {keys}"
        )
        store.sql(
            f"create or replace temp table kept_{number} as select {keys}, "
            f"{making.part()} as part, [{latest}]::varchar[] as latest, {given} as given "
            f"from {table.name}"
        )
    why = (
        f"case when r0.why is not null then {text(first.name)} || ': ' || r0.why "
        f"when r1.why is not null then {text(second.name)} || ': ' || r1.why "
        f"when k0.part is null then 'it is in {second.name} alone' "
        f"when k1.part is null then 'it is in {first.name} alone' "
        f"when k0.latest is distinct from k1.latest then 'the versions differ' "
        f"else 'in {first.name} it has ' || {_odd('k0', 'k1')} "
        f"|| ', in {second.name} ' || {_odd('k1', 'k0')} end"
    )
    wrong = "coalesce(r0.why, r1.why) is null and k0.latest is not distinct from k1.latest "
    wrong += "and k0.part is not null and k1.part is not null"
    found = store.sql(
        f"select k0.part, k1.part, concat_ws(', ', {keys}) || ': ' || {why} as why, {wrong} "
        f"from kept_0 as k0 full join kept_1 as k1 using ({keys}) "
        f"left join rejected_0 as r0 using ({keys}) left join rejected_1 as r1 using ({keys}) "
        "where k0.part is null or k1.part is null or k0.part <> k1.part "
        "or k0.latest is distinct from k1.latest or k0.given <> k1.given"
    )
    return [(part, why, wrong) for *parts, why, wrong in found for part in parts if part]


def _odd(one: str, other: str) -> str:
    """SQL for the values that a row has alone."""
    odd = f"list_filter({one}.given, lambda x, i: x <> {other}.given[i])"
    return f"array_to_string({odd}, ', ')"


def _of_records(store: Store, table: Table) -> set[str]:
    """The columns of what records say, not of how they came, as `_before` does."""
    ours = {
        each.alias_or_name
        for each in parsed(table).selects
        if any(of.name[:1] == "_" and of.name != "_partition" for of in each.find_all(exp.Column))
    }
    return store.columns(table.name).keys() - ours


def add_compare(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command."""
    words = "hold tables that are like others against these; 4 if a difference has no cause"

    def run(_: argparse.Namespace) -> int:
        found = [each for each in compare(load()) if each.partitions]
        if not found:
            print(
                "there is nothing to compare yet: no file has come the second way, or none is built"
            )
        for each in found:
            print("\n".join(each.lines))
        open_ones = [
            one for each in found for one in each.differences if one.faults or not one.because
        ]
        return UNEXPLAINED if open_ones else 0

    commands.add_parser("compare", help=words).set_defaults(command=run)
