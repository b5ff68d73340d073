#!/usr/bin/env python3
"""Make the reference models of the inference repositories anew, by the training code of the type.

    .ci/reference_models.py [classical] [deep-learning] [llm]

For each kind of model a repository of phase `both` is generated and set up; it trains, promotes and
packages with its default settings. What serving needs goes to `templates/ml/KIND-reference/models`,
and the rows of its test part, which the model has never seen, to `…/data`.
`scaffold`, built from this tree, and `uv` are found on the path.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
KINDS = ("classical", "deep-learning", "llm")


def main() -> None:
    for kind in sys.argv[1:] or KINDS:
        with tempfile.TemporaryDirectory() as folder:
            build(kind, Path(folder) / "reference")


def build(kind: str, project: Path) -> None:
    answers = ["--project-type", "ml", "--ml-phase", "both", "--ml-model-type", kind]
    # Where the edge is served, the quantised model is made as well.
    answers += ["--ml-serving", "edge", "--no-ml-experiment-tracking"]
    call("scaffold", "init", project, "--auto", *answers)
    for words in (["sync"], ["run", "reference", "run"], ["run", "reference", "package"]):
        call("uv", *words, folder=project)
    layer = ROOT / "templates" / "ml" / f"{kind}-reference"
    for name in ("models", "data"):
        shutil.rmtree(layer / name, ignore_errors=True)
    (package,) = (project / "dist").glob("model-*.zip")
    with zipfile.ZipFile(package) as archive:
        archive.extractall(layer / "models")
    sample(project, layer / "data")


def sample(project: Path, to: Path) -> None:
    """The rows of the test part, as they stand in the data."""
    code = (
        "from pathlib import Path; from reference import data, split, settings, task;"
        "s = settings.Settings(); rows = data.load(Path('data') / task.TASK.file, task.TASK);"
        "print(task.TASK.file, *split.split(rows, s.load(split.Splitting), task.TASK).test.lines)"
    )
    name, *lines = call("uv", "run", "python", "-c", code, folder=project).split()
    all_lines = (project / "data" / name).read_text(encoding="utf-8").splitlines(keepends=True)
    text = all_lines[0] + "".join(all_lines[int(line) - 1] for line in lines)
    known = json.loads((project / "data/manifest.json").read_text(encoding="utf-8"))[name]
    entry = {
        **known,
        "part": f"the test rows of {name}, which took no part in the training",
        "sha256": sha256(text.encode()).hexdigest(),
        "bytes": len(text.encode()),
    }
    to.mkdir()
    (to / "sample.csv").write_text(text, encoding="utf-8", newline="\n")
    manifest = json.dumps({"sample.csv": entry}, indent=2) + "\n"
    (to / "manifest.json").write_text(manifest, encoding="utf-8", newline="\n")


def call(*words: object, folder: Path = ROOT) -> str:
    ended = subprocess.run(
        [str(word) for word in words], cwd=folder, check=False, capture_output=True, text=True
    )
    if ended.returncode:
        sys.exit(f"{' '.join(map(str, words))}\n{ended.stdout}{ended.stderr}")
    return ended.stdout


if __name__ == "__main__":
    main()
