"""The commands about the lake."""

import argparse
import sys

from . import spec
from .errors import PipelineError
from .settings import load
from .store import Store

# The library of Delta tables takes a while to import: only these commands do it.


def add_lake(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    words = "list the Delta tables, where they lie, and their newest versions"
    commands.add_parser("lake", help=words).set_defaults(command=_lake)
    words = "write all tables to the lake, such as one that is new"
    commands.add_parser("publish", help=words).set_defaults(command=_publish)


def _lake(_: argparse.Namespace) -> int:
    from .lake import versions

    for line in versions(load()):
        print(line)
    return 0


def _publish(_: argparse.Namespace) -> int:
    from .lake import again, publish

    settings = load()
    if settings.engine != "duckdb":
        raise PipelineError("it writes what DuckDB has built; with Spark, `run` writes the lake")
    project = spec.load(settings.root)
    with Store.open(settings) as store:
        if not any(map(store.has, project.tables)):
            raise PipelineError("no table is built yet: `run` builds them, and publishes them too")
        again(store)
        publish(project, settings, store, say)
    say(f"{settings.lake} has all tables")
    return 0


def say(line: str) -> None:
    print(line, file=sys.stderr)
