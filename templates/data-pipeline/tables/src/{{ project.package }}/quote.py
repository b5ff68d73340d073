"""Texts and names as they are written in SQL."""

from collections.abc import Iterable


def text(value: str) -> str:
    """A string."""
    return "'" + value.replace("'", "''") + "'"


def name(column: str) -> str:
    """A name, whatever it is."""
    return '"' + column.replace('"', '""') + '"'


def among(values: Iterable[str]) -> str:
    """The right side of `in`. Written out, since DuckDB looks for pandas at each value it is given."""
    return f"(select unnest([{', '.join(map(text, values))}]::varchar[]))"
