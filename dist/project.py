"""What is known of the project: its table, its version, its time and what is linked into the program."""

import json
import os
import subprocess
import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
TABLE = tomllib.loads((ROOT / "dist/platforms.toml").read_text(encoding="utf-8"))
# What a crate calls the text of its licence.
LICENCE_NAMES = ("LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE")


class Platform:
    """A row of the table."""

    def __init__(self, row: dict) -> None:
        self.id: str = row["id"]
        self.target: str = row["target"]
        self.wheel: str = row["wheel"]
        self.npm: dict[str, str] = row["npm"]
        self.archive: str = row["archive"]
        self.program = TABLE["names"]["command"] + (".exe" if "windows" in self.target else "")


def platform(name: str) -> Platform:
    known = {row["id"]: row for row in TABLE["platform"]}
    if name not in known:
        raise LookupError(f"there is no platform `{name}`: {', '.join(known)}")
    return Platform(known[name])


@cache
def manifest() -> dict:
    return tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))


def version() -> str:
    return manifest()["package"]["version"]


class Readings(NamedTuple):
    """What the surroundings say."""

    seconds: int


@cache
def readings() -> Readings:
    """The time of everything that is made: given, or that of the commit, so that it is the same everywhere."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given:
        return Readings(int(given))
    asked = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True)
    if asked.returncode:
        raise LookupError("not a clone: set SOURCE_DATE_EPOCH to the seconds that files shall have")
    return Readings(int(asked.stdout))


class Crate:
    """The crate and the dependencies that are linked into its program for a target."""

    def __init__(self, target: str) -> None:
        command = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", target]
        printed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
        known = json.loads(printed)
        packages = {package["id"]: package for package in known["packages"]}
        nodes = {node["id"]: node for node in known["resolve"]["nodes"]}
        root = known["resolve"]["root"]
        own = packages[root]
        self.name, self.description = own["name"], own["description"]
        self.licence, self.repository = own["license"], own["repository"]
        self.depends: dict[str, list[str]] = {}
        waiting = [root]
        while waiting:
            one = waiting.pop()
            if one in self.depends:
                continue
            linked = [dep["pkg"] for dep in nodes[one]["deps"] if any(kind["kind"] is None for kind in dep["dep_kinds"])]
            self.depends[one] = sorted(linked)
            waiting += linked
        self.root = root
        self.packages = {one: packages[one] for one in self.depends}
        lock = tomllib.loads((ROOT / "Cargo.lock").read_text(encoding="utf-8"))
        self.sums = {(one["name"], one["version"]): one.get("checksum") for one in lock["package"]}

    def others(self) -> list[dict]:
        """All but our own, by name."""
        found = (package for one, package in self.packages.items() if one != self.root)
        return sorted(found, key=lambda package: (package["name"], package["version"]))

    def licences(self) -> bytes:
        """The licence of each dependency with its texts; a text that several have is there once."""
        texts: dict[str, list[str]] = {}
        lines = ["What is linked into this program, and under which licence.", ""]
        for package in self.others():
            title = f"{package['name']} {package['version']}"
            lines.append(f"{title}: {package['license']}")
            folder = Path(package["manifest_path"]).parent
            for path in sorted(folder.iterdir()):
                if path.is_file() and path.name.upper().startswith(LICENCE_NAMES):
                    text = path.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n").strip()
                    texts.setdefault(text, []).append(title)
        for text, titles in texts.items():
            lines += ["", "=" * 80, ", ".join(dict.fromkeys(titles)), "=" * 80, "", text]
        return ("\n".join(lines) + "\n").encode()

    def sbom(self) -> bytes:
        """A bill of materials, CycloneDX 1.5. It has no serial number and no time, so that it is the same twice."""
        bill = {
            "bomFormat": "CycloneDX",
            "specVersion": "1.5",
            "version": 1,
            "metadata": {"component": self.component(self.packages[self.root], "application")},
            "components": [self.component(package, "library") for package in self.others()],
            "dependencies": [
                {"ref": self.reference(one), "dependsOn": [self.reference(other) for other in others]}
                for one, others in sorted(self.depends.items())
            ],
        }
        return (json.dumps(bill, indent=1) + "\n").encode()

    def reference(self, one: str) -> str:
        package = self.packages[one]
        return f"pkg:cargo/{package['name']}@{package['version']}"

    def component(self, package: dict, kind: str) -> dict:
        reference = f"pkg:cargo/{package['name']}@{package['version']}"
        checksum = self.sums.get((package["name"], package["version"]))
        found = {
            "type": kind,
            "bom-ref": reference,
            "name": package["name"],
            "version": package["version"],
            "purl": reference,
            # Old manifests write `/` for `OR`.
            "licenses": [{"expression": package["license"].replace("/", " OR ") if " " not in package["license"] else package["license"]}],
        }
        if checksum:
            found["hashes"] = [{"alg": "SHA-256", "content": checksum}]
        return found
