"""Starts the program that this distribution installed among the scripts: `python -m {{ module }}`, `{{ wheel }}`."""

import os
import sys
import sysconfig
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

NAME = "scaffold" + (".exe" if os.name == "nt" else "")


def places() -> list[Path]:
    """Where it may be: beside the Python of an environment, in the user's scripts, or where the installer wrote it."""
    found = [Path(sysconfig.get_path("scripts"), NAME)]
    found.append(Path(sysconfig.get_path("scripts", sysconfig.get_preferred_scheme("user")), NAME))
    # `pip install --target FOLDER`
    found.append(Path(__file__).parents[1] / ("Scripts" if os.name == "nt" else "bin") / NAME)
    try:
        files = distribution("{{ wheel }}").files or []
        found += [Path(str(file.locate())) for file in files if file.name == NAME]
    except PackageNotFoundError:
        pass
    return found


def is_ours(path: Path) -> bool:
    """Another package may have a script of this name: theirs is a text, ours is a program."""
    try:
        with path.open("rb") as file:
            return file.read(2) != b"#!"
    except OSError:
        return False


def main() -> None:
    program = next((path for path in places() if is_ours(path)), None)
    if program is None:
        tried = "\n  ".join(map(str, places()))
        sys.exit(f"error: the program of {{ wheel }} is not there; install it again (looked at:\n  {tried})")
    words = [str(program), *sys.argv[1:]]
    if os.name == "nt":
        import subprocess

        sys.exit(subprocess.call(words))
    os.execv(program, words)


if __name__ == "__main__":
    main()
