"""Starts the program that this distribution installed among the scripts: `python -m {{ module }}`, `{{ wheel }}`."""

import os
import sys

NAME = "scaffold" + (".exe" if os.name == "nt" else "")
SCRIPTS = "Scripts" if os.name == "nt" else "bin"


def places():
    """Where it may be. Nearest first, because modules that know more take longer to load than the program runs."""
    site = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    # An environment, a prefix or the folder of a user: PREFIX/lib/python3.11/site-packages, on Windows PREFIX/Lib/site-packages.
    up = 2 if os.name == "nt" else 3
    yield os.path.join(site, *[os.pardir] * up, SCRIPTS, NAME)
    # `pip install --target FOLDER`
    yield os.path.join(site, SCRIPTS, NAME)
    import sysconfig

    yield os.path.join(sysconfig.get_path("scripts"), NAME)
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        for file in distribution("{{ wheel }}").files or []:
            if file.name == NAME:
                yield str(file.locate())
    except PackageNotFoundError:
        pass


def is_ours(path):
    """Another package may have a script of this name: theirs is a text, ours is a program."""
    try:
        with open(path, "rb") as file:
            return file.read(2) != b"#!"
    except OSError:
        return False


def main():
    program = next(filter(is_ours, places()), None)
    if program is None:
        tried = "\n  ".join(map(os.path.normpath, places()))
        sys.exit("error: the program of {{ wheel }} is not there; install it again (looked at:\n  " + tried + ")")
    words = [os.path.normpath(program), *sys.argv[1:]]
    if os.name == "nt":
        import subprocess

        sys.exit(subprocess.call(words))
    os.execv(words[0], words)


if __name__ == "__main__":
    main()
