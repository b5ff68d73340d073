"""A page about the warehouse: rows, rejected rows and freshness, without a script or a server."""

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any

from .settings import Settings
from .shell import tables
from .spec import load

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin-bottom: 2rem; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #8886; vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
.held, .waiting { color: #b00020; font-weight: 600; }
@media (prefers-color-scheme: dark) { body { background: #111; color: #ddd; } }
"""
SECTIONS = {
    "Tables": """
        select t.name as "table", t.description, sum(c.read) as read, sum(c.accepted) as accepted,
            sum(c.rejected) as rejected, sum(c.older) as "older versions",
            max_by(r.state, r.ended_at) as "last state", strftime(max(r.ended_at), '%Y-%m-%d %H:%M') as "built (UTC)"
        from described t left join (select table_name, sum(read) as read, sum(accepted) as accepted,
            sum(rejected) as rejected, sum(older) as older from meta.counts group by 1) c on c.table_name = t.name
        left join meta.runs r on r.table_name = t.name
        group by t.name, t.description, t.place order by t.place""",
    "Sources": """
        select source, count(*) as files, sum(rows) as rows, sum(broken) as "lines that are no rows",
            strftime(max(taken_at), '%Y-%m-%d %H:%M') as "last file (UTC)",
            (select max(p.partition) from meta.parts p where p.source = f.source and p.partition not in ('', '*'))
                as "newest partition"
        from meta.files f group by source order by source""",
    "Rejected rows": """
        select table_name as "table", reason, count(*) as rows, min(file) as "first file", min_by(row, file) as row
        from (select *, unnest(reasons) as reason from meta.rejected) group by all order by rows desc""",
    "Last runs": """
        select strftime(ended_at, '%Y-%m-%d %H:%M:%S') as "ended (UTC)", table_name as "table", state, partitions,
            read, accepted, rejected, round(seconds, 1) as seconds, message
        from meta.runs order by ended_at desc limit 50""",
}


def page(settings: Settings) -> str:
    """The page as HTML."""
    parts = []
    with tables(settings) as store:
        store.sql("create temp table described (name varchar, description varchar, place integer)")
        described = load(settings.root).tables.values()
        store.insert("described", [(t.name, t.description, n) for n, t in enumerate(described)])
        for title, query in SECTIONS.items():
            heads = list(store.columns(query))
            parts.append(f"<h2>{title}</h2>\n{_table(heads, store.sql(query))}")
    made = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>Warehouse report</title>\n<style>{STYLE}</style>\n<h1>Warehouse</h1>\n<p>{made}</p>\n"
        + "\n".join(parts)
        + "\n</html>\n"
    )


def _table(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    if not rows:
        return "<p>None.</p>"
    head = "".join(f"<th>{escape(each)}</th>" for each in heads)
    body = "\n".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"


def _cell(value: Any) -> str:
    if value is None:
        return "<td></td>"
    if isinstance(value, int | float):
        return f'<td class="number">{value:,}</td>'
    state = f' class="{value}"' if value in ("held", "waiting") else ""
    return f"<td{state}>{escape(str(value))}</td>"
