#!/usr/bin/env python3
"""What GitHub, GitLab, Renovate and editors read of generated repositories, held against their schemas; workflows are audited too.

    uv run --no-project --with zizmor==1.32.0 --with check-jsonschema==0.39.0 .ci/hosted.py SCAFFOLD

Both tools bring what they check by, so that nothing is fetched. Our own workflows are audited as well.
"""

import subprocess
import sys
import tempfile
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


def main(scaffold: str) -> int:
    failed = 0
    with tempfile.TemporaryDirectory() as work:
        for name, flags in REPOSITORIES.items():
            words = [scaffold, "init", name, "--auto", "--quiet", "--author=A", "--guides=none", *flags.split()]
            subprocess.run(words, cwd=work, check=True)
            for schema, patterns in SCHEMAS.items():
                files = [path for pattern in patterns for path in Path(work, name).glob(pattern)]
                assert files, (name, patterns)
                transform = ["--data-transform=gitlab-ci"] if "gitlab" in schema else []
                check = ["check-jsonschema", "--quiet", f"--builtin-schema={schema}", *transform, *files]
                failed += subprocess.run(check).returncode
        # A sub-folder has workflows of its own kind, at the root of the repository.
        within = [scaffold, "init", "pipeline/inner/notes", "--repository", "pipeline", "--auto", "--quiet", "--author=A"]
        subprocess.run([*within, "--guides=none", *REPOSITORIES["extension"].split()], cwd=work, check=True)
        audit = ["zizmor", "--offline", "--no-progress", "--quiet", "--min-severity=medium"]
        folders = [Path(work, name, ".github") for name in REPOSITORIES]
        failed += subprocess.run([*audit, *folders, ROOT / ".github", ROOT / "action.yml"]).returncode
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main(str(Path(sys.argv[1]).resolve())))
