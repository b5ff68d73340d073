#!/usr/bin/env python3
"""Run and type-check the code examples of the knowledge documents.

    .ci/examples.py

Python: each example is imported, its tests run, and mypy and ruff read it, with the versions that
the layers pin: a repository's own check formats the code in its documents as well. TypeScript: the
compiler reads each example strictly, and its tests run. The tests of an example that looks at its
reader's own repository have nothing to look at here: they are read, typed and formatted, and told
as not run. That examples parse is checked by `scaffold knowledge check`. uv is found as $UV or
on the path, npm on the path.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pins

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"^```(python|ts)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# What examples import, and the tools that look at them.
PACKAGES = ("avro", "deltalake", "numpy", "pyarrow", "pydantic", "scikit-learn")
TOOLS = ("mypy", "pytest", "ruff")
# What an example says that looks at the repository or the built extension of its reader.
OF_THE_READER = ('Path("src")', "my_project", ".output/")


def main() -> int:
    with tempfile.TemporaryDirectory() as work:
        python, typescript = Path(work, "python"), Path(work, "typescript")
        python.mkdir()
        typescript.mkdir()
        counts = {"python": 0, "ts": 0}
        for document in sorted(ROOT.glob("knowledge/**/*.md")):
            for language, code in BLOCK.findall(document.read_text(encoding="utf-8")):
                counts[language] += 1
                name = f"{document.stem.replace('-', '_')}_{counts[language]}"
                if language == "python":
                    target = python / f"{name}.py"
                else:
                    is_test = 'from "vitest"' in code and not of_the_reader(code)
                    target = typescript / f"{name}{'.test' if is_test else ''}.ts"
                target.write_text(code, encoding="utf-8")
        print(f"{counts['python']} examples in Python, {counts['ts']} in TypeScript")
        if 0 in counts.values():
            print(
                "no examples were found: the pattern no longer fits the documents", file=sys.stderr
            )
            return 1
        return int(any([python_fails(python), typescript_fails(typescript)]))


def of_the_reader(code: str) -> bool:
    return any(word in code for word in OF_THE_READER)


def python_fails(folder: Path) -> bool:
    texts = [layer.read_text(encoding="utf-8") for layer in pins.find_layers().values()]
    constraints = folder / "constraints.txt"
    universe = sorted({pin for text in texts for pin in pins.pins(text)})
    constraints.write_text("\n".join(universe) + "\n", encoding="utf-8")
    run = [pins.find_uv(), "run", "--no-project", "--python", "3.11"]
    for package in (*PACKAGES, *TOOLS):
        run += ["--with", package]
    environment = {**os.environ, "UV_CONSTRAINT": str(constraints)}
    examples = sorted(str(file) for file in folder.glob("*.py"))
    not_run = [file for file in examples if of_the_reader(Path(file).read_text(encoding="utf-8"))]
    print("not run, they look at their reader's repository:", *(Path(file).name for file in not_run))
    tests = [file for file in examples if file not in not_run]
    # Some libraries that examples call have no types of their own.
    lenient = ["--ignore-missing-imports", "--allow-untyped-calls"]
    mypy = ["mypy", "--strict", *lenient, *examples]
    ruff = ["ruff", "format", "--diff", "--isolated", "--line-length", "100", *examples]
    pytest = ["pytest", "-q", "-p", "no:cacheprovider", "--import-mode=importlib", *tests]
    imports = [
        "python",
        "-c",
        "import runpy, sys; [runpy.run_path(file) for file in sys.argv[1:]]",
        *examples,
    ]
    return any(
        [
            subprocess.run([*run, *what], cwd=folder, env=environment).returncode
            for what in (imports, ruff, mypy, pytest)
        ]
    )


def typescript_fails(folder: Path) -> bool:
    layer = (ROOT / "templates/browser-extension/base/package.json.jinja").read_text(
        encoding="utf-8"
    )
    # Where a framework has a version of its own, the one without any stands last.
    versions = {
        name: re.findall(r"[0-9.]+", re.search(rf'"{name}": "([^"]+)"', layer)[1])[-1]
        for name in ("typescript", "vite", "vitest")
    }
    # Types of Node's own modules; the layer gets them through its other packages.
    versions["@types/node"] = "*"
    (folder / "package.json").write_text(
        json.dumps({"type": "module", "private": True, "devDependencies": versions})
    )
    options = {
        "strict": True,
        "noEmit": True,
        "module": "esnext",
        "moduleResolution": "bundler",
        "target": "es2023",
        "lib": ["es2023", "dom", "dom.iterable"],
        "types": ["node"],
        "skipLibCheck": True,
        "noUncheckedIndexedAccess": True,
    }
    # Each example is a module of its own, also the one that exports nothing.
    (folder / "tsconfig.json").write_text(
        json.dumps({"compilerOptions": {**options, "moduleDetection": "force"}})
    )
    npm = shutil.which("npm") or "npm"
    if subprocess.run(
        [npm, "install", "--silent", "--no-audit", "--no-fund"], cwd=folder
    ).returncode:
        return True
    npx = shutil.which("npx") or "npx"
    return any(
        [
            subprocess.run([npx, *what], cwd=folder).returncode
            for what in (["tsc"], ["vitest", "run"])
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
