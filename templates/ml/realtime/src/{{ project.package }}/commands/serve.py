"""The service, until it is told to stop."""

import typer


def command(context: typer.Context) -> None:
    """Serve until SIGTERM or Ctrl-C, at the address in [serve]."""
    from ..api import Serving
    from ..service import serve

    serving = context.obj.load(Serving)
    print(f"serving at http://{serving.host}:{serving.port}, /docs shows how to ask", flush=True)
    serve(context.obj)
