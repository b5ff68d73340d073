"""The program: every module of `commands/` is one of its commands, by the name of the file.

Results go to standard output, progress to standard error.
"""

import errno
import importlib
import logging
import os
import pkgutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from . import commands
from .errors import ProjectError, Stopped
from .settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def program(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option("--config", help="Settings file [config/local.toml].")
    ] = None,
    assigned: Annotated[
        list[str] | None, typer.Option("--set", help="One setting, as table.key=value; repeatable.")
    ] = None,
) -> None:
    """Options that stand before the command hold for every command."""
    context.obj = Settings(config, assigned or ())


for _found in pkgutil.iter_modules(commands.__path__):
    _module = importlib.import_module(f"{commands.__name__}.{_found.name}")
    app.command(_found.name)(_module.command)


def main() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    logging.getLogger(__package__).setLevel(logging.INFO)
    try:
        with _stoppable():
            app()
    except ProjectError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # Whoever read the output has seen enough; nothing is left to be flushed at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        print(f"error: {told(error)}", file=sys.stderr)
        sys.exit(1)
    except Stopped as error:
        print("stopped: what is finished is kept, call again to go on", file=sys.stderr)
        sys.exit(128 + error.args[0])


def told(error: OSError) -> str:
    """What the system refuses, and where."""
    place = f"{error.filename}: " if error.filename else ""
    cure = "; [paths] in the settings says where files are written"
    if error.errno == errno.ENOSPC:
        cure = "; make room and call again: what is finished is kept"
    return f"{place}{error.strerror or error}{cure}"


@contextmanager
def _stoppable() -> Iterator[None]:
    """Both signals end the program as an exception, so that a run is closed and said to be so.

    Not as KeyboardInterrupt, of which typer makes an ending of its own.
    """

    def stop(number: int, _: object) -> None:
        raise Stopped(number)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
