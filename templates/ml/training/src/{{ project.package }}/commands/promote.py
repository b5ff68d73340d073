"""Make a candidate the model that is used."""

from typing import Annotated

import typer


def command(
    context: typer.Context,
    version: Annotated[str, typer.Argument(help="A folder below models/.")],
) -> None:
    """Promote a candidate that is untouched and passes the gate; 3 if it does not."""
    from .. import training

    manifest = training.promote(context.obj, version)
    print(f"{manifest.version} is the current model of {manifest.task}")
