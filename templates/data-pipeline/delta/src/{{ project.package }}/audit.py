"""Who called what, when, and how it ended: a line of JSON for each command, only ever added to."""

import getpass
import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from .errors import PipelineError
from .settings import load
from .tokens import redacted

NO_WORDS = ("erase",)  # commands whose words name a person


def note(words: Sequence[str], status: int) -> None:
    """Notes a command that has ended; where that cannot be written, it is told."""
    shown = words[:1] if words[0] in NO_WORDS else words
    event = {
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "who": _who(),
        "command": [redacted(word) for word in shown],
        "status": status,
    }
    try:
        path = load().data / "audit.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(event) + "\n")
    except PipelineError:
        pass  # there are no settings, which the command has told
    except OSError as error:
        print(f"the audit is not written: {error}", file=sys.stderr)


def _who() -> str:
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):
        # In a container the user may be a number that nobody gave a name.
        return str(os.getuid())
