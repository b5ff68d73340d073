"""The current model as one file that another place can take over."""

import zipfile
from pathlib import Path

from . import artifacts
from .artifacts import CURRENT, MANIFEST, Pointer
from .predictor import ModelManifest
from .storage import digest_of

EPOCH = (1980, 1, 1, 0, 0, 0)  # the same model gives the same bytes
SERVED = frozenset({".onnx", ".json", ".md", ".png"})  # what only training needs stays here


def package(models: Path, to: Path) -> Path:
    """A zip to unpack in the `models` folder of a place that serves."""
    folder, manifest = artifacts.current(models, ModelManifest)
    served = {name: file for name, file in manifest.files.items() if Path(name).suffix in SERVED}
    text = artifacts.text(manifest.model_copy(update={"files": served}))
    pointer = Pointer(version=manifest.version, manifest_sha256=digest_of(text))
    path = to / f"model-{manifest.version}.zip"
    to.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        _put(archive, CURRENT, artifacts.text(pointer).encode())
        _put(archive, f"{manifest.version}/{MANIFEST}", text.encode())
        for name in sorted(served):
            _put(archive, f"{manifest.version}/{name}", (folder / name).read_bytes())
    return path


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, EPOCH), content, zipfile.ZIP_DEFLATED)
