#!/usr/bin/env python3
"""Other people's tables in a generated ML project of the kind `classical`: from a file to a model that answers.

    .ci/tasks.py REPOSITORY [NAME … | --drawn COMMIT]

For each table: `new task`, `data --accept` and `run` in a copy, as the README says, and then a question to the model that was
promoted. Nothing else is changed. All eight without a name; `--drawn` takes the one that the digest of a commit stands for.
"""

import csv
import hashlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

OF_SKLEARN = """
import csv, sys
from sklearn import datasets
found = getattr(datasets, sys.argv[1])()
names = getattr(found, "target_names", None)
out = csv.writer(open(sys.argv[2], "w", newline=""), lineterminator="\\n")
out.writerow([*found.feature_names, "answer"])
for row, y in zip(found.data, found.target):
    out.writerow([*row, names[y] if names is not None else y])
"""


@dataclass(frozen=True)
class Table:
    target: str
    write: Callable[[Path, Path], None]  # from the repository, to the file
    says: str  # how the kind of the target is declared
    settings: list[str] = field(default_factory=list)


def in_package(name: str, path: str) -> Callable[[Path, Path], None]:
    def write(_: Path, file: Path) -> None:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["uv", "pip", "install", "--quiet", "--no-deps", "--target", folder, name], check=True)
            shutil.copyfile(Path(folder) / path, file)

    return write


def in_sklearn(name: str) -> Callable[[Path, Path], None]:
    def write(root: Path, file: Path) -> None:
        subprocess.run(["uv", "run", "python", "-c", OF_SKLEARN, name, str(file)], cwd=root, check=True)

    return write


def payments(_: Path, file: Path) -> None:
    """12,000 payments of 3,000 customers, of which one in a hundred is fraud; a fee is booked only after one."""
    draw = random.Random(5)
    with file.open("w", newline="") as opened:
        out = csv.writer(opened, lineterminator="\n")
        out.writerow(["payment_id", "customer_id", "amount", "country", "is_new", "currency", "fee_of_claim", "fraud"])
        for row in range(12_000):
            amount, country, new = draw.lognormvariate(3, 1), draw.choice(("DE", "FR", "IT", "NL")), draw.random() < 0.05
            risk = 0.002 + 0.05 * (amount > 80) + 0.15 * (new and country == "IT") + 0.1 * (new and amount > 80)
            fraud = draw.random() < risk
            shown = "NA" if draw.random() < 0.03 else f"{amount:.2f}"
            fee = draw.uniform(10, 20) if fraud else 0
            cells = [f"p{row:06d}", draw.randrange(3000), shown, country, str(new).lower(), "EUR", f"{fee:.2f}"]
            out.writerow([*cells, "yes" if fraud else "no"])


def tickets(_: Path, file: Path) -> None:
    """1,500 tickets of support, as urgent as they are old, of large customers, and about what does not work."""
    draw = random.Random(9)
    with file.open("w", newline="") as opened:
        out = csv.writer(opened, lineterminator="\n")
        out.writerow(["ticket", "customer_id", "hours", "seats", "about", "urgency"])
        for row in range(1500):
            hours, seats, about = draw.uniform(0, 48), draw.randrange(1, 200), draw.choice(("invoice", "outage", "question"))
            level = hours / 48 + seats / 200 + 0.6 * (about == "outage") + draw.gauss(0, 0.2)
            urgency = ("low", "medium", "high")[(level > 0.8) + (level > 1.5)]
            cells = [f"t{row:05d}", draw.randrange(400), f"{hours:.1f}", "" if draw.random() < 0.05 else seats, about]
            out.writerow([*cells, urgency])


FREE = ["model.regularisation=10"]  # less of it than the sample needs, as `tune` would find
TABLES = {
    "penguins": Table("species", in_package("palmerpenguins", "palmerpenguins/data/penguins.csv"), "classes", FREE),
    # Not by time: it has snowed in the first third alone.
    "weather": Table("weather", in_package("vega-datasets", "vega_datasets/_data/seattle-weather.csv"), "classes", FREE),
    "diamonds": Table("price", in_package("plotnine", "plotnine/data/diamonds.csv"), "number", ["model.algorithm=boosting"]),
    "cancer": Table("answer", in_sklearn("load_breast_cancer"), "classes"),
    "wine": Table("answer", in_sklearn("load_wine"), "classes", FREE),
    "diabetes": Table("answer", in_sklearn("load_diabetes"), "number"),
    "tickets": Table("urgency", tickets, "ordered"),
    "payments": Table("fraud", payments, "classes", ["model.algorithm=boosting"]),
}


def prove(root: Path, name: str) -> None:
    table, start = TABLES[name], time.monotonic()
    (declaration,) = root.glob("src/*/task.py")
    options = [word for setting in table.settings for word in ("--set", setting)]

    def call(*words: str) -> str:
        program = ["uv", "run", "python", "-m", declaration.parent.name]
        ended = subprocess.run([*program, *options, *words], cwd=root, capture_output=True, text=True)
        if ended.returncode:
            sys.exit(f"{name}: {' '.join(words)} ended with {ended.returncode}\n{ended.stdout}{ended.stderr}")
        return ended.stdout

    for old in (*root.glob("data/*"), *root.glob("models/*")):
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    file = root.parent / f"{name}.csv"
    table.write(root, file)
    looked = call("new", "task", str(file), "--target", table.target)
    if f'kind="{table.says}"' not in declaration.read_text(encoding="utf-8"):
        sys.exit(f"{name}: the target is not declared as {table.says}\n{looked}")
    call("data", "--accept")
    said = call("run")
    if not re.search(r"^model \w+ is promoted", said, re.M):
        sys.exit(f"{name}: nothing was promoted\n{said}")
    # Without `predict`, `run` has asked the service, or scored the file.
    if "def predict(" in declaration.with_name("cli.py").read_text(encoding="utf-8"):
        answers = list(csv.DictReader(call("predict", str(file)).splitlines()))
        with file.open(newline="") as opened:
            true = [row[table.target] for row in csv.DictReader(opened)]
        if len(answers) != len(true) or not all(row["prediction"] for row in answers):
            sys.exit(f"{name}: {len(answers)} answers for {len(true)} rows")
    gained = re.findall(r"^(gain in .*?)\s+(\S+)\s+(\S+ to \S+)", said, re.M)[-1]
    for command in (["ruff", "check", "-q"], ["ruff", "format", "--check", "-q"]):
        subprocess.run(["uv", "run", *command, str(declaration)], cwd=root, check=True)
    print(f"{name}: promoted and answers, {' '.join(gained)}, {time.monotonic() - start:.0f} s", flush=True)


def main(repository: str, *names: str) -> None:
    if names[:1] == ("--drawn",):
        number = int(hashlib.sha256(names[1].encode()).hexdigest(), 16)
        names = (sorted(TABLES)[number % len(TABLES)],)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / Path(repository).resolve().name
        left = shutil.ignore_patterns(".venv", ".git", "runs", "reports", "models", "__pycache__", ".*_cache")
        shutil.copytree(repository, root, ignore=left)
        subprocess.run(["uv", "sync", "--quiet"], cwd=root, check=True)
        for name in names or TABLES:
            prove(root, name)


if __name__ == "__main__":
    main(*sys.argv[1:])
