#!/usr/bin/env python3
"""The steps of "Put in your own data", done in a generated batch pipeline with readings of water meters.

    .ci/own_data.py REPOSITORY

Changes the files that its README names and no others, then runs the pipeline and all its checks in
a copy. Data, columns, delimiter, zone and sums are others than those of the sample.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

READINGS = """\
Meter;Read at;Litres;Order
north;2026-03-02 06:00;120;Ada
north;2026-03-02 18:00;80;Bob
south;2026-03-03 00:30;45;Ada
"""

SOURCES = """SOURCES = (
    csv_files("meters", "meters/*.txt", delimiter=";", columns=("Meter", "Read at", "Litres")),
)
"""

SILVER = """with typed as (
    select
        *,
        text_at(fields, '$.Meter') as meter,
        as_moment(text_at(fields, '$."Read at"'), 'Europe/Paris') as read_at,
        try_cast(text_at(fields, '$.Litres') as bigint) as litres,
        text_at(fields, '$.Order') as id
    from bronze
)

select
    batch, source, file, line, raw, ingested_at,
    case
        when problem is not null then problem
        when meter is null then 'meter is missing'
        when read_at is null then 'time is not a timestamp'
        when litres is null then 'litres is not a number'
    end as reason,
    cast(read_at as date) as ds,
    concat(meter, ' ', read_at) as key,
    line as version,
    meter,
    id,
    litres
from typed
"""

GOLD = '''"""Litres of each day and meter."""

import narwhals as nw

from .engines import Frame


def summarise(readings: Frame) -> Frame:
    return readings.group_by("ds", "meter").agg(litres=nw.col("litres").sum().cast(nw.Int64))


def totals(daily: Frame) -> Frame:
    return daily.select(litres=nw.col("litres").sum().cast(nw.Int64))
'''

RULES = """RULES = (Rule("litres_are_not_negative", nw.col("litres") >= 0),)
"""


def change(path: Path, pattern: str, to: str) -> None:
    text, times = re.subn(pattern, lambda _: to, path.read_text(encoding="utf-8"), flags=re.S | re.M)
    if times != 1:
        sys.exit(f"{path}: `{pattern}` is there {times} times")
    path.write_text(text, encoding="utf-8")


def put_in(root: Path) -> None:
    (src,) = (path.parent for path in root.glob("src/*/gold.py"))
    landing = root / "data/landing/meters/march.txt"
    landing.parent.mkdir(parents=True)
    landing.write_text(READINGS, encoding="utf-8")
    change(root / "config/local.toml", '^landing = .*?$', 'landing = "data/landing"')
    change(src / "sources.py", r"^SHOP = .*", SOURCES)
    (src / "sql/silver.sql").write_text(SILVER, encoding="utf-8")
    (src / "gold.py").write_text(GOLD, encoding="utf-8")
    change(src / "rules.py", r"^CURRENCIES = .*?^\)\n", RULES)
    change(src / "privacy.py", "^PERSONAL = .*?$", 'PERSONAL = ("id",)')
    for path in root.glob("tests/test_orders*.py"):
        path.unlink()


def main(repository: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / Path(repository).resolve().name
        left = shutil.ignore_patterns(".venv", ".git", "lake", "landing", "__pycache__", ".*_cache")
        shutil.copytree(repository, root, ignore=left)
        put_in(root)
        name = Path(repository).resolve().name
        for command in (["uv", "sync", "--quiet"], ["uv", "run", name, "run"], ["uv", "run", "poe", "check"]):
            subprocess.run(command, cwd=root, check=True)
        told = subprocess.run(
            ["uv", "run", name, "show"], cwd=root, check=True, capture_output=True, text=True
        ).stdout
    expected = ["2026-03-02  north     200", "2026-03-02  south      45"]
    if told.splitlines()[1:] != expected:
        sys.exit(f"gold is not what adding up gives:\n{told}")


if __name__ == "__main__":
    main(*sys.argv[1:])
