"""History tables: one row for each version of a key, with the time during which it was valid."""

from collections.abc import Sequence

from .quote import name
from .spec import Table


def versions(table: Table, columns: Sequence[str], rows: str) -> str:
    """SQL that makes versions of `rows`, which hold the newest row of a key at each `as_of`.

    A list is full unless `full = false`: a key that is not in the next list ends there.
    """
    at = name(str(table.as_of))
    key = ", ".join(map(name, table.key))
    values = [name(column) for column in columns if column not in (*table.key, table.as_of)]
    state = f"row({', '.join(values)})" if values else "1"
    in_order = f"partition by {key} order by {at}"
    gap = f"or lag(next_list) over ({in_order}) is distinct from {at}" if table.full else ""
    ends = (
        "next_list"
        if table.full
        else f"lead(valid_from) over (partition by {key} order by version)"
    )
    return f"""
        with lists as (
            select {at}, lead({at}) over (order by {at}) as next_list
            from (select distinct {at} from ({rows}))
        ), marked as (
            select *, lag({state}) over ({in_order}) is distinct from {state} {gap} as begins
            from ({rows}) join lists using ({at})
        ), numbered as (
            select *, sum(begins::integer) over ({in_order}) as version from marked
        ), ended as (
            select *, min({at}) over (partition by {key}, version) as valid_from from numbered
            qualify row_number() over (partition by {key}, version order by {at} desc) = 1
        )
        select {", ".join([*map(name, table.key), *values])},
            version::integer as version, valid_from, {ends} as valid_to
        from ended"""
