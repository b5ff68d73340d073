#!/usr/bin/env python3
"""Hold the version together: everything that names one must name that of Cargo.toml.

    dist/versions.py [--tag TAG] [--repository URL] [--notes]

With a tag, the release: the tag is the version, and the changelog has it with a date. With a URL, Cargo.toml names this
repository, which is where `cargo binstall` looks for archives. Prints what differs; exit 1 if anything does. `--notes` prints
what the changelog says of this version.
"""

import argparse
import re
import subprocess
import sys
import tomllib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from project import ROOT, TABLE, manifest, version  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--tag")
    parser.add_argument("--repository")
    parser.add_argument("--notes", action="store_true")
    arguments = parser.parse_args()
    if arguments.notes:
        print(notes())
        return 0
    found = list(differing(arguments.tag, arguments.repository))
    for line in found:
        print(line)
    return 1 if found else 0


def notes() -> str:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    section = text.partition(f"\n## {version()}")[2].partition("\n")[2]
    return section.partition("\n## ")[0].strip()


def differing(tag: str | None = None, repository: str | None = None, root: Path = ROOT) -> list[str]:
    wanted = version() if root == ROOT else tomllib.loads((root / "Cargo.toml").read_text())["package"]["version"]
    found = []

    def hold(place: str, pattern: str) -> None:
        text = (root / place).read_text(encoding="utf-8")
        named = re.findall(pattern, text, re.MULTILINE)
        if not named:
            found.append(f"{place}: names no version")
        found.extend(f"{place}: {other}, not {wanted}" for other in named if other != wanted)

    name = re.escape(TABLE["names"]["crate"])
    hold("Cargo.lock", rf'^name = "{name}"\nversion = "(.+)"$')
    hold("fuzz/Cargo.lock", rf'^name = "{name}"\nversion = "(.+)"$')
    hold("pack.yml", r"^version: (.+)$")
    hold("action.yml", r"^    default: '(\d+\.\d+\.\d+)'$")
    hold("CHANGELOG.md", r"\A# Changelog\n(?:(?!^## \d)[\s\S])*^## (\d+\.\d+\.\d+)")
    if tag is not None:
        if tag != f"v{wanted}":
            found.append(f"the tag {tag} is not v{wanted}")
        if not re.search(rf"^## {re.escape(wanted)} · \d{{4}}-\d\d-\d\d$", (root / "CHANGELOG.md").read_text(), re.MULTILINE):
            found.append(f"CHANGELOG.md: no heading `## {wanted} · YYYY-MM-DD`")
    if repository is not None and (named := manifest()["package"].get("repository")) != repository:
        found.append(f"Cargo.toml: repository is {named}, not {repository}; set it, for `cargo binstall` and the registries")
    return found


if __name__ == "__main__":
    sys.exit(main())
