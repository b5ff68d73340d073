"""Proposes a source or a table from a look at real data, with the evidence in comments."""

import csv
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from glob import escape
from itertools import combinations, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from . import spec
from .errors import PipelineError, did_you_mean
from .ingest import landed, takes
from .query import formed
from .readers import READERS, UnreadableError, opened
from .settings import Settings
from .spec import Source
from .store import Store, name, text

LOOK = 100_000  # rows that are looked at
FIRST = 1_000  # those by which types are sought, before all rows are tried
MOSTLY = 0.9  # the share of values that must be of a type, for it to be proposed
GAPS = ("NA", "N/A", "NULL", "null", "None", "-", "\\N", "#N/A", "nan", "NaN", "k.A.")
# A comma that is no English sign of thousands.
COMMA = "[.][0-9]{3},[0-9]+$|^[^.,]*,([0-9]{1,2}|[0-9]{4,})$"
NUMBERS = {"integer": 9, "bigint": 18, "decimal(38, 0)": 38}  # and the digits that each holds
DAYS = (
    *("%d.%m.%Y", "%d.%m.%y", "%Y/%m/%d", "%m/%d/%Y", "%d/%m/%Y", "%m/%d/%y", "%d/%m/%y"),
    *("%d-%m-%Y", "%d-%b-%Y", "%b %d %Y", "%b %d, %Y", "%d %b %Y"),
)
WHOLE = {
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT"), "integer"),
    **dict.fromkeys(("BIGINT", "UINTEGER"), "bigint"),
    **dict.fromkeys(("UBIGINT", "HUGEINT"), "decimal(38, 0)"),
}
NO_TEXT = {
    **{b"PK\x03\x04": "a ZIP or Excel file", b"\xd0\xcf\x11\xe0": "an old Excel file"},
    **{b"Obj\x01": "avro", b"PAR1": "parquet", b"SQLi": "a SQLite file", b"%PDF": "a PDF file"},
}
CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
SWAPPED = str.maketrans("dm", "md")
NO_NAME = re.compile(r"(?!(18|19|20|21)\d\d$)[+-]?\d+([.,]\d+)?|\d{1,4}[-./]\d{1,2}[-./]\d{1,4}.*")


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
    whole: bool = False  # each row has one


def kinds(decimal: str) -> list[Kind]:
    """The strictest first; a number of the other notation is brought to that of the source."""
    notations = {".": "as_digits(@, 12)", ",": "as_digits(with_point(@), 12)"}
    other = "replace(@, '.', ',')" if decimal == "," else "replace(@, ',', '.')"
    forms = [
        Kind(
            "timestamptz" if clock else "date",
            formed("@", day + clock),
            f"strptime(@, '{day + clock}')",
        )
        for day in DAYS
        for clock in CLOCKS
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


def new_source(
    settings: Settings, file: Path, given_name: str | None, more: Sequence[str] = ()
) -> str:
    """Writes `sources/NAME.toml` for files like this one, with `more` lines; returns its path."""
    path = file if file.exists() else settings.landing / file
    if not path.is_file():
        raise PipelineError(f"there is no file {file}")
    inside = path.resolve().is_relative_to(settings.landing.resolve())
    relative = (
        path.resolve().relative_to(settings.landing.resolve())
        if inside
        else Path(path.parent.name, path.name)
    )
    plain = Path(path.name.lower().removesuffix(".gz"))
    # Of a file beside those of other sources: what its name begins with, without the day.
    start = "" if relative.parent.name else re.split(r"[\W_]*\d", plain.stem)[0]
    source_name = given_name or as_name(relative.parent.name or start or plain.stem)
    target = _target(settings.root / "sources" / f"{source_name}.toml")
    pattern = (Path(escape(str(relative.parent))) / f"{start}*{plain.suffix}").as_posix()
    look, notes = _look(source_name, target, pattern, path)
    decimal, seen = _decimal(look, path)
    found = _types(replace(look, decimal=decimal), [path])
    unused = [c for c, each in found.items() if c.startswith("#") and "no values" in each.note]
    columns = [column for column in look.columns if column not in unused]
    where = f"          # below {settings.landing.name}/: put the files there"
    lines = [
        f'description = "Files of {source_name}"',
        *more,
        f"files = {_toml(pattern)}{'' if inside or more else where}",
        f"columns = {_toml(columns)}",
        *notes,
    ]
    if decimal == ",":
        lines.append(f'decimal = ","          # {seen}; dots stand between thousands')
    if gaps := sorted({gap for each in found.values() for gap in each.gaps}):
        lines.append(f"nulls = {json.dumps(gaps)}          # seen between numbers or dates")
        lines += _also_values(look, path, found, gaps)
    if bare := [column for column, each in found.items() if "no offset" in each.note]:
        lines.append(
            f'zone = "UTC"          # {bare[0]} has times without an offset: whose clocks are they?'
        )
    if day := _partition(look, path, found):
        lines += [
            "# Days are built one by one. Without this line the whole table is, each time.",
            f"partition = {_toml(day)}",
        ]
    target.parent.mkdir(exist_ok=True)
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(target)


def as_name(given: str) -> str:
    """A name of a source, from what a file or a folder is called."""
    plain = unicodedata.normalize("NFKD", given.lower().replace("ß", "ss"))
    words = re.sub(r"[^a-z0-9]+", "_", plain.encode("ascii", "ignore").decode()).strip("_")
    return words if words[:1].isalpha() else f"source_{words}".strip("_")


def _target(path: Path) -> Path:
    """A file to write, which the next command must be able to read."""
    for part in (path.stem, path.parent.name):
        if not spec.NAME.fullmatch(part):
            raise PipelineError(
                f"`{part}` is no name: it has small letters, digits and _, such as `orders`"
            )
    if path.exists():
        raise PipelineError(f"{path} exists: choose another name")
    return path


def _toml(value: str | list[str]) -> str:
    return json.dumps(value, ensure_ascii=False)


def _look(source_name: str, target: Path, pattern: str, path: Path) -> tuple[Source, list[str]]:
    """The source as it is read, without types, and the lines that say how."""
    kind = spec.KINDS.get(Path(pattern).suffix, "csv")
    if not path.stat().st_size:
        raise PipelineError(f"{path} is empty: there is nothing to look at")
    with path.open("rb") as stream:
        is_what = NO_TEXT.get(stream.read(4))
    if is_what and is_what != kind:
        raise PipelineError(f"{path} is {is_what}: save what is in it as CSV, JSON or Parquet")
    look, lines = Source(source_name, target, pattern, (), kind=kind), list[str]()
    encoding = "utf-8" if kind == "parquet" else _encoding(path)
    look = replace(look, encoding=encoding)
    if kind == "csv":
        delimiter, skip, why = _delimiter(path, encoding)
        look = replace(look, delimiter=delimiter, skip=skip)
        lines.append(f"delimiter = {json.dumps(delimiter)}          # {why}")
        if skip:
            lines.append(f"skip = {skip}          # lines before the one with the names of columns")
    if encoding != "utf-8":
        lines.append(
            f'encoding = "{encoding}"          # some bytes are no UTF-8; look at a name with accents'
        )
    try:
        with TemporaryDirectory() as folder:
            columns = READERS[kind].header(look, _prepared(look, path, Path(folder)))
    except UnreadableError as error:
        raise PipelineError(f"{path}: {error}") from None
    if not columns:
        raise PipelineError(f"{path} has no rows: there is nothing to look at")
    cells = [each for each in columns if NO_NAME.fullmatch(each)]
    if kind == "csv" and cells:
        lines.append(f"header = false          # {cells[0]!r} in the first line is no name")
        columns = [f"column_{place}" for place, _ in enumerate(columns, 1)]
        look = replace(look, header=False)
    once = {column.lower(): column for column in reversed(columns)}
    columns = [column for column in columns if once[column.lower()] == column]
    return replace(look, columns=tuple(columns)), lines


def _also_values(source: Source, path: Path, found: dict[str, Found], gaps: list[str]) -> list[str]:
    """What a gap means in a column of texts, where it may be a value: NA is Namibia."""
    texts = [column for column, each in found.items() if each.type == "varchar"]
    with Store.open(None) as store:
        _rows(store, source, [path])
        for column in texts:
            some = f"select {name(column)} from look where list_contains({gaps}, {name(column)})"
            if rows := store.sql(f"{some} limit 1"):
                return [f"# Careful: {rows[0][0]} in {column} becomes null as well."]
    return []


def _partition(source: Source, path: Path, found: dict[str, Found]) -> str:
    """The first day that each row has, and that several share."""
    with Store.open(None) as store:
        _rows(store, source, [path])
        for column, each in found.items():
            if each.type in ("date", "timestamptz") and each.whole:
                own = name(column)
                formed = each.value.replace("strptime(@", f"try_strptime({own}")
                day = f"left({own}, 10)" if each.value == "@" else f"{formed}::date"
                days, rows = store.sql(f"select count(distinct {day}), count(*) from look")[0]
                if rows < FIRST or days * 2 <= rows:
                    cast = "::date" if each.type == "date" else "::timestamptz::date"
                    return each.value.replace("@", name_of(column)) + cast
    return ""


def new_table(settings: Settings, table: str, reads: str | None) -> str:
    """Writes `tables/LAYER/NAME.sql` from a look at what it reads; returns its path."""
    layer, _, plain = table.rpartition(".")
    reads = reads or f"bronze.{plain}"
    project = spec.load(settings.root)
    target = _target(settings.root / "tables" / (layer or "silver") / f"{plain}.sql")
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
    layer, plain = reads.split(".")
    select = f"select\n    {body}\nfrom {table_of(layer, plain)}\ngroup by all\n"
    return "/*---\n" + "\n".join(header) + f"\n---*/\n{select}"


def _loaded(settings: Settings, source: Source) -> str:
    paths = [settings.landing / file for file in landed(settings) if takes(source, file)]
    if not paths:
        raise PipelineError(
            f"no file of sources/{source.name}.toml has landed: there is nothing to look at"
        )
    found = _types(source, paths[:5])
    key, latest, why = _key(source, paths[:5], {c: each.type for c, each in found.items()})
    plain = {column: re.sub(r"\W+", "_", column.lower()).strip("_") for column in source.columns}
    plain = {c: f"column_{each}" if each.isdecimal() else each for c, each in plain.items()}
    if len({*plain.values(), ""}) <= len(plain):
        plain = {column: column for column in source.columns}
    lines = [f'description = "Rows of {source.name}"']
    lines.append(f"key = {_toml([plain[each] for each in key])}          # {why}")
    if latest:
        lines.append(f'latest = ["{plain[latest]}"]          # the newest version of a key stays')
    body = []
    for column, each in found.items():
        given, out = each.value.replace("@", name_of(column)), name_of(plain[column])
        cast = given if each.type == "varchar" else f"{given}::{each.type}"
        body.append((cast if cast == out else f"{cast} as {out}", each.note))
    if source.partition:
        day = "hour" if "'hour'" in source.partition else "day"
        day = f"of_{day}" if day in plain.values() else day
        body.insert(0, (f"_partition as {day}", source.partition))
        lines.append(f'partition = "{day}"')
    last = len(body) - 1
    select = "\n".join(
        f"    {sql}{',' if n < last else ''}  -- {note}" for n, (sql, note) in enumerate(body)
    )
    header = "\n".join([*lines, "", "[rules]", '# "amount must be above 0" = "amount > 0"'])
    return f"/*---\n{header}\n---*/\nselect\n{select}\nfrom {table_of('bronze', source.name)}\n"


@cache
def _words() -> dict[str, str]:
    """The words of SQL, each with its category."""
    with Store.open(None) as store:
        return dict(store.sql("select keyword_name, keyword_category from duckdb_keywords()"))


def name_of(column: str) -> str:
    """A column as it is written in a query: quoted where it must be."""
    plain = re.fullmatch(r"[a-z_][a-z0-9_]*", column)
    return column if plain and _words().get(column, "unreserved") == "unreserved" else name(column)


def table_of(layer: str, plain: str) -> str:
    """A table as it is written in a query."""
    return f"{layer}.{name(plain) if plain in _words() else plain}"


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


def _delimiter(path: Path, encoding: str) -> tuple[str, int, str]:
    """What gives most of the first rows one number of values, and the lines before these."""
    csv.field_size_limit(1 << 30)
    with opened(path, encoding.replace("utf-8", "utf-8-sig")) as stream:
        lines = list(islice(stream, 200))
    if lines and (told := re.match(r'"?sep=(.)', lines[0])):
        return told[1], 1, "as the first line says"
    best, most = (",", 0, "a guess"), 1
    for delimiter in ",;\t|":
        rows = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        width, number = Counter(rows).most_common(1)[0] if rows else (0, 0)
        if width > most and number >= len(rows) * MOSTLY:
            most = width
            starts = csv.reader(lines[:20], delimiter=delimiter)
            before = next((n for n, row in enumerate(starts) if len(row) == width), 0)
            of = f"{width} values in {number} of the first {len(rows)} rows"
            best = (delimiter, before, f"gives {of}")
    return best


def _prepared(source: Source, path: Path, folder: Path) -> Path:
    """A file that is read as it will be, in a folder of its own: what is made of it lies beside."""
    copy = folder / path.name
    copy.symlink_to(path.resolve())
    return READERS[source.kind].prepare(source, copy)


def _rows(store: Store, source: Source, paths: Sequence[Path]) -> None:
    reader = READERS[source.kind]
    with TemporaryDirectory() as folder:
        found = []
        for number, path in enumerate(paths):
            (own := Path(folder, str(number))).mkdir()
            found.append(_prepared(source, path, own))
        header = reader.header(source, found[0])
        same = [path for path in found if reader.header(source, path) == header]
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
    """What each column holds; a Parquet file says it."""
    with Store.open(None) as store:
        _rows(store, source, paths)
        own = {}
        if source.kind == "parquet":
            own = store.columns(f"from read_parquet({text(paths[0].as_posix())})")
        return {
            column: _type(store, name(column), source.decimal, own.get(column, ""))
            for column in source.columns
        }


def _type(store: Store, column: str, decimal: str, declared: str) -> Found:
    marks = ", ".join(map(text, GAPS))
    rows = store.sql(f"select distinct {column} from look where {column} in ({marks})")
    gaps = [row[0] for row in rows]
    some = f"{column} is not null and not list_contains({gaps or ['']}, {column})"
    number, total = store.sql(f"select count(*) filter ({some}), count(*) from look")[0]
    if not number:
        return Found("varchar", "no values in what was looked at", [], "@")
    every = kinds(decimal)
    tests = ", ".join(f"count({kind.test.replace('@', column)})" for kind in every)
    first = store.sql(f"select {tests}, count(*) from (from look where {some} limit {FIRST})")[0]
    for place, kind in enumerate(every):
        if first[place] < first[-1] * MOSTLY / 2:
            continue
        test = kind.test.replace("@", column)
        fits, floats = store.sql(
            f"select count({test}), count(as_float({column})) from look where {some}"
        )[0]
        if fits < number * MOSTLY or not fits:
            continue
        if kind.type == "number" and (floats > fits or declared in ("FLOAT", "DOUBLE")):
            continue  # some have more decimals than a decimal should hold, or may have tomorrow
        if declared == "VARCHAR":
            break
        type_, note = kind.type, f"{fits:,} of {number:,}"
        if kind.type == "number" and (declared in WHOLE or declared.startswith("DECIMAL")):
            return Found(
                WHOLE.get(declared, declared.lower()), f"{declared} in its file", gaps, "@"
            )
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
        if "%m" in kind.value and (form := kind.value.split("'")[1])[:6] in ("%m/%d/", "%d/%m/"):
            other = formed(column, form[:6].translate(SWAPPED) + form[6:])
            if store.sql(f"select count({other}) from look where {some}")[0][0] == fits:
                note += f"; {form[:6].translate(SWAPPED)}… fits too: which is it?"
        if fits < number:
            odd = store.sql(f"select {column} from look where {some} and {test} is null limit 1")
            note += f"; not {odd[0][0]!r}"[:60]
        note += f"; gaps: {', '.join(gaps)}" if gaps else ""
        return Found(type_, note, gaps, kind.value, fits == total)
    shown = store.sql(f"select {column} from look where {some} limit 1")[0][0]
    return Found("varchar", f"such as {shown[:60]!r}"[:60], [], "@")


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
    """The fewest columns that tell rows apart, perhaps with the time of a version.

    A number that is called no key is none, since another row may have it tomorrow; so is a text,
    unless it comes first and looks like a code.
    """
    times = [column for column in source.columns if types[column] == "timestamptz"]
    named = [c for c in source.columns if re.search(r"(^|[_ ])(id|key|no|number|code)$", c.lower())]
    counted = [c for c in source.columns if re.search("year|month|week|day|hour|line", c.lower())]
    whole = ("integer", "bigint")
    with Store.open(None) as store:
        _rows(store, source, paths)
        first, alone = source.columns[0], [*named]
        if types[first] in whole or (
            types[first] == "varchar"
            and not store.sql(f"from look where {name(first)} similar to '.*\\s.*' limit 1")
        ):
            alone.append(first)
        rest = [
            column
            for column in source.columns
            if types[column] in ("varchar", "date", "timestamptz")
            or (column in counted and types[column] in whole)
        ]
        if types[first] in ("date", "timestamptz"):
            alone.append(first)
        every = ", ".join(map(name, source.columns))
        total = store.sql(f"select count(*) from (select distinct {every} from look)")[0][0]
        for size in (1, 2, 3, 4) if total else ():
            keys = list(dict.fromkeys(alone if size == 1 else [*alone, *rest]))
            # Rows of which only the time differs are versions of what has a key of its own.
            for latest, of in (("", keys), *((time, named) for time in times)):
                for columns in islice(combinations(of, size), 200):
                    each = list(map(name, [*columns, *filter(None, [latest])]))
                    given = " and ".join(f"{column} is not null" for column in each)
                    distinct = f"select distinct {', '.join(each)} from look where {given}"
                    if store.sql(f"select count(*) from ({distinct})")[0][0] == total:
                        shown = f" with {latest}" if latest else ""
                        return list(columns), latest, f"tells all {total:,} rows apart{shown}"
    return [], "", "no few columns tell all rows apart: each row stays"
