#!/usr/bin/env python3
"""Find the names that a generated project must not have; hold `overlays/ecosystems/` against them.

    .ci/names.py [--python PROGRAM]... [--node PROGRAM] [--project FOLDER]... [--write]

Everything is asked of the real thing: each Python and Node.js for its modules, each generated project that is set up
for its scripts, its packages and what its packages import or try to import, and the templates for the modules of their
tests. Prints the names that a list lacks; exit 1 if there are any. `--write` adds them. A list never loses a name here:
another version, another system or another project may still have it.
"""

import argparse
import ast
import json
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LISTS = ROOT / "overlays/ecosystems"
MODULES = """
import json, keyword, sys
print(json.dumps([*getattr(sys, "stdlib_module_names", ()), *keyword.kwlist, *getattr(keyword, "softkwlist", ())]))
"""
ENDINGS = (".py", ".exe", ".bat", ".cmd", ".fish", ".csh", ".nu", ".ps1", ".xsh")
# Their first argument names the module that they import.
IMPORTERS = {"__import__", "import_module", "find_spec"}
# What `names` in src/render/plan.rs can make.
POSSIBLE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
# A word of YAML that is no text without quotes.
QUOTED = {"true", "false", "null", "none", "yes", "no", "on", "off", "y", "n"}
Names = dict[tuple[str, str], set[str]]


def main() -> int:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--python", action="append", default=[])
    parser.add_argument("--node")
    parser.add_argument("--project", action="append", default=[], type=Path)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()

    names: Names = defaultdict(set)
    read: set[tuple[int, int]] = set()
    names["python", "our own tests"] = of_templates()
    for python in arguments.python:
        names["python", "modules"] |= set(printed(python, "-c", MODULES))
    if arguments.node:
        modules = printed(arguments.node, "-p", "JSON.stringify(require('module').builtinModules)")
        names["node", "modules"] |= {name.removeprefix("node:").split("/")[0] for name in modules}
    for project in arguments.project:
        of_project(project.resolve(), names, read)

    is_whole = True
    for path in sorted(LISTS.glob("*.yml")):
        text = path.read_text(encoding="utf-8")
        known = {package(word) for words in sections(text).values() for word in words}
        for (ecosystem, section), found in names.items():
            if ecosystem != path.stem:
                continue
            lacking = {name for name in map(package, found) if POSSIBLE.fullmatch(name)} - known
            if lacking and arguments.write:
                text = with_more(text, section, lacking)
            elif lacking:
                is_whole = False
                print(f"{path.name}, {section}: {', '.join(sorted(lacking))}")
            known |= lacking
        path.write_text(text, encoding="utf-8")
    return 0 if is_whole else 1


def package(name: str) -> str:
    """As it is compared with the name of a package."""
    return name.lower().replace("-", "_")


def printed(*command: str) -> list[str]:
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def of_templates() -> set[str]:
    """pytest puts the folder of a test on the path: a helper or a test is a module without a package."""
    return {path.name.split(".")[0] for path in ROOT.glob("templates/*/*/tests/*.py*") if path.is_file()}


def of_project(project: Path, names: Names, read: set[tuple[int, int]]) -> None:
    for site in [*project.glob(".venv/lib/*/site-packages"), *project.glob(".venv/Lib/site-packages")]:
        own = f"{package(project.name)}-0.1.0.dist-info"
        for path in site.iterdir():
            if path.suffix == ".dist-info":
                names["python", "packages"] |= {path.name.split("-")[0]} if path.name != own else set()
            elif path.is_dir() or path.suffix in {".py", ".so", ".pyd"}:
                names["python", "packages"].add(path.name.split(".")[0])
        names["python", "probed"] |= imported(site, read)
    for folder in ("bin", "Scripts"):
        names["python", "scripts"] |= scripts(project / ".venv" / folder) - {project.name}
    manifest = project / "package.json"
    if manifest.is_file():
        listed = json.loads(manifest.read_text())
        names["node", "packages"] |= {*listed.get("dependencies", {}), *listed["devDependencies"]}
        names["node", "packages"] |= scripts(project / "node_modules/.bin")


def scripts(folder: Path) -> set[str]:
    found = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    for ending in ENDINGS:
        found = {name.removesuffix(ending) for name in found}
    return found


def imported(site: Path, read: set[tuple[int, int]]) -> set[str]:
    """All that the packages of an environment import, whenever they do and whether or not it is there.

    uv links environments to its cache, so one file is read once however many environments have it.
    """
    found = set()
    for path in site.rglob("*.py"):
        file = (path.stat().st_dev, path.stat().st_ino)
        if file in read or {"test", "tests"} & set(path.relative_to(site).parts):
            continue
        read.add(file)
        try:
            modules = {name.split(".")[0] for name in imports(path.read_text(encoding="utf-8"))}
        except (SyntaxError, ValueError):  # a file for another Python, or an example of a bad one
            continue
        # A script beside its helpers, which is run from its own folder.
        beside = {name for name in modules if path.with_name(f"{name}.py").is_file()}
        found |= modules - (beside if path.parent != site else set())
    return found


def imports(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module
        elif isinstance(node, ast.Call) and node.args:
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            first = node.args[0]
            if called in IMPORTERS and isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def sections(text: str) -> dict[str, list[str]]:
    """The words of `reserved` by the beginning of the comment above them."""
    found: dict[str, list[str]] = {}
    for heading, words in re.findall(r"^  # ([^:\n]+)[^\n]*\n((?:  [^#\n].*\n)*)", text, re.MULTILINE):
        found[heading] = [word for word in re.split(r"[,\s\]\"]+", words) if word]
    return found


def with_more(text: str, section: str, more: set[str]) -> str:
    words = sorted({*sections(text)[section], *more})
    lines, line = [], " "
    for word in (f'"{word}"' if word in QUOTED else word for word in words):
        if len(line) + len(word) + 2 > 120:
            lines.append(line)
            line = " "
        line += f" {word},"
    block = "\n".join([*lines, line]) + "\n"
    where = re.compile(rf"(^  # {re.escape(section)}\b[^\n]*\n)(?:  [^#\n].*\n)*", re.MULTILINE)
    return where.sub(lambda found: found.group(1) + block, text, count=1)


if __name__ == "__main__":
    sys.exit(main())
