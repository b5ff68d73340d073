"""What was measured, shown to people: tables of text and of Markdown, and one page of HTML.

The page has no script and needs no network, dark or light. What is drawn comes as plain numbers
from the target (`charts`), so this module knows of no model.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import floor, log10
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from .artifacts import Record

NAME = "report.html"
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
MOST = 400  # points of a cloud
WIDTH, HEIGHT, LEFT, BOTTOM, EDGE, TITLE = 340, 260, 56, 38, 12, 24
# Names of columns and classes stand in a card: of what they may hold nothing is a link or HTML, and nothing is lost.
MARKDOWN = MarkdownIt("commonmark", {"html": False})
MARKDOWN.enable("table").disable(["link", "image", "autolink", "entity", "escape"])

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


class Span(Record):
    """A measure of some rows with its 95 % interval."""

    value: float
    low: float
    high: float
    count: int


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


def shown(value: object) -> str:
    """Four digits of a number, and all of those before the point; any text on one line."""
    if not isinstance(value, float):
        return " ".join(str(value).splitlines())
    return f"{value:.0f}" if 1000 <= abs(value) < 1e15 else f"{value:.4g}"


def measured(value: float) -> str:
    """Three places behind the point; of what is large none, of what is tiny as many as it needs."""
    if abs(value) >= 1000 or 0 < abs(value) < 0.0005:
        return shown(float(f"{value:.3g}") if abs(value) < 1 else value)
    return f"{value:.3f}"


def display(rows: Rows) -> None:
    """Print columns of equal width; numbers to the right."""
    if not rows:
        return
    names = list(rows[0])
    cells = [names, *([shown(row[name]) for name in names] for row in rows)]
    right = [all(isinstance(row[name], int | float) for row in rows) for name in names]
    wide = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        padded = [
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(line, wide, right, strict=True)
        ]
        print("  ".join(padded).rstrip())


def markdown(rows: Rows) -> str:
    if not rows:
        return ""
    head, *cells = (
        [shown(cell).replace("|", "\\|") for cell in line]
        for line in (rows[0], *(row.values() for row in rows))
    )
    table = [head, ["---"] * len(head), *cells]
    return "".join(f"| {' | '.join(line)} |\n" for line in table)


def page(of: Report) -> str:
    parts = [
        f"<h1>{escape(of.title)}</h1><p>{escape(of.judged)}</p>",
        _section("Measures", _rows(of.measures)),
        f"<div class=charts>{''.join(map(_figure, of.charts))}</div>",
        _section("The answer", f"<p>{escape(of.rule)}</p>") if of.rule else "",
        _section(f"{of.measure}, by kinds of rows", _spans(of.spans)),
        _section("Drift from the training", _rows(of.drift)) if of.drift else "",
        f"<section class=card>{_card(of.card)}</section>",
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f"<title>{escape(of.title)}</title><style>{COLOURS}{DRAWN}{STYLE}</style></head>\n<body><main>"
        + "\n".join(filter(None, parts))
        + "</main></body></html>\n"
    )


def _section(title: str, body: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{body}</section>"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Cells that are HTML already."""
    names = "".join(f"<th>{name}</th>" for name in head)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<div class=wide><table><tr>{names}</tr>{body}</table></div>"


def _rows(rows: Rows) -> str:
    cells = ([escape(shown(cell)) for cell in row.values()] for row in rows)
    return _table(map(escape, rows[0]), cells) if rows else ""


def _spans(spans: Mapping[str, Span]) -> str:
    """Each value with its interval, drawn on one scale."""
    known = {name: span for name, span in spans.items() if span.count}
    low = min((span.low for span in known.values()), default=0.0)
    wide = max((span.high for span in known.values()), default=1.0) - low or 1.0
    rows = []
    for name, span in known.items():
        places = (150 * (at - low) / wide + 5 for at in (span.low, span.value, span.high))
        first, middle, last = (f"{place:.1f}" for place in places)
        drawn = (
            f'<svg class=span viewBox="0 0 160 14" aria-hidden=true><path d="M{first} 7H{last}"/>'
            f'<circle cx="{middle}" cy=7 r=4 /></svg>'
        )
        interval = f"{measured(span.low)} to {measured(span.high)}"
        rows.append((escape(name), measured(span.value), interval, drawn, str(span.count)))
    return _table(("rows", "value", "95 % interval", "", "count"), rows)


def _figure(chart: Chart | Grid) -> str:
    body = _grid(chart) if isinstance(chart, Grid) else _chart(chart)
    size = " class=big" if isinstance(chart, Grid) and len(chart.names) > 3 else ""
    return f"<figure{size}><figcaption>{escape(chart.title)}</figcaption>{body}</figure>"


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


def picture(charts: Sequence[Chart]) -> str:
    """Charts side by side in a file of their own, which a card can show."""
    wide, high = WIDTH * len(charts), HEIGHT + TITLE
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" '
        f'height="{high}"><style>{COLOURS}{DRAWN}</style>'
        f'<rect width="{wide}" height="{high}" fill="var(--paper)"/>'
    ]
    for place, chart in enumerate(charts):
        title = f'<text x="{LEFT}" y="{TITLE - 6}">{escape(chart.title)}</text>'
        drawn = f'<g transform="translate(0 {TITLE})">{_drawn(chart)}</g>'
        parts.append(f'<g transform="translate({place * WIDTH} 0)">{title}{drawn}</g>')
    return f"{''.join(parts)}</svg>\n"


def _chart(chart: Chart) -> str:
    legend = "".join(
        f"<li><span class=c{number % 6}></span>{escape(line.name)}</li>"
        for number, line in enumerate(chart.lines)
        if line.kind != "guide" and line.name
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role=img aria-label="{escape(chart.title)}">'
        f"{_drawn(chart)}</svg><ul class=legend>{legend}</ul>"
    )


def _drawn(chart: Chart) -> str:
    """As a page and a file of XML can hold it."""
    points = [point for line in chart.lines for point in line.points]
    across, up = (_scale([point[axis] for point in points]) for axis in (0, 1))
    floor_at, right = HEIGHT - BOTTOM, WIDTH - EDGE

    def place(point: Point) -> Point:
        x, y = (
            (at - scale[0]) / (scale[-1] - scale[0])
            for at, scale in zip(point, (across, up), strict=True)
        )
        return LEFT + (right - LEFT) * x, floor_at - (floor_at - EDGE) * y

    parts = []
    for tick in across:
        x, _ = place((tick, up[0]))
        parts.append(f'<path class="tick" d="M{x:.1f} {EDGE}V{floor_at}"/>')
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - 22}" class="middle">{_label(tick)}</text>')
    for tick in up:
        _, y = place((across[0], tick))
        parts.append(f'<path class="tick" d="M{LEFT} {y:.1f}H{right}"/>')
        parts.append(f'<text x="{LEFT - 5}" y="{y + 4:.1f}" class="end">{_label(tick)}</text>')
    parts.append(
        f'<text x="{(right + LEFT) / 2}" y="{HEIGHT - 5}" class="middle">{escape(chart.x)}</text>'
        f'<text transform="translate(11 {floor_at / 2}) rotate(-90)" class="middle">'
        f"{escape(chart.y)}</text>"
    )
    for number, line in enumerate(chart.lines):
        places, colour = list(map(place, line.points)), f"c{number % 6}"
        if line.kind in ("dots", "mark"):
            size = 2 if line.kind == "dots" else 5
            parts += [
                f'<circle class="{line.kind} {colour}" cx="{x:.1f}" cy="{y:.1f}" r="{size}"/>'
                for x, y in places
            ]
        else:
            path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
            parts.append(f'<path class="{line.kind} {colour}" d="M{path}"/>')
    return "".join(parts)


def _scale(values: Sequence[float]) -> list[float]:
    """Round numbers around all that is drawn."""
    low, high = min(values), max(values)
    wide = high - low or abs(high) or 1.0
    power = 10 ** floor(log10(wide / 4))
    step = next(power * size for size in (1, 2, 5, 10) if wide / (power * size) <= 5)
    first, last = floor(low / step + 1e-9), -floor(-high / step + 1e-9)
    return [step * number for number in range(first, max(last, first + 1) + 1)]


def _label(tick: float) -> str:
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(tick) >= size:
            return f"{tick / (1000 if letter == 'k' else size):g}{letter}"
    return f"{tick:.6g}"


def _emphasis(
    renderer: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:
    """Bold is what a card sets in bold; other signs of emphasis are part of a name, such as `_yes_`."""
    sign = tokens[at].markup
    return renderer.renderToken(tokens, at, options, env) if sign == "**" else sign


for _kind in ("em_open", "em_close", "strong_open", "strong_close"):
    MARKDOWN.add_render_rule(_kind, _emphasis)


def _card(text: str) -> str:
    """Below the heading of the page, and without pictures, which are other files."""
    without = re.sub(r"^!\[.*\n", "", text, flags=re.M)
    rendered: str = MARKDOWN.render(re.sub(r"^#", "##", without, flags=re.M))
    return rendered


COLOURS = """
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5b6675;--line:#d5dbe3;--paper:#fff}
@media(prefers-color-scheme:dark){
:root{--ink:#e6eaf0;--soft:#a3adba;--line:#39424f;--paper:#14181e}}
"""
DRAWN = """
text{fill:var(--soft);font:11px system-ui,sans-serif}
.middle{text-anchor:middle}.end{text-anchor:end}
path{fill:none;stroke:var(--c,#2f7ed8);stroke-width:2}
.tick{stroke:var(--line);stroke-width:1}
.guide{stroke:var(--soft);stroke-width:1;stroke-dasharray:3 3}
circle{fill:var(--c,#2f7ed8)}
.dots{opacity:.55}
.mark{stroke:var(--paper);stroke-width:1.5}
.c0{--c:#2f7ed8}.c1{--c:#d9730d}.c2{--c:#2e9e5b}.c3{--c:#b0449e}.c4{--c:#c43d3d}.c5{--c:#8a7a00}
"""
STYLE = """*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:60rem;margin:auto;padding:1rem}
h1,h2,h3{line-height:1.2;overflow-wrap:anywhere}
h2{margin-top:2rem}
p,li{overflow-wrap:anywhere}
td,th{overflow-wrap:break-word}
.card table{display:block;overflow-x:auto}
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
@media(min-width:42rem){.big{grid-column:span 2}}
figcaption{font-weight:600;margin-bottom:.3rem}
svg{width:100%;max-width:26rem;height:auto;display:block}
.span{width:10rem;min-width:6rem}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1rem;padding:0;margin:.3rem 0}
.legend,figure p{font-size:.85rem;color:var(--soft)}
.legend span{display:inline-block;width:.8em;height:.8em;margin-right:.4em;background:var(--c)}
.card{border-top:2px solid var(--line);margin-top:2.5rem;font-size:.95rem}
"""
