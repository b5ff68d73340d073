"""The service, until it is told to stop."""

from contextlib import suppress

import typer

from ..errors import Stopped


def command(context: typer.Context) -> None:
    """Serve until SIGTERM or Ctrl-C, at the address that the settings name."""
    from ..service import serve

    with suppress(Stopped):  # how a service ends
        serve(context.obj)
