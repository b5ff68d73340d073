"""Starts Dagster's user interface on this machine: its assets are in `orchestration.py`."""

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from .errors import PipelineError

HOME = Path(".dagster")
LOOPBACK = "127.0.0.1"


def command(port: int) -> list[str]:
    module = f"{__package__}.orchestration"
    where = ["--host", LOOPBACK, "--port", str(port)]
    return [sys.executable, "-m", "dagster", "dev", "--module-name", module, *where]


def environment() -> Mapping[str, str]:
    if not (HOME / "dagster.yaml").is_file():
        raise PipelineError(
            f"{HOME}/dagster.yaml is not here: call from the root of the repository"
        )
    return {**os.environ, "DAGSTER_HOME": str(HOME.resolve()), "DAGSTER_DISABLE_TELEMETRY": "1"}


def serve(port: int) -> int:
    """Nobody can log in to it, so it listens to this machine alone."""
    try:
        return subprocess.run(command(port), env=environment(), check=False).returncode
    except KeyboardInterrupt:
        return 0


def add_ui(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    words = "open Dagster's user interface on this machine, until Ctrl-C"
    parser = commands.add_parser("ui", help=words)
    parser.add_argument("--port", type=int, default=3000)
    parser.set_defaults(command=lambda arguments: serve(arguments.port))
