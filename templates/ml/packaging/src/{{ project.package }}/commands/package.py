"""The current model, ready to be taken elsewhere."""

from pathlib import Path
from typing import Annotated

import typer

from ..packaging import package
from ..settings import Paths


def command(
    context: typer.Context,
    to: Annotated[Path, typer.Option(help="The folder for the package.")] = Path("dist"),
) -> None:
    """Write the current model as one zip, to unpack in the models folder of another place."""
    path = package(context.obj.load(Paths).models, to)
    print(f"{path}: {path.stat().st_size} bytes")
