"""Sources and tables, as their files describe them: `sources/*.toml` and `tables/*/*.sql`."""

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import PipelineError, did_you_mean

HEADER = re.compile(r"\A\s*/\*---\n(.*?)---\*/", re.DOTALL)
NAME = re.compile(r"[a-z][a-z0-9_]*")
KINDS = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}


@dataclass(frozen=True)
class Source:
    """Files that land, and how they are read."""

    name: str
    path: Path
    files: str
    columns: tuple[str, ...]
    description: str = ""
    owner: str = ""
    columns_help: dict[str, str] = field(default_factory=dict)
    optional: tuple[str, ...] = ()
    kind: str = "csv"
    delimiter: str = ","
    encoding: str = "utf-8"
    nulls: tuple[str, ...] = ()
    zone: str = "UTC"
    partition: str | None = None
    redelivered: str = "replace"

    @property
    def reader(self) -> str:
        """How its files are read: where this changes, they are read again."""
        from .readers import READERS

        parts = (self.kind, self.columns, self.optional, self.delimiter, self.encoding)
        version = READERS[self.kind].version(self)
        return repr((*parts, self.nulls, self.zone, self.partition, version))


@dataclass(frozen=True)
class Table:
    """One table: a query, and what is known of its rows."""

    name: str  # with its layer, such as silver.orders
    path: Path
    sql: str
    description: str = ""
    owner: str = ""
    key: tuple[str, ...] = ()
    partition: str | None = None
    latest: tuple[str, ...] = ()
    limit: float | None = None
    personal: tuple[str, ...] = ()
    kind: str = "table"
    as_of: str | None = None
    full: bool = True
    lookback: int = 0
    rules: dict[str, str] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)
    reads: tuple[str, ...] = ()

    @property
    def loaded(self) -> bool:
        """Whether it is made from sources, row by row."""
        return self.reads[0].startswith("bronze.")


@dataclass(frozen=True)
class Project:
    """All sources, and all tables in the order in which they are built."""

    root: Path
    sources: dict[str, Source]
    tables: dict[str, Table]


def files(root: Path) -> list[Path]:
    """Every file that describes a source or a table."""
    patterns = ("sources/*.toml", "tables/*/*.sql", "schemas/*/*.avsc")
    return sorted(path for pattern in patterns for path in root.glob(pattern))


def load(root: Path) -> Project:
    """Reads all of them, and puts tables behind those that they read."""
    from .query import check, reads  # the parser of SQL takes half a second to import

    sources = {path.stem: _source(path) for path in sorted(root.glob("sources/*.toml"))}
    tables = {}
    for path in sorted(root.glob("tables/*/*.sql")):
        table = _table(path)
        tables[table.name] = table
    known = [*(f"bronze.{name}" for name in sources), *tables]
    found = {name: reads(table, known) for name, table in tables.items()}
    ordered: dict[str, Table] = {}
    while len(ordered) < len(tables):
        ready = [
            name
            for name, inputs in found.items()
            if name not in ordered and all(i in ordered or i.startswith("bronze.") for i in inputs)
        ]
        if not ready:
            circle = sorted(set(tables) - set(ordered))
            raise PipelineError(f"these tables read each other in a circle: {', '.join(circle)}")
        for name in ready:
            ordered[name] = Table(**{**vars(tables[name]), "reads": found[name]})
    project = Project(root, sources, ordered)
    for table in ordered.values():
        check(table, project)
    return project


def _source(path: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    given = _toml(path, text, 0)
    if "kind" not in given:
        name = str(given.get("files", "")).lower().removesuffix(".gz")
        given["kind"] = KINDS.get(Path(name).suffix, "csv")
    given = _checked(Source, path, text, 0, given, ("files", "columns"))
    source = Source(name=_name(path), path=path, **given)
    from .readers import READERS

    _one_of(path, "kind", source.kind, READERS)
    _one_of(path, "redelivered", source.redelivered, ("replace", "add"))
    for column in (*source.columns, *source.optional):
        if column.startswith("_"):
            raise PipelineError(f"{path}: column `{column}`: names that begin with _ are ours")
    return source


def _table(path: Path) -> Table:
    text = path.read_text(encoding="utf-8")
    header = HEADER.match(text)
    if not header:
        raise PipelineError(f"{path}:1: a table begins with a header, /*--- … ---*/, in TOML")
    first = text[: header.start(1)].count("\n")
    given = _toml(path, header[1], first)
    for key in ("key", "latest", "personal"):
        if isinstance(given.get(key), str):
            given[key] = [given[key]]
    given = _checked(Table, path, header[1], first, given, ("description",))
    layer = path.parent.name
    if layer in ("bronze", "meta") or not NAME.fullmatch(layer):
        raise PipelineError(f"{path}: a folder of tables cannot be called `{layer}`")
    # The query keeps its lines, so that errors name those of the file.
    sql = "\n" * text[: header.end()].count("\n") + text[header.end() :]
    table = Table(name=f"{layer}.{_name(path)}", path=path, sql=sql, **given)
    _one_of(path, "kind", table.kind, ("table", "history"))
    if table.kind == "history" and not (table.key and table.as_of and not table.partition):
        raise PipelineError(f"{path}: a history has a `key`, an `as_of` and no `partition`")
    if table.limit is not None and not 0 <= table.limit <= 1:
        raise PipelineError(f"{path}: `limit` is {table.limit}, expected a share from 0 to 1")
    return table


def _name(path: Path) -> str:
    if not NAME.fullmatch(path.stem):
        raise PipelineError(f"{path}: a name has small letters, digits and _, such as `orders`")
    return path.stem


def _toml(path: Path, text: str, first: int) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        inside = re.search(r"line (\d+)", str(error))
        line = first + int(inside[1]) if inside else first + 1
        raise PipelineError(f"{path}:{line}: {str(error).split(' (at')[0]}") from None


def _one_of(path: Path, key: str, value: str, allowed: Any) -> None:
    if value not in allowed:
        raise PipelineError(f"{path}: `{key}` is `{value}`; {did_you_mean(value, allowed)}")


def _checked(
    kind: type, path: Path, text: str, first: int, given: dict[str, Any], needed: tuple[str, ...]
) -> dict[str, Any]:
    """Only known keys, each of its type; lists become tuples."""
    types = {key: str(hint) for key, hint in kind.__annotations__.items()}
    for ours in ("name", "path", "sql", "reads"):
        types.pop(ours, None)
    checked = {}
    for key, value in given.items():
        line = first + 1
        if found := re.search(rf"^\s*\[?[\"']?{re.escape(key)}\b", text, re.MULTILINE):
            line += text[: found.end()].count("\n")
        if key not in types:
            raise PipelineError(f"{path}:{line}: unknown key `{key}`; {did_you_mean(key, types)}")
        expected = types[key]
        fits = {
            "str": isinstance(value, str),
            "tupl": isinstance(value, list) and all(isinstance(each, str) for each in value),
            "dict": isinstance(value, dict) and all(isinstance(v, str) for v in value.values()),
            "bool": isinstance(value, bool),
            "int": isinstance(value, int) and not isinstance(value, bool) and value >= 0,
            "floa": isinstance(value, int | float) and not isinstance(value, bool),
        }
        word = expected.removeprefix("<class '").rstrip("'>")
        if not next(fit for start, fit in fits.items() if word.startswith(start)):
            plain = {"tupl": "a list of texts", "dict": "texts by name"}.get(word[:4], word)
            raise PipelineError(f"{path}:{line}: `{key}` is {value!r}, expected {plain}")
        checked[key] = tuple(value) if isinstance(value, list) else value
    for key in needed:
        if not checked.get(key):
            raise PipelineError(f"{path}: `{key}` is missing")
    return checked
