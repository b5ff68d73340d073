"""Takes in what landed: each file is copied once, by its digest, and counted by partition."""

import hashlib
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import duckdb

from .errors import PipelineError, did_you_mean
from .landing import Taken
from .query import strict
from .quote import among, name, text
from .readers import READERS, UnreadableError
from .settings import Settings
from .spec import Project, Source
from .store import Store

AT_ONCE = 1000  # files in one query
WHOLE = "*"  # the partition of what has none
REASONS = {
    "MISSING COLUMNS": "fewer values than columns",
    "TOO MANY COLUMNS": "more values than columns",
    "UNQUOTED VALUE": "a quote that is not closed",
    "INVALID ENCODING": "not UTF-8",
    "LINE SIZE OVER MAXIMUM": "longer than 2 MB",
}
UNKNOWN = ""  # the partition of rows whose partition cannot be read


@dataclass(frozen=True)
class Delivery:
    """A file to take in."""

    source: Source
    name: str  # below the landing folder; with @0002 for a later one of the same name, if kept
    path: Path
    digest: str


def takes(source: Source, file: str) -> bool:
    """Whether a file is one of the source's, in capitals or compressed as well."""
    parts = file.lower().removesuffix(".gz").split("/")
    pattern = source.files.lower().split("/")
    return len(parts) == len(pattern) and all(map(fnmatch, parts, pattern))


def owners(project: Project, settings: Settings, found: Iterable[str]) -> dict[str, Source | None]:
    """The source of each file; more files without one than are allowed are an error."""
    owner: dict[str, Source | None] = {}
    for file in found:
        takers = [source for source in project.sources.values() if takes(source, file)]
        if len(takers) > 1:
            names = " and ".join(f"sources/{source.name}.toml" for source in takers)
            raise PipelineError(f"{file} belongs to {names}: their `files` must differ")
        owner[file] = takers[0] if takers else None
    unclaimed = [file for file, source in owner.items() if source is None]
    if len(unclaimed) > settings.unclaimed:
        patterns = ", ".join(source.files for source in project.sources.values())
        raise PipelineError(
            f"no source takes {', '.join(unclaimed[:5])}{' …' if len(unclaimed) > 5 else ''} "
            f"({len(unclaimed)} of {len(owner)} files); sources take {patterns}. Correct `files` "
            "of a source, move the file, or allow a number of them: `unclaimed` in pipeline.toml"
        )
    return owner


def changed(
    project: Project, settings: Settings, store: Store, found: dict[str, str]
) -> list[Delivery]:
    """What is new, delivered again with other content, or read by another reader now."""
    owner = owners(project, settings, found)
    rows = store.sql("select source, name, digest, raw, reader from meta.files")
    known = {(row[0], row[1]): row for row in rows}
    again = {
        row[1]: Delivery(project.sources[row[0]], row[1], settings.archive / row[3], row[2])
        for row in rows
        if row[0] in project.sources and row[4] != project.sources[row[0]].reader
    }
    versions: dict[tuple[str, str], list[str]] = {}
    for source_name, file, digest, *_ in rows:
        versions.setdefault((source_name, file.split("@")[0]), []).append(digest)
    new = {}
    for file, source in owner.items():
        if source is None:
            continue
        digest, before = found[file], versions.get((source.name, file), [])
        file_name = file
        if before and source.redelivered == "add":
            if digest in before:
                continue
            file_name = f"{file}@{len(before) + 1:04}"
        row = known.get((source.name, file_name))
        if row is None or row[2] != digest or not (settings.archive / row[3]).exists():
            new[file_name] = Delivery(source, file_name, settings.landing / file, digest)
    return list({**again, **new}.values())


def ingest(
    project: Project, settings: Settings, store: Store, deliveries: Sequence[Delivery]
) -> Taken:
    """Each file whole or not at all, in one transaction."""
    taken = Taken()
    groups: dict[tuple[str, tuple[str, ...]], list[tuple[Delivery, Path, Path]]] = {}
    news: dict[tuple[str, tuple[str, ...]], str] = {}
    for source in {delivery.source.name: delivery.source for delivery in deliveries}.values():
        try:
            store.columns(empty(source))
        except (duckdb.Error, PipelineError) as error:
            raise PipelineError(f"{source.path}: `partition`: {error}") from None
    for delivery in deliveries:
        source, reader = delivery.source, READERS[delivery.source.kind]
        try:
            raw = _archived(settings, delivery)
            if not raw.stat().st_size:
                raise UnreadableError("it is empty")
            path = reader.prepare(source, raw)
            header = tuple(reader.header(source, path))
        except UnreadableError as error:
            taken.refused[delivery.name] = str(error)
            continue
        if more := _compared(source, delivery.name, header):
            news.setdefault((source.name, more), delivery.name)
        groups.setdefault((source.name, header), []).append((delivery, raw, path))
    for (source_name, columns), file in news.items():
        taken.notes.append(f"{file}: new columns in {source_name}: {', '.join(columns)}")
    with store.transaction():
        for (source_name, header), members in groups.items():
            for start in range(0, len(members), AT_ONCE):
                chunk = members[start : start + AT_ONCE]
                _take(settings, store, project.sources[source_name], header, chunk, taken)
    return taken


def _archived(settings: Settings, delivery: Delivery) -> Path:
    """A copy of our own, so that a file can be read again after it left the landing folder."""
    if delivery.path.is_relative_to(settings.archive):
        return delivery.path
    ending = Path(delivery.path.name.lower().removesuffix(".gz")).suffix
    ending += ".gz" if delivery.path.name.lower().endswith(".gz") else ""
    path = settings.archive / delivery.name / f"{delivery.digest[:20]}{ending}"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        shutil.copyfile(delivery.path, part)
        with part.open("rb") as stream:
            if hashlib.file_digest(stream, "sha256").hexdigest() != delivery.digest:
                raise UnreadableError("it changed while it was read, as one that is still written")
        part.replace(path)
    return path


def _compared(source: Source, file: str, header: Sequence[str]) -> tuple[str, ...]:
    """The columns that the source does not name; one that it names and is not there is an error."""
    named = {*source.columns, *source.optional}
    for column in header:
        again = re.fullmatch(r"(.+) #\d+", column)
        if again and again[1] in named and column not in named:
            raise PipelineError(
                f"{file} has the column `{again[1]}` twice. Name both in sources/{source.name}.toml, "
                f"the second as `{column}`, or have it renamed. Nothing was taken in"
            )
    missing = [column for column in source.columns if column not in header]
    new = tuple(column for column in header if column not in named)
    if not missing or not header:
        return new
    hint = f" {did_you_mean(missing[0], new)}" if new else ""
    for delimiter in ",;\t|":
        if len(header) == 1 and missing[0] in header[0].split(delimiter):
            hint = f" its delimiter seems to be {delimiter!r}: set `delimiter`."
    raise PipelineError(
        f"{file} has no column {', '.join(f'`{column}`' for column in missing)};{hint} If it was "
        f"renamed or dropped, change `columns` in sources/{source.name}.toml, or name it under "
        "`optional`. Nothing was taken in"
    )


def _take(
    settings: Settings,
    store: Store,
    source: Source,
    header: tuple[str, ...],
    members: Sequence[tuple[Delivery, Path, Path]],
    taken: Taken,
) -> None:
    """Counts the rows of files with one header, and notes the files."""
    try:
        rows, broken = _counted(settings, store, source, header, [member[2] for member in members])
    except (duckdb.InvalidInputException, duckdb.ConversionException) as error:
        if len(members) > 1:
            for member in members:
                _take(settings, store, source, header, [member], taken)
        else:
            taken.refused[members[0][0].name] = str(error).splitlines()[0]
        return
    counts: dict[str, dict[str, int]] = {}
    for file, partition, number in rows:
        counts.setdefault(file, {})[partition] = number
    for file, *_ in broken:
        of = counts.setdefault(file, {})
        partition = UNKNOWN if source.partition else WHOLE
        of[partition] = of.get(partition, 0) + 1
    files, parts = [], []
    for delivery, raw, path in members:
        of = counts.get(path.as_posix(), {})
        number = sum(of.values())
        torn = sum(each[0] == path.as_posix() for each in broken)
        where = [each.relative_to(settings.archive).as_posix() for each in (raw, path)]
        read_by = (source.reader, list(header))
        files.append((source.name, delivery.name, delivery.digest, *where, *read_by, number, torn))
        parts += [(source.name, delivery.name, part, rows) for part, rows in of.items()]
        taken.files, taken.rows = taken.files + 1, taken.rows + number
    names = {path.as_posix(): delivery.name for delivery, _, path in members}
    for table in ("files", "parts", "broken"):
        store.connection.execute(
            f"delete from meta.{table} where source = ? and name in {among(names.values())}",
            [source.name],
        )
    store.insert("meta.files", files)
    store.insert("meta.parts", parts)
    store.insert("meta.broken", [(source.name, names[path], *rest) for path, *rest in broken])


def _counted(
    settings: Settings, store: Store, source: Source, header: Sequence[str], paths: Sequence[Path]
) -> tuple[list[tuple[str, str, int]], list[tuple[str, int, str, str]]]:
    """Rows by file and partition, and the lines that are no rows."""
    relation = located(settings, source, paths, header)
    part = f"coalesce(_partition::varchar, {text(UNKNOWN)})" if source.partition else text(WHOLE)
    forget_rejects(store)
    rows = store.sql(f"select _path, {part}, count(*) from ({relation}) group by all")
    return rows, list(_rejects(store))


def _rejects(store: Store) -> Iterable[tuple[str, int, str, str]]:
    if not store.sql("select 1 from duckdb_tables() where table_name = 'reject_errors'"):
        return []
    rows = store.sql(
        "select file_path, line, any_value(error_type::varchar), any_value(csv_line) "
        "from reject_errors join reject_scans using (scan_id, file_id) group by all order by all"
    )
    return [
        (path, line, REASONS.get(kind, kind.lower()), given) for path, line, kind, given in rows
    ]


def forget_rejects(store: Store) -> None:
    """DuckDB adds to these tables with each read."""
    store.connection.execute(
        "drop table if exists reject_errors; drop table if exists reject_scans"
    )


def located(
    settings: Settings,
    source: Source,
    paths: Sequence[Path],
    header: Sequence[str],
    more: Mapping[str, str] | None = None,
) -> str:
    """The rows of files with one header: with their file, their partition, and `more` columns."""
    reader = READERS[source.kind]
    prefix = len(settings.archive.as_posix()) + 2
    file = f"regexp_replace(substr(_path, {prefix}), '/[^/]*$', '')"
    rows = f"select *, {file} as _file from ({reader.relation(source, paths, header)})"
    # Beside one another, so that DuckDB computes what they have in common once.
    added = {"_partition": strict(source.partition or "null", source), **(more or {})}
    if reader.judges:
        added["_partition"] = f"case when _broken is null then {added['_partition']} end"
    return f"select *, {', '.join(f'{sql} as {each}' for each, sql in added.items())} from ({rows})"


@dataclass(frozen=True)
class Relation:
    """Rows of files that have one header."""

    sql: str
    files: dict[str, int]  # the path of each, with its number of rows, in the order of reading


def bronze(
    settings: Settings,
    store: Store,
    source: Source,
    partitions: Iterable[str] | None = None,
    files: Iterable[str] | None = None,
    more: Mapping[str, str] | None = None,
) -> list[Relation]:
    """What holds the rows of these partitions or files, by header; of all without them."""
    part = "" if partitions is None else f"and p.partition in {among(partitions)}"
    only = "" if files is None else f"and f.path in {among(files)}"
    # The same content under several names is one file.
    rows = store.connection.execute(
        "with one as (select source, min(name) as name from meta.files where source = ? "
        "group by source, digest) select header, list(path order by name), "
        "list(rows - broken order by name) from meta.files f join one using (source, name) "
        f"where f.rows > 0 {only} and exists (from meta.parts p where p.source = f.source "
        f"and p.name = f.name {part}) group by header order by min(name)",
        [source.name],
    ).fetchall()
    found = []
    for header, names, counts in rows:
        paths = [settings.archive / each for each in names]
        sql = located(settings, source, paths, header, more)
        found.append(Relation(sql, {p.as_posix(): n for p, n in zip(paths, counts, strict=True)}))
    return found or [Relation(empty(source, more), {})]


def empty(source: Source, more: Mapping[str, str] | None = None) -> str:
    """No rows, with the columns of a source, and the type of its partition."""
    own = (*source.columns, *source.optional, "_path", "_broken", "_record", "_file")
    gaps = [f"null::varchar as {name(each)}" for each in own]
    gaps += [f"null::{kind} as {each}" for each, kind in READERS[source.kind].extra.items()]
    rows = f"select {', '.join(gaps)} where false"
    added = {"_partition": strict(source.partition or "null", source), **(more or {})}
    return f"select *, {', '.join(f'{sql} as {each}' for each, sql in added.items())} from ({rows})"
