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
    lines += ["| " + " | ".join(shown(row[name]) for name in names) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def shown(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
