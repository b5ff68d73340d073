"""Pictures that lie in a folder for each class, as the table that the network reads."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from . import storage
from .errors import BadInputError

BRIGHTEST = 255
OF_WINDOWS = ("Thumbs.db", "desktop.ini")  # which it leaves in folders of pictures
TOLD = 10  # files that are no pictures, by name
DEEP = 65535  # the brightest grey of pictures with 16 bits for each point

Grey = NDArray[np.uint8]


def grey(path: Path, side: int) -> Grey:
    """The picture as it is looked at, whole, in `side` rows of `side` grey values; a service is asked with these."""
    try:
        with Image.open(path) as opened:
            flat = _flat(ImageOps.exif_transpose(opened))
    # A picture can be broken in as many ways as there are formats.
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BadInputError(f"{path} is no picture that can be read: {reason}") from None
    # What it is less wide or high than a square is filled up with its own middle grey.
    middle = int(np.median(np.asarray(flat)))
    return np.asarray(ImageOps.pad(flat, (side, side), color=middle), dtype=np.uint8)


def _flat(image: Image.Image) -> Image.Image:
    """Grey values of eight bits, on white where one can look through."""
    if image.mode.startswith(("I", "F")):
        values = np.asarray(image)
        if image.mode == "F" or values.min() < 0 or values.max() > DEEP:
            raise ValueError(f"nobody knows which of its values ({image.mode}) is white")
        return Image.fromarray((values // (DEEP // BRIGHTEST)).astype(np.uint8))
    if image.has_transparency_data:
        clear = image.convert("RGBA")
        white = Image.new("RGBA", clear.size, "white")
        image = Image.alpha_composite(white, clear)
    return image.convert("L")


@dataclass(frozen=True)
class Found:
    counts: dict[str, int]  # pictures of each class
    contradictions: list[tuple[Path, Path]]  # the same picture in two classes


def table(folder: Path, side: int, to: Path) -> Found:
    """Write a row for each picture."""
    if to.exists():
        raise BadInputError(f"{to} exists: remove it, or name the folder otherwise")
    classes = {each.name: list(_files(each)) for each in _folders(folder)}
    if empty := [name for name, files in classes.items() if not files]:
        raise BadInputError(f"{folder / empty[0]} has no pictures")
    if len(classes) < 2:
        raise BadInputError(f"{folder} needs a folder for each class, two or more")
    lines = io.StringIO()
    rows = csv.writer(lines, lineterminator="\n")
    rows.writerow([*features(side), "class"])
    first: dict[bytes, tuple[str, Path]] = {}
    faults, contradictions = [], []
    for name, file in ((name, file) for name, files in classes.items() for file in files):
        try:
            values = grey(file, side)
        except BadInputError as error:
            faults.append(str(error))
            continue
        rows.writerow([*values.ravel().tolist(), name])
        other, before = first.setdefault(values.tobytes(), (name, file))
        if other != name:
            contradictions.append((before, file))
    if faults:
        others = [f"and {len(faults) - TOLD} others"] if len(faults) > TOLD else []
        raise BadInputError("\n".join([*faults[:TOLD], *others]))
    storage.write(to, lines.getvalue())
    return Found({name: len(files) for name, files in classes.items()}, contradictions)


def features(side: int) -> tuple[str, ...]:
    return tuple(f"pixel_{row}_{column}" for row in range(side) for column in range(side))


def _folders(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise BadInputError(f"{folder} is no folder")
    found = _seen(folder)
    if loose := [each for each in found if not each.is_dir()]:
        raise BadInputError(f"{loose[0]} lies beside the folders of classes, so it has no class")
    return found


def _files(folder: Path) -> Iterator[Path]:
    for each in _seen(folder):
        if each.is_dir():
            if folder.resolve().is_relative_to(each.resolve()):
                raise BadInputError(f"{each} is a link to a folder that it lies in: remove it")
            yield from _files(each)
        else:
            yield each


def _seen(folder: Path) -> list[Path]:
    hidden = (".", *OF_WINDOWS)
    return sorted(each for each in folder.iterdir() if not each.name.startswith(hidden))
