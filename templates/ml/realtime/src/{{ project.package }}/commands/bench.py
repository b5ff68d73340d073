"""The speed of the service on this machine."""

from typing import Annotated

import typer

from ..settings import Settings

COSTLY = "not put under load: each answer of a provider costs something"


def command(
    context: typer.Context,
    requests: Annotated[int, typer.Option(min=1, help="So many for each measurement.")] = 2000,
    clients: Annotated[int, typer.Option(min=1, help="So many at a time.")] = 8,
) -> None:
    """Start the service, load it, and compare it with the model in a bare loop."""
    bench(context.obj, requests, clients)


def bench(settings: Settings, requests: int, clients: int) -> None:
    # Slow to import, and not needed to list the commands.
    import asyncio

    from .. import loadtest, routes, tables
    from ..errors import ProjectError
    from ..service import running

    bodies, work = routes.samples(settings)
    if work is None:
        raise ProjectError(COSTLY)
    with running(settings) as address:
        served = asyncio.run(loadtest.load(address, routes.PATH, bodies, requests, clients))
    bare = loadtest.loop(work, requests)
    for line in tables.text([served.row(), bare.row()]):
        print(line)


def demonstrate(settings: Settings) -> None:
    """Serve, ask a few questions, measure, and stop."""
    import httpx2

    from .. import routes, tables
    from ..errors import ProjectError
    from ..service import headers, running

    bodies, work = routes.samples(settings)
    with running(settings) as address, httpx2.Client(trust_env=False) as client:
        rows = []
        for body in bodies[:5]:
            answer = client.post(f"{address}{routes.PATH}", json=body, headers=headers())
            if answer.is_error:
                raise ProjectError(f"the service answered {answer.status_code}: {answer.text}")
            rows.append(routes.shown(body, answer.json()))
    print(f"POST {routes.PATH}")
    for line in tables.text(rows):
        print(line)
    print()
    if work is None:
        print(COSTLY)
    else:
        bench(settings, requests=500, clients=4)
