"""The report: one HTML file that needs nothing else, with a plot of each series."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from html import escape

from .history import Observation
from .judge import FRESHNESS, Band, Finding, Observability, bands, by_source, number, series

WIDTH, HEIGHT, EDGE = 360, 96, 8

STYLE = """
:root { color-scheme: light dark; --ink: #1d2733; --dim: #667485; --line: #d5dbe2;
  --back: #fff; --usual: #dfeaf6; --series: #2b6cb0; --alert: #c53030; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf1; --dim: #97a4b3; --line: #37424f;
  --back: #161c23; --usual: #22344a; --series: #7ab2e8; --alert: #fc8181; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--back);
  max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; } td, th { padding: .3rem .9rem .3rem 0; text-align: left;
  border-bottom: 1px solid var(--line); } td.n, th.n { text-align: right;
  font-variant-numeric: tabular-nums; }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: 1rem; }
figure { margin: 0; padding: .6rem .8rem; border: 1px solid var(--line); border-radius: .5rem; }
figcaption { font-size: .85rem; color: var(--dim); } svg { width: 100%; height: auto; }
.alert { color: var(--alert); font-weight: 600; } .dim { color: var(--dim); }
.usual { fill: var(--usual); } .middle { stroke: var(--dim); stroke-dasharray: 3 3; }
.series { stroke: var(--series); fill: none; stroke-width: 1.5; }
.point { fill: var(--series); } .point.alert { fill: var(--alert); }
""".strip()


def page(
    title: str,
    history: Sequence[Observation],
    findings: Sequence[Finding],
    rows: Mapping[str, int],
    settings: Observability,
    now: datetime,
) -> str:
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>",
        f"<h1>{escape(title)}</h1>",
        f'<p class="dim">as of {now:%Y-%m-%d %H:%M} UTC</p>',
        *_verdict(findings),
        "<h2>Tables</h2>",
        "<table><tr><th>table</th><th class=n>rows</th></tr>",
        *(
            f"<tr><td>{escape(name)}</td><td class=n>{count:,}</td></tr>"
            for name, count in rows.items()
        ),
        "</table>",
        *_sources(history, findings, settings),
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def _verdict(findings: Sequence[Finding]) -> Iterator[str]:
    unusual = [each for each in findings if each.unusual]
    if unusual:
        yield f'<p class="alert">{len(unusual)} of {len(findings)} measures are unusual</p><ul>'
        yield from (f"<li>{escape(str(each))}</li>" for each in unusual)
        yield "</ul>"
        return
    judged = sum(each.usual is not None for each in findings)
    yield f"<p>Nothing is unusual. {judged} of {len(findings)} measures have enough history.</p>"


def _sources(
    history: Sequence[Observation], findings: Sequence[Finding], settings: Observability
) -> Iterator[str]:
    for source, observations in by_source(history).items():
        yield f"<h2>{escape(source)}</h2>"
        mine = {each.measure: each for each in findings if each.source == source}
        if late := mine.get(FRESHNESS):
            mark = ' class="alert"' if late.unusual else ""
            yield f"<p{mark}>Last delivery {number(late.value)} hours ago.</p>"
        yield '<div class="plots">'
        for measure, points in series(observations).items():
            values = [each.measures[measure] for each in points]
            yield _figure(measure, values, bands(points, measure, settings))
        yield "</div>"


def _figure(measure: str, values: Sequence[float], usuals: Sequence[Band | None]) -> str:
    latest, usual = number(values[-1]), usuals[-1]
    told = "too little history" if usual is None else f"usual {usual}"
    label = escape(f"{measure}: latest {latest}, {told}, {len(values)} deliveries")
    caption = f"{escape(measure)}<br><strong>{latest}</strong> ({told})"
    return f"<figure>{plot(values, usuals, label)}<figcaption>{caption}</figcaption></figure>"


def plot(values: Sequence[float], usuals: Sequence[Band | None], label: str) -> str:
    """A line through the values, over what is usual by now; what was unusual then is marked."""
    usual = usuals[-1]
    ends = [*values] if usual is None else [*values, usual.low, usual.high]
    low, high = min(ends), max(ends)
    height = (high - low) or 1.0

    def x(index: int) -> float:
        return EDGE + (WIDTH - 2 * EDGE) * (index / max(len(values) - 1, 1))

    def y(value: float) -> float:
        return HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * ((value - low) / height)

    parts = [f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">']
    if usual:
        top, middle, bottom = y(usual.high), y(usual.middle), y(usual.low)
        parts.append(
            f'<rect class="usual" x="0" y="{top:.1f}" width="{WIDTH}" height="{bottom - top:.1f}"/>'
            f'<line class="middle" x1="0" x2="{WIDTH}" y1="{middle:.1f}" y2="{middle:.1f}"/>'
        )
    line = " ".join(f"{x(index):.1f},{y(value):.1f}" for index, value in enumerate(values))
    parts.append(f'<polyline class="series" points="{line}"/>')
    for index, (value, then) in enumerate(zip(values, usuals, strict=True)):
        alert = then is not None and not then.low <= value <= then.high
        mark = "point alert" if alert else "point"
        parts.append(
            f'<circle class="{mark}" cx="{x(index):.1f}" cy="{y(value):.1f}" r="{4 if alert else 2.5}">'
            f"<title>{number(value)}</title></circle>"
        )
    return "".join([*parts, "</svg>"])
