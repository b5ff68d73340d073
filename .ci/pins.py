#!/usr/bin/env python3
"""Keep the exact pins of the Python layers: one universe of versions for all of them.

    .ci/pins.py            rewrite the lists, moving no version without need
    .ci/pins.py --upgrade  rewrite them with the newest versions that the layers allow
    .ci/pins.py --check    change nothing; exit 1 if a list is not what it should be

A layer's `pyproject.toml.jinja` names its direct dependencies and holds, in `[tool.uv]
constraint-dependencies`, a pin for each package that these bring and the base does not pin
already. All layers are resolved together, so that any choice of them agrees.
uv resolves; it is found as $UV or on the path.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
# Every Python repository has it, so what it pins no other layer needs to.
BASE = "python/base"
PYTHONS = ("3.11", "3.12", "3.13")
LIST = re.compile(r"(^constraint-dependencies = \[\n)(.*?)(^\])", re.MULTILINE | re.DOTALL)


def main() -> int:
    mode = sys.argv[1] if len(sys.argv) > 1 else ""
    if len(sys.argv) > 2 or mode not in ("", "--check", "--upgrade"):
        print(__doc__, file=sys.stderr)
        return 2
    layers = {name: path.read_text(encoding="utf-8") for name, path in find_layers().items()}
    direct = {name: dependencies(text) for name, text in layers.items()}
    known = [] if mode == "--upgrade" else sorted({pin for t in layers.values() for pin in pins(t)})

    wanted_by_any = [d for layer in direct.values() for d in layer]
    universe = resolve(wanted_by_any, prefer=known)
    for python in PYTHONS:
        # From what is wanted, not from the pins: some of these are for one Python or system only.
        resolve(wanted_by_any, constrain=universe, python=python)

    taken: set[str] = set()
    stale = []
    for name, text in layers.items():
        wanted = [pin for pin in resolve(direct[name], constrain=universe) if pin not in taken]
        taken.update(wanted if name == BASE else ())
        lines = "".join(f'    "{pin}",\n' for pin in wanted)
        if (new := LIST.sub(rf"\g<1>{lines}\g<3>", text)) != text:
            stale.append(name)
            if mode != "--check":
                find_layers()[name].write_text(new, encoding="utf-8", newline="\n")

    done = "stale" if mode == "--check" else "rewritten"
    names = ", ".join(stale) or "none"
    print(f"{len(universe)} packages for {len(layers)} layers; {done}: {names}")
    return 1 if stale and mode == "--check" else 0


def find_uv() -> str:
    return os.environ.get("UV") or shutil.which("uv") or sys.exit("there is no uv on the path")


def find_layers() -> dict[str, Path]:
    """Layers with a list of pins, the base first."""
    files = TEMPLATES.glob("**/pyproject.toml.jinja")
    found = {file.parent.relative_to(TEMPLATES).as_posix(): file for file in files}
    pinned = {name: file for name, file in found.items() if LIST.search(file.read_text("utf-8"))}
    return dict(sorted(pinned.items(), key=lambda item: (item[0] != BASE, item[0])))


def plain(text: str) -> str:
    """The template as TOML: every expression becomes a word, every statement goes."""
    text = re.sub(r"\{%.*?%\}\n?|\{#.*?#\}\n?", "", text, flags=re.DOTALL)
    text = re.sub(r"\{\{[^}]*\|\s*quote[^}]*\}\}", '"x"', text)
    return re.sub(r"\{\{.*?\}\}", "x", text)


def dependencies(text: str) -> list[str]:
    document = tomllib.loads(plain(text))
    project = document.get("project", {})
    groups = [
        *project.get("optional-dependencies", {}).values(),
        *document.get("dependency-groups", {}).values(),
    ]
    listed = [*project.get("dependencies", []), *(d for group in groups for d in group)]
    return [d for d in listed if isinstance(d, str)]


def pins(text: str) -> list[str]:
    return list(tomllib.loads(plain(text))["tool"]["uv"]["constraint-dependencies"])


def resolve(
    requirements: Sequence[str],
    prefer: Sequence[str] = (),
    constrain: Sequence[str] = (),
    python: str | None = None,
) -> list[str]:
    """Exact pins of everything the requirements bring, for all platforms, sorted by name."""
    with tempfile.TemporaryDirectory() as folder:
        given, limits, out = (Path(folder) / name for name in ("in.txt", "limits.txt", "out.txt"))
        given.write_text("\n".join(requirements) + "\n")
        limits.write_text("\n".join(constrain) + "\n")
        # uv keeps the versions that the file it is about to write holds already.
        out.write_text("\n".join(prefer) + "\n")
        command = [find_uv(), "pip", "compile", str(given), "--quiet"]
        command += ["--constraints", str(limits), "--output-file", str(out)]
        command += ["--no-annotate", "--no-header", "--no-emit-index-url", "--no-emit-find-links"]
        # A run of its own per Python proves that the pins have files for it, without builds.
        command += ["--python-version", python or PYTHONS[0], "--only-binary", ":all:"]
        # One version for all Pythons: a list of pins cannot hold two.
        command += [] if python else ["--universal", "--fork-strategy", "fewest"]
        ended = subprocess.run(command, check=False, capture_output=True, text=True, cwd=folder)
        if ended.returncode:
            sys.exit(f"uv cannot resolve for Python {python or PYTHONS}:\n{ended.stderr}")
        lines = out.read_text().splitlines()
    # A pin holds wherever the package is needed: a marker such as "on Windows" adds nothing.
    return sorted({line.split(";")[0].strip() for line in lines if "==" in line}, key=str.lower)


if __name__ == "__main__":
    sys.exit(main())
