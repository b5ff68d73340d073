"""Which data this is: every file of the data folder by size and digest, in `manifest.json`.

A model is only as reproducible as its data, so nothing is read that changed without a word.
"""

import json
from pathlib import Path

from .errors import BadInputError
from .storage import digest, write

NAME = "manifest.json"


def verified(folder: Path, name: str) -> str:
    """The digest of a file, if it is the one that the manifest names."""
    path = folder / name
    if not path.is_file():
        raise BadInputError(f"{path} does not exist")
    known = _read(folder).get(name)
    found = digest(path)
    if known is None or known["sha256"] != found:
        what = "is not in" if known is None else "is not what it was in"
        raise BadInputError(
            f"{path} {what} {folder / NAME}: if the change is meant, look at it with the command "
            "`data` and accept it with `data --accept`"
        )
    return found


def accept(folder: Path) -> list[str]:
    """Write down all files as they are now; the names of those that are new or changed."""
    known = _read(folder) if (folder / NAME).exists() else {}
    entries = {
        path.name: {"sha256": digest(path), "bytes": path.stat().st_size}
        for path in sorted((*folder.glob("*.csv"), *folder.glob("*.parquet")))
    }
    # What people wrote about a file, such as its source and licence, stays.
    kept = {name: {**known.get(name, {}), **entry} for name, entry in entries.items()}
    write(folder / NAME, json.dumps(kept, indent=2) + "\n")
    return [name for name in kept if kept[name] != known.get(name)]


def _read(folder: Path) -> dict[str, dict[str, object]]:
    path = folder / NAME
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadInputError(
            f"{path} does not exist; the command `data --accept` writes it"
        ) from None
    except json.JSONDecodeError as error:
        raise BadInputError(f"{path}: {error}") from None
    if not isinstance(found, dict) or not all(isinstance(v, dict) for v in found.values()):
        raise BadInputError(f"{path}: expected one object for each file")
    return found
