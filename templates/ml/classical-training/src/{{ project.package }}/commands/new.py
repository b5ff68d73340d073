"""The declaration of a task, from a look at a table."""

import shutil
from pathlib import Path
from typing import Annotated, Literal

import typer

from .. import storage, tables
from ..errors import BadInputError
from ..settings import Paths

DECLARATION = Path(__file__).parents[1] / "task.py"


def command(
    context: typer.Context,
    what: Annotated[Literal["task"], typer.Argument(help="What to make.")],
    file: Annotated[Path, typer.Argument(help="A CSV or Parquet file with a header.")],
    target: Annotated[str, typer.Option(help="The column that is to be predicted.")],
) -> None:
    """Look at a table and declare in task.py what is found, with the evidence as comments."""
    # Slow to import, and not needed to list the commands.
    from .. import look

    paths = context.obj.load(Paths)
    found = look.at(file, target)
    place = paths.data / file.name
    if not place.exists():
        shutil.copyfile(file, place)
    elif not place.samefile(file) and storage.digest(place) != storage.digest(file):
        raise BadInputError(f"{place} is another file: rename {file}, or take that one away")
    before = DECLARATION.read_bytes()
    kept = paths.runs / f"task-{storage.digest(DECLARATION)[:12]}.py"
    storage.write(kept, before)
    storage.write(DECLARATION, look.declaration(found))
    for line in tables.text([column.row() for column in found.columns]):
        print(line)
    print(f"\n{DECLARATION} declares it; what it was before is {kept}")
    for said in found.told:
        print(f"look at this: {said}")
    print("read it, then: data --accept, and run")
