"""Makes partitions of one table: loaded from files row by row, or derived from other tables."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from .errors import counted
from .ingest import UNKNOWN, WHOLE, Relation, bronze, once
from .query import Branch, aligned, branches, canonical, narrowed, rule
from .settings import Settings
from .spec import Project, Table
from .store import COUNTS, Store, among, name, text

WIDE = 200  # columns above which DuckDB plans longer than it reads
WHY = ("source", "file", "row", "record", "reasons")  # what is kept of a row that is rejected


@dataclass(eq=False)
class HeldError(Exception):
    """Partitions that must not be published, and why."""

    partitions: dict[str, str]


@dataclass(eq=False)
class LinkedError(Exception):
    """A key has versions in several partitions, which are then built together."""

    pairs: list[tuple[str, str]]


def conditions(table: Table) -> dict[str, str]:
    """What holds for each row, by the reason of one for which it does not: nothing that it needs is missing."""
    needed = dict.fromkeys([*table.key, table.partition, table.as_of, *table.required])
    return {f"{c} is missing": f"{name(c)} is not null" for c in needed if c} | table.rules


def breach(table: Table, reason: str, number: int) -> str:
    """What a derived table says of rows for which a condition does not hold."""
    if reason in table.rules:
        return f"{number} rows break the rule `{reason}`"
    return f"{reason} in {counted(number, 'row')}"


def near(table: Table, partition: str) -> list[str]:
    """The partitions before and behind one that its query sees: days or, of a time, hours."""
    around = (*range(-table.lookback, 0), *range(1, table.lookahead + 1))
    if not around:
        return []
    if re.match(r"\d{5}-|.*\(BC\)", partition):  # outside of the years that Python has
        return []
    try:
        moment = datetime.fromisoformat(partition)
    except ValueError:
        raise table.error(
            f"`lookback` counts days or hours, and {table.partition} is {partition!r}"
        ) from None
    is_day, found = len(partition) == len("2026-01-01"), list[str]()
    for n in around:
        with suppress(OverflowError):  # there is no day before the first
            other = moment + (timedelta(days=n) if is_day else timedelta(hours=n))
            # Not by `strftime`, which writes the year 1 with one digit.
            found.append(other.isoformat(" ")[: len(partition)])
    return found


class Making:
    """What loading and deriving have in common."""

    def __init__(self, project: Project, settings: Settings, store: Store, table: Table) -> None:
        self.project, self.settings, self.store, self.table = project, settings, store, table
        described = store.sql(f"describe {self.shape()}")
        names = [row[0].lower() for row in described]
        if twice := next((each for each in names if names.count(each) > 1), ""):
            raise table.error(
                f"two columns are called `{twice}`, which letter case does not change"
            )
        self.columns = self.stored = {row[0]: row[1] for row in described}

    def shape(self) -> str:
        """A query with the columns of the table."""
        return canonical(self.table)

    def prepare(self, todo: dict[str, str]) -> None:
        """Reads what building these partitions needs, before a transaction opens."""

    def make(self, todo: dict[str, str], gone: set[str]) -> dict[str, int]:
        """Builds these partitions, deletes those that are gone, in an open transaction; counts."""
        raise NotImplementedError

    def keep_rejects(self, todo: Collection[str]) -> None:
        """Notes why a partition was held back."""

    def clear(self) -> None:
        """Frees what was read."""

    def new_columns(self) -> bool:
        """Whether the stored table has other columns, so that it is made anew and as a whole."""
        return self.stored != self.columns

    def create(self) -> None:
        """An empty table, where there is none: what reads it can be built before it has rows."""
        if self.store.has(self.table.name):
            self.stored = self.store.columns(self.table.name)
        else:
            self._create()
            self.stored = self.columns

    def _create(self) -> None:
        columns = ", ".join(f"{name(c)} {kind}" for c, kind in self.columns.items())
        self.store.sql(f"create schema if not exists {self.table.name.split('.')[0]}")
        self.store.sql(f"create or replace table {self.table.name} ({columns})")

    def part(self) -> str:
        """The partition of a row, as text."""
        if not self.table.partition:
            return text(WHOLE)
        return f"coalesce({name(self.table.partition)}::varchar, {text(UNKNOWN)})"

    def within(self, partitions: Iterable[str]) -> str:
        """The condition for rows of these partitions."""
        if not self.table.partition:
            return "true"
        # As constants: what a transaction has just written is slow to be joined with.
        kind = self.columns[self.table.partition]
        days = ", ".join(f"{text(each)}::{kind}" for each in partitions if each)
        none = f"select null::{kind} where false"
        return f"{name(self.table.partition)} in ({days or none})"

    def replace(self, todo: dict[str, str], gone: Iterable[str], rows: str) -> dict[str, int]:
        """Puts rows in place of those of before, and notes what they are made from; counts them."""
        table, store, both = self.table, self.store, [*todo, *gone]
        if self.new_columns():
            self._create()
        else:
            store.sql(f"delete from {table.name} where {self.within(both)}")
        for meta in ("stamps", "rejected", "counts"):
            where = f"where table_name = ? and partition in {among(both)}"
            store.sql(f"delete from meta.{meta} {where}", table.name)
        store.begin("is written")
        ((written,),) = store.sql(f"insert into {table.name} by name {rows}")
        # Known by its content, so that the same content builds nothing behind it.
        hashed = f"select {self.part()}, count(*), sum(hash(t))::varchar from {table.name} as t"
        found = store.sql(f"{hashed} where {self.within(both)} group by 1")
        content = {part: numbers for part, *numbers in found}
        counts = {part: number for part, (number, _) in content.items()}
        if written != sum(counts.values()):
            self._refuse_others(rows, both)
        columns = list(self.columns.items())
        stamps = [(table.name, p, todo[p], repr((columns, content.get(p)))) for p in todo]
        store.insert("meta.stamps", stamps)
        return counts

    def _refuse_others(self, rows: str, partitions: Iterable[str]) -> None:
        column = name(str(self.table.partition))
        outside = f"({self.within(partitions)}) is not true limit 1"
        ((other,),) = self.store.sql(f"select {column} from ({rows}) where {outside}")
        raise self.table.error(
            f"gives rows of {self.table.partition} {other}, which are not made from "
            f"that {self.table.partition} of its inputs: `partition` must be a column that it takes over from them"
        )


class Loading(Making):
    """Each row is judged by itself: fit, or rejected with its reasons; of a key the newest stays."""

    def __init__(self, project: Project, settings: Settings, store: Store, table: Table) -> None:
        self.branches = branches(table, project)
        self.outputs = ", ".join(map(name, self.branches[0].outputs))
        self.rules = {reason: rule(holds) for reason, holds in conditions(table).items()}
        self.once = once(project.sources.values())
        self.sources = among(dict.fromkeys(branch.source for branch in self.branches))
        self.unknown = UNKNOWN if table.partition else WHOLE
        part = "partition" if table.partition else text(WHOLE)
        self.read: dict[str, int] = dict(
            store.sql(
                f"select {part}, sum(rows)::bigint from meta.parts join {self.once} using (source, name) "
                f"where source in {self.sources} group by 1"
            )
        )
        self.rejects: list[tuple[Any, ...]] = []
        self.seen: set[str] | None = None  # the partitions of which `_judged` has all rows
        super().__init__(project, settings, store, table)
        for column in (*table.latest, *(["valid_from"] if table.as_of else [])):
            if self.columns[column] == "VARCHAR":
                called = table.as_of if column not in table.latest else column
                raise table.error(
                    f"`{called}` is text, in which 10 is before 9: cast it, to a time or a number"
                )

    def shape(self) -> str:
        return self._as_stored(f"select {self.outputs} from ({self.judged(self.relations([]))})")

    def _as_stored(self, rows: str) -> str:
        if self.table.kind == "history":
            return versions(self.table, self.branches[0].outputs, rows)
        return rows

    def judged(self, of: Sequence[tuple[Branch, Relation]], numbered: bool = False) -> str:
        """All rows of the relations: whether each is fit, why not and, where that is asked, its number."""
        rows = " union all ".join(_branch(*each, numbered) for each in of)
        fit = " and ".join(["_fits", *self.rules.values()])
        broken = [
            f"case when not ({holds}) then {text(why)} end" for why, holds in self.rules.items()
        ]
        return (
            f"select *, {self.part()} as _part, {fit} as _fit, "
            f"case when {fit} then null when _broken is not null then [_broken] else list_filter("
            f"list_concat(_casts, [{', '.join(broken)}]), lambda r: r is not null) end as _reasons "
            f"from ({rows})"
        )

    def prepare(self, todo: dict[str, str]) -> None:
        # Links and partitions that are held make less to do, for which the same rows do.
        linked = f"where table_name = ? and partition in {among(todo)}"
        others = self.store.sql(f"select other from meta.links {linked}", self.table.name)
        seen = {*todo, *(row[0] for row in others)}
        if self.seen is not None and seen <= self.seen:
            return
        self.seen, whole = None, not self.table.partition or seen >= set(self.read)
        where = "" if whole else f" where _part in {among(seen)}"
        relations = self.relations(None if whole else seen)
        # Not a text for each row: a number, in the order of the names.
        paths = sorted({path for _, relation in relations for path in relation.files})
        self.clear()
        self.store.sql(f"create temp type _path as enum ({', '.join(map(text, paths or ['']))})")
        self.store.begin("reads", sum(self.read.get(part, 0) for part in seen))
        # Where no row is left out, the number of a row follows from its place.
        is_counted = bool(where) or any(branch.where for branch in self.branches)
        # One text, since a column costs memory for each row.
        kept = ", ".join(f"'{each}', _{each}" for each in WHY)
        why = f"case when not _fit then json_object({kept})::varchar end as _why"
        columns = f"{self.outputs}, _path::_path as _path, _fit, {why}"
        rows = f"select {columns} from ({self.judged(relations, is_counted)}){where}"
        self.store.by_row(f"create temp table _judged as {rows}", wide=len(self.columns) > WIDE)
        self._find_versions()
        self.seen = seen

    def _find_versions(self) -> None:
        """Rows that share their key, and the place of each among them; of most keys there is one."""
        key = ", ".join(map(name, filter(None, [*self.table.key, self.table.as_of])))
        versions = "select 0 as _id, 0 as _place limit 0"
        if key:
            newest = "".join(f"{name(each)} desc nulls last, " for each in self.table.latest)
            place = f"partition by {key} order by {newest}_path desc, rowid desc"
            several = f"select hash({key}) from _judged where _fit group by 1 having count(*) > 1"
            versions = (
                f"select rowid as _id, {self.part()} as _part, {key}, row_number() over ({place}) as _place "
                f"from _judged where _fit and hash({key}) in ({several})"
            )
        self.store.sql(f"create temp table _versions as {versions}")

    def clear(self) -> None:
        for kind, each in (("table", "_judged"), ("table", "_versions"), ("type", "_path")):
            self.store.sql(f"drop {kind} if exists {each}")

    def make(self, todo: dict[str, str], gone: set[str]) -> dict[str, int]:
        table, store = self.table, self.store
        store.begin("is checked")
        per_part = f"{self.part()}, count(*) filter (_fit), count(*) filter (not _fit)"
        found = {p: both for p, *both in store.sql(f"select {per_part} from _judged group by 1")}
        fit = {p: found.get(p, (0, 0))[0] for p in todo}
        unfit = {p: found.get(p, (0, 0))[1] for p in todo}
        torn = self._torn() if self.unknown in todo else []
        if torn:
            unfit[self.unknown] += len(torn)
        self.rejects = []
        if any(unfit.values()):
            self.rejects = [(table.name, *each) for each in (*self._rejected(todo), *torn)]
            self._gate(unfit)
        if table.key and table.partition and table.partition not in table.key:
            self._look_for_links()
        newest = "_fit and rowid not in (select _id from _versions where _place > 1)"
        rows = f"select {self.outputs} from _judged where {newest} and {self.within(todo)}"
        kept = self.replace(todo, gone, self._as_stored(rows))
        store.insert("meta.rejected", self.rejects)
        counts, lost = [], {}
        for p in todo:
            read, accepted = self.read.get(p, 0), kept.get(p, 0)
            left = read - fit[p] - unfit[p]
            counts.append((read, accepted, unfit[p], fit[p] - accepted, left))
            # What law 4 of the README excludes.
            if left and not any(branch.where for branch in self.branches):
                lost[p] = f"{left} rows were counted, but not read"
        if lost:
            raise HeldError(lost)
        noted = [(table.name, p, *each) for p, each in zip(todo, counts, strict=True)]
        store.insert("meta.counts", noted)
        return dict(zip(COUNTS, map(sum, zip(*counts, strict=True)), strict=True)) if counts else {}

    def keep_rejects(self, todo: Collection[str]) -> None:
        where = f"where table_name = ? and partition in {among(todo)}"
        self.store.sql(f"delete from meta.rejected {where}", self.table.name)
        self.store.insert("meta.rejected", [each for each in self.rejects if each[1] in todo])

    def relations(self, partitions: Iterable[str] | None = None) -> list[tuple[Branch, Relation]]:
        """What its rows are read from, by select: all of it, or that of some partitions."""
        where, of = (self.settings, self.store), self.project.sources
        return [
            (branch, relation)
            for branch in self.branches
            for relation in bronze(*where, of[branch.source], partitions, branch.columns)
        ]

    def _torn(self) -> list[tuple[Any, ...]]:
        """Lines that are no rows; nobody knows their partition."""
        return self.store.sql(
            f"select {text(self.unknown)}, source, name, row, [reason], record from meta.broken join {self.once} "
            f"using (source, name) where source in {self.sources}"
        )

    def _rejected(self, todo: Iterable[str]) -> list[tuple[Any, ...]]:
        first = "select _path, min(rowid) as _first from _judged group by all"
        source, file, row, record = (f"_why ->> '{each}'" for each in WHY[:4])
        row = f"coalesce(({row})::bigint, _judged.rowid - _first + 1)"
        return self.store.sql(
            f"select {self.part()}, {source}, {file}, {row}, (_why -> 'reasons')::varchar[], "
            f"{record} from _judged join ({first}) using (_path) "
            f"where not _fit and {self.part()} in {among(todo)} order by 2, 3, 4"
        )

    def _gate(self, unfit: Mapping[str, int]) -> None:
        """A share of rejected rows above the limit holds a partition back."""
        limit = self.settings.limit if self.table.limit is None else self.table.limit
        held = {}
        for part, number in unfit.items():
            bad, of = [each for each in self.rejects if each[1] == part], self.read.get(part, 0)
            if part == UNKNOWN and number:  # all of them are rejected: compared with their files
                files = {str(each[3]) for each in bad}
                total = f"select sum(rows) from meta.files where name in {among(files)}"
                of = int(self.store.sql(total)[0][0])
            if number > limit * of:
                _, _, _, file, row, reasons, _ = bad[0]
                held[part] = (
                    f"{number} of {of} rows are rejected, the limit is {limit:.1%}; the first is "
                    f"row {row} of {file}: {'; '.join(reasons)}. `show rejected` lists all"
                )
        if held:
            raise HeldError(held)

    def _look_for_links(self) -> None:
        """Where the partition is no part of the key, a newer version may lie in another one."""
        key, column = ", ".join(map(name, self.table.key)), name(str(self.table.partition))
        parts = f"(select distinct _part, {key} from _versions)"
        queries = [
            f"select distinct a._part, b._part from {parts} a join {parts} b using ({key}) "
            "where a._part <> b._part"
        ]
        if not self.new_columns():  # of partitions that are read, all versions are judged
            queries.append(
                f"select distinct a.{column}::varchar, b.{column}::varchar from _judged a "
                f"join {self.table.name} b using ({key}) "
                f"where a._fit and not b.{self.within(self.seen or ())}"
            )
        known = set(
            self.store.sql(
                "select partition, other from meta.links where table_name = ?", self.table.name
            )
        )
        new = {pair for query in queries for pair in self.store.sql(query)} - known
        if new:
            raise LinkedError(sorted({*new, *((b, a) for a, b in new)} - known))


def _branch(branch: Branch, relation: Relation, numbered: bool) -> str:
    rows = f"select *, null as _row from ({relation.sql})"
    if numbered:
        first, before = [], 0
        for path, number in relation.files.items():
            first.append(f"when {text(path)} then {before}")
            before += number
        start = f"case _path {' '.join(first)} end" if first else "0"
        rows = f"select *, row_number() over () - {start} as _row from ({relation.sql})"
    where = f" where _broken is not null or ({branch.where})" if branch.where else ""
    fits = " and ".join(["_broken is null", *(f"not ({holds})" for _, holds in branch.casts)])
    reasons = ", ".join(f"case when {holds} then {text(why)} end" for why, holds in branch.casts)
    return (
        f"select {branch.select}, {text(branch.source)} as _source, _path, _file, _row, _record, "
        f"_broken, {fits} as _fits, case when not ({fits}) then [{reasons or 'null'}]::varchar[] end as _casts "
        f"from ({rows}) as {name(branch.source)}{where}"
    )


def versions(table: Table, columns: Sequence[str], rows: str) -> str:
    """SQL that makes a history of `rows`: one row for each version, with the time of its validity.

    `rows` hold the newest row of a key at each `as_of`. A list is full unless `full = false`: a key
    that is not in the next list ends there.
    """
    at = name(str(table.as_of))
    key = ", ".join(map(name, table.key))
    values = [name(column) for column in columns if column not in (*table.key, table.as_of)]
    state = f"row({', '.join(values)})" if values else "1"
    in_order = f"partition by {key} order by {at}"
    gap = f"or lag(next_list) over ({in_order}) is distinct from {at}" if table.full else ""
    ends = "next_list"
    if not table.full:
        ends = f"lead(valid_from) over (partition by {key} order by version)"
    return f"""
        with lists as (
            select {at}, lead({at}) over (order by {at}) as next_list
            from (select distinct {at} from ({rows}))
        ), marked as (
            select *, lag({state}) over ({in_order}) is distinct from {state} {gap} as begins
            from ({rows}) join lists using ({at})
        ), numbered as (
            select *, sum(begins::integer) over ({in_order}) as version from marked
        ), ended as (
            select *, min({at}) over (partition by {key}, version) as valid_from from numbered
            qualify row_number() over (partition by {key}, version order by {at} desc) = 1
        )
        select {", ".join([*map(name, table.key), *values])},
            version::integer as version, valid_from, {ends} as valid_to
        from ended"""


class Deriving(Making):
    """A query over tables; of inputs with its partition it sees only the partitions to do."""

    def make(self, todo: dict[str, str], gone: set[str]) -> dict[str, int]:
        table, column = self.table, self.table.partition
        for each in filter(None, [*table.key, column, *table.required]):
            if each not in self.columns:
                raise table.error(f"the query has no column `{each}`")
        rows = canonical(table)
        if column:
            seen = sorted({day for part in todo for day in (part, *near(table, part))})
            days = f"select p::{self.columns[column]} as p from {among(seen)} as _(p)"
            self.store.sql(f"create or replace temp table _seen as {days}")
            inputs = aligned(table, self.project)
            rows = narrowed(table, inputs, f"{name(column)} in (select p from _seen)")
        if table.lookback or table.lookahead:
            rows = f"select * from ({rows}) where {self.within(todo)}"
        counts = self.replace(todo, gone, rows)
        self._hold(todo)
        return {"accepted": sum(counts.values())}

    def _hold(self, todo: Iterable[str]) -> None:
        """A rule or key that does not hold stops a partition: its rows are nobody's delivery."""
        table, part, held = self.table, self.part(), dict[str, str]()
        made = f"(from {table.name} where {self.within(todo)})"
        for reason, condition in conditions(table).items():
            broken = f"from {made} m where not ({rule(condition)}) group by 1"
            query = f"select {part}, count(*), any_value(m)::varchar {broken}"
            for where, number, example in self.store.by_row(query):
                held[where] = f"{breach(table, reason, number)}, such as {example}"
        if table.key:
            key = ", ".join(map(name, table.key))
            query = f"select any_value({part}), concat_ws(', ', {key}) from {made} group by {key}"
            for where, example in self.store.sql(f"{query} having count(*) > 1"):
                held[where] = f"the key {', '.join(table.key)} occurs twice, for {example}"
        if held:
            raise HeldError(held)


class Viewing(Making):
    """A query that is asked again by each reader: it costs nothing to keep, and is never behind."""

    def _create(self) -> None:
        self.store.sql(f"create schema if not exists {self.table.name.split('.')[0]}")
        self.store.sql(f"create or replace view {self.table.name} as {self.shape()}")

    def make(self, todo: dict[str, str], gone: set[str]) -> dict[str, int]:
        self._create()
        self.store.sql("delete from meta.stamps where table_name = ?", self.table.name)
        self.store.insert("meta.stamps", [(self.table.name, p, todo[p], todo[p]) for p in todo])
        return {}


def making_of(project: Project, settings: Settings, store: Store, table: Table) -> Making:
    kind = Viewing if table.kind == "view" else Loading if table.loaded else Deriving
    return kind(project, settings, store, table)
