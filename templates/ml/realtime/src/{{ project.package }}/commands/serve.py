"""The service, until it is told to stop."""

from contextlib import suppress

import typer

from ..errors import Stopped


def command(context: typer.Context) -> None:
    """Serve until SIGTERM or Ctrl-C, at the address in [serve]."""
    from ..api import Serving
    from ..service import serve

    serving = context.obj.load(Serving)
    print(f"serving at http://{serving.host}:{serving.port}, /docs shows how to ask", flush=True)
    with suppress(Stopped):  # how a service ends
        serve(context.obj)
