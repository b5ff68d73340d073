"""The steps of a run: take in what landed, then build what it changes."""

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import duckdb

from . import spec
from .errors import HELD, PipelineError, did_you_mean
from .landing import Taken, landed
from .outcome import ENGINE, Built
from .quote import among
from .settings import Settings
from .store import Store

# What parses SQL takes half a second to import. It is imported where there is something to build,
# so that a run with nothing new ends at once.

Say = Callable[[str], object]


@dataclass
class Outcome:
    """What a run did."""

    taken: Taken = field(default_factory=Taken)
    tables: list[Built] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        held = self.taken.refused or any(t.state in ("held", "waiting") for t in self.tables)
        return HELD if held else 0

    @property
    def nothing_new(self) -> bool:
        return not self.taken.files and all(t.state == "unchanged" for t in self.tables)


def run(settings: Settings, say: Say = print, files: Collection[str] | None = None) -> Outcome:
    """Takes in new files (of `files`, if they are named) and builds the tables that they change."""
    found = landed(settings)
    state = _state(settings, found)
    with Store.open(settings) as store:
        last = dict(store.sql("select key, value from meta.state"))
        if files is None and last.get("done") == state:
            if last["unclaimed"]:
                say(last["unclaimed"])
            return Outcome()
        from .ingest import changed, ingest, owners

        outcome = Outcome()
        project = spec.load(settings.root)
        left = [file for file, source in owners(project, settings, found).items() if not source]
        unclaimed = f"no source takes {', '.join(left)}" if left else ""
        if unclaimed:
            say(unclaimed)
        deliveries = changed(project, settings, store, found)
        if files is not None:
            deliveries = [each for each in deliveries if each.name in files]
        if deliveries:
            say(f"takes in {len(deliveries)} files")
            outcome.taken = ingest(project, settings, store, deliveries)
            for note in outcome.taken.notes:
                say(note)
            for file, reason in outcome.taken.refused.items():
                say(
                    f"{file} cannot be read: {reason}. Deliver it again; nothing of it was taken in"
                )
        _build(project, settings, store, outcome, say)
        if files is None and not outcome.exit_code:
            values = "('done', ?), ('unclaimed', ?)"
            store.sql(f"insert or replace into meta.state values {values}", state, unclaimed)
        return outcome


def backfill(
    settings: Settings,
    say: Say = print,
    tables: Collection[str] = (),
    start: str | None = None,
    end: str | None = None,
) -> Outcome:
    """Builds partitions again, whatever their stamps say; all of them without a span."""
    with Store.open(settings) as store:
        project = spec.load(settings.root)
        for each in tables:
            if each not in project.tables:
                raise PipelineError(
                    f"there is no table {each}; {did_you_mean(each, project.tables)}"
                )
        some = list(tables or project.tables)
        store.connection.execute(
            f"update meta.stamps set made = '' where table_name in {among(some)} and "
            "(partition = '*' or ($start is null or partition >= $start) and "
            "($end is null or partition <= $end))",
            {"start": start, "end": end},
        )
        outcome = Outcome()
        _build(project, settings, store, outcome, say)
        return outcome


def columns(project: spec.Project, settings: Settings) -> dict[str, dict[str, str]]:
    """The columns and types of all tables, which their queries have before there is data."""
    from .making import making_of

    found = {}
    with Store.open(None) as store:
        for table in project.tables.values():
            making = making_of(project, settings, store, table)
            making.create()
            found[table.name] = making.columns
    return found


def _state(settings: Settings, found: dict[str, str]) -> str:
    """A digest of all that a run depends on: if it is that of the last run, nothing is new."""
    files = [(str(path), path.read_bytes()) for path in spec.files(settings.root)]
    parts = (ENGINE, duckdb.__version__, files, sorted(found.items()), str(settings))
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _build(
    project: spec.Project, settings: Settings, store: Store, outcome: Outcome, say: Say
) -> None:
    """Each table after those that it reads; those that wait for a table that is held stay as they are."""
    from .build import Builder

    builder, stopped = Builder(project, settings, store), set[str]()
    run_id = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")
    for table in project.tables.values():
        if waits := [each for each in table.reads if each in stopped]:
            built = Built(table.name, "waiting", messages=[f"{table.name} waits for {waits[0]}"])
        else:
            built = builder.build(table)
        outcome.tables.append(built)
        # Of a table with partitions, those that are held are read as they were.
        if built.state in ("held", "waiting") and not (
            table.partition and builder.stamps(table.name)
        ):
            stopped.add(table.name)
        for message in built.messages:
            say(message)
        _note(store, run_id, built)
    for (gone,) in store.sql("select distinct table_name from meta.stamps order by 1"):
        if gone not in project.tables:
            _drop(store, gone)
            say(f"{gone} is dropped: it has no file any more")


def _drop(store: Store, table: str) -> None:
    with store.transaction():
        store.sql(f"drop table if exists {table}")
        for meta in ("stamps", "rejected", "counts", "links"):
            store.sql(f"delete from meta.{meta} where table_name = ?", table)


def _note(store: Store, run_id: str, built: Built) -> None:
    if built.state == "unchanged":
        return
    counts: tuple[Any, ...] = (
        built.read,
        built.accepted,
        built.rejected,
        built.older,
        built.filtered,
    )
    row = (run_id, built.table, built.state, built.partitions, *counts)
    store.insert("meta.runs", [(*row, built.seconds, "\n".join(built.messages))])
