"""How the files of a topic are read: the fields of a JSON value, and what the broker knew of it.

A query finds the fields under `columns` of the source and, beside them, `_before` (the latest event
time so far in the partition of the topic), `_sent`, `_replay_of`, `_topic_partition`,
`_topic_partitions` and `_offset`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from .log import COLUMNS, NO_RECORD
from .readers import Csv, as_object, cleaned, fields, path_list, when_lossy
from .spec import Source
from .store import name, text

EXTRA = {
    "_topic_partition": ("partition", "integer"),
    "_topic_partitions": ("partitions", "integer"),
    "_offset": ("offset", "bigint"),
    "_sent": ("sent", "timestamptz"),
    "_before": ("before", "timestamptz"),
    "_replay_of": ("replay_of", "varchar"),
}


class Topic(Csv):
    """Files that `log.py` writes."""

    judges = True
    extra: ClassVar[Mapping[str, str]] = {column: kind for column, (_, kind) in EXTRA.items()}

    def shape(self, source: Source, path: Path) -> list[str]:
        found = super().shape(source, path)
        return list(source.columns) if found == list(COLUMNS) else found

    def relation(self, source: Source, paths: Sequence[Path], header: Sequence[str]) -> str:
        own = (*source.columns, *source.optional)
        columns = [f"{cleaned(name(column), source.nulls)} as {name(column)}" for column in own]
        given = ", ".join(f"_fields[{n}] as {name(column)}" for n, column in enumerate(own, 1))
        read = ", ".join(f"{name(column)} := 'VARCHAR'" for column in COLUMNS)
        rows = (
            f"select *, {fields(own)} as _fields from (select *, "
            f"case when problem is null then {as_object('value')} end as _json "
            f"from read_csv({path_list(paths)}, columns = struct_pack({read}), delim = ',', "
            "quote = '\"', escape = '\"', header = true, auto_detect = false, nullstr = '', "
            "filename = '_path', store_rejects = true, rejects_limit = 0) "
            f"where not starts_with(coalesce(problem, ''), {text(NO_RECORD)}))"
        )
        extra = ", ".join(f"{name(of)}::{kind} as {each}" for each, (of, kind) in EXTRA.items())
        return (
            f"select {', '.join(columns)}, {', '.join(EXTRA)}, _path, case when _problem is not null "
            "then _problem when _json is null then 'not a JSON object' "
            f"{when_lossy('_value', '_json', own)} end as _broken, _record "
            # Of a record without a value, the key is all there is. A field may be called as our columns.
            "from (select value as _value, problem as _problem, coalesce(value, key, '') as _record, "
            f"_path, _json, {extra}, {given} from ({rows}))"
        )
