"""The bundle for a device, measured as the device would use it, and held to its budgets."""

import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field

from . import artifacts, device, storage, targets
from .data import Dataset, Task
from .device import Device
from .errors import BadInputError, RefusedError
from .predictor import BESIDE, ModelManifest, Predictor, read_as
from .settings import Section

ROUNDS = 300  # predictions of one row each, for the times

# Time of the processor: a device does nothing else meanwhile, the machine that measures may.
# Where that is counted in steps that are too coarse, as on Windows, it is the time on the wall.
FINE = time.get_clock_info("thread_time").resolution < 1e-5
clock = time.thread_time if FINE else time.perf_counter


class Edge(Section):
    TABLE = "edge"

    model: str  # the file of the model folder that goes to the device
    max_bytes: int = Field(ge=1)
    max_p99_ms: float = Field(gt=0)
    # Of numbers these are R².
    min_accuracy: float = Field(ge=0, le=1)
    max_accuracy_drop: float = Field(ge=0, le=1)  # below the model that was promoted


@dataclass(frozen=True)
class Measured:
    model: str
    bytes: int
    p50_ms: float
    p99_ms: float
    accuracy: float
    called: str = "accuracy"

    def row(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "bytes": self.bytes,
            "p50 ms": f"{self.p50_ms:.3f}",
            "p99 ms": f"{self.p99_ms:.3f}",
            self.called: f"{self.accuracy:.3f}",
        }


def bundle(models: Path, name: str, to: Path, task: Task) -> Path:
    """A folder with all that the device needs."""
    folder, manifest = artifacts.current(models, ModelManifest)
    Predictor.of(folder, manifest, task)  # or it is one of another task
    if name not in manifest.files or Path(name).suffix != ".onnx":
        known = ", ".join(file for file in manifest.files if file.endswith(".onnx"))
        raise BadInputError(f"[edge] model = {name!r}: the current model has {known}")
    described: dict[str, Any] = {
        "model": name,
        "version": manifest.version,
        "files": {part: manifest.files[part].sha256 for part in (name, *BESIDE)},
        "features": [feature.name for feature in manifest.features],
        "low": [feature.low for feature in manifest.features],
        "high": [feature.high for feature in manifest.features],
        "columns": [read_as(feature, task) for feature in manifest.features],
        "classes": manifest.classes,
        "decision": manifest.decision,
    }
    with storage.folder(to / f"edge-{manifest.version}-{Path(name).stem}") as work:
        for part in described["files"]:
            shutil.copyfile(folder / part, work / part)
        shutil.copyfile(device.__file__, work / "device.py")
        storage.write(work / "bundle.json", json.dumps(described, indent=2) + "\n")
    return to / f"edge-{manifest.version}-{Path(name).stem}"


def measure(folder: Path, data: Dataset, task: Task) -> Measured:
    """Size, time for one row, and accuracy over all rows."""
    here = Device(folder)
    asked = targets.of(task)
    quality = asked.score(here.outputs(data.x), data, here.bundle["decision"])
    times = []
    for number in range(ROUNDS):
        at = number % len(data)
        row = data.x[at : at + 1]
        start = clock()
        here.outputs(row)
        times.append(clock() - start)
    p50, p99 = np.quantile(times, [0.5, 0.99]) * 1000
    name = here.bundle["model"]
    size = (folder / name).stat().st_size
    return Measured(name, size, float(p50), float(p99), quality, asked.quality)


def enforce(measured: Measured, full: Measured, budget: Edge) -> None:
    if broken := list(_broken(measured, full, budget)):
        raise RefusedError(
            f"{measured.model} is not fit for the device: {'; '.join(broken)}. [edge] in the settings "
            "has the budgets"
        )


def _broken(measured: Measured, full: Measured, budget: Edge) -> Iterator[str]:
    drop = full.accuracy - measured.accuracy
    if measured.bytes > budget.max_bytes:
        yield f"{measured.bytes} bytes, budget {budget.max_bytes}"
    if measured.p99_ms > budget.max_p99_ms:
        yield f"p99 {measured.p99_ms:.2f} ms, budget {budget.max_p99_ms:g}"
    if measured.accuracy < budget.min_accuracy:
        yield f"{measured.called} {measured.accuracy:.3f}, at least {budget.min_accuracy:g}"
    if drop > budget.max_accuracy_drop:
        yield f"{measured.called} drops by {drop:.3f}, at most {budget.max_accuracy_drop:g}"
