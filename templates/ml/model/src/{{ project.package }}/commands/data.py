"""What the data holds, and the word that a change of it is meant."""

from typing import Annotated

import numpy as np
import typer

from .. import inventory, tables, target
from ..data import load
from ..settings import Paths
from ..task import TASK


def command(
    context: typer.Context,
    accept: Annotated[
        bool, typer.Option("--accept", help="Write down the files as they are.")
    ] = False,
) -> None:
    """Describe the labelled data; with --accept, make it the data of this repository."""
    folder = context.obj.load(Paths).data
    data = load(folder / TASK.file, TASK)
    print(f"{folder / TASK.file}: {len(data)} rows, {len(TASK.features)} features")
    copies = len(data) - len(np.unique(data.groups))
    print(f"rows that share a group with another: {copies}\n")
    for line in tables.text(target.of(TASK.classes).described(data.y)):
        print(line)
    if accept:
        changed = inventory.accept(folder)
        print(f"\nwritten down in {folder / inventory.NAME}: {', '.join(changed) or 'no change'}")
    else:
        inventory.verified(folder, TASK.file)
