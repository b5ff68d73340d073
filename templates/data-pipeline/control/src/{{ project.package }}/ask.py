"""The command that puts a request on the control topic."""

import argparse
from collections.abc import Callable

from . import settings

# The client of the broker takes a while to import: only this command does it.


def add_ask(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", say: Callable[[str], object]
) -> None:
    command = commands.add_parser("ask", help="ask the stream for work; it is served once")
    command.add_argument("do", help="rebuild, replay or compact")
    command.add_argument("table", nargs="?", help="such as silver.orders; rebuild: default all")
    command.add_argument("--reason", help="replay: rejected for such reasons only, as 'late*'")
    command.add_argument("--from", metavar="DAY", help="rebuild: the first partition")
    command.add_argument("--to", metavar="DAY", help="rebuild: the last one")

    def run(given: argparse.Namespace) -> int:
        from .control import ask

        here = settings.load()
        words = ("do", "table", "reason", "from", "to")
        ask(here, {word: value for word in words if (value := getattr(given, word)) is not None})
        say(f"asked on {here.control_topic}: `stream` serves it, or the next `run`")
        return 0

    command.set_defaults(command=run)
