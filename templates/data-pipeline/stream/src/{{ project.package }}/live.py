"""The commands about the topic."""

import signal
import threading
from typing import Annotated

import typer

from . import settings
from .broker import Broker, embedded
from .dead_letters import replay as send_again
from .engines import connect
from .errors import PipelineError
from .flow import orders
from .lake import Lake
from .sample import fill, stages
from .service import Pace, Service
from .windows import Windows

app = typer.Typer()


def build() -> Service:
    engine = connect(settings.load("engine", settings.Engine).name)
    return Service(
        Lake(settings.load("paths", settings.Paths).lake, engine),
        orders(),
        settings.load("windows", Windows),
        settings.load("broker", Broker),
        settings.load("stream", Pace),
    )


@app.command()
def stream() -> None:
    """Read the topic until SIGTERM or Ctrl-C; the batch at hand is completed."""
    service = build()
    service.follow(_told_to_stop().is_set)
    print(f"{service.offline().records()} records read by now")


@app.command()
def replay(
    reason: Annotated[str, typer.Option(help="Only such a reason; * is any text.")] = "*",
) -> None:
    """Send dead letters to the topic again, each once, after what was wrong is put right."""
    broker = build().broker
    if broker.is_embedded:
        raise PipelineError("an embedded broker keeps no letters: set [broker] servers")
    for why, count in sorted(send_again(broker, reason).items()):
        print(f"{count:>6}  {why}")


@app.command()
def compact() -> None:
    """Write the many small files of a stream as few, at any time."""
    print(f"{build().offline().compact()} files fewer")


@app.command()
def broker() -> None:
    """Be a broker that holds the sample, in memory, until Ctrl-C; for trying out `stream`."""
    service = build()
    stop = _told_to_stop()
    with embedded() as address:
        at = service.broker.at(address)
        count = sum(fill(at, file) for file in stages(service.pace.sample))
        print(f"{count} records in {at.topic} at {address}", flush=True)
        stop.wait()


def _told_to_stop() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
