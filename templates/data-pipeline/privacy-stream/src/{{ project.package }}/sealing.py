"""At the door: what is personal in a record of the topic is a token before it is written anywhere.

What could not be read has no fields that could be found in it, so nothing of it is kept but its
size and a token, by which repetitions are known. All else that follows, tables, windows, dead
letters and logs, sees records that came through here.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .privacy import KEYS_ARE_PERSONAL, token
from .records import Record

as_json = json.JSONEncoder(ensure_ascii=False).encode  # made once: there are many records


@dataclass(frozen=True)
class Door:
    secret: str  # the key of the tokens
    fields: tuple[str, ...]  # what is personal, with a dot for each object that it lies in

    def sealed(self, record: Record, size: int) -> Record:
        """The record with tokens; of one that cannot be read its size, in bytes."""
        if record.fields is None:
            mark = token(self.secret, record.raw)
            return record._replace(raw=f"not kept: {size} bytes, {mark}")
        found = json.loads(record.fields)
        for path in self.fields:
            found = self._hidden(found, path.split("."))
        # The text that came may say a field twice or in other words: only what was read is kept.
        text = as_json(found)
        return record._replace(raw=text, fields=text)

    def key(self, key: str | None) -> str | None:
        return token(self.secret, key) if key and KEYS_ARE_PERSONAL else key

    def _hidden(self, value: object, path: Sequence[str]) -> object:
        if isinstance(value, list):
            return [self._hidden(item, path) for item in value]
        if isinstance(value, Mapping) and path:
            first, *rest = path
            return {
                name: self._hidden(inner, rest) if name == first else inner
                for name, inner in value.items()
            }
        # What is missing stays missing. A value in the place of an object may be the person.
        if value is None:
            return value
        # Blanks around a name are no part of it, as in silver.
        name = value.strip(" \t\u00a0") if isinstance(value, str) else as_json(value)
        return token(self.secret, name) if name else name
