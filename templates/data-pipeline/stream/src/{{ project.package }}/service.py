"""The commands about topics."""

import argparse
import signal
import threading
from collections.abc import Callable
from dataclasses import replace

from . import settings

# The client of the broker takes a while to import: only these commands do it.


def add_stream(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", say: Callable[[str], object]
) -> None:
    command = commands.add_parser("stream", help="read topics and build, until told to stop")
    command.add_argument(
        "--only-files", action="store_true", help="write files only; another process builds"
    )

    def stream(given: argparse.Namespace) -> int:
        from .stream import follow

        stop = _told_to_stop()
        number = follow(settings.load(), say, stop.is_set, not given.only_files)
        say(f"{number} records were read")
        return 0

    command.set_defaults(command=stream)


def add_broker(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    words = "be a broker in memory that holds the sample, for trying out `stream`"
    command = commands.add_parser("broker", help=words)

    def broker(_: argparse.Namespace) -> int:
        from .broker import embedded
        from .stream import fill, topics

        here, stop = settings.load(), _told_to_stop()
        with embedded() as address:
            number = fill(replace(here, broker_servers=address), topics(here))
            print(f"{number} records at {address}", flush=True)
            stop.wait()
        return 0

    command.set_defaults(command=broker)


def _told_to_stop() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
