"""The service, until it is told to stop."""

import typer


def command(context: typer.Context) -> None:
    """Serve until SIGTERM or Ctrl-C, at the address that the settings name."""
    from ..service import serve

    serve(context.obj)
