"""From data to a candidate: load, split, fit, export, compare, evaluate, describe.

A candidate is a folder below `models/` that is complete or not there, and is never changed after.
Its name is the digest of all that goes into it: data, code, settings, versions of libraries. What
was made of the same before is used again, and what is not the same gets a folder of its own.
"""

import logging
import platform
import shutil
from importlib import resources
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import numpy as np

from . import (
    artifacts,
    baselines,
    card,
    decision,
    drift,
    gate,
    inventory,
    model,
    storage,
    unseen,
)
from .data import Matrix, Task, load
from .errors import UntrustedError
from .evaluation import evaluate
from .predictor import MODEL, ModelManifest, Origin, Predictor, plausible, probes
from .settings import Paths, Section, Settings
from .split import Split, Splitting, split
from .tracking import Run

log = logging.getLogger(__name__)

CAUSES = (Splitting, model.Model, decision.Decision)  # the settings that make a model what it is


def train(settings: Settings, task: Task, run: Run) -> ModelManifest:
    """Make the candidate that these settings describe; nothing is promoted."""
    paths = settings.load(Paths)
    sha256 = inventory.verified(paths.data, task.file)
    version = version_of(sha256, *(settings.load(kind) for kind in CAUSES))
    run.params({"version": version, "data": sha256, **settings.all()})
    if (paths.models / version).exists():
        log.info("candidate %s was made before of the same: it is used again", version)
    else:
        _make(settings, task, run, version, sha256)
    manifest = _verified(paths.models / version)
    run.metrics({**manifest.evaluation.numbers(), "parity_error": manifest.parity_error})
    for name in (artifacts.MANIFEST, MODEL, card.CARD):
        run.artifact(paths.models / version / name)
    log.info("candidate %s in %s", version, paths.models / version)
    return manifest


def _make(settings: Settings, task: Task, run: Run, version: str, sha256: str) -> None:
    paths, limits = settings.load(Paths), settings.load(gate.Gate)
    how, chosen = settings.load(Splitting), settings.load(model.Model)
    parts = split(load(paths.data / task.file, task), how, task)
    run.params(parts.sizes())
    log.info("%s: %s", task.file, _sizes(parts))
    work = paths.runs / "work" / version
    fitted = model.fit(parts.train, parts.validation, task, chosen, how.seed, run, work)
    with storage.folder(paths.models / version, keep=True) as folder:
        fitted.export(folder)
        made = {"split": how.model_dump(), "model": chosen.model_dump()}
        weights = _decided(settings, fitted, parts, task)
        manifest = _describe(folder, version, fitted, parts, task, sha256, made, weights)
        card.draw(folder, manifest)
        checks = gate.judge(manifest.evaluation, manifest.parity_error, limits)
        storage.write(folder / card.CARD, card.text(manifest, checks))
        unseen.write_lines(folder, parts.test.lines.tolist())
        manifest = manifest.model_copy(update={"files": artifacts.describe(folder)})
        artifacts.save(folder, manifest)
    # The candidate is complete: what would have been needed to go on with it is not.
    shutil.rmtree(work, ignore_errors=True)


def _verified(folder: Path) -> ModelManifest:
    try:
        return artifacts.verified(folder, ModelManifest)
    except UntrustedError as error:
        raise UntrustedError(f"{error}; delete {folder}, and `train` makes it anew") from None


def promote(settings: Settings, version: str) -> ModelManifest:
    """Make a candidate the current model, if it is untouched and passes the gate."""
    paths = settings.load(Paths)
    folder = paths.models / version
    manifest = _verified(folder)
    checks = gate.judge(manifest.evaluation, manifest.parity_error, settings.load(gate.Gate))
    gate.enforce(checks)
    artifacts.point_to(paths.models, version)
    card.publish(folder, paths.reports, manifest, checks)
    return manifest


def version_of(sha256: str, *causes: Section) -> str:
    """The name of what comes of this data, these settings, this code and these libraries."""
    root = resources.files(__package__)
    code = sorted(file.name for file in root.iterdir() if file.name.endswith(".py"))
    sources = [root.joinpath(name).read_text(encoding="utf-8") for name in code]
    settings = (cause.content() for cause in causes)
    libraries = (f"{name} {number}" for name, number in made_with().items())
    return storage.digest_of(sha256, *settings, *libraries, *sources)[:12]


def made_with() -> dict[str, str]:
    """What else decides about the numbers of a model."""
    return {
        **model.versions(),
        "onnxruntime": installed("onnxruntime"),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def parity(library: Matrix, served: Matrix) -> float:
    """The largest difference between the library that trained and the format that serves."""
    return float(np.abs(library - served).max())


def _decided(settings: Settings, fitted: model.Fitted, parts: Split, task: Task) -> list[float]:
    """The weight of each class, chosen on rows that were not learned from."""
    how, shares = settings.load(decision.Decision), class_shares(parts, task)
    chosen, seed = settings.load(model.Model), settings.load(Splitting).seed
    held = None
    if decision.needs_held(how, shares):
        held = model.held(fitted, parts.train, parts.validation, task, chosen, seed)
    return decision.choose(how, shares, held, parts.validation.y)


def _describe(
    folder: Path,
    version: str,
    fitted: model.Fitted,
    parts: Split,
    task: Task,
    sha256: str,
    settings: dict[str, dict[str, Any]],
    weights: list[float],
) -> ModelManifest:
    """The manifest of an exported model, judged as it will be served, on the test part."""
    x, features = parts.test.x, plausible(parts.train.x, task)
    predictor = Predictor(folder / MODEL, features, task.classes, version)
    served = predictor.predict(x, parts.test.lines.tolist())
    simple, shares = _simple(fitted, parts, task), class_shares(parts, task)
    watched = task.monitored(parts.train.x)
    return ModelManifest(
        version=version,
        made_with=made_with(),
        files={},
        task=task.name,
        features=features,
        classes=list(task.classes),
        data=_origin(task, sha256, parts),
        settings=settings,
        reference={name: drift.describe(values) for name, values in watched.items()},
        decision=weights,
        evaluation=evaluate(served, parts.test, task, simple, shares, weights),
        parity_error=max(
            parity(fitted.probabilities(rows), predictor.run(rows))
            for rows in (x, probes(parts.train.x, features))
            if len(rows)
        ),
    )


def _origin(task: Task, sha256: str, parts: Split) -> Origin:
    shares = class_shares(parts, task)
    return Origin(file=task.file, sha256=sha256, rows=parts.sizes(), class_shares=shares)


def class_shares(parts: Split, task: Task) -> list[float]:
    counts = np.bincount(parts.train.y, minlength=len(task.classes))
    return [float(share) for share in counts / counts.sum()]


def _simple(fitted: model.Fitted, parts: Split, task: Task) -> dict[str, Matrix]:
    """The baselines with probabilities: how often a class is true where the rule says so."""
    count, shares = len(task.classes), np.array(class_shares(parts, task))
    known = baselines.guesses(fitted, parts.train, parts.train, count)
    found = {}
    for name, asked in baselines.guesses(fitted, parts.train, parts.test, count).items():
        true = np.zeros((count, count))
        np.add.at(true, (known[name], parts.train.y), 1)
        true += shares  # as if one more row of each guess had been seen
        found[name] = (true / true.sum(axis=1, keepdims=True))[asked].astype(np.float32)
    return found


def _sizes(parts: Split) -> str:
    return ", ".join(f"{count} for {name}" for name, count in parts.sizes().items())
