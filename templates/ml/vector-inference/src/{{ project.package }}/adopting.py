"""A model that others made, an ONNX file: tried, judged by the sample, described and made current."""

import shutil
from pathlib import Path

from . import artifacts, drift, files, report, storage, targets
from .data import Matrix, Task, load
from .errors import BadInputError, RefusedError, UntrustedError
from .evaluation import Evaluation, Origin
from .number import Regression
from .predictor import MODEL, ModelManifest, Predictor, plausible
from .settings import Paths, Settings


def adopt(settings: Settings, file: Path, task: Task) -> ModelManifest:
    """Refuse what cannot be asked, and what says no more of the sample than chance does."""
    paths = settings.load(Paths)
    if not file.is_file():
        raise BadInputError(f"{file} does not exist")
    sha256, digest = files.verified(paths.data, task.file), storage.digest(file)
    data, asked = load(paths.data / task.file, task), targets.of(task)
    known = asked.origin(data.y, data.weights)
    origin = Origin(
        file=task.file, sha256=sha256, rows={"sample": len(data)}, weight=task.weight, **known
    )
    version = storage.digest_of(digest, sha256, task.declared)[:12]
    features, even = plausible(data.x, task), [1.0] * len(task.classes)
    with storage.folder(paths.models / version, keep=True) as folder:
        shutil.copyfile(file, folder / MODEL)
        model = Predictor(folder / MODEL, features, task.classes, version, even, task.ordered)
        outputs, simple = _tried(model, data.x, file), asked.prior(origin, len(data))
        others = {name.replace("training", "sample"): found for name, found in simple.items()}
        found = asked.evaluate(outputs, data, task, others, origin, even)
        if not found.main.gain_low > 0:
            raise RefusedError(
                f"{file} is not taken in: in {found.name} it gains nothing over "
                f"{found.main.baseline} on the {len(data)} rows of {task.file}. Does task.py name "
                "features and classes in the order in which the model has them?"
            )
        storage.write(folder / "card.md", _card(task, file, version, found))
        manifest = ModelManifest(
            version=version,
            made_with={"file": file.name, "sha256": digest},
            files=artifacts.describe(folder),
            task=task.name,
            target=task.target,
            features=features,
            classes=list(task.classes),
            ordered=task.ordered,
            data=origin,
            settings={},
            reference={name: drift.describe(x) for name, x in task.watched(data.x).items()},
            decision=even,
            evaluation=found,
            parity_error=0.0,  # there is no library to compare it with
        )
        artifacts.save(folder, manifest)
    artifacts.point_to(paths.models, version)
    return manifest


def _tried(model: Predictor, x: Matrix, file: Path) -> Matrix:
    gives = f"{model.target.outputs} for each: " + (
        "probabilities of the classes" if model.classes else "the number"
    )
    try:
        return model.run(x)
    except Exception as error:  # the runtime's own classes are not public
        raise UntrustedError(
            f"{file}: {str(error).splitlines()[0]}. It must take any count of rows of {x.shape[1]} "
            f"floats of 32 bits, and its last output must be {gives} (for a classifier of "
            "scikit-learn, convert it with options={'zipmap': False})"
        ) from None


def _card(task: Task, file: Path, version: str, found: Evaluation | Regression) -> str:
    return f"""# Model {version}: {task.name}

Made elsewhere, and taken in from `{file.name}`. What it learned from is not known here: `drift` compares
with the rows of {task.file}, and values far outside of theirs are refused.

{report.markdown(list(found.table()))}"""
