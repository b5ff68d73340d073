"""Tokens: what stands in the lake for a value that tells who somebody is.

Equal values have equal tokens, in every table, so people can be counted and joined; without the key nobody
gets from a token to a person, or tries out names. What another table takes over of a personal column, and a
text that it makes from one, is personal too.
"""

import hashlib
import re
import secrets
from collections.abc import Collection, Iterator

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.lineage import Node, lineage

from .errors import PipelineError, one_of
from .query import canonical
from .settings import Settings, secret
from .spec import Table
from .store import Store, name

VARIABLE = "PIPELINE_TOKEN_KEY"
BLOCK = 64  # bytes of a block of SHA-256
SAMPLE, LONGEST = 1000, 500  # rows of a table that are looked at, and letters of each value
TEXT = re.compile("VARCHAR|JSON|BLOB|ENUM|UUID")
# What gives one of its values as it is, whatever its kind.
KEEPS = (
    *(exp.Alias, exp.Column, exp.Identifier, exp.Paren, exp.Cast, exp.DataType, exp.Coalesce),
    *(exp.Literal, exp.Null, exp.Max, exp.Min, exp.AnyValue, exp.First, exp.Last, exp.ArrayAgg),
    *(exp.Array, exp.Unnest),
)
# What personal values look like, for columns that nobody thought of and for what is noted.
LOOKS = {
    "an e-mail address": r"[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]+",
    "a bank account": r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b",
    "a card number": r"(?<!\d\.)\b\d{4}(?:[ -]?\d{4}){2}[ -]?\d{1,7}\b(?!\.\d)",
    "a phone number": r"(?<!\w)\+\d{2}[ \d()/-]{7,}\d\b",
}


class Tokens:
    """The personal columns of tables, and how a token is made."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.personal: dict[str, set[str]] = {}

    def of(self, store: Store, table: Table) -> dict[str, str]:
        """The tokens of a table by column; tables that it reads come first."""
        columns = store.columns(table.name)
        for each in table.personal:
            one_of(columns, each, f"{table.path}: there is no column")
        found = [*table.personal, *self._inherited(store, table)]
        self.personal[table.name] = {column.lower() for column in found}
        return {column: f"_token({name(column)})" for column in columns if column in found}

    def define(self, store: Store) -> str:
        """Makes `_token` known, without which the key would stand in queries; gives a digest of the key."""
        key = self._key().ljust(BLOCK, b"\0")
        # HMAC-SHA256, see RFC 2104.
        inner, outer = (bytes(byte ^ pad for byte in key).hex() for pad in (0x36, 0x5C))
        inside = f"unhex(sha256(unhex('{inner}') || encode(v::varchar)))"
        token = f"'p_' || left(sha256(unhex('{outer}') || {inside}), 32)"
        made = f"case when v is not null then {token} end"
        store.sql(f"create or replace temp macro _token(v) as {made}")
        return hashlib.sha256(b"key" + key).hexdigest()[:16]

    def _inherited(self, store: Store, table: Table) -> set[str]:
        read = {each: self.personal.get(each, set()) for each in table.reads}
        if not any(read.values()):
            return set()
        shape: dict[str, dict[str, dict[str, str]]] = {}
        for each in table.reads:
            layer, called = each.split(".")
            shape.setdefault(layer, {})[called] = store.columns(each)
        return {
            column
            for column, kind in store.columns(table.name).items()
            if _comes_from(table, column, bool(TEXT.search(kind)), shape, read)
        }

    def _key(self) -> bytes:
        """From the environment or, on this machine alone, made once and kept beside the warehouse."""
        given, own = secret(VARIABLE), self.settings.data / "token.key"
        if not given and not own.exists():
            own.parent.mkdir(parents=True, exist_ok=True)
            (part := own.with_name(".token.key")).touch(mode=0o600)
            part.write_text(secrets.token_hex(32), encoding="utf-8")
            part.replace(own)
        given = given or own.read_text(encoding="utf-8").strip()
        try:
            key = bytes.fromhex(given)
        except ValueError:
            key = b""
        if len(key) < 32:
            raise PipelineError(
                f"{VARIABLE} is no key: 64 digits of 0-9 and a-f, as `openssl rand -hex 32` gives"
            )
        return key if len(key) <= BLOCK else hashlib.sha256(key).digest()


def undeclared(store: Store, table: str, personal: Collection[str]) -> Iterator[str]:
    """Columns whose values look personal and that are published as they are, in a sample of the rows."""
    for column, kind in store.columns(table).items():
        if kind != "VARCHAR" or column in personal:
            continue
        value = f"left({name(column)}, {LONGEST})"
        query = f"select v from (select {value} as v from {table}) where v is not null"
        values = [row[0] for row in store.sql(f"{query} limit {SAMPLE}")]
        for look, pattern in LOOKS.items():
            if hits := sum(bool(re.search(pattern, value)) for value in values):
                yield (
                    f"{table}: {hits} of {len(values)} values of `{column}` look like {look} and are "
                    "published: name it under `personal`, and it becomes a token"
                )


def redacted(words: str) -> str:
    for look, pattern in LOOKS.items():
        words = re.sub(pattern, f"[{look.split(' ', 1)[1]}]", words)
    return words


def _comes_from(
    table: Table,
    column: str,
    is_text: bool,
    shape: dict[str, dict[str, dict[str, str]]],
    read: dict[str, set[str]],
) -> bool:
    try:
        top = lineage(column, canonical(table), schema=shape, dialect="duckdb")
    except SqlglotError:  # a query that cannot be followed: the name has to do
        return any(column.lower() in personal for personal in read.values())
    return _carries(top, is_text, read)


def _carries(node: Node, is_text: bool, read: dict[str, set[str]]) -> bool:
    """Whether a personal value comes out of a column: any text that is made from one may show it."""
    if isinstance(of := node.source, exp.Table):
        # Letter case tells no columns apart.
        column = sqlglot.parse_one(node.name).name.lower()
        return column in read.get(f"{of.db}.{of.name}", ())
    kept = isinstance(of, exp.SetOperation) or all(
        isinstance(part, KEEPS) for part in node.expression.walk()
    )
    return (is_text or kept) and any(_carries(each, is_text, read) for each in node.downstream)
