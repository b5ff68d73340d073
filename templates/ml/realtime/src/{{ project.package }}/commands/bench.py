"""The speed of the service on this machine."""

from typing import Annotated

import typer

from ..settings import Settings


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
    from ..service import running

    bodies, work = routes.samples(settings)
    with running(settings) as address:
        served = asyncio.run(loadtest.load(address, routes.PATH, bodies, requests, clients))
    bare = loadtest.loop(work, requests)
    for line in tables.text([served.row(), bare.row()]):
        print(line)


def demonstrate(settings: Settings) -> None:
    """Serve, ask a few questions, measure, and stop."""
    import httpx2

    from .. import routes, tables
    from ..service import headers, running

    bodies, _ = routes.samples(settings)
    with running(settings) as address, httpx2.Client(trust_env=False) as client:
        answers = [
            client.post(f"{address}{routes.PATH}", json=body, headers=headers()).raise_for_status()
            for body in bodies[:5]
        ]
    print(f"POST {routes.PATH}")
    rows = [
        routes.shown(body, answer.json()) for body, answer in zip(bodies, answers, strict=False)
    ]
    for line in tables.text(rows):
        print(line)
    print()
    bench(settings, requests=500, clients=4)
