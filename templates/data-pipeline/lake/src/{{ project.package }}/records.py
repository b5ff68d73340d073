"""A record as it came. Nothing is typed or renamed here.

Reading never fails on a bad record: it is kept with the problem, so that it can be counted and
looked at. `sql/silver.sql` then says what the fields of each source mean. Only the form of letters
is made one (Unicode NFC): `é` in one character and in two is the same key. `raw` is as it came.
"""

import json
import unicodedata
from collections.abc import Mapping
from typing import Any, NamedTuple

NOT_UTF8 = "not UTF-8 text"

# Made once: there are many records.
_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_as_object = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str).decode


class Record(NamedTuple):
    line: int  # where it lies in what it came from
    raw: str  # the record as it came
    fields: str | None  # the same as a JSON object whose values are text; none if unreadable
    problem: str | None = None


def as_record(
    line: int, raw: str, fields: Mapping[str, object] | None, problem: str | None = None
) -> Record:
    text = None if fields is None else _as_json(fields)
    if text and not text.isascii():
        text = _as_json(composed(fields))
    return from_text(line, raw, text, problem)


def composed(value: Any) -> Any:
    """The value with all text in it, names included, in Unicode's form NFC."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, list):
        return [composed(inner) for inner in value]
    if isinstance(value, dict):
        return {composed(name): composed(inner) for name, inner in value.items()}
    return value


def from_text(line: int, raw: str, fields: str | None, problem: str | None = None) -> Record:
    """The same for fields that are a JSON object already."""
    raw = raw.rstrip("\r\n")
    if raw.isascii() and (fields is None or fields.isascii()):
        return Record(line, raw, fields, problem)  # most are, and that is known at once
    try:
        f"{raw}{fields}".encode()
    except UnicodeEncodeError:
        # An escape such as \ud800 is half a character: no engine stores it as text.
        fields, problem = None, NOT_UTF8
        raw = raw.encode("utf-8", "backslashreplace").decode()
    return Record(line, raw, fields, problem)


def from_json(line: int, raw: str) -> Record:
    """A record that should be a JSON object. Numbers stay the text that they were."""
    try:
        value = _as_object(raw)
    except (ValueError, RecursionError):
        return as_record(line, raw, None, "not valid JSON")
    if isinstance(value, dict):
        return as_record(line, raw, value)
    return as_record(line, raw, None, "not a JSON object")
