"""Erases a person: the rows of one in files that landed, in our copies, and in all that was built.

`person` in a source names the column that says whose a row is. What cannot be erased is told.
"""

import argparse
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb

from . import pipeline, settings, spec
from .erase_files import plain, without
from .errors import HELD, PipelineError, counted
from .explore import tables
from .ingest import bronze, digest_of
from .settings import Settings
from .spec import Source
from .store import Store, among, name, text

Say = Callable[[str], object]


def erased(store: Store) -> set[str]:
    """The digests of files as they were with the rows of somebody who was erased."""
    store.sql("create table if not exists meta.erased (digest varchar)")
    return {row[0] for row in store.sql("select digest from meta.erased")}


def erase(settings: Settings, person: str, say: Say) -> int:
    """Rewrites files, builds what they had become, and looks for what is left."""
    project, person = spec.load(settings.root), plain(person)
    sources = [source for source in project.sources.values() if source.person]
    if not sources:
        raise PipelineError("no source says which column names a `person`")
    pipeline.run(settings, say)  # so that all that landed is known
    with Store.open(settings) as store:
        erased(store)
        files = rows = 0
        for source in sources:
            for digest in _holding(settings, store, source, person):
                number = _rewrite(settings, store, source, digest, person)
                files, rows = files + 1, rows + number
        # Messages hold rows that broke a rule.
        store.sql("update meta.runs set message = '' where contains(message, ?)", person)
        pipeline.forget(store)
    erased_rows = f"{counted(rows, 'row')} of {counted(files, 'file')}"
    say(f"{erased_rows} {'is' if rows == 1 else 'are'} erased")
    outcome = pipeline.run(settings, say)
    with Store.open(settings) as store:
        _sweep(settings, store)
    _write_anew(settings)
    left = _left(settings, person)
    for each in left:
        say(f"not erased: {each}")
    return HELD if left else outcome.exit_code


def _holding(settings: Settings, store: Store, source: Source, person: str) -> list[str]:
    """The digests of files with rows of the person."""
    if source.person not in (*source.columns, *source.optional):
        raise PipelineError(f"{source.path}: `person` is `{source.person}`, which is no column")
    relations = bronze(settings, store, source)
    query = " union ".join(
        f"select _path from ({each.sql}) where {name(source.person)} = {text(person)}"
        for each in relations
    )
    found = [Path(row[0]).relative_to(settings.archive).as_posix() for row in store.sql(query)]
    of = f"select distinct digest from meta.files where source = ? and path in {among(found)}"
    return [row[0] for row in store.sql(of, source.name)]


def _rewrite(settings: Settings, store: Store, source: Source, digest: str, person: str) -> int:
    """Puts files without the rows in place of all copies of one content."""
    number = 0
    query = "select name, raw from meta.files where source = ? and digest = ?"
    for file, raw in store.sql(query, source.name, digest):
        old = settings.archive / raw
        part = old.with_name(f".{old.name}")
        number = without(source, old, person, part)
        where = "where source = ? and name = ?"
        with store.transaction():
            store.sql("insert into meta.erased values (?)", digest)
            if part.stat().st_size:
                new = digest_of(part)
                copy = part.replace(old.with_name(old.name.replace(digest[:20], new[:20])))
                place = copy.relative_to(settings.archive).as_posix()
                # Without the reader that read it, it is read again.
                change = "update meta.files set digest = ?, raw = ?, path = ?, reader = ''"
                store.sql(f"{change} {where}", new, place, place, source.name, file)
            else:  # all rows were of the person
                for meta in ("files", "parts", "broken"):
                    store.sql(f"delete from meta.{meta} {where}", source.name, file)
        landed = settings.landing / file.split("@")[0]
        if landed.is_file() and digest_of(landed) == digest:
            if part.exists():
                landed.unlink()
            else:
                hidden = landed.with_name(f".{landed.name}")
                shutil.copyfile(copy, hidden)
                hidden.replace(landed)
    return number


def _sweep(settings: Settings, store: Store) -> None:
    """Deletes copies that nothing reads: of files as they were, and of earlier deliveries."""
    query = "select raw from meta.files union select path from meta.files"
    kept = {settings.archive / row[0] for row in store.sql(query)}
    for path in settings.archive.rglob("*"):
        if path.is_file() and path not in kept:
            path.unlink()


def _write_anew(settings: Settings) -> None:
    """A copy of the warehouse in its place: what was deleted stays in the free space of the old."""
    copy = settings.database.with_suffix(".copy")
    copy.unlink(missing_ok=True)
    with duckdb.connect() as connection:
        connection.execute(f"attach {text(settings.database.as_posix())} as old")
        connection.execute(f"attach {text(copy.as_posix())} as new")
        connection.execute("copy from database old to new")
    # Closed, so that all of it is in its file.
    copy.replace(settings.database)


def _left(settings: Settings, person: str) -> list[str]:
    """Columns of sources and tables that still hold the value, and lines that are no rows."""
    found = []
    with tables(settings) as store:
        every = "select schema_name, table_name, column_name from duckdb_columns() where "
        every += "database_name = 'memory' and data_type = 'VARCHAR' order by all"
        for schema, table, column in store.sql(every):
            if schema == "meta" or column.startswith("_"):
                continue
            where = f"from {schema}.{name(table)} where {name(column)} = ?"
            if number := store.sql(f"select count(*) {where}", person)[0][0]:
                why = "" if schema != "bronze" else f": no `person` in sources/{table}.toml"
                found.append(f"{number} rows of {schema}.{table} with it as {column}{why}")
        word = f"(^|\\W){_escaped(person)}(\\W|$)"
        for file, row in store.sql(
            "select name, row from meta.broken where regexp_matches(record, $1) union all "
            "select file, row from meta.rejected where regexp_matches(record, $1)",
            word,
        ):
            found.append(f"row {row} of {file}, which was rejected")
    return sorted(set(found))


def _escaped(value: str) -> str:
    """A text as a regular expression that matches it."""
    return "".join(each if each.isalnum() else f"\\x{{{ord(each):x}}}" for each in value)


def add_erase(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser("erase", help="erase a person from files and tables")
    command.add_argument("person", help="as the column `person` of sources has it")

    def run(given: argparse.Namespace) -> int:
        return erase(settings.load(), given.person, lambda line: print(line, file=sys.stderr))

    command.set_defaults(command=run)
