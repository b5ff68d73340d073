#!/usr/bin/env python3
"""What GitHub, GitLab, Renovate and builders of images read of generated repositories, where none of them is at hand: schemas, an audit of
workflows, and whether an image gets the files that it copies.

    uv run --no-project --with zizmor==1.32.0 --with check-jsonschema==0.39.0 .ci/hosted.py SCAFFOLD

Both tools bring what they check by, so that nothing is fetched. Our own workflows are audited as well.
"""

import fnmatch
import itertools
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REPOSITORIES = {
    "pipeline": "--pipeline-processing=batch --extras=all",
    "model": "--project-type=ml --ml-phase=both --ml-model-type=classical --extras=all",
    "extension": "--ext-ui-surfaces=popup,options --extras=all",
}
# The built-in schema of the checker, and the files that have it.
SCHEMAS = {
    "vendor.github-workflows": [".github/workflows/*.yml"],
    "vendor.gitlab-ci": [".gitlab-ci.yml"],
    "vendor.renovate": ["renovate.json"],
}
# The answers that decide what an image holds.
IMAGES = [
    *(
        f"--pipeline-processing={processing} --pipeline-schema={schema}"
        for processing, schema in itertools.product(
            ("batch", "streaming", "hybrid"), ("none", "contracts", "schema-registry")
        )
    ),
    *(
        f"--project-type=ml --ml-phase=inference --ml-model-type={model} --ml-serving={serving}"
        for model, serving in itertools.product(("classical", "deep-learning", "llm"), ("batch", "realtime", "edge"))
    ),
    "--project-type=ml --ml-phase=both --ml-model-type=classical",
    "--ext-ui-surfaces=popup",
]


def without(folder: Path, what: str, paths: set[str]) -> Iterator[str]:
    """The sources of `COPY` in the Dockerfile of a repository of which the builder gets no file, by its .dockerignore."""
    kept = set(paths)
    for line in (folder / ".dockerignore").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        pattern = line.removeprefix("!").rstrip("/")
        names = {path for path in paths if matches(path, pattern)}
        kept = kept | names if line.startswith("!") else kept - names
    for line in (folder / "Dockerfile").read_text().splitlines():
        command, *words = line.split() or [""]
        if command == "COPY" and not any(word.startswith("--from=") for word in words):
            sources = [word for word in words[:-1] if not word.startswith("--")]
            # What the package tool writes is not there yet.
            missing = [s for s in sources if s != "uv.lock" and not any(matches(path, s) for path in kept)]
            yield from (f"{what}: {source}" for source in missing)


def matches(path: str, pattern: str) -> bool:
    """Whether a path, or a folder above it, is named by a pattern of .dockerignore; `.` is all."""
    parts = path.split("/")
    above = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
    return pattern == "." or any(fnmatch.fnmatch(name, pattern.removeprefix("**/")) for name in above)


def main(scaffold: str) -> int:
    failed = 0
    with tempfile.TemporaryDirectory() as work:

        def init(name: str, flags: str) -> None:
            words = [scaffold, "init", name, "--auto", "--quiet", "--author=A", "--guides=none", *flags.split()]
            subprocess.run(words, cwd=work, check=True)

        for name, flags in REPOSITORIES.items():
            init(name, flags)
            for schema, patterns in SCHEMAS.items():
                files = [path for pattern in patterns for path in Path(work, name).glob(pattern)]
                assert files, (name, patterns)
                transform = ["--data-transform=gitlab-ci"] if "gitlab" in schema else []
                check = ["check-jsonschema", "--quiet", f"--builtin-schema={schema}", *transform, *files]
                failed += subprocess.run(check).returncode
        for number, flags in enumerate(IMAGES):
            init(f"image-{number}", f"--no-git --extras=container {flags}")
            folder = Path(work, f"image-{number}")
            paths = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
            for line in without(folder, flags, paths):
                print(f"the image gets no file of what it copies: {line}", file=sys.stderr)
                failed += 1
        # A sub-folder has workflows of its own kind, at the root of the repository.
        init("pipeline/inner/notes", f"--repository=pipeline {REPOSITORIES['extension']}")
        audit = ["zizmor", "--offline", "--no-progress", "--quiet", "--min-severity=medium"]
        folders = [Path(work, name, ".github") for name in REPOSITORIES]
        failed += subprocess.run([*audit, *folders, ROOT / ".github", ROOT / "action.yml"]).returncode
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main(str(Path(sys.argv[1]).resolve())))
