"""The catalog as one HTML file: it loads nothing, and its search works without a server."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from html import escape

from .model import Dataset, anchor, used_by
from .picture import picture

STYLE = """
:root { color-scheme: light dark; --ink: #1d2733; --dim: #667485; --line: #d5dbe2;
  --back: #fff; --box: #eef3f9; --link: #2b6cb0; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf1; --dim: #97a4b3; --line: #37424f;
  --back: #161c23; --box: #22303f; --link: #7ab2e8; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--back);
  max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
a { color: var(--link); } h1 { font-size: 1.6rem; } h2 { font-size: 1.25rem; margin: 0; }
h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; } .dim { color: var(--dim); }
input { font: inherit; width: 100%; padding: .5rem .7rem; border: 1px solid var(--line);
  border-radius: .5rem; background: var(--back); color: var(--ink); box-sizing: border-box; }
section { border: 1px solid var(--line); border-radius: .6rem; padding: 1rem 1.2rem;
  margin: 1.2rem 0; } section[hidden], tr[hidden] { display: none; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th[scope] { width: 11rem; }
td, th { padding: .3rem .9rem .3rem 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); } code { font-size: .92em; }
svg { width: 100%; height: auto; max-height: 22rem; margin: 1rem 0; }
.box { fill: var(--box); stroke: var(--line); } .flow { fill: none; stroke: var(--dim); }
text { fill: var(--ink); font: 13px system-ui, sans-serif; }
""".strip()

# Hides what does not hold all words of the search. A table whose own name or description does
# shows all of its columns, else those that do.
SCRIPT = """
const search = document.querySelector('input');
const holds = (element, words) => {
  const text = element.dataset.text.toLowerCase();
  return words.every((word) => text.includes(word));
};
search.addEventListener('input', () => {
  const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean);
  let shown = 0;
  for (const section of document.querySelectorAll('section')) {
    const whole = holds(section, words);
    let some = false;
    for (const row of section.querySelectorAll('tr[data-text]')) {
      row.hidden = !whole && !holds(row, words);
      some = some || !row.hidden;
    }
    section.hidden = !whole && !some;
    shown += section.hidden ? 0 : 1;
  }
  document.querySelector('#shown').textContent = `${shown} shown`;
});
""".strip()

POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


def site(title: str, datasets: Sequence[Dataset], now: datetime) -> str:
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>",
        f"<h1>{escape(title)}</h1>",
        f'<p class="dim">{len(datasets)} datasets, as of {now:%Y-%m-%d %H:%M} UTC</p>',
        picture(datasets),
        '<input type="search" placeholder="Search tables and columns" aria-label="Search">',
        f'<p class="dim" id="shown">{len(datasets)} shown</p>',
        *(_section(dataset, datasets) for dataset in datasets),
        f"<script>{SCRIPT}</script></body></html>",
    ]
    return "\n".join(parts) + "\n"


def _section(dataset: Dataset, datasets: Sequence[Dataset]) -> str:
    name = escape(dataset.name)
    text = escape(f"{dataset.name} {dataset.kind} {dataset.description} {dataset.owner or ''}")
    return "".join(
        [
            f'<section id="{anchor(dataset.name)}" data-text="{text}">',
            f'<h2>{name} <small class="dim">{escape(dataset.kind)}</small></h2>',
            f"<p>{escape(dataset.description)}</p>",
            "<table>",
            _fact("location", f"<code>{escape(dataset.location)}</code>"),
            _fact("owner", escape(dataset.owner) if dataset.owner else "unknown"),
            _fact("made of", _links(dataset.made_of) or "what is delivered"),
            _fact("used by", _links(used_by(datasets, dataset.name)) or "nothing that is known"),
            *(_fact(escape(what), escape(value)) for what, value in dataset.facts),
            "</table>",
            *_columns(dataset),
            *_history(dataset),
            "</section>",
        ]
    )


def _fact(what: str, value: str) -> str:
    return f'<tr><th scope="row">{what}</th><td>{value}</td></tr>'


def _links(names: Sequence[str]) -> str:
    return ", ".join(f'<a href="#{anchor(name)}">{escape(name)}</a>' for name in names)


def _columns(dataset: Dataset) -> Iterator[str]:
    if not dataset.columns:
        return
    yield '<h3>Columns</h3><div class="wide"><table>'
    yield "<tr><th>name</th><th>type</th><th>what it is</th><th>promised</th></tr>"
    for column in dataset.columns:
        cells = (
            f"<code>{escape(column.name)}</code>",
            f"<code>{escape(column.kind)}</code>",
            escape(column.description) or '<span class="dim">not described</span>',
            escape(column.promise),
        )
        text = escape(f"{column.name} {column.kind} {column.description} {column.promise}")
        yield f'<tr data-text="{text}">' + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
    yield "</table></div>"


def _history(dataset: Dataset) -> Iterator[str]:
    if not dataset.history:
        return
    yield '<h3>History</h3><div class="wide"><table>'
    yield "<tr><th>version</th><th>when (UTC)</th><th>what</th></tr>"
    for event in dataset.history:
        yield (
            f"<tr><td>{event.version}</td><td>{event.at:%Y-%m-%d %H:%M:%S}</td>"
            f"<td>{escape(event.what)}</td></tr>"
        )
    yield "</table></div>"
