"""The command `schemas`: whether every version of a schema may follow those before it."""

import argparse

from .errors import PipelineError
from .settings import load

REFUSED = 4


def add_schemas(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    words = "check that every version of a schema may follow those before; ends with 4 if not"
    parser = commands.add_parser("schemas", help=words)
    parser.add_argument(
        "--release", action="store_true", help="note these versions as seen by others"
    )
    parser.add_argument("--register", action="store_true", help="make them known to the registry")
    parser.set_defaults(command=_schemas)


def _schemas(arguments: argparse.Namespace) -> int:
    from .registry.compatibility import refusals
    from .registry.subjects import registry, release, released, subjects

    chosen = registry(load())
    known, found = released(chosen.folder), subjects(chosen.folder)
    refused = [why for each in found for why in refusals(each, chosen.compatibility, known)]
    if chosen.url:
        from .registry import server

        refused += server.disagreements(server.client(chosen), found)
    elif arguments.register:
        raise PipelineError("registry_url: no registry is named, so nothing registers there")
    if refused:
        print("\n".join(refused))
        return REFUSED
    for each in found:
        print(f"{each.name}: {len(each.versions)} versions, {chosen.compatibility}")
    if arguments.release:
        print(f"released: {', '.join(release(chosen.folder)) or 'nothing new'}")
    if arguments.register:
        print("\n".join(server.register(server.client(chosen), found)))
    return 0
