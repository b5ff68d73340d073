"""Who called what, when, and how it ended: one line of JSON for each command, only ever added to."""

import getpass
import json
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from . import settings
from .errors import PipelineError
from .privacy import redacted

log = logging.getLogger(__name__)


def note(arguments: Sequence[str]) -> None:
    """Called while the command ends, by an exception as all of them do."""
    if not arguments or "--help" in arguments:
        return
    ended = sys.exception()
    status = ended.code if isinstance(ended, SystemExit) else 1
    try:
        folder = settings.load("paths", settings.Paths).local
    except PipelineError as error:
        log.warning("audit: not noted: %s", error)
    else:
        add(folder, who(), arguments, status or 0)


def add(folder: Path, by: str, command: Sequence[str], status: object) -> None:
    event = {
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "who": by,
        "command": [redacted(word) for word in command],
        "status": status,
    }
    try:
        _write(folder / "audit.jsonl", event)
    except OSError as error:
        log.warning("audit: not noted: %s", error)


def who() -> str:
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):
        # In a container the user may be a number that nobody gave a name.
        return str(os.getuid())


def _write(path: Path, event: Mapping[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(event) + "\n")
