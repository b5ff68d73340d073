#!/usr/bin/env python3
"""The steps of "Make it yours", or "Put in your own data", in a generated batch pipeline with readings of water meters.

    .ci/own_data.py REPOSITORY

Does what its README says and nothing else, then runs the pipeline and all its checks in a copy. Data, columns, delimiter, zone and sums are others than those of the sample.
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

# What `new table` proposes is read, and corrected where only its owner can know.
DAILY = """/*---
description = "Litres of each day and meter"
key = ["day", "meter"]
partition = "day"
---*/
select day, meter, sum(litres) as litres
from silver.meters
group by all
"""


def change(path: Path, pattern: str, to: str) -> None:
    text, times = re.subn(pattern, lambda _: to, path.read_text(encoding="utf-8"), flags=re.S | re.M)
    if times != 1:
        sys.exit(f"{path}: `{pattern}` is there {times} times")
    path.write_text(text, encoding="utf-8")


def make_it_yours(root: Path) -> list[str]:
    """The numbered steps of the README; gives what the last one shows."""
    name = root.name

    def call(*words: str) -> str:
        command = ["uv", "run", name, *words]
        return subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout

    landing = root / "data/landing/meters/march.csv"
    landing.parent.mkdir(parents=True)
    landing.write_text(READINGS, encoding="utf-8")
    change(root / "pipeline.toml", '^landing = .*?$', 'landing = "data/landing"')
    for pattern in ("sources/*", "tables/*/*", "tests/cases/*", "data/warehouse"):
        for path in root.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    call("new", "source", "data/landing/meters/march.csv")
    change(root / "sources/meters.toml", "^zone = .*?$", 'zone = "Europe/Paris"')
    call("new", "table", "meters")
    # Three rows do not say what a key is.
    change(root / "tables/silver/meters.sql", "^key = .*?$", 'key = ["meter", "read_at"]')
    (root / "tables/gold").mkdir(parents=True, exist_ok=True)
    (root / "tables/gold/daily.sql").write_text(DAILY, encoding="utf-8")
    call("run")
    return call("sql", "from gold.daily order by all").splitlines()


def main(repository: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / Path(repository).resolve().name
        left = shutil.ignore_patterns(".venv", ".git", "landing", "warehouse", "__pycache__", ".*_cache")
        shutil.copytree(repository, root, ignore=left)
        shown = make_it_yours(root)
        subprocess.run(["uv", "run", "poe", "check"], cwd=root, check=True)
    found = [re.findall(r"2026-03-0[0-9]|north|south|[0-9]+$", line.strip(" │|")) for line in shown]
    expected = [["2026-03-02", "north", "200"], ["2026-03-02", "south", "45"]]
    if [row for row in found if len(row) == 3] != expected:
        sys.exit("gold is not what adding up gives:\n" + "\n".join(shown))


if __name__ == "__main__":
    main(*sys.argv[1:])
