"""The same numbers for machines: a file in the text format of Prometheus.

Its node exporter reads such files (`--collector.textfile.directory`), so there is no port to open.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from .judge import Finding


def write(path: Path, findings: Sequence[Finding], rows: Mapping[str, int]) -> None:
    # A scraper sees the old file or the new one.
    fresh = path.with_suffix(".new")
    fresh.write_text("".join(f"{line}\n" for line in lines(findings, rows)), encoding="utf-8")
    fresh.replace(path)


def lines(findings: Sequence[Finding], rows: Mapping[str, int]) -> Iterator[str]:
    yield "# HELP pipeline_table_rows Rows of a table."
    yield "# TYPE pipeline_table_rows gauge"
    for table, count in rows.items():
        yield f"pipeline_table_rows{{{_labels(table=table)}}} {count}"
    labels = [_labels(source=each.source, measure=each.measure) for each in findings]
    yield "# HELP pipeline_measure What was measured of the latest delivery of a source."
    yield "# TYPE pipeline_measure gauge"
    for of, each in zip(labels, findings, strict=True):
        yield f"pipeline_measure{{{of}}} {each.value:g}"
    yield "# HELP pipeline_unusual Whether that is unusual."
    yield "# TYPE pipeline_unusual gauge"
    for of, each in zip(labels, findings, strict=True):
        yield f"pipeline_unusual{{{of}}} {int(each.unusual)}"


def _labels(**labels: str) -> str:
    return ",".join(f'{name}="{_escape(value)}"' for name, value in labels.items())


def _escape(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
