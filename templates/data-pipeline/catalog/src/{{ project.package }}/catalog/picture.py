"""The flow as a picture: what is made of what, from left to right, each box a link."""

from collections.abc import Mapping, Sequence
from html import escape

from .model import Dataset, anchor

BOX_WIDTH, BOX_HEIGHT, GAP_X, GAP_Y, EDGE = 150, 40, 60, 18, 6


def picture(datasets: Sequence[Dataset]) -> str:
    places = _places(datasets)
    width = max(x for x, _ in places.values()) + BOX_WIDTH + EDGE
    height = max(y for _, y in places.values()) + BOX_HEIGHT + EDGE
    parts = [f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="The flow of data">']
    for dataset in datasets:
        for source in dataset.made_of:
            parts.append(_line(places[source], places[dataset.name]))
    parts += [_box(dataset, places[dataset.name]) for dataset in datasets]
    return "".join([*parts, "</svg>"])


def _places(datasets: Sequence[Dataset]) -> Mapping[str, tuple[int, int]]:
    stages = sorted({dataset.stage for dataset in datasets})
    columns = [[d.name for d in datasets if d.stage == stage] for stage in stages]
    tallest = max(map(len, columns))
    places = {}
    for index, names in enumerate(columns):
        # Short columns stand in the middle of the tall ones.
        top = EDGE + (tallest - len(names)) * (BOX_HEIGHT + GAP_Y) // 2
        for row, name in enumerate(names):
            places[name] = (EDGE + index * (BOX_WIDTH + GAP_X), top + row * (BOX_HEIGHT + GAP_Y))
    return places


def _line(start: tuple[int, int], end: tuple[int, int]) -> str:
    x1, y1 = start[0] + BOX_WIDTH, start[1] + BOX_HEIGHT // 2
    x2, y2 = end[0], end[1] + BOX_HEIGHT // 2
    half = (x1 + x2) // 2
    return f'<path class="flow" d="M{x1} {y1} C{half} {y1} {half} {y2} {x2} {y2}"/>'


def _box(dataset: Dataset, place: tuple[int, int]) -> str:
    x, y = place
    name = escape(dataset.name)
    link = anchor(dataset.name)
    return (
        f'<a href="#{link}"><rect class="box" x="{x}" y="{y}" width="{BOX_WIDTH}" '
        f'height="{BOX_HEIGHT}" rx="6"/><text x="{x + BOX_WIDTH // 2}" '
        f'y="{y + BOX_HEIGHT // 2 + 5}" text-anchor="middle">{name}</text></a>'
    )
