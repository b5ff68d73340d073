"""Builds tables: only partitions whose stamp differs, each table by itself, in a transaction.

The stamp of a partition is a digest of the table's code and of the stamps of what it reads. So order
and grouping of deliveries change nothing, and a backfill gives what daily runs give.
"""

import hashlib
import time
from functools import cached_property

import duckdb

from .ingest import UNKNOWN, WHOLE, once
from .making import HeldError, LinkedError, Making, conditions, making_of, near
from .pipeline import Built
from .query import aligned, canonical
from .settings import Settings
from .spec import Project, Table
from .store import ENGINE, Store

MACHINE = (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.InterruptException)


def digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


class Builder:
    """Stamps of one project and one warehouse."""

    def __init__(self, project: Project, settings: Settings, store: Store) -> None:
        self.project, self.settings, self.store = project, settings, store

    @cached_property
    def bronze(self) -> dict[str, dict[str, str]]:
        """The stamps of sources: of the files that hold rows of a partition."""
        sources = self.project.sources
        found = {f"bronze.{each}": dict[str, str]() for each in sources}
        for source, partition, stamp in self.store.sql(
            "select source, partition, md5(string_agg(concat_ws('|', f.name, f.digest, f.reader), "
            f"',' order by f.name)) from meta.parts p join {once(sources.values())} using (source, name) "
            "join meta.files f using (source, name) group by all"
        ):
            found.setdefault(f"bronze.{source}", {})[partition] = stamp
        return found

    def stamps(self, table: str) -> dict[str, str]:
        """What readers of a table compare, by partition."""
        if table.startswith("bronze."):
            return self.bronze[table]
        of = self.project.tables[table]
        if of.kind == "view":
            inputs = [sorted(self.stamps(each).items()) for each in of.reads]
            return {WHOLE: digest(self.code(of), inputs)}
        return self._stored(table, "stamp")

    def _stored(self, table: str, what: str) -> dict[str, str]:
        query = f"select partition, {what} from meta.stamps where table_name = ?"
        return dict(self.store.sql(query, table))

    def code(self, table: Table) -> str:
        sources = [self.project.sources[i[7:]] for i in table.reads if i.startswith("bronze.")]
        read = [(each.zone, each.decimal) for each in sources]
        around = (table.lookback, table.lookahead)
        parts = (table.key, table.partition, table.latest, table.kind, table.as_of, table.full)
        return digest(ENGINE, canonical(table), conditions(table), around, read, *parts)

    def expected(self, table: Table) -> dict[str, str]:
        """The partitions that a table should have, and what each is made from."""
        code, by_part = self.code(table), aligned(table, self.project)
        if table.kind == "view":
            return {WHOLE: code}
        inputs = {each: self.stamps(each) for each in table.reads}
        whole = [
            digest(sorted(inputs[each].items())) for each in table.reads if each not in by_part
        ]
        if not table.partition:
            return {WHOLE: digest(code, whole)}
        partitions = {p for each in by_part for p in inputs[each]}
        if not table.loaded:
            partitions.discard(UNKNOWN)
        query = "select partition, list(other) from meta.links where table_name = ? group by 1"
        linked = dict(self.store.sql(query, table.name))
        made = {}
        for partition in partitions:
            around = [*linked.get(partition, []), *near(table, partition)]
            seen = [[inputs[i].get(p) for p in (partition, *sorted(around))] for i in by_part]
            made[partition] = digest(code, whole, seen)
        return made

    def due(self, table: Table) -> tuple[dict[str, str], set[str]]:
        """Partitions to build, with their stamps, and those that are no longer there."""
        expected, stored = self.expected(table), self._stored(table.name, "made")
        todo = {p: made for p, made in expected.items() if stored.get(p) != made}
        return todo, set(stored) - set(expected)

    def build(self, table: Table) -> Built:
        """One table; a partition that fails costs that partition, and readers see its last state."""
        started, built = time.monotonic(), Built(table.name)
        try:
            making = making_of(self.project, self.settings, self.store, table)
        except duckdb.Error as error:  # the query names what is not there
            words = str(error).split("\n\nLINE")[0]  # what follows is SQL that nobody wrote
            return Built(table.name, "held", messages=[f"{table.path}: {words}"])
        making.create()
        with self.store.reported(table.name):
            while True:
                todo, gone = self.due(table)
                try:
                    self._attempt(making, dict(sorted(todo.items())), gone, built)
                    break
                except LinkedError as found:
                    self.store.insert("meta.links", [(table.name, *pair) for pair in found.pairs])
        making.clear()
        built.seconds = time.monotonic() - started
        return built

    def _attempt(self, making: Making, todo: dict[str, str], gone: set[str], built: Built) -> None:
        if not todo and not gone:
            return
        try:
            making.prepare(todo)
            with self.store.transaction():
                counts = making.make(todo, gone)
        except MACHINE:
            raise
        except HeldError as error:
            self._hold(making, error.partitions, built)
            if making.new_columns() and set(error.partitions) & set(self.stamps(making.table.name)):
                built.messages.append(
                    f"{making.table.name} has new columns: no part of it is built"
                )
            else:
                others = {p: made for p, made in todo.items() if p not in error.partitions}
                self._attempt(making, others, gone, built)
            return
        except duckdb.Error as error:
            if len(todo) > 1 and not making.new_columns():
                # Halves, so that one bad day among thousands is found by a few attempts.
                days, half = list(todo.items()), len(todo) // 2
                self._attempt(making, dict(days[:half]), gone, built)
                self._attempt(making, dict(days[half:]), set(), built)
            else:
                self._hold(making, dict.fromkeys(todo or gone, str(error).splitlines()[0]), built)
            return
        built.state = "made" if built.state == "unchanged" else built.state
        built.partitions += len(todo) + len(gone)
        built.counts.update(counts)

    def _hold(self, making: Making, partitions: dict[str, str], built: Built) -> None:
        table, built.state = making.table, "held"
        for part, why in partitions.items():
            where = f", {table.partition} {part or 'unknown'}" if table.partition else ""
            built.messages.append(f"{table.name}{where}: {why}")
        making.keep_rejects(partitions)
