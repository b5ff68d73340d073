"""Models on disk: a folder with a manifest, and one file that says which of them is current.

Nothing of a model is read before its digest is compared, and nothing is read that could run code:
no pickle, no joblib. `current.json` holds the digest of the manifest, the manifest those of all
files, so whoever guards that one small file guards the model.
"""

import json
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .errors import UntrustedError
from .storage import digest, write

# Formats that are data and no program; pages are for people, and no code here reads them.
ALLOWED = frozenset({".onnx", ".skops", ".safetensors", ".json", ".html", ".md", ".png", ".txt"})
MANIFEST = "manifest.json"
CURRENT = "current.json"
LIMIT = 2_000_000_000  # bytes, the most that an ONNX file can hold


class Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class File(Record):
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    bytes: int = Field(ge=0, le=LIMIT)


class Manifest(Record):
    """What is true of every model; each kind of model adds what it needs."""

    version: str = Field(pattern="^[0-9a-z][0-9a-z-]{0,63}$")
    made_with: dict[str, str]
    files: dict[str, File]


class Pointer(Record):
    version: str = Field(pattern="^[0-9a-z][0-9a-z-]{0,63}$")
    manifest_sha256: str = Field(pattern="^[0-9a-f]{64}$")


M = TypeVar("M", bound=Manifest)
R = TypeVar("R", bound=Record)


def describe(folder: Path) -> dict[str, File]:
    """The entries of a manifest for all files that lie in the folder."""
    return {
        path.name: File(sha256=digest(path), bytes=path.stat().st_size)
        for path in sorted(folder.iterdir())
        if path.name != MANIFEST
    }


def text(record: Record) -> str:
    return record.model_dump_json(indent=2) + "\n"


def save(folder: Path, manifest: Manifest) -> None:
    write(folder / MANIFEST, text(manifest))


def verified(folder: Path, kind: type[M], manifest_sha256: str | None = None) -> M:
    """The manifest, after every byte that it speaks of was compared with it."""
    path = folder / MANIFEST
    if not path.is_file():
        raise UntrustedError(f"{path} does not exist")
    if manifest_sha256 and digest(path) != manifest_sha256:
        raise UntrustedError(f"{path} is not the manifest that was promoted")
    manifest = _read(path, kind)
    for name, expected in manifest.files.items():
        _compare(folder, name, expected)
    if unknown := sorted({p.name for p in folder.iterdir()} - {MANIFEST, *manifest.files}):
        raise UntrustedError(f"{folder / unknown[0]} is not in the manifest")
    return manifest


def current(models: Path, kind: type[M]) -> tuple[Path, M]:
    """The folder and the manifest of the promoted model."""
    path = models / CURRENT
    if not path.is_file():
        raise UntrustedError(f"{path} does not exist: no model was promoted yet")
    pointer = _read(path, Pointer)
    folder = models / pointer.version
    return folder, verified(folder, kind, pointer.manifest_sha256)


def candidates(models: Path) -> list[Path]:
    """The folders of all models that were made here, the newest first."""
    found = [path.parent for path in models.glob(f"[!.]*/{MANIFEST}")]
    return sorted(found, key=lambda folder: -(folder / MANIFEST).stat().st_mtime)


def point_to(models: Path, version: str) -> None:
    """Make a model the current one, in one step."""
    pointer = Pointer(version=version, manifest_sha256=digest(models / version / MANIFEST))
    write(models / CURRENT, text(pointer))


def _read(path: Path, kind: type[R]) -> R:
    try:
        return kind.model_validate_json(path.read_bytes())
    except (ValidationError, json.JSONDecodeError) as error:
        detail = str(error).splitlines()
        raise UntrustedError(f"{path}: {' '.join(line.strip() for line in detail[:3])}") from None


def _compare(folder: Path, name: str, expected: File) -> None:
    path = folder / name
    if Path(name).name != name or path.is_symlink():
        raise UntrustedError(f"{path} does not lie in the folder of the model")
    if path.suffix not in ALLOWED:
        allowed = ", ".join(sorted(ALLOWED))
        raise UntrustedError(f"{path}: only {allowed} are loaded, whatever the manifest says")
    if not path.is_file():
        raise UntrustedError(f"{path} is missing")
    if path.stat().st_size != expected.bytes or digest(path) != expected.sha256:
        raise UntrustedError(
            f"{path} is not what the manifest says: it was changed after it was made"
        )
