"""Proposes a source or a table from a look at real data, with the evidence in comments."""

import csv
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from glob import escape
from itertools import combinations, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from . import spec
from .errors import PipelineError, one_of
from .ingest import files_in, landed, takes
from .query import formed
from .readers import READERS, UnreadableError, as_utf8, opened
from .settings import Settings
from .spec import Source
from .store import Store, name, text

LOOK = 100_000  # rows that are looked at
FEW = 10  # rows below which any column may tell them apart by chance
FIRST = 1_000  # those by which types are sought, before all rows are tried
A_YEAR = 366  # days between rows of few that belong to days; birthdays lie further apart
IN_NAME = "[0-9]{4}-[0-9]{2}-[0-9]{2}"  # the day of a list
MOSTLY = 0.9  # the share of values that must be of a type, for it to be proposed
GAPS = (
    *("NA", "N/A", "n/a", "<NA>", "k.A.", "NULL", "null", "(null)", "\\N", "None", "none"),
    *("nan", "NaN", "-", "?", ".", "#N/A", "#DIV/0!", "#VALUE!"),
)
MARKS = ", ".join(map(text, GAPS))
# A comma that is no English sign of thousands.
COMMA = "[.][0-9]{3},[0-9]+$|^[^.,]*,([0-9]{1,2}|[0-9]{4,})$"
BETWEEN = {",": "commas", "''": "apostrophes"}  # thousands, where the decimal sign is a point
THOUSANDS = (
    "case when regexp_full_match({0}, '[+-]?([1-9][0-9]{{0,2}}({1}[0-9]{{3}})+|[0-9]+)([.][0-9]*)?') "
    "then replace({0}, '{1}', '') end"
)
# What people write around a number, and how it goes.
AROUND = {
    **{mark: f"trim({{}}, ' {mark}')" for mark in ("%", "€", "£")},
    **{mark: f"trim(replace({{}}, '{mark}', ''))" for mark in ("$", "EUR", "USD", "CHF")},
    "its minus behind it": "regexp_replace({}, '^(.+)-$', '-\\1')",
    "( ) for a minus": "regexp_replace({}, '^[(](.+)[)]$', '-\\1')",
}
BARE = "regexp_replace({}, '^([-+(€£$]|EUR|USD|CHF)+ ?|''| ?([-)%€£$]|EUR|USD|CHF)$', '', 'g')"
TOTAL = "(?i)(sub-?|grand |zwischen|gesamt)?(total|summe|sum)e?s?:?|gesamt:?|insgesamt:?"
CODE = "[A-Za-z]{1,3}-?[0-9]+|[0-9]+[-/ ]?[A-Za-z]"  # C536379, 12a: a number with few letters
OFFSET = "(Z|[+-][0-9]{2}(:?[0-9]{2})?)$"
NUMBERS = {"integer": 9, "bigint": 18, "decimal(38, 0)": 38}  # and the digits that each holds
DAYS = (
    *("%d.%m.%Y", "%d.%m.%y", "%Y/%m/%d", "%m/%d/%Y", "%d/%m/%Y", "%m/%d/%y", "%d/%m/%y"),
    *("%d-%m-%Y", "%d-%b-%Y", "%b %d %Y", "%b %d, %Y", "%d %b %Y"),
)
CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
WHOLE = {
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT"), "integer"),
    **dict.fromkeys(("BIGINT", "UINTEGER"), "bigint"),
    **dict.fromkeys(("UBIGINT", "HUGEINT"), "decimal(38, 0)"),
}
NO_TEXT = {
    **{b"PK\x03\x04": "a ZIP or Excel file", b"\xd0\xcf\x11\xe0": "an old Excel file"},
    **{b"Obj\x01": "avro", b"PAR1": "parquet", b"SQLi": "a SQLite file", b"%PDF": "a PDF file"},
}
NO_NAME = re.compile(r"(?!(18|19|20|21)\d\d$)[+-]?\d+([.,]\d+)?|\d{1,4}[-./]\d{1,2}[-./]\d{1,4}.*")


class Kind(NamedTuple):
    """What a value `v` may be: its type, what is not null where it is one, and `@`, the column, as SQL."""

    type: str
    test: str
    value: str = "@"
    form: str = ""
    written: str = ""  # with what, if it is a number


class Found(NamedTuple):
    """The type of a column, the evidence, its value as SQL, and the texts that stand for a gap, or may."""

    type: str
    note: str
    value: str = "@"
    gaps: Sequence[str] = ()
    whole: bool = False  # each row has one


def kinds(decimal: str) -> list[Kind]:
    """The strictest first; a number of the other notation is brought to that of the source."""
    own, other, double = "as_digits({}, 12)", "replace({}, ',', '.')", "as_float(v)"
    if decimal == ",":
        own, other = "as_digits(with_point({}), 12)", "replace({}, '.', ',')"
        double = "as_float(with_point(v))"

    def number(sql: str, written: str, test: str = "") -> Kind:
        return Kind("number", own.format(test or sql.format("v")), sql.format("@"), written=written)

    plain = {"": "{}", **AROUND}
    numbers = [number(sql, sign) for sign, sql in plain.items()]
    for mark, called in BETWEEN.items() if decimal == "." else ():
        for sign, sql in plain.items():
            written = f"{sign}, {called} between thousands".removeprefix(", ")
            test = THOUSANDS.format(sql.format("v"), mark)
            numbers.append(number(f"replace({sql}, '{mark}', '')", written, test))
    sign_of = "a decimal comma" if decimal == "." else "a decimal point"
    for sign, sql in plain.items():
        numbers.append(number(other.format(sql), f"{sign}, {sign_of}".removeprefix(", ")))
    forms = [
        Kind(
            "timestamptz" if clock else "date",
            formed("v", day + clock),
            f"strptime(@, '{day + clock}')",
            day + clock,
        )
        for day in DAYS
        for clock in CLOCKS
    ]
    return [
        numbers[0],
        Kind("date", "try_cast(as_date(v) as date)"),
        *forms,
        Kind("timestamptz", "as_moment(v, 'UTC')"),
        *numbers[1:],
        Kind("double", double),
        Kind("boolean", "case when lower(v) in ('true', 'false') then true end"),
    ]


def new_source(
    settings: Settings, file: Path, given_name: str | None, more: Sequence[str] = ()
) -> str:
    """Writes `sources/NAME.toml` for files like this one, with `more` lines; returns its path."""
    path = file if file.exists() else settings.landing / file
    if not path.is_file():
        raise PipelineError(f"there is no file {file}, here or in {settings.landing} (`landing`)")
    plain, landing = Path(path.name.lower().removesuffix(".gz")), settings.landing.resolve()
    start = re.split(r"[\W_]*\d", plain.stem)[0]  # without the day
    inside = path.resolve().is_relative_to(landing)
    folder = path.resolve().relative_to(landing).parent if inside else Path()
    # Where files of one source lie in a folder, it says what they are; what is outside may be anywhere.
    called = folder.name or (start if len(start) > 2 else plain.stem)
    source_name = given_name or as_name(called)
    if not inside:
        folder = Path(source_name)
    target = _target(settings.root / "sources" / f"{source_name}.toml")
    every = "*" if folder.name else f"{start}*"
    pattern = (Path(escape(str(folder))) / f"{every}{plain.suffix}").as_posix()
    source, notes = _read_as(source_name, target, pattern, path)
    with _looked(source, [path]) as store:
        decimal, seen = _decimal(store, source) if source.kind == "csv" else (".", "")
        found = _types(store, replace(source, decimal=decimal), path)
        day = _partition(store, found)
    texts = {c: each.gaps for c, each in found.items() if each.type == "varchar"}
    gaps = sorted({gap for c, each in found.items() if c not in texts for gap in each.gaps})
    # A gap between numbers may be a value between texts: NA is Namibia.
    also = (f"{gap} in {c}" for c, own in texts.items() for gap in own if gap in (gaps or own))
    lost = next(also, "")
    unused = [c for c, each in found.items() if c.startswith("#") and "no values" in each.note]
    where = f"          # below {settings.landing.name}/: put the files there"
    lines = [
        f'description = "Files of {source_name}"',
        *more,
        f"files = {_toml(pattern)}{'' if inside or more else where}",
        f"columns = {_toml([column for column in source.columns if column not in unused])}",
        *notes,
    ]
    if decimal == ",":
        lines.append(f'decimal = ","          # {seen}; dots stand between thousands')
    if gaps:
        lines.append(f"nulls = {json.dumps(gaps)}          # seen between numbers or dates")
        lines += [f"# Careful: {lost} becomes null as well."] if lost else []
    elif lost:
        mark = json.dumps([lost.split(" in ")[0]])
        lines.append(f"# nulls = {mark}          # if {lost} is a gap, and no value")
    if bare := [column for column, each in found.items() if "no offset" in each.note]:
        lines.append(
            f'zone = "UTC"          # {bare[0]} has times without an offset: whose clocks are they?'
        )
    if day:
        lines += [
            "# Days are built one by one. Without this line the whole table is, each time.",
            f"partition = {_toml(day)}",
        ]
    return _written(target, "\n".join(lines) + "\n")


def next_step(settings: Settings, written: str) -> str:
    """What comes after a file that was proposed."""
    path = Path(written)
    if path.suffix == ".sql":
        return f"read it, then `run` and `show {path.parent.name}.{path.stem}`"
    source, here = spec.load(settings.root).sources[path.stem], settings.landing
    if here.is_dir() and any(takes(source, file) for file, _ in files_in(settings)):
        return f"`new table {path.stem}`"
    folder = here / Path(source.files).parent
    return f"put its files into {folder}, then `new table {path.stem}`"


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


def _written(target: Path, body: str) -> str:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(body, encoding="utf-8")
    return str(target)


def _toml(value: str | list[str]) -> str:
    return json.dumps(value, ensure_ascii=False)


def _read_as(source_name: str, target: Path, pattern: str, path: Path) -> tuple[Source, list[str]]:
    """The source as it is read, without types, and the lines that say how."""
    kind, lines = spec.KINDS.get(Path(pattern).suffix, "csv"), list[str]()
    if not path.stat().st_size:
        raise PipelineError(f"{path} is empty: there is nothing to look at")
    with path.open("rb") as stream:
        is_what = NO_TEXT.get(stream.read(4))
    if is_what and is_what != kind:
        raise PipelineError(f"{path} is {is_what}: save what is in it as CSV, JSON or Parquet")
    look = Source(source_name, target, pattern, (), kind=kind)
    try:
        look = replace(look, encoding="utf-8" if kind == "parquet" else _encoding(look, path))
        if kind == "csv":
            delimiter, skip, why = _delimiter(path, look.encoding)
            look = replace(look, delimiter=delimiter, skip=skip)
            lines.append(f"delimiter = {json.dumps(delimiter)}          # {why}")
            if skip:
                lines.append(f"skip = {skip}          # lines before the one with names of columns")
        if look.encoding != "utf-8":
            lines.append(
                f'encoding = "{look.encoding}"          # some bytes are no UTF-8; look at a name with accents'
            )
        with TemporaryDirectory() as folder:
            shape = READERS[kind].shape(look, _prepared(look, path, Path(folder)))
        columns = READERS[kind].names(shape)
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
    named = tuple(c for c in columns if once[c.lower()] == c and not c.startswith("_"))
    return replace(look, columns=named), lines


def _encoding(look: Source, path: Path) -> str:
    try:
        as_utf8(look, path)
    except UnreadableError as error:
        if "not utf-8" not in str(error):
            raise
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
            before = _before(list(csv.reader(lines[:20], delimiter=delimiter)), width)
            of = f"{width} values in {number} of the first {len(rows)} rows"
            best = (delimiter, before, f"gives {of}")
    return best


def _before(rows: Sequence[list[str]], width: int) -> int:
    """How many stand above the names of columns, which half of the cells or more have."""
    wide = [n for n, row in enumerate(rows) if len(row) == width]
    full = [n for n in wide if sum(map(bool, map(str.strip, rows[n]))) * 2 >= width]
    if full and not any(map(NO_NAME.fullmatch, rows[full[0]])):
        return full[0]
    return wide[0] if wide else 0


def _prepared(source: Source, path: Path, folder: Path) -> Path:
    """A file that is read as it will be, in a folder of its own: what is made of it lies beside."""
    copy = folder / path.name
    copy.symlink_to(path.resolve())
    return READERS[source.kind].prepare(source, copy)


@contextmanager
def _looked(source: Source, paths: Sequence[Path]) -> Iterator[Store]:
    """The first rows of files with one header, as the table `look`."""
    reader = READERS[source.kind]
    with Store.open(None) as store, TemporaryDirectory() as folder:
        found = []
        for number, path in enumerate(paths):
            (own := Path(folder, str(number))).mkdir()
            found.append(_prepared(source, path, own))
        shape = reader.shape(source, found[0])
        same = [path for path in found if reader.shape(source, path) == shape]
        rows = f"({reader.relation(source, same, shape)}) where _broken is null limit {LOOK}"
        store.sql(f"create temp table look as select * from {rows}")
        # One row of a file that sums up all others, and would be summed up with them.
        first = name(source.columns[0])
        store.sql(
            f"create temp table totals as select {first} as v from look where regexp_full_match("
            f"{first}, {text(TOTAL)}) group by 1 having count(*) = count(distinct _path)"
        )
        store.sql(f"delete from look where {first} in (from totals)")
        yield store


def _decimal(store: Store, source: Source) -> tuple[str, str]:
    """What stands before the fraction in most columns of numbers, and where that is seen."""
    comma, points = list[str](), 0
    for column in map(name, source.columns):
        has_comma = f"filter (regexp_matches(v, '{COMMA}'))"
        only_point = "filter (with_point(v) is null and as_digits(v, 12) is not null)"
        total, fits, with_comma, example, with_point = store.sql(
            f"select count(*), count(with_point(v)), count(*) {has_comma}, any_value(v) {has_comma}, "
            f"count(*) {only_point} from (select {BARE.format(column)} as v from look) where v not in ({MARKS})"
        )[0]
        if with_comma and fits >= total * MOSTLY:
            comma.append(f"{column} has {example!r}")
        points += with_point > total / 2
    return (",", comma[0]) if len(comma) > points else (".", "")


def _types(store: Store, source: Source, path: Path) -> dict[str, Found]:
    """What each column holds; a Parquet file says it."""
    own = {}
    if source.kind == "parquet":
        own = store.columns(f"from read_parquet({text(path.as_posix())})")
    every = kinds(source.decimal)
    return {c: _type(store, name(c), every, own.get(c, "")) for c in source.columns}


def _type(store: Store, column: str, every: Sequence[Kind], declared: str) -> Found:
    rows = store.sql(f"select distinct {column} from look where {column} in ({MARKS})")
    gaps = [row[0] for row in rows]
    is_gap = f"v in ({', '.join(map(text, gaps)) or 'null'})"
    store.sql(
        "create or replace temp table seen as "
        f"select v from (select {column} as v from look) where v is not null and ({is_gap}) is not true"
    )
    number, total = (store.sql(f"select count(*) from {each}")[0][0] for each in ("seen", "look"))
    if not number:
        return Found("varchar", "no values in what was looked at", gaps=gaps)
    for kind in _likely(store, every):
        ((fits, floats),) = store.sql(f"select count({kind.test}), count(as_float(v)) from seen")
        if fits < number * MOSTLY or not fits:
            continue
        if kind.type == "number" and (floats > fits or declared in ("FLOAT", "DOUBLE")):
            continue  # some have more decimals than a decimal should hold, or may have tomorrow
        if declared == "VARCHAR":
            break
        type_, note = kind.type, f"{fits:,} of {number:,}"
        if kind.type == "number" and (declared in WHOLE or declared.startswith("DECIMAL")):
            type_ = WHOLE.get(declared, declared.lower())
            return Found(type_, f"{declared} in its file", "@", gaps)
        if kind.type == "number":
            type_, zeros = _number(store, kind.test)
            if zeros:
                return Found("varchar", f"{note} are numbers, some with leading zeros", gaps=gaps)
            if "minus" in kind.written and type_ in NUMBERS:
                ((above,),) = store.sql(f"select count({every[0].test}) from seen")
                if not above:  # 50- in each row is an age, or an open span of years
                    continue
        note += _remarks(store, kind, fits)
        if fits < number:
            ((odd, codes),) = store.sql(
                f"select min(v), bool_and(regexp_full_match(v, '{CODE}')) from seen where {kind.test} is null"
            )
            if codes and type_ in NUMBERS:
                note += f" are numbers, others codes such as {odd!r}"
                return Found("varchar", note[:60], gaps=gaps)
            note += f"; not {odd!r}"[:60]
        note += f"; gaps: {', '.join(gaps)}" if gaps else ""
        return Found(type_, note, kind.value, gaps, fits == total)
    ((shown,),) = store.sql("select v from seen limit 1")
    note = _nested(store, column) or f"such as {shown[:60]!r}"[:60]
    return Found("varchar", note, gaps=gaps)


def _likely(store: Store, every: Sequence[Kind]) -> Iterator[Kind]:
    """The kinds that may be of `seen`, the strictest first; to plan all of their tests takes long."""
    first = f"from (from seen limit {FIRST})"
    query = f"select count(*) filter (regexp_matches(v, '[0-9]')), count(*) {first}"
    digits, of = store.sql(query)[0]
    needed = of * MOSTLY / 2
    with_digits = [every[:2], every[2:-1]] if digits >= needed else []
    for some in [*with_digits, every[-1:]]:  # a number or a day, what is written otherwise, a flag
        tests = ", ".join(f"count({kind.test})" for kind in some)
        fits = store.sql(f"select {tests} {first}")[0]
        yield from (kind for kind, number in zip(some, fits, strict=True) if number >= needed)


def _nested(store: Store, column: str) -> str:
    """How a query gets at lists and objects, which a column holds as JSON."""
    if not store.sql("select bool_and(json_valid(v) and v[1] in ('[', '{')) from seen")[0][0]:
        return ""
    shape = json.loads(store.sql("select json_group_structure(v::json) from seen")[0][0])
    if isinstance(shape, dict) and shape:
        return f"an object: {column} ->> {text(next(iter(shape)))} is one of {len(shape)} fields"
    if isinstance(shape, list):
        of = text(json.dumps(_as_texts(shape)))
        return f"a list: a table that reads this one can select unnest(from_json({column}, {of}))"
    return ""


def _as_texts(shape: Any) -> Any:
    """The shape of JSON values with texts in place of each type, which a cast then judges."""
    if isinstance(shape, dict):
        return {key: _as_texts(inner) for key, inner in shape.items()}
    return [_as_texts(inner) for inner in shape] if isinstance(shape, list) else "VARCHAR"


def _remarks(store: Store, kind: Kind, fits: int) -> str:
    """What its owner should know of dates and times."""
    remarks = f", written with {kind.written}" if kind.written else ""
    if kind.type == "timestamptz":
        bare = f"select count(*) from seen where not regexp_matches(v, '{OFFSET}')"
        if without := store.sql(bare)[0][0]:
            remarks += f", {without:,} with no offset"
    if "%y" in kind.form:
        remarks += ", years of two digits: 69 is 1969, 68 is 2068"
    if (day := kind.form[:6]) in ("%m/%d/", "%d/%m/"):
        swapped = day.translate(str.maketrans("dm", "md"))
        other = formed("v", swapped + kind.form[6:])
        if store.sql(f"select count({other}) from seen")[0][0] == fits:
            remarks += f"; {swapped}… fits too: which is it?"
    return remarks


def _number(store: Store, digits: str) -> tuple[str, bool]:
    """The type that holds all of them, and whether one has leading zeros."""
    most, scale, zeros = store.sql(
        "select max(length(regexp_replace(split_part(n, '.', 1), '[+-]', ''))), "
        "max(length(split_part(n, '.', 2))), "
        "coalesce(bool_or(regexp_matches(n, '^[+-]?0[0-9]')), false) "
        f"from (select {digits} as n from seen) where n is not null"
    )[0]
    if scale:
        wide = f"decimal({min(38, max(18, most + scale + 2))}, {scale})"
        return wide if most + scale <= 38 else "varchar", bool(zeros)
    return next((type_ for type_, of in NUMBERS.items() if most <= of), "varchar"), bool(zeros)


def _partition(store: Store, found: dict[str, Found]) -> str:
    """The first day that each row has, and that several share."""
    for column, each in found.items():
        if each.type in ("date", "timestamptz") and each.whole:
            own = name(column)
            moment = each.value.replace("strptime(@", f"try_strptime({own}")
            day = f"left({own}, 10)" if each.value == "@" else f"{moment}::date"
            span = f"coalesce(max(try_cast({day} as date)) - min(try_cast({day} as date)), 0)"
            query = f"select count(distinct {day}), count(*), {span} from look"
            days, rows, span = store.sql(query)[0]
            if days * 2 <= rows or (rows < FIRST and span <= A_YEAR):
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
    one_of(known, reads, "there is no")
    if reads.startswith("bronze."):
        header, columns, end = _loaded(settings, project.sources[reads.removeprefix("bronze.")])
    else:
        header, columns, end = _derived(project.tables[reads])
    of, plain = reads.split(".")
    of += f".{name(plain) if plain in _words() else plain}"
    select = f"select\n    {columns}\nfrom {of}\n{end}"
    return _written(target, "\n".join(["/*---", *header, "---*/", select]))


def _derived(of: spec.Table) -> tuple[list[str], str, str]:
    columns = [of.partition] if of.partition else list(of.key[:1])
    header = [f'description = "Rows of {of.name}"', f"key = {json.dumps(columns)}"]
    header += [f'partition = "{of.partition}"'] if of.partition else []
    return header, ",\n    ".join([*columns, "count(*) as number"]), "group by all\n"


def _loaded(settings: Settings, source: Source) -> tuple[list[str], str, str]:
    paths = [settings.landing / file for file in landed(settings) if takes(source, file)][:5]
    if not paths:
        raise PipelineError(
            f"no file of sources/{source.name}.toml has landed: there is nothing to look at"
        )
    with _looked(source, paths) as store:
        found = _types(store, source, paths[0])
        key, latest, why = _key(store, source, {c: each.type for c, each in found.items()})
        listed = [] if source.partition or latest else _listed(store, source, key, paths)
        totals = [row[0] for row in store.sql("from totals order by v")]
        ((rows,),) = store.sql("select count(*) from look")
    plain = {column: re.sub(r"\W+", "_", column.lower()).strip("_") for column in source.columns}
    plain = {c: f"column_{each}" if each.isdecimal() else each for c, each in plain.items()}
    if len({*plain.values(), ""}) <= len(plain):
        plain = {column: column for column in source.columns}
    plain = {c: "row_id" if each.lower() == "rowid" else each for c, each in plain.items()}
    header = [f'description = "Rows of {source.name}"']
    at = "listed_on" if "listed_on" not in plain.values() else "of_list"
    if key and rows < FEW:
        may_be = _toml([plain[each] for each in key])
        why = f"{may_be} {why}, but so few prove no key; without one each row stays"
        key, latest = [], ""
    if listed:
        key, why = listed, "is there once in each file, and again in others"
        header.append('kind = "history"          # files are whole lists; of changes: full = false')
        header.append(f'as_of = "{at}"')
    header.append(f"key = {_toml([plain[each] for each in key])}          # {why}")
    if latest:
        header.append(f'latest = ["{plain[latest]}"]          # the newest version of a key stays')
    columns = []
    for column, each in found.items():
        given, out = each.value.replace("@", name_of(column)), name_of(plain[column])
        cast = given if each.type == "varchar" else f"{given}::{each.type}"
        columns.append((cast if cast == out else f"{cast} as {out}", each.note))
    if source.partition:
        day = "hour" if "'hour'" in source.partition else "day"
        day = f"of_{day}" if day in plain.values() else day
        columns.insert(0, (f"_partition as {day}", source.partition))
        header.append(f'partition = "{day}"')
    if listed:
        columns.append((f"regexp_extract(_file, '{IN_NAME}')::date as {at}", "in names of files"))
    header += ["", "[rules]", '# "amount must be above 0" = "amount > 0"']
    commas = [","] * (len(columns) - 1) + [""]
    lines = [f"{sql}{end}  -- {note}" for (sql, note), end in zip(columns, commas, strict=True)]
    others = (f"{name_of(source.columns[0])} is distinct from {text(each)}" for each in totals)
    end = f"where {' and '.join(others)}  -- no row, but a sum of them\n" if totals else ""
    return header, "\n    ".join(lines), end


def _key(store: Store, source: Source, types: dict[str, str]) -> tuple[list[str], str, str]:
    """The fewest columns that tell rows apart, perhaps with the time of a version.

    A number that is called no key is none, since another row may have it tomorrow; so is a text,
    unless it comes first and looks like a code.
    """
    columns, first, whole = source.columns, source.columns[0], ("integer", "bigint")
    named = [c for c in columns if re.search(r"(^|[_ ])(id|key|no|number|code)$", c.lower())]
    alone, blanks = list(named), f"from look where {name(first)} similar to '.*\\s.*' limit 1"
    if types[first] in (*whole, "date", "timestamptz") or (
        types[first] == "varchar" and not store.sql(blanks)
    ):
        alone.append(first)
    rest = [
        c
        for c in columns
        if types[c] in ("varchar", "date", "timestamptz")
        or (types[c] in whole and re.search("year|month|week|day|hour|line", c.lower()))
    ]
    # Rows of which only the time differs are versions of what has a key of its own.
    versions = [(column, named) for column in columns if types[column] == "timestamptz"]
    every = ", ".join(map(name, columns))
    total = store.sql(f"select count(*) from (select distinct {every} from look)")[0][0]
    again = store.sql("select count(*) from look")[0][0] - total
    dropped = f"; repetitions, which are dropped: {again:,}" if again else ""
    for size in (1, 2, 3, 4) if total else ():
        keys = list(dict.fromkeys(alone if size == 1 else [*alone, *rest]))
        for latest, of in (("", keys), *versions):
            for key in islice(combinations(of, size), 200):
                each = list(map(name, filter(None, [*key, latest])))
                given = " and ".join(f"{column} is not null" for column in each)
                distinct = f"select distinct {', '.join(each)} from look where {given}"
                if store.sql(f"select count(*) from ({distinct})")[0][0] == total:
                    shown = f" with {latest}" if latest else ""
                    return list(key), latest, f"tells all {total:,} rows apart{shown}{dropped}"
    return [], "", "no few columns tell all rows apart: each row stays"


def _listed(store: Store, source: Source, key: list[str], paths: Sequence[Path]) -> list[str]:
    """The first column, if it is the key of whole lists: once in each file, and in most of them."""
    first = source.columns[0]
    if len(paths) < 2 or key == [first] or not all(re.search(IN_NAME, each.name) for each in paths):
        return []
    each = f"count(distinct {name(first)})"
    found = store.sql(f"select count(*), {each} from look group by _path")
    rows, different = store.sql(f"select count(*), {each} from look")[0]
    alone = all(number == of for number, of in found)  # which a row without one is not
    return [first] if len(found) > 1 and alone and different * 1.5 <= rows else []


@cache
def _words() -> dict[str, str]:
    """The words of SQL, each with its category."""
    with Store.open(None) as store:
        return dict(store.sql("select keyword_name, keyword_category from duckdb_keywords()"))


def name_of(column: str) -> str:
    """A column as it is written in a query: quoted where it must be."""
    plain = re.fullmatch(r"[a-z_][a-z0-9_]*", column)
    return column if plain and _words().get(column, "unreserved") == "unreserved" else name(column)
