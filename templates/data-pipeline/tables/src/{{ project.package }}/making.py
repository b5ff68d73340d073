"""Makes partitions of one table: loaded from files row by row, or derived from other tables."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from .errors import PipelineError
from .history import versions
from .ingest import UNKNOWN, WHOLE, Relation, bronze, empty
from .progress import Progress
from .query import Branch, aligned, branches, parsed, rewritten
from .quote import among, name, text
from .settings import Settings
from .spec import Project, Table
from .store import Store

Counts = dict[str, int]


def near(table: Table, partition: str) -> list[str]:
    """The partitions before and behind one that its query sees: days or, of a time, hours."""
    around = (*range(-table.lookback, 0), *range(1, table.lookahead + 1))
    if not around:
        return []
    try:
        moment = datetime.fromisoformat(partition)
    except ValueError:
        raise PipelineError(
            f"{table.path}: `lookback` counts days or hours, and {table.partition} is {partition!r}"
        ) from None
    if len(partition) == len("2026-01-01"):
        return [str((moment + timedelta(days=n)).date()) for n in around]
    offset = partition[len("2026-01-01 00:00:00") :]
    return [f"{moment + timedelta(hours=n):%Y-%m-%d %H:%M:%S}{offset}" for n in around]


class HeldError(Exception):
    """Partitions that must not be published, and why."""

    def __init__(self, partitions: dict[str, str]) -> None:
        super().__init__(partitions)
        self.partitions = partitions


class LinkedError(Exception):
    """A key has versions in several partitions, which are then built together."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        super().__init__(pairs)
        self.pairs = pairs


class Making:
    """What loading and deriving have in common."""

    def __init__(self, project: Project, settings: Settings, store: Store, table: Table) -> None:
        self.project, self.settings, self.store, self.table = project, settings, store, table
        self.step = Progress(store, table.name)
        shape = self.shape()
        names = [row[0].lower() for row in store.sql(f"describe {shape}")]
        if twice := next((each for each in names if names.count(each) > 1), ""):
            raise PipelineError(
                f"{table.path}: two columns are called `{twice}`, which letter case does not change"
            )
        self.columns = self.stored = store.columns(shape)

    def shape(self) -> str:
        """A query with the columns of the table."""
        raise NotImplementedError

    def prepare(self, todo: dict[str, str]) -> None:
        """Reads what building these partitions needs, before a transaction opens."""

    def make(self, todo: dict[str, str], gone: set[str]) -> Counts:
        """Builds these partitions and deletes those that are gone, in an open transaction."""
        raise NotImplementedError

    def keep_rejects(self, todo: Collection[str]) -> None:
        """Notes why a partition was held back."""

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

    def replace(self, todo: dict[str, str], gone: Iterable[str], rows: str) -> dict[str, int]:
        """Puts rows in place of those of before, and notes what they are made from; counts them."""
        table, store, both = self.table, self.store, [*todo, *gone]
        part, where = text(WHOLE), ""
        if table.partition:
            column, kind = name(table.partition), self.columns[table.partition]
            values = f"(select p::{kind} from {among(p for p in both if p)} as _(p))"
            part, where = f"{column}::varchar", f"where {column} in {values}"
        if self.new_columns():
            self._create()
        else:
            store.sql(f"delete from {table.name} {where}")
        for meta in ("stamps", "rejected", "counts"):
            store.sql(
                f"delete from meta.{meta} where table_name = ? and partition in {among(both)}",
                table.name,
            )
        self.step.begin("is written")
        store.sql(f"insert into {table.name} {rows}")
        # Known by its content, so that the same content builds nothing behind it.
        hashed = f"select {part}, count(*), sum(hash(t))::varchar from {table.name} as t {where}"
        content = {str(p): numbers for p, *numbers in store.sql(f"{hashed} group by 1")}
        columns = list(self.columns.items())
        stamps = [(table.name, p, todo[p], repr((columns, content.get(p)))) for p in todo]
        store.insert("meta.stamps", stamps)
        return {p: int(numbers[0]) for p, numbers in content.items()}


class Loading(Making):
    """Each row is judged by itself: fit, or rejected with its reasons; of a key the newest stays."""

    def __init__(self, project: Project, settings: Settings, store: Store, table: Table) -> None:
        self.branches = branches(table, project)
        self.outputs = ", ".join(map(name, self.branches[0].outputs))
        needed = dict.fromkeys([*table.key, table.partition, table.as_of])
        self.rules = {
            **{
                f"{column} is missing": f"{name(column)} is not null" for column in needed if column
            },
            **{reason: f"({rule}) is not false" for reason, rule in table.rules.items()},
        }
        self.part = "_part" if table.partition else text(WHOLE)
        self.rejects: list[tuple[Any, ...]] = []
        self.seen: set[str] | None = None  # the partitions of which `_judged` has all rows
        super().__init__(project, settings, store, table)

    def shape(self) -> str:
        of = self.project.sources
        rows = self.judged(
            [(b, [Relation(empty(of[b.source], b.columns), {})]) for b in self.branches]
        )
        rows = f"select {self.outputs} from ({rows})"
        if self.table.kind == "history":
            return versions(self.table, self.branches[0].outputs, rows)
        return rows

    def judged(self, of: Sequence[tuple[Branch, list[Relation]]], why: bool = False) -> str:
        """All rows of the relations: whether each is fit or, asked why, the reasons against it."""
        rows = " union all ".join(
            _branch(branch, relation, why) for branch, relations in of for relation in relations
        )
        if not why:
            fit = " and ".join(["_casts", *self.rules.values()])
            return f"select {self.outputs}, _path, _part, {fit} as _fit from ({rows})"
        broken = [
            f"case when not ({rule}) then {text(reason)} end" for reason, rule in self.rules.items()
        ]
        return (
            "select _part, _source, _file, _row, case when _broken is not null then [_broken] else "
            f"list_filter(list_concat(_casts, [{', '.join(broken)}]), lambda r: r is not null) end "
            f"as _reasons, _record from ({rows})"
        )

    def prepare(self, todo: dict[str, str]) -> None:
        # Links and partitions that are held make less to do, for which the same rows do.
        seen = {*todo, *self._linked(todo)}
        if self.seen is not None and seen <= self.seen:
            return
        self.seen, whole = None, not self.table.partition or seen >= set(self._read())
        where = "" if whole else f" where _part in {among(seen)}"
        rows = self.judged(self._relations(None if whole else seen))
        total = self._read()
        self.step.begin("reads", sum(total.get(part, 0) for part in seen))
        self.store.sql(f"create or replace temp table _judged as select * from ({rows}){where}")
        self.seen = seen

    def make(self, todo: dict[str, str], gone: set[str]) -> Counts:
        table, store = self.table, self.store
        self.step.begin("is checked")
        self.rejects = []
        total = self._read()
        found = {
            str(part): (fit, unfit)
            for part, fit, unfit in store.sql(
                f"select {self.part}, count(*) filter (_fit), count(*) filter (not _fit) "
                "from _judged group by 1"
            )
        }
        torn = self._torn(todo)
        read = {p: total.get(p, 0) for p in todo}
        unfit = {p: found.get(p, (0, 0))[1] + torn.get(p, 0) for p in todo}
        if any(unfit.values()):
            self._find_rejects(todo)
            self._gate(read, unfit)
        unique = self._unique()
        if table.key and table.partition and table.partition not in table.key:
            self._look_for_links(todo, unique)
        kept = self.replace(todo, gone, self._newest(todo, unique))
        store.insert("meta.rejected", self.rejects)
        counts = []
        if not any(branch.where for branch in self.branches):
            lost = {p: n for p in todo if (n := read[p] - found.get(p, (0, 0))[0] - unfit[p])}
            if lost:  # what law 4 of the README excludes
                raise HeldError(
                    {p: f"{n} rows were counted, but not read" for p, n in lost.items()}
                )
        for p in todo:
            fit, accepted = found.get(p, (0, 0))[0], kept.get(p, 0)
            counts.append((read[p], accepted, unfit[p], fit - accepted, read[p] - fit - unfit[p]))
        store.insert(
            "meta.counts", [(table.name, p, *c) for p, c in zip(todo, counts, strict=True)]
        )
        words = ("read", "accepted", "rejected", "older", "filtered")
        return {word: sum(count[place] for count in counts) for place, word in enumerate(words)}

    def keep_rejects(self, todo: Collection[str]) -> None:
        for part in todo:
            self.store.sql(
                "delete from meta.rejected where table_name = ? and partition = ?",
                self.table.name,
                part,
            )
        self.store.insert("meta.rejected", [each for each in self.rejects if each[1] in todo])

    def _sources(self) -> list[str]:
        return list(dict.fromkeys(branch.source for branch in self.branches))

    def _relations(
        self, partitions: Iterable[str] | None, files: Iterable[str] | None = None
    ) -> list[tuple[Branch, list[Relation]]]:
        where, of = (self.settings, self.store), self.project.sources
        return [
            (branch, bronze(*where, of[branch.source], partitions, files, branch.columns))
            for branch in self.branches
        ]

    def _per_partition(self, meta: str, value: str, extra: str = "") -> dict[str, int]:
        part = "partition" if self.table.partition else text(WHOLE)
        rows = self.store.sql(
            "with one as (select source, min(name) as name from meta.files group by source, digest) "
            f"select {part}, sum({value}) from {meta} join one using (source, name) "
            f"where source in {among(self._sources())} {extra} group by 1"
        )
        return {str(part): int(number) for part, number in rows}

    def _read(self) -> dict[str, int]:
        """Rows in files, by partition."""
        return self._per_partition("meta.parts", "rows")

    def _torn(self, todo: Iterable[str]) -> dict[str, int]:
        """Lines that are no rows; nobody knows their partition."""
        part = UNKNOWN if self.table.partition else WHOLE
        number = sum(
            self._per_partition("(select *, '' as partition from meta.broken)", "1").values()
        )
        return {part: number} if part in todo else {}

    def _linked(self, todo: Iterable[str]) -> list[str]:
        rows = self.store.sql(
            f"select other from meta.links where table_name = ? and partition in {among(todo)}",
            self.table.name,
        )
        return [str(row[0]) for row in rows]

    def _find_rejects(self, todo: Iterable[str]) -> None:
        """Reads the files of rejected rows once more, for the reasons and the record."""
        found = self.store.sql("select distinct _path from _judged where not _fit")
        files = [Path(row[0]).relative_to(self.settings.archive).as_posix() for row in found]
        rows = self.judged(self._relations(None, files), why=True)
        some = ", ".join(map(text, todo))
        found = (
            self.store.sql(
                f"select {self.part}, _source, _file, _row, _reasons, _record from ({rows}) "
                f"where len(_reasons) > 0 and {self.part} in ({some}) order by 2, 3, 4"
            )
            if files
            else []
        )
        part = UNKNOWN if self.table.partition else WHOLE
        if part in todo:
            found += [
                (part, source, file, row, [reason], record)
                for source, file, row, reason, record in self.store.sql(
                    "select source, name, row, reason, record from meta.broken "
                    f"where source in {among(self._sources())}"
                )
            ]
        self.rejects = [(self.table.name, *each) for each in found]

    def _gate(self, read: Mapping[str, int], unfit: Mapping[str, int]) -> None:
        """A share of rejected rows above the limit holds a partition back."""
        limit = self.settings.limit if self.table.limit is None else self.table.limit
        held = {}
        for part, number in unfit.items():
            bad = [each for each in self.rejects if each[1] == part]
            of = read[part]
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

    def _unique(self) -> bool:
        if not self.table.key:
            return True
        key = [*self.table.key, *filter(None, [self.table.as_of])]
        hashed = f"hash({', '.join(map(name, key))})"
        return bool(
            self.store.sql(f"select count(*) = count(distinct {hashed}) from _judged where _fit")[
                0
            ][0]
        )

    def _newest(self, todo: Iterable[str], unique: bool) -> str:
        rows = "select * from _judged where _fit"
        if not unique:
            key = ", ".join(map(name, [*self.table.key, *filter(None, [self.table.as_of])]))
            order = ", ".join(
                [
                    *(f"{name(each)} desc nulls last" for each in self.table.latest),
                    "_path desc",
                    "rowid desc",
                ]
            )
            rows += f" qualify row_number() over (partition by {key} order by {order}) = 1"
        rows = f"select {self.outputs} from ({rows})"
        if self.table.partition:
            rows += f" where {name(self.table.partition)}::varchar in {among(todo)}"
        if self.table.kind == "history":
            return versions(self.table, self.branches[0].outputs, rows)
        return rows

    def _look_for_links(self, todo: Iterable[str], unique: bool) -> None:
        """Where the partition is no part of the key, a newer version may lie in another one."""
        key, column = ", ".join(map(name, self.table.key)), name(str(self.table.partition))
        several = (
            f"select {key} from _judged where _fit group by {key} having min(_part) <> max(_part)"
        )
        queries = []
        if not unique and self.store.sql(f"{several} limit 1"):
            queries.append(
                f"select distinct a._part, b._part from ({several}) join _judged a using ({key}) "
                f"join _judged b using ({key}) where a._fit and b._fit and a._part <> b._part"
            )
        if not self.new_columns():  # of partitions that are read, all versions are judged
            read = f"select p::{self.columns[str(self.table.partition)]}"
            read += f" from {among(filter(None, self.seen or ()))} as _(p)"
            queries.append(
                f"select distinct a._part, b.{column}::varchar from _judged a join {self.table.name} b "
                f"using ({key}) where a._fit and b.{column} not in ({read})"
            )
        known = set(
            self.store.sql(
                "select partition, other from meta.links where table_name = ?", self.table.name
            )
        )
        new = {pair for query in queries for pair in self.store.sql(query)} - known
        if new:
            raise LinkedError(sorted({*new, *((b, a) for a, b in new)} - known))


def _branch(branch: Branch, relation: Relation, why: bool) -> str:
    where = f" where _broken is not null or ({branch.where})" if branch.where else ""
    of = f"as {name(branch.source)}{where}"
    select = f"select {branch.select}, _path, coalesce(_partition::varchar, '{UNKNOWN}') as _part"
    if not why:
        casts = " and ".join(["_broken is null", *(f"not ({holds})" for _, holds in branch.casts)])
        return f"{select}, {casts} as _casts from ({relation.sql}) {of}"
    first, before = [], 0
    for path, number in relation.files.items():
        first.append(f"when {text(path)} then {before}")
        before += number
    start = f"case _path {' '.join(first)} end" if first else "0"
    rows = f"select *, row_number() over () - {start} as _row from ({relation.sql})"
    reasons = ", ".join(f"case when {holds} then {text(why)} end" for why, holds in branch.casts)
    extra = f"{text(branch.source)} as _source, _file, _row, _record, _broken"
    return f"{select}, {extra}, [{reasons or 'null'}]::varchar[] as _casts from ({rows}) {of}"


class Deriving(Making):
    """A query over tables; of inputs with its partition it sees only the partitions to do."""

    def shape(self) -> str:
        return parsed(self.table).sql("duckdb", comments=False)

    def make(self, todo: dict[str, str], gone: set[str]) -> Counts:
        table, store, column = self.table, self.store, self.table.partition
        for each in (*table.key, *filter(None, [column])):
            if each not in self.columns:
                raise PipelineError(f"{table.path}: the query has no column `{each}`")
        query, rows = parsed(table).sql("duckdb", comments=False), "select * from _made"
        if column:
            by_part = aligned(table, self.project)
            seen = self._seen(todo)
            store.sql(f"create or replace temp table _seen as select p from {among(seen)} as _(p)")
            kind = self.columns[column]
            only = f"{name(column)} in (select p::{kind} from _seen)"
            query = rewritten(
                table, lambda n: f"(select * from {n} where {only})" if n in by_part else None
            )
        self.step.begin("is computed")
        store.sql(f"create or replace temp table _made as {query}")
        if column:
            some = ", ".join(map(text, todo)) or "null"
            outside = f"{name(column)} is null or {name(column)}::varchar not in ({some})"
            if table.lookback or table.lookahead:
                store.sql(f"delete from _made where {outside}")
            elif other := store.sql(
                f"select {name(column)}::varchar from _made where {outside} limit 1"
            ):
                raise PipelineError(
                    f"{table.path}: gives rows of {column} {other[0][0]}, which are not made from that "
                    f"{column} of its inputs: `partition` must be a column that it takes over from them"
                )
        self._hold()
        self.replace(todo, gone, rows)
        return {"accepted": store.sql("select count(*) from _made")[0][0]}

    def _seen(self, todo: Iterable[str]) -> list[str]:
        return sorted({day for part in todo for day in (part, *near(self.table, part))})

    def _hold(self) -> None:
        """A rule or key that does not hold stops a partition: its rows are nobody's delivery."""
        part = f"{name(self.table.partition)}::varchar" if self.table.partition else text(WHOLE)
        held: dict[str, str] = {}
        for reason, rule in self.table.rules.items():
            query = f"select {part}, count(*), any_value(m)::varchar from _made m where ({rule}) is false"
            for where, number, example in self.store.sql(f"{query} group by 1"):
                held[where] = f"{number} rows break the rule `{reason}`, such as {example}"
        if self.table.key:
            key = ", ".join(map(name, self.table.key))
            query = f"select any_value({part}), concat_ws(', ', {key}) from _made group by {key}"
            for where, example in self.store.sql(f"{query} having count(*) > 1"):
                held[where] = f"the key {', '.join(self.table.key)} occurs twice, for {example}"
        if held:
            raise HeldError(held)


class Viewing(Making):
    """A query that is asked again by each reader: it costs nothing to keep, and is never behind."""

    def shape(self) -> str:
        return parsed(self.table).sql("duckdb", comments=False)

    def _create(self) -> None:
        self.store.sql(f"create schema if not exists {self.table.name.split('.')[0]}")
        self.store.sql(f"create or replace view {self.table.name} as {self.shape()}")

    def make(self, todo: dict[str, str], gone: set[str]) -> Counts:
        self._create()
        self.store.sql("delete from meta.stamps where table_name = ?", self.table.name)
        self.store.insert("meta.stamps", [(self.table.name, p, todo[p], todo[p]) for p in todo])
        return {}


def making_of(project: Project, settings: Settings, store: Store, table: Table) -> Making:
    """How a table is made."""
    kind = Viewing if table.kind == "view" else Loading if table.loaded else Deriving
    return kind(project, settings, store, table)
