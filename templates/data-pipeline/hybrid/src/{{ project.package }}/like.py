"""A table that is made as another one is, from other inputs: one definition, two ways to arrive."""

from collections.abc import Mapping
from dataclasses import replace

from sqlglot import exp

from .errors import one_of
from .query import parsed
from .spec import Table


def resolved(table: Table, tables: Mapping[str, Table]) -> Table:
    """The table with the query, key and rules of the one that it is like."""
    if not table.like:
        return table
    one_of(tables, table.like, f"{table.path}: `like`: there is no")
    of = tables[table.like]
    if of.like:
        raise table.error(f"`like`: {of.name} is itself like {of.like}: name that")
    if table.sql.strip():
        raise table.error(f"it is like {of.name}, so it has no query of its own")
    query, replaced = parsed(of), set[str]()
    for node in list(query.find_all(exp.Table)):
        read = f"{node.db}.{node.name}"
        if read not in table.inputs:
            continue
        layer, _, name = table.inputs[read].partition(".")
        if not node.alias:  # columns may be named by it
            for column in query.find_all(exp.Column):
                if column.table == node.name:
                    column.set("table", exp.to_identifier(name))
        node.set("this", exp.to_identifier(name))
        node.set("db", exp.to_identifier(layer))
        replaced.add(read)
    if unread := sorted(set(table.inputs) - replaced):
        raise table.error(f"`inputs`: {of.name} does not read {', '.join(unread)}")
    if not replaced:
        raise table.error(f"`inputs` says what it reads in place of what {of.name} reads")
    return replace(
        of,
        name=table.name,
        path=table.path,
        description=table.description,
        owner=table.owner or of.owner,
        like=table.like,
        inputs=table.inputs,
        limit=of.limit if table.limit is None else table.limit,
        sql=query.sql("duckdb"),
    )
