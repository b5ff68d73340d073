#!/usr/bin/env python3
"""Measure what a new user waits for: from Python or Node.js alone to a repository whose check is green.

    dist/first_minutes.py [--program FILE] [--cold] [--way WORD]

Everything that is ours comes from local files, as `make.py` makes them; packages of others come from the registries, or from
caches that a first round fills (`--cold` shows that round too). Prints two tables in Markdown: seconds by the clock for each way,
with those of CPU, which the neighbours on a machine do not change, and milliseconds of CPU for a start by each way beside the bare program.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from make import NAMES, PARTS, installed, make  # noqa: E402
from project import ROOT, platform  # noqa: E402
from ways import HERE, Place, serve  # noqa: E402

STARTS = 21
LIMIT = 900
TYPES = {
    "data-pipeline": ["--pipeline-processing", "batch"],
    "browser-extension": ["--project-type", "browser-extension"],
}


def main() -> int:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--program", type=Path)
    parser.add_argument("--cold", action="store_true")
    parser.add_argument("--way", default="")
    arguments = parser.parse_args()
    made = ROOT / "target/dist/try"
    installed("uv", "pipx", "prek")
    if arguments.program or not made.exists():
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir(parents=True)
        make(platform(HERE), PARTS, arguments.program and arguments.program.resolve(), "release", made)
    # `ways.py` puts wheels of others there; here they come from where a user gets them.
    (made / "wheels").mkdir(exist_ok=True)
    registry = serve(made / "npm")
    caches = ROOT / "target/dist/caches"
    if arguments.cold:
        shutil.rmtree(caches, ignore_errors=True)
    rounds = ["cold", "warm"] if arguments.cold else ["warm"]
    print("| way | caches | tools | program | files | setup | check | all, s | CPU, s |\n|---|---|---:|---:|---:|---:|---:|---:|---:|")
    for way, project_type, prepare in WAYS:
        if arguments.way not in way:
            continue
        for state in rounds if caches.exists() or arguments.cold else ["cold", "warm"]:
            with tempfile.TemporaryDirectory(prefix="scaffold-first-") as folder:
                place = Place(Path(folder), made, registry)
                online(place, caches / way.split()[0])
                print(row(place, way, state, project_type, prepare), flush=True)
    print("\n| start | CPU, ms | more than the bare program |\n|---|---:|---:|")
    with tempfile.TemporaryDirectory(prefix="scaffold-start-") as folder:
        starts(Place(Path(folder), made, registry))
    return 0


def online(place: Place, caches: Path) -> None:
    """Packages of others may be fetched; they are kept from round to round."""
    for name in ("UV_OFFLINE", "UV_NO_INDEX", "PIP_NO_INDEX", "npm_config_registry"):
        del place.environment[name]
    place.environment |= {
        "UV_CACHE_DIR": str(caches / "uv"),
        "PIP_CACHE_DIR": str(caches / "pip"),
        "npm_config_cache": str(caches / "npm"),
        # Only what this user has: Python, Node.js, git and the system.
        "PATH": place.path.partition(os.pathsep)[2],
        **{name: value for name, value in os.environ.items() if name.endswith("_CERT_FILE") or name.endswith("_EXTRA_CA_CERTS")},
    }


Prepare = Callable[[Place], tuple[list[str], dict[str, str]]]


def row(place: Place, way: str, state: str, project_type: str, prepare: Prepare) -> str:
    began, busy = time.monotonic(), children()
    command, more = prepare(place)
    tools = time.monotonic() - began
    at = time.monotonic()
    run(place, [*command, "--version"], more)
    program = time.monotonic() - at
    words = ["init", "demo", "--auto", *TYPES[project_type], "--setup=check", "--format", "json"]
    at = time.monotonic()
    document = json.loads(run(place, [*command, *words], more))
    took = time.monotonic() - at
    setup, check = (step["seconds"] for step in document["setup"])
    cells = [tools, program, took - setup - check, setup, check, time.monotonic() - began, children() - busy]
    return f"| {way} | {state} | " + " | ".join(f"{cell:.1f}" for cell in cells) + " |"


def run(place: Place, command: list[str], more: dict[str, str]) -> str:
    environment = {**place.environment, **more}
    ended = subprocess.run(command, cwd=place.work, env=environment, capture_output=True, text=True, timeout=LIMIT)
    if ended.returncode:
        sys.exit(f"{' '.join(command)}: status {ended.returncode}\n{ended.stdout[-3000:]}\n{ended.stderr[-3000:]}")
    return ended.stdout


def with_uv(place: Place) -> dict[str, str]:
    """A user without uv: pip brings it into an environment."""
    run(place, ["python3", "-m", "venv", "tools"], {})
    run(place, ["tools/bin/pip", "install", "--quiet", "uv"], {})
    return {"PATH": f"{place.work / 'tools/bin'}{os.pathsep}{place.environment['PATH']}"}


def uvx(place: Place) -> tuple[list[str], dict[str, str]]:
    return ["uvx", "--from", str(place.wheel), "scaffold"], with_uv(place)


def pip(place: Place) -> tuple[list[str], dict[str, str]]:
    more = with_uv(place)
    run(place, ["tools/bin/pip", "install", "--quiet", "--no-index", str(place.wheel)], more)
    return ["scaffold"], more


def archive(place: Place) -> tuple[list[str], dict[str, str]]:
    more = with_uv(place)
    name = next(place.made.glob("*.tar.gz"))
    run(place, ["tar", "-xf", str(name)], more)
    run(place, [f"{name.name.removesuffix('.tar.gz')}/install.sh"], more)
    return [str(place.home / ".local/bin/scaffold")], more


def npx(place: Place) -> tuple[list[str], dict[str, str]]:
    # Ours from this machine; what the extension needs from where everybody gets it.
    run(place, ["npm", "install", "--prefix", str(place.home / "ours"), NAMES["npm"]], {"npm_config_registry": place.registry})
    return ["npx", "--prefix", str(place.home / "ours"), "scaffold"], {}


WAYS: list[tuple[str, str, Prepare]] = [
    ("uvx", "data-pipeline", uvx),
    ("pip", "data-pipeline", pip),
    ("archive", "data-pipeline", archive),
    ("npx", "browser-extension", npx),
]


def starts(place: Place) -> None:
    """The same start by each way, after it was installed."""
    place.ran("uv", "venv", "--quiet", "v")
    place.ran("uv", "pip", "install", "--python", "v", place.wheel)
    place.ran("npm", "install", "--prefix", place.work, NAMES["npm"])
    module = NAMES["wheel"].replace("-", "_")
    launcher = str(place.work / f"node_modules/{NAMES['npm']}/launcher.js")
    (place.work / "nothing.js").write_text("")
    measured = {
        "bare program": [str(place.program)],
        "wheel: `scaffold`": [str(place.work / "v/bin/scaffold")],
        "wheel: `python -m`": [str(place.work / "v/bin/python"), "-m", module],
        "Python itself": [str(place.work / "v/bin/python"), "-c", ""],
        "npm: `scaffold`": ["node", launcher],
        "Node.js itself": ["node", "nothing.js"],
    }
    bare = None
    for name, command in measured.items():
        words = command if name.endswith("itself") else [*command, "--version"]
        took = statistics.median(cpu(place, words) for _ in range(STARTS))
        bare = took if bare is None else bare
        print(f"| {name} | {took:.1f} | {took - bare:.1f} |")


def cpu(place: Place, command: list[str]) -> float:
    before = children()
    subprocess.run(command, cwd=place.work, env=place.environment, check=True, capture_output=True)
    return 1000 * (children() - before)


def children() -> float:
    """Seconds of CPU of all programs that were started and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main())
