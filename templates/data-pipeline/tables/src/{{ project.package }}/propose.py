"""Proposes a source or a table from a look at real data, with the evidence in comments."""

import csv
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from . import spec
from .errors import PipelineError, did_you_mean
from .landing import landed
from .query import formed
from .quote import name, text
from .readers import READERS, UnreadableError, opened
from .settings import Settings
from .spec import Source
from .store import Store

LOOK = 20_000  # rows that are looked at
MOSTLY = 0.9  # the share of values that must be of a type, for it to be proposed
GAPS = ("NA", "N/A", "NULL", "null", "None", "-", "\\N", "#N/A", "nan", "NaN", "k.A.")
# A comma that is no English sign of thousands.
COMMA = "[.][0-9]{3},[0-9]+$|^[^.,]*,([0-9]{1,2}|[0-9]{4,})$"
NUMBERS = {"integer": 9, "bigint": 18, "decimal(38, 0)": 38}  # and the digits that each holds
FORMS = ("%d.%m.%Y", "%d.%m.%y", *(f"%d.%m.%{y} %H:%M{s}" for y in "Yy" for s in ("", ":%S")))


class Kind(NamedTuple):
    """What a text, `@`, may be: its type, what is not null where it is one, and its value."""

    type: str
    test: str
    value: str = "@"


class Found(NamedTuple):
    """The type of a column, the evidence, the texts that stand for a gap, and its value as SQL."""

    type: str
    note: str
    gaps: list[str]
    value: str


def kinds(decimal: str) -> list[Kind]:
    """The strictest first; a number of the other notation is brought to that of the source."""
    notations = {".": "as_digits(@, 12)", ",": "as_digits(with_point(@), 12)"}
    other = "replace(@, '.', ',')" if decimal == "," else "replace(@, ',', '.')"
    forms = [
        Kind(
            "timestamptz" if "%H" in form else "date",
            formed("@", form),
            f"strptime(@, '{form}')",
        )
        for form in FORMS
    ]
    return [
        Kind("number", notations[decimal]),
        Kind("date", "try_cast(as_date(@) as date)"),
        *forms,
        Kind("timestamptz", "as_moment(@, 'UTC')"),
        Kind("number", notations[decimal].replace("@", other), other),
        Kind("double", "as_float(@)"),
        Kind("boolean", "case when lower(@) in ('true', 'false') then true end"),
    ]


def new_source(settings: Settings, file: Path, given_name: str | None) -> str:
    """Writes `sources/NAME.toml` for files like this one; returns its path."""
    path = file if file.exists() else settings.landing / file
    if not path.is_file():
        raise PipelineError(f"there is no file {file}")
    plain = path.name.lower().removesuffix(".gz")
    kind = spec.KINDS.get(Path(plain).suffix, "csv")
    inside = path.resolve().is_relative_to(settings.landing)
    relative = (
        path.resolve().relative_to(settings.landing)
        if inside
        else Path(path.parent.name, path.name)
    )
    source_name = given_name or re.sub(
        r"\W+", "_", (relative.parent.name or Path(plain).stem).lower()
    )
    target = settings.root / "sources" / f"{source_name}.toml"
    if target.exists():
        raise PipelineError(f"{target} exists: choose another `--name`")
    encoding = "utf-8" if kind == "parquet" else _encoding(path)
    delimiter, why = _delimiter(path, encoding) if kind == "csv" else (",", "")
    pattern = (relative.parent / f"*{Path(plain).suffix}").as_posix()
    look = Source(
        source_name, target, pattern, (), kind=kind, delimiter=delimiter, encoding=encoding
    )
    columns = _header(look, path)
    look = replace(look, columns=columns)
    decimal, seen = _decimal(look, path)
    found = _types(replace(look, decimal=decimal), [path])
    lines = [
        f'description = "Files of {source_name}"',
        f"files = {json.dumps(pattern)}"
        + ("" if inside else f"          # below {settings.landing.name}/: put the files there"),
        f"columns = {json.dumps(list(columns), ensure_ascii=False)}",
    ]
    if kind == "csv":
        lines.append(f"delimiter = {json.dumps(delimiter)}          # {why}")
    if encoding != "utf-8":
        lines.append(
            f'encoding = "{encoding}"          # some bytes are no UTF-8; look at a name with accents'
        )
    if decimal == ",":
        lines.append(f'decimal = ","          # {seen}; dots stand between thousands')
    if gaps := sorted({gap for each in found.values() for gap in each.gaps}):
        lines.append(f"nulls = {json.dumps(gaps)}          # seen between numbers or dates")
    if bare := [column for column, each in found.items() if "no offset" in each.note]:
        lines.append(
            f'zone = "UTC"          # {bare[0]} has times without an offset: whose clocks are they?'
        )
    days = [
        each.value.replace("@", name_of(column))
        + ("::date" if each.type == "date" else "::timestamptz::date")
        for column, each in found.items()
        if each.type in ("date", "timestamptz") and "not" not in each.note
    ]
    if days:
        lines += [
            "# Days are built one by one. Without this line the whole table is, each time.",
            f"partition = {json.dumps(days[0], ensure_ascii=False)}",
        ]
    target.parent.mkdir(exist_ok=True)
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(target)


def new_table(settings: Settings, table: str, reads: str | None) -> str:
    """Writes `tables/LAYER/NAME.sql` from a look at what it reads; returns its path."""
    layer, _, plain = table.rpartition(".")
    reads = reads or f"bronze.{plain}"
    project = spec.load(settings.root)
    target = settings.root / "tables" / (layer or "silver") / f"{plain}.sql"
    if target.exists():
        raise PipelineError(f"{target} exists")
    known = [*(f"bronze.{each}" for each in project.sources), *project.tables]
    if reads not in known:
        raise PipelineError(f"there is no `{reads}`; {did_you_mean(reads, known)}")
    if reads.startswith("bronze."):
        body = _loaded(settings, project.sources[reads.removeprefix("bronze.")])
    else:
        body = _derived(project.tables[reads], reads)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(body, encoding="utf-8")
    return str(target)


def _derived(of: spec.Table, reads: str) -> str:
    columns = [of.partition] if of.partition else list(of.key[:1])
    header = [f'description = "Rows of {reads}"', f"key = {json.dumps(columns)}"]
    header += [f'partition = "{of.partition}"'] if of.partition else []
    body = ",\n    ".join([*columns, "count(*) as number"])
    return (
        "/*---\n" + "\n".join(header) + f"\n---*/\nselect\n    {body}\nfrom {reads}\ngroup by all\n"
    )


def _loaded(settings: Settings, source: Source) -> str:
    from .ingest import takes

    paths = [settings.landing / file for file in landed(settings) if takes(source, file)]
    if not paths:
        raise PipelineError(
            f"no file of sources/{source.name}.toml has landed: there is nothing to look at"
        )
    found = _types(source, paths[:5])
    key, latest, why = _key(source, paths[:5], {c: each.type for c, each in found.items()})
    plain = {column: re.sub(r"\W+", "_", column.lower()).strip("_") for column in source.columns}
    if len(set(plain.values())) < len(plain) or not all(plain.values()):
        plain = {column: column for column in source.columns}
    lines = [f'description = "Rows of {source.name}"']
    lines.append(f"key = {json.dumps([plain[each] for each in key])}          # {why}")
    if latest:
        lines.append(f'latest = ["{plain[latest]}"]          # the newest version of a key stays')
    body = []
    for column, each in found.items():
        given, out = each.value.replace("@", name_of(column)), name_of(plain[column])
        cast = given if each.type == "varchar" else f"{given}::{each.type}"
        body.append((cast if cast == out else f"{cast} as {out}", each.note))
    if source.partition:
        day = "day" if "day" not in plain.values() else "of_day"
        body.insert(0, (f"_partition as {day}", source.partition))
        lines.append(f'partition = "{day}"')
    last = len(body) - 1
    select = "\n".join(
        f"    {sql}{',' if n < last else ''}  -- {note}" for n, (sql, note) in enumerate(body)
    )
    header = "\n".join([*lines, "", "[rules]", '# "amount must be above 0" = "amount > 0"'])
    return f"/*---\n{header}\n---*/\nselect\n{select}\nfrom bronze.{source.name}\n"


def name_of(column: str) -> str:
    """A column as it is written in a query: quoted where it must be."""
    with Store.open(None) as store:
        words = {
            row[0]
            for row in store.sql(
                "select keyword_name from duckdb_keywords() where keyword_category <> 'unreserved'"
            )
        }
    return (
        column
        if re.fullmatch(r"[a-z_][a-z0-9_]*", column) and column not in words
        else name(column)
    )


def _encoding(path: Path) -> str:
    try:
        with opened(path, "utf-8") as stream:
            while stream.read(1 << 20):
                pass
    except UnreadableError as error:
        if "not utf-8" not in str(error):
            raise PipelineError(f"{path}: {error}") from None
        start = path.read_bytes()[:2]
        return "utf-16" if start in (b"\xff\xfe", b"\xfe\xff") else "cp1252"
    return "utf-8"


def _delimiter(path: Path, encoding: str) -> tuple[str, str]:
    """The one that gives each of the first rows the same number of values, more than one."""
    with opened(path, encoding) as stream:
        lines = list(islice(stream, 200))
    best, most, rows = ",", 1, 0
    for delimiter in ",;\t|":
        counts = {len(row) for row in csv.reader(lines, delimiter=delimiter) if row}
        if len(counts) == 1 and max(counts) > most:
            best, most, rows = delimiter, max(counts), len(lines)
    return best, f"gives {most} values in each of the first {rows} lines" if rows else "a guess"


def _header(source: Source, path: Path) -> tuple[str, ...]:
    reader = READERS[source.kind]
    if source.encoding == "utf-8":
        return tuple(reader.header(source, path))
    with opened(path, source.encoding) as stream:
        return tuple(next(csv.reader(stream, delimiter=source.delimiter), []))


def _rows(store: Store, source: Source, paths: Sequence[Path]) -> None:
    reader = READERS[source.kind]
    with TemporaryDirectory() as folder:
        if source.encoding != "utf-8":
            copy = Path(folder, "look.csv")
            with opened(paths[0], source.encoding) as stream:
                copy.write_text("".join(islice(stream, LOOK)), encoding="utf-8", newline="")
            paths = [copy]
        header = reader.header(source, paths[0])
        same = [path for path in paths if reader.header(source, path) == header]
        rows = f"({reader.relation(source, same, header)}) where _broken is null limit {LOOK}"
        store.sql(f"create or replace temp table look as select * from {rows}")


def _decimal(source: Source, path: Path) -> tuple[str, str]:
    """What stands before the fraction in most columns of numbers, and where that is seen."""
    comma, points = list[str](), 0
    with Store.open(None) as store:
        _rows(store, source, [path])
        for column in map(name, source.columns):
            rows = f"from look where {column} is not null and not list_contains({list(GAPS)}, {column})"
            total, fits, with_comma, example, with_point = store.sql(
                f"select count(*), count(with_point({column})), "
                f"count(*) filter (regexp_matches({column}, '{COMMA}')), "
                f"any_value({column}) filter (regexp_matches({column}, '{COMMA}')), "
                f"count(*) filter (with_point({column}) is null and as_digits({column}, 12) is not null) "
                f"{rows}"
            )[0]
            if with_comma and fits >= total * MOSTLY:
                comma.append(f"{column} has {example!r}")
            points += with_point > total / 2
    return (",", comma[0]) if len(comma) > points else (".", "")


def _types(source: Source, paths: Sequence[Path]) -> dict[str, Found]:
    """What each column holds."""
    with Store.open(None) as store:
        _rows(store, source, paths)
        return {column: _type(store, name(column), source.decimal) for column in source.columns}


def _type(store: Store, column: str, decimal: str) -> Found:
    gaps = [
        row[0]
        for row in store.sql(
            f"select distinct {column} from look where {column} in ({', '.join(map(text, GAPS))})"
        )
    ]
    some = f"{column} is not null and not list_contains({gaps or ['']}, {column})"
    number = store.sql(f"select count(*) from look where {some}")[0][0]
    if not number:
        return Found("varchar", "no values in what was looked at", [], "@")
    for kind in kinds(decimal):
        test = kind.test.replace("@", column)
        fits = store.sql(f"select count({test}) from look where {some}")[0][0]
        if fits < number * MOSTLY or not fits:
            continue
        type_, note = kind.type, f"{fits:,} of {number:,}"
        if kind.type == "number":
            type_, zeros = _number(store, test, some)
            if zeros:
                return Found("varchar", f"{note} are numbers, some with leading zeros", [], "@")
        if kind.type == "timestamptz":
            bare = f"not regexp_matches({column}, '(Z|[+-][0-9]{{2}}(:?[0-9]{{2}})?)$')"
            if without := store.sql(f"select count(*) from look where {some} and {bare}")[0][0]:
                note += f", {without:,} with no offset"
        if "%y" in kind.value:
            note += ", years of two digits: 69 is 1969, 68 is 2068"
        if fits < number:
            odd = store.sql(f"select {column} from look where {some} and {test} is null limit 1")
            note += f"; not {odd[0][0]!r}"
        note += f"; gaps: {', '.join(gaps)}" if gaps else ""
        return Found(type_, note, gaps, kind.value)
    shown = store.sql(f"select {column} from look where {some} limit 1")[0][0]
    return Found("varchar", f"such as {shown!r}"[:60], [], "@")


def _number(store: Store, digits: str, some: str) -> tuple[str, bool]:
    """The type that holds all of them, and whether one has leading zeros."""
    most, scale, zeros = store.sql(
        "select max(length(regexp_replace(split_part(n, '.', 1), '[+-]', ''))), "
        "max(length(split_part(n, '.', 2))), "
        "coalesce(bool_or(regexp_matches(n, '^[+-]?0[0-9]')), false) "
        f"from (select {digits} as n from look where {some}) where n is not null"
    )[0]
    if scale:
        return f"decimal({max(18, most + scale + 2)}, {scale})", bool(zeros)
    return next((type_ for type_, of in NUMBERS.items() if most <= of), "varchar"), bool(zeros)


def _key(
    source: Source, paths: Sequence[Path], types: dict[str, str]
) -> tuple[list[str], str, str]:
    """The fewest columns that tell rows apart, perhaps with the time of a version."""
    times = [column for column in source.columns if types[column] == "timestamptz"]
    keys = [c for c in source.columns if types[c] in ("varchar", "integer", "bigint", "date")]
    keys.sort(key=lambda column: not re.search(r"(^|_)(id|key|no|number|code)$", column.lower()))
    with Store.open(None) as store:
        _rows(store, source, paths)
        every = ", ".join(map(name, source.columns))
        total = store.sql(f"select count(*) from (select distinct {every} from look)")[0][0]
        for size in (1, 2, 3, 4):
            for latest in ("", *times):
                for columns in islice(combinations(keys, size), 200):
                    some = ", ".join(map(name, [*columns, *filter(None, [latest])]))
                    distinct = f"select distinct {some} from look where ({some}) is not null"
                    if store.sql(f"select count(*) from ({distinct})")[0][0] == total:
                        shown = f" with {latest}" if latest else ""
                        return list(columns), latest, f"tells all {total:,} rows apart{shown}"
    return [], "", "no few columns tell all rows apart: each row stays"
