"""One page of HTML on how good a model is: without a script or a network, dark or light.

What is drawn comes as plain numbers from the target (`charts`), so this module knows of no model.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import floor, log10
from typing import Literal, Protocol

from . import tables

NAME = "report.html"
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
MOST = 400  # points of a cloud
WIDTH, HEIGHT, LEFT, BOTTOM, EDGE = 340, 260, 56, 38, 12

Point = tuple[float, float]
Rows = Sequence[Mapping[str, object]]


@dataclass(frozen=True)
class Line:
    name: str
    points: Sequence[Point]
    kind: Literal["line", "dots", "guide", "mark"] = "line"


@dataclass(frozen=True)
class Chart:
    title: str
    x: str
    y: str
    lines: Sequence[Line]


@dataclass(frozen=True)
class Grid:
    """How often which class was answered where which was true."""

    title: str
    names: Sequence[str]
    counts: Sequence[Sequence[int]]
    ordered: bool = False  # so that one class beside the true one is a smaller fault


class Span(Protocol):
    """A measure of some rows with its interval."""

    @property
    def value(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...
    @property
    def count(self) -> int: ...


@dataclass(frozen=True)
class Report:
    title: str
    judged: str  # by which rows
    rule: str  # how an answer comes of what the model gives, if there is something to say
    measures: Rows
    measure: str  # of the spans
    spans: Mapping[str, Span]
    charts: Sequence[Chart | Grid]
    drift: Rows
    card: str  # in Markdown


def page(of: Report) -> str:
    parts = [f"<h1>{escape(of.title)}</h1><p>{escape(of.judged)}</p>"]
    parts.append(_section("Measures", _table(of.measures)))
    parts.append(f"<div class=charts>{''.join(map(_drawn, of.charts))}</div>")
    if of.rule:
        parts.append(_section("The answer", f"<p>{escape(of.rule)}</p>"))
    parts.append(_section(f"{of.measure}, by kinds of rows", _spans(of.spans)))
    if of.drift:
        parts.append(_section("Drift from the training", _table(of.drift)))
    parts.append(f"<section class=card>{''.join(_markdown(of.card))}</section>")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f"<title>{escape(of.title)}</title><style>{STYLE}</style></head>\n<body><main>"
        + "\n".join(parts)
        + "</main></body></html>\n"
    )


def _section(title: str, body: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{body}</section>"


def _table(rows: Rows) -> str:
    if not rows:
        return ""
    head = "".join(f"<th>{escape(name)}</th>" for name in rows[0])
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(tables.shown(cell))}</td>' for cell in row.values())}</tr>"
        for row in rows
    )
    return f"<div class=wide><table><tr>{head}</tr>{body}</table></div>"


def _spans(spans: Mapping[str, Span]) -> str:
    """Each value with its interval, drawn on one scale."""
    known = {name: span for name, span in spans.items() if span.count}
    low = min((span.low for span in known.values()), default=0.0)
    wide = max((span.high for span in known.values()), default=1.0) - low or 1.0
    rows = []
    for name, span in known.items():
        ends = [150 * (at - low) / wide + 5 for at in (span.low, span.value, span.high)]
        first, middle, last = (f"{end:.1f}" for end in ends)
        drawn = (
            f'<svg class=span viewBox="0 0 160 14" aria-hidden=true><path d="M{first} 7H{last}"/>'
            f'<circle cx="{middle}" cy=7 r=4 /></svg>'
        )
        numbers = f"{tables.measured(span.low)} to {tables.measured(span.high)}"
        cells = (escape(name), tables.measured(span.value), numbers, drawn, str(span.count))
        rows.append(f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
    head = "".join(f"<th>{name}</th>" for name in ("rows", "value", "95 % interval", "", "count"))
    return f"<div class=wide><table><tr>{head}</tr>{''.join(rows)}</table></div>"


def _drawn(chart: Chart | Grid) -> str:
    body = _grid(chart) if isinstance(chart, Grid) else _chart(chart)
    return f"<figure><figcaption>{escape(chart.title)}</figcaption>{body}</figure>"


def _grid(grid: Grid) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in grid.names)
    rows = []
    for true, (name, counts) in enumerate(zip(grid.names, grid.counts, strict=True)):
        cells = []
        for said, count in enumerate(counts):
            shade = 0.55 * count / (sum(counts) or 1)
            near = grid.ordered and abs(said - true) == 1
            right = " class=right" if said == true else " class=near" if near else ""
            style = f'style="background:rgb(47 126 216 / {shade:.2f})"'
            cells.append(f"<td{right} {style}>{count}</td>")
        rows.append(f"<tr><th>{escape(name)}</th>{''.join(cells)}</tr>")
    note = "<p>Dashed: the class beside the true one.</p>" if grid.ordered else ""
    table = f"<table class=grid><tr><th>true \\ answered</th>{head}</tr>{''.join(rows)}</table>"
    return f"<div class=wide>{table}</div>{note}"


def _chart(chart: Chart) -> str:
    points = [point for line in chart.lines for point in line.points]
    across, up = (_scale([point[axis] for point in points]) for axis in (0, 1))
    parts = [f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role=img aria-label="{escape(chart.title)}">']
    for tick in across:
        at = _across(tick, across)
        parts.append(f'<path class=tick d="M{at:.1f} {EDGE}V{HEIGHT - BOTTOM}"/>')
        parts.append(f'<text x="{at:.1f}" y="{HEIGHT - 22}" class=middle>{_label(tick)}</text>')
    for tick in up:
        at = _up(tick, up)
        parts.append(f'<path class=tick d="M{LEFT} {at:.1f}H{WIDTH - EDGE}"/>')
        parts.append(f'<text x="{LEFT - 5}" y="{at + 4:.1f}" class=end>{_label(tick)}</text>')
    middle = (WIDTH + LEFT - EDGE) / 2
    parts.append(f'<text x="{middle}" y="{HEIGHT - 5}" class=middle>{escape(chart.x)}</text>')
    parts.append(
        f'<text transform="translate(11 {(HEIGHT - BOTTOM) / 2}) rotate(-90)" class=middle>'
        f"{escape(chart.y)}</text>"
    )
    legend = []
    for number, line in enumerate(chart.lines):
        places = [(_across(x, across), _up(y, up)) for x, y in line.points]
        colour = f"c{number % 6}"
        if line.kind in ("dots", "mark"):
            size = 2 if line.kind == "dots" else 5
            parts += [
                f'<circle class="{line.kind} {colour}" cx="{x:.1f}" cy="{y:.1f}" r={size} />'
                for x, y in places
            ]
        else:
            path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
            parts.append(f'<path class="{line.kind} {colour}" d="M{path}"/>')
        if line.kind != "guide" and line.name:
            legend.append(f"<li><span class={colour}></span>{escape(line.name)}</li>")
    return f"{''.join(parts)}</svg><ul class=legend>{''.join(legend)}</ul>"


def _scale(values: Sequence[float]) -> list[float]:
    """Round numbers around all that is drawn."""
    low, high = min(values), max(values)
    wide = high - low or abs(high) or 1.0
    power = 10 ** floor(log10(wide / 4))
    step = next(power * size for size in (1, 2, 5, 10) if wide / (power * size) <= 5)
    first, last = floor(low / step + 1e-9), -floor(-high / step + 1e-9)
    return [step * number for number in range(first, max(last, first + 1) + 1)]


def _across(value: float, ticks: Sequence[float]) -> float:
    return LEFT + (WIDTH - EDGE - LEFT) * (value - ticks[0]) / (ticks[-1] - ticks[0])


def _up(value: float, ticks: Sequence[float]) -> float:
    high = HEIGHT - BOTTOM
    return high - (high - EDGE) * (value - ticks[0]) / (ticks[-1] - ticks[0])


def _label(tick: float) -> str:
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(tick) >= size:
            return f"{tick / (1000 if letter == 'k' else size):g}{letter}"
    return f"{tick:.6g}"


def _markdown(text: str) -> Iterator[str]:
    """Headings, lists, tables and paragraphs, as the card has them; pictures are left out."""
    for block in re.split(r"\n\s*\n|\n(?=#)", text.strip()):
        lines = [line for line in block.splitlines() if not line.startswith("![")]
        rows = [_cells(line) for line in lines if line.startswith("|")]
        for line in lines:
            if found := re.match(r"(#+) (.*)", line):
                yield f"<h{len(found[1]) + 1}>{_inline(found[2])}</h{len(found[1]) + 1}>"
        rest = [line for line in lines if not line.startswith(("|", "#"))]
        if rows:
            cells = [[_inline(cell) for cell in row] for row in (rows[0], *rows[2:])]
            body = "".join(f"<tr><td>{'<td>'.join(row)}" for row in cells[1:])
            head = f"<tr><th>{'<th>'.join(cells[0])}"
            yield f"<div class=wide><table>{head}{body}</table></div>"
        items = re.split(r"^- ", "\n".join(rest), flags=re.M)
        if items[0].strip():
            yield f"<p>{_inline(items[0])}</p>"
        if len(items) > 1:
            yield f"<ul>{''.join(f'<li>{_inline(item)}</li>' for item in items[1:])}</ul>"


def _cells(line: str) -> list[str]:
    cells = line.removeprefix("| ").removesuffix(" |").split(" | ")
    return [cell.replace("\\|", "|") for cell in cells]


def _inline(text: str) -> str:
    code = re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(text))
    return re.sub(r"\*\*(.*?)\*\*", r"<strong>\1</strong>", code)


STYLE = """
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5b6675;--line:#d5dbe3;--paper:#fff}
@media(prefers-color-scheme:dark){
:root{--ink:#e6eaf0;--soft:#a3adba;--line:#39424f;--paper:#14181e}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:60rem;margin:auto;padding:1rem}
h1,h2,h3{line-height:1.2;overflow-wrap:anywhere}
h2{margin-top:2rem}
p,li{overflow-wrap:anywhere}
td,th{overflow-wrap:break-word}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}
td,th{padding:.25rem .6rem .25rem 0;text-align:left;border-bottom:1px solid var(--line)}
td{min-width:2.5rem}
th{color:var(--soft);font-weight:600}
.grid th{overflow-wrap:normal;white-space:nowrap}
.grid tr>th:first-child{overflow-wrap:anywhere;white-space:normal;min-width:6rem}
.grid td{min-width:2.5rem;padding:.4rem;text-align:center}
.grid .right{outline:2px solid var(--soft);outline-offset:-2px}
.grid .near{outline:2px dashed var(--soft);outline-offset:-3px}
.charts{display:grid;gap:1.5rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,18rem),1fr))}
figure{margin:1rem 0 0;min-width:0}
figcaption{font-weight:600;margin-bottom:.3rem}
svg{width:100%;max-width:26rem;height:auto;display:block}
svg text{fill:var(--soft);font-size:11px}
.middle{text-anchor:middle}.end{text-anchor:end}
path{fill:none;stroke:var(--c,#2f7ed8);stroke-width:2}
.tick{stroke:var(--line);stroke-width:1}
.guide{stroke:var(--soft);stroke-width:1;stroke-dasharray:3 3}
circle{fill:var(--c,#2f7ed8)}
.dots{opacity:.55}
.mark{stroke:var(--paper);stroke-width:1.5}
.span{width:10rem;min-width:6rem}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1rem;padding:0;margin:.3rem 0}
.legend,figure p{font-size:.85rem;color:var(--soft)}
.legend span{display:inline-block;width:.8em;height:.8em;margin-right:.4em;background:var(--c)}
.card{border-top:2px solid var(--line);margin-top:2.5rem;font-size:.95rem}
.c0{--c:#2f7ed8}.c1{--c:#d9730d}.c2{--c:#2e9e5b}.c3{--c:#b0449e}.c4{--c:#c43d3d}.c5{--c:#8a7a00}
"""
