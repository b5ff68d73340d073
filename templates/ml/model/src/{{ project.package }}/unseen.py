"""Which rows of the file that a model was made from it has never seen: only these may judge it."""

from pathlib import Path

import numpy as np

from .data import Dataset
from .errors import BadInputError
from .predictor import ModelManifest
from .storage import digest, write

NAME = "unseen.txt"  # beside the model, one number of a line in each of its own


def write_lines(folder: Path, lines: list[int]) -> None:
    write(folder / NAME, "".join(f"{line}\n" for line in lines))


def rows(
    folder: Path, manifest: ModelManifest, file: Path, data: Dataset, own: bool = False
) -> Dataset:
    """The rows of a file that took no part in the training of a model.

    Another file than the one of the training is taken as a whole, unless it is this repository's
    own data, which has changed since and still holds rows of the training.
    """
    if not (folder / NAME).is_file():
        return data
    if digest(file) != manifest.data.sha256:
        if own:
            raise BadInputError(
                f"{file} is not what model {manifest.version} was made from: train anew, or name a "
                "file with rows that the model has not seen"
            )
        return data
    known = [int(line) for line in (folder / NAME).read_text(encoding="utf-8").split()]
    return data.part(np.flatnonzero(np.isin(data.lines, known)))
