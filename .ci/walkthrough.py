#!/usr/bin/env python3
"""Develop a generated extension, take its sample out, check what is left, and follow its docs/first-popup.md.

    .ci/walkthrough.py SCAFFOLD FOLDER [ANSWER...]

SCAFFOLD is the program, FOLDER a new folder for the project, ANSWER flags of `init`; without any, the
extension has every surface. .ci/dev/ tries `npm run dev` with mistakes, a kill and a second start. Each step of
the document is done as it is written there: a file is written, lines are added after a line or put in
its place, a command is run. npm is on the path.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

EVERYTHING = (
    "--ext-ui-surfaces=popup,options,newtab,devtools,sidepanel",
    "--ext-content-script",
)
REMOVAL = "npm run remove-sample\n"
OWN_TEXT = "aTextThatIsNotOfTheSample"
OWN = f"""import {{ text }} from "./page";

export const own = (first: string, second: string) =>
  text(
    "{OWN_TEXT}",
    first.trim().toLocaleUpperCase(),
    second.trim().toLocaleUpperCase(),
  );
"""
STEP = re.compile(
    r"^(?:The file `(?P<file>[^`]+)`"
    r"|In `(?P<edited>[^`]+)`, (?P<how>after|instead of) the line `(?P<line>[^\n]+)`):\n\n"
    r"```\w+\n(?P<text>.*?)^```$"
    r"|^```sh\n(?P<commands>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


def main() -> int:
    scaffold, folder, *answers = sys.argv[1:]
    project = Path(folder)
    wanted = ["--project-type", "browser-extension", "--auto", *(answers or EVERYTHING)]
    subprocess.run([scaffold, "init", folder, *wanted], check=True)
    subprocess.run(["npm", "ci"], cwd=project, check=True)
    develop(project)
    develop_in_a_workspace(project)
    steps = list(STEP.finditer((project / "docs/first-popup.md").read_text(encoding="utf-8")))
    for step in steps:
        if step["commands"] == REMOVAL:
            write_own(project)
        follow(project, step)
        # The document says that what is left passes its checks.
        if step["commands"] == REMOVAL:
            check_own(project)
    print(f"walk-through: {len(steps)} steps followed")
    return 0


def develop(project: Path) -> None:
    """`npm run dev` in the real browsers: mistakes are made and mended, it is killed, and started twice."""
    tests = project / "tests/mistakes"
    shutil.copytree(Path(__file__).parent / "dev", tests)
    subprocess.run(["npm", "run", "typecheck"], cwd=project, check=True)
    subprocess.run(["npm", "run", "build"], cwd=project, check=True)
    config = "tests/mistakes/vitest.config.ts"
    subprocess.run(["npx", "vitest", "run", "--config", config], cwd=project, check=True)
    shutil.rmtree(tests)


def develop_in_a_workspace(project: Path) -> None:
    """The packages of a workspace are in a folder above, where the test of `npm run dev` has to find them."""
    packages, above = project / "node_modules", project.parent / "node_modules"
    packages.rename(above)
    try:
        subprocess.run(["npm", "run", "test:dev"], cwd=project, check=True)
    finally:
        shutil.rmtree(packages, ignore_errors=True)
        above.rename(packages)


def write_own(project: Path) -> None:
    """A source of one's own, which the removal must not touch; its call is too long for one line."""
    (project / "src/lib/own.ts").write_text(OWN, encoding="utf-8")
    change_texts(project, lambda texts: texts.update({OWN_TEXT: {"message": "$1, $2"}}))


def check_own(project: Path) -> None:
    """Checks what is left under an identity of one's own, then goes on without the source of one's own."""
    config = project / "wxt.config.ts"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("extension@example.org", "own@example.net"), encoding="utf-8")
    # As after `npm ci --ignore-scripts`, which makes no types.
    shutil.rmtree(project / ".wxt")
    subprocess.run(["npm", "run", "check"], cwd=project, check=True)
    submit(project)
    (project / "src/lib/own.ts").unlink()
    change_texts(project, lambda texts: texts.pop(OWN_TEXT))


def submit(project: Path) -> None:
    """A dry run finds the packages under the names that the stores are given; it needs no network."""
    keys = {"EDGE_PRODUCT_ID": "a", "EDGE_CLIENT_ID": "b", "EDGE_API_KEY": "c"}
    scripts = json.loads((project / "package.json").read_text(encoding="utf-8"))["scripts"]
    subprocess.run(["npm", "run", "package"], cwd=project, check=True)
    if "--mv2" not in scripts["dev"]:
        command = ["node", "scripts/submit.mjs", "--dry-run"]
        subprocess.run(command, cwd=project, check=True, env={**os.environ, **keys})


def change_texts(project: Path, change: Callable[[dict[str, object]], object]) -> None:
    for file in project.glob("public/_locales/*/messages.json"):
        texts = json.loads(file.read_text(encoding="utf-8"))
        change(texts)
        file.write_text(json.dumps(texts, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def follow(project: Path, step: re.Match[str]) -> None:
    if step["commands"]:
        subprocess.run(step["commands"], shell=True, cwd=project, check=True)
    elif step["file"]:
        path = project / step["file"]
        path.write_text(step["text"], encoding="utf-8")
    else:
        path = project / step["edited"]
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        at = next(i for i, line in enumerate(lines) if line.strip() == step["line"])
        lines[at : at + 1] = [*([lines[at]] if step["how"] == "after" else []), step["text"]]
        path.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
