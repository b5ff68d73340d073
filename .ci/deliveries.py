#!/usr/bin/env python3
"""Hostile deliveries: folders of `tests/deliveries/`, given to a generated batch pipeline that is set up.

    .ci/deliveries.py REPOSITORY [--every N] [NAME ...]

Each folder holds `steps.txt` and the folders that its steps put over a copy of the repository, whose sources and tables are
those of `tests/deliveries/base`. A step is one line:

    put FOLDER          copy the folder over the repository
    remove PATH, mkdir PATH
    lenient             rejected rows stop nothing from now on
    0 run ARGUMENTS     the program, and how it ends: 0, 1, 3, or ! for 1 or 3
    says TEXT           what it printed holds the text, in any case; `not TEXT`: does not
    tables FOLDER       each table is as the CSV file of its name
    rejected N TABLE    so many rows of the table's sources were rejected
    count TABLE N, no TABLE, holds TABLE TEXT
"""

import contextlib
import csv
import importlib
import io
import os
import shutil
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

CASES = Path(__file__).parents[1] / "tests" / "deliveries"


class Wrong(Exception):
    pass


class Delivery:
    """One folder, played in a copy of the repository."""

    def __init__(self, case: Path, root: Path, package: str) -> None:
        self.case, self.root = case, root
        self.main = importlib.import_module(f"{package}.cli").main
        self.store = importlib.import_module(f"{package}.store").Store
        self.settings = importlib.import_module(f"{package}.settings")
        self.printed = ""

    def play(self) -> None:
        for line in (self.case / "steps.txt").read_text(encoding="utf-8").splitlines():
            if line.startswith("#") or not line.strip():
                continue
            word, _, rest = line.partition(" ")
            try:
                self.step(word, rest)
            except Wrong as wrong:
                raise Wrong(f"`{line}`: {wrong}\n{self.printed}") from None

    def step(self, word: str, rest: str) -> None:
        if word == "put":
            shutil.copytree(self.case / rest, self.root, dirs_exist_ok=True)
        elif word == "remove":
            path = self.root / rest
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        elif word == "mkdir":
            (self.root / rest).mkdir(parents=True)
        elif word == "lenient":
            os.environ["PIPELINE_LIMIT"] = "1"
        elif word in ("0", "1", "3", "!"):
            code = self.run(rest.split())
            if code not in ((1, 3) if word == "!" else (int(word),)):
                raise Wrong(f"ended with {code}")
        elif word in ("says", "not"):
            if (rest.lower() in self.printed.lower()) != (word == "says"):
                raise Wrong("that is not what it printed")
        elif word == "tables":
            for path in sorted((self.case / rest).glob("*.csv")):
                self.same(path)
        else:
            self.counted(word, rest)

    def counted(self, word: str, rest: str) -> None:
        if word == "rejected":
            number, table = rest.split()
            found = len(self.rows(f"select * from meta.rejected where table_name = '{table}'")[1])
            if found != int(number):
                raise Wrong(f"{found} rows were rejected")
        elif word == "count":
            table, number = rest.split()
            if len(self.rows(f"select * from {table}")[1]) != int(number):
                raise Wrong(f"{len(self.rows(f'select * from {table}')[1])} rows")
        elif word == "no":
            layer, _, name = rest.partition(".")
            query = f"select * from duckdb_tables() where schema_name = '{layer}' and table_name = '{name}'"
            if self.rows(query)[1] and self.rows(f"select * from {rest}")[1]:
                raise Wrong("there is")
        elif word == "holds":
            table, _, text = rest.partition(" ")
            if not any(text in row for row in self.rows(f"select * from {table}")[1]):
                raise Wrong("it does not")
        else:
            raise Wrong("no such step")

    def run(self, arguments: list[str]) -> int:
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            try:
                code = self.main(arguments)
            except SystemExit as end:
                code = end.code
        self.printed = out.getvalue()
        if "Traceback (most recent call last)" in self.printed:
            raise Wrong("a traceback")
        return int(code or 0)

    def rows(self, query: str) -> tuple[list[str], list[list[str]]]:
        """The names of columns, and each row as texts, sorted."""
        with self.store.open(self.settings.load(self.root)) as store:
            names = list(store.columns(query))
            cast = ", ".join(f'"{name}"::varchar' for name in names)
            found = store.sql(f"select {cast} from ({query})")
        return names, sorted([["" if value is None else value for value in row] for row in found])

    def same(self, path: Path) -> None:
        with path.open(encoding="utf-8", newline="") as file:
            names, *expected = csv.reader(file)
        given = ", ".join(f'"{name}"' for name in names)
        _, found = self.rows(f"select {given} from {path.stem}")
        if found != sorted(expected):
            raise Wrong(f"{path.name} is\n" + "\n".join(map(str, found)))


def prepare(repository: Path, root: Path) -> None:
    """The repository with the sources and tables of the base, without data."""
    for name in ("pipeline.toml", "pyproject.toml"):
        shutil.copy(repository / name, root / name)
    landing = 'landing = "data/landing"'
    lines = (root / "pipeline.toml").read_text(encoding="utf-8").splitlines()
    kept = [landing if line.startswith("landing") else line for line in lines]
    (root / "pipeline.toml").write_text("\n".join(kept) + "\n", encoding="utf-8")
    shutil.copytree(CASES / "base", root, dirs_exist_ok=True)
    # Limits and kinds of quality differ between configurations: deliveries are about the strict one.
    os.environ["PIPELINE_LIMIT"] = "0"


def play(repository: Path, package: str, names: list[str]) -> int:
    wrong = 0
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            prepare(repository, root)
            os.chdir(root)
            try:
                Delivery(CASES / name, root, package).play()
            except Wrong as error:
                wrong += 1
                print(f"{name}: {error}\n")
            except Exception:
                wrong += 1
                print(f"{name}: {traceback.format_exc()}\n")
            finally:
                os.chdir("/")
    print(f"{len(names) - wrong} of {len(names)} deliveries are as expected")
    return 1 if wrong else 0


def package_of(repository: Path) -> str:
    """The package of a repository that is set up; by another Python than its own, this script is started again."""
    (package,) = (path.parent.name for path in repository.glob("src/*/__init__.py"))
    try:
        importlib.import_module(package)
    except ImportError:
        python = next(repository.glob(".venv/[bS]*/python*"))
        sys.exit(subprocess.run([python, *sys.argv]).returncode)
    return package


def main(arguments: list[str]) -> int:
    repository = Path(arguments.pop(0)).resolve()
    every = int(arguments.pop(1)) if arguments[:1] == ["--every"] else 1
    names = [name for name in arguments if name != "--every"]
    names = names or sorted(path.parent.name for path in CASES.glob("*/steps.txt"))[::every]
    return play(repository, package_of(repository), names)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
