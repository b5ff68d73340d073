"""Tables of text, for the terminal and for Markdown."""

from collections.abc import Iterator, Mapping, Sequence

Rows = Sequence[Mapping[str, object]]


def text(rows: Rows) -> Iterator[str]:
    """Columns of equal width; numbers to the right."""
    if not rows:
        return
    names = list(rows[0])
    cells = [[shown(row[name]) for name in names] for row in rows]
    right = [all(isinstance(row[name], int | float) for row in rows) for name in names]
    wide = [max(len(line[i]) for line in [names, *cells]) for i in range(len(names))]
    for line in [names, *cells]:
        padded = [
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(line, wide, right, strict=True)
        ]
        yield "  ".join(padded).rstrip()


def markdown(rows: Rows) -> str:
    if not rows:
        return ""
    names = list(rows[0])
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    cells = [[shown(row[name]).replace("|", "\\|") for name in names] for row in rows]
    lines += ["| " + " | ".join(line) + " |" for line in cells]
    return "\n".join(lines) + "\n"


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
