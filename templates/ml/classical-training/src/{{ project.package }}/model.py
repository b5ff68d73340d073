"""The model: scikit-learn pipelines, of classes calibrated, exported to ONNX."""

import logging
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import numpy as np
from optuna.trial import Trial
from pydantic import Field
from skl2onnx import to_onnx
from sklearn.base import BaseEstimator, is_classifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import log_loss, mean_absolute_error, root_mean_squared_error
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold, cross_val_predict
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from . import artifacts, storage, targets
from .data import Dataset, Matrix, Task
from .encoding import ENCODING, Encoding
from .errors import BadInputError
from .number import SCORES
from .predictor import MODEL
from .settings import Section
from .tracking import Run

log = logging.getLogger(__name__)

NOTES = "A scikit-learn pipeline, served as ONNX."
FOLDS = 5


class Model(Section):
    TABLE = "model"

    algorithm: Literal["linear", "forest", "boosting"]
    regularisation: float = Field(gt=0, le=1000)  # of linear; more of it is less
    trees: int = Field(ge=1, le=2000)  # of forest and boosting
    depth: int = Field(ge=1, le=12)
    learning_rate: float = Field(gt=0, le=1)  # of boosting


class Fitted:
    def __init__(self, estimator: BaseEstimator, encoding: Encoding) -> None:
        self.estimator, self.encoding = estimator, encoding

    def outputs(self, x: Matrix) -> Matrix:
        read = self.encoding(x)
        if is_classifier(self.estimator):
            return np.asarray(self.estimator.predict_proba(read), dtype=np.float32)
        return np.asarray(self.estimator.predict(read), dtype=np.float32)[:, None]

    def export(self, folder: Path) -> None:
        example = np.zeros((1, self.estimator.n_features_in_), dtype=np.float32)
        graph = to_onnx(
            self.estimator,
            example,
            options={"zipmap": False} if is_classifier(self.estimator) else None,
            target_opset={"": 20, "ai.onnx.ml": 3},
        )
        (folder / MODEL).write_bytes(self.encoding.before(graph).SerializeToString())
        storage.write(folder / ENCODING, artifacts.text(self.encoding))


def fit(
    train: Dataset, validation: Dataset, task: Task, chosen: Model, seed: int, run: Run, work: Path
) -> Fitted:
    """Fit on both parts: the cross-validation inside needs no part of its own."""
    both = _both(train, validation)
    log.info("fitting %s on %d rows", chosen.algorithm, len(both))
    return _fit(both, task, chosen, seed)


def held(
    _: Fitted, train: Dataset, validation: Dataset, task: Task, chosen: Model, seed: int
) -> Matrix:
    """The validation rows, by a model that is fitted alike but without them."""
    return _fit(train, task, chosen, seed).outputs(validation.x)


def score(train: Dataset, validation: Dataset, task: Task, chosen: Model, seed: int) -> float:
    """The loss of the target, in cross-validation over all that is not the test."""
    both = _both(train, validation)
    x = Encoding.of(task, both.x, both.weights)(both.x)
    plain, folds = _plain(both, task, chosen, seed), _folds(x, both, task, seed)
    given: dict[str, Any] = {"cv": folds, "params": _weighted(plain, both)}
    if task.kind == "number":
        said = cross_val_predict(plain, x, both.y, **given)
        off = mean_absolute_error if _is_absolute(both, task) else root_mean_squared_error
        return float(off(both.y, said, sample_weight=both.weights))
    found = cross_val_predict(plain, x, both.y, **given, method="predict_proba")
    return float(log_loss(both.y, found, sample_weight=both.weights))


def suggest(trial: Trial) -> dict[str, Any]:
    """The space that `tune` searches."""
    algorithm = trial.suggest_categorical("algorithm", ["linear", "forest", "boosting"])
    if algorithm == "linear":
        scale = trial.suggest_float("regularisation", 0.01, 100, log=True)
        return {"algorithm": algorithm, "regularisation": scale}
    found = {
        "algorithm": algorithm,
        "trees": trial.suggest_int("trees", 20, 120, step=20),
        "depth": trial.suggest_int("depth", 1, 6),
    }
    if algorithm == "boosting":
        found["learning_rate"] = trial.suggest_float("learning_rate", 0.02, 0.4, log=True)
    return found


def versions() -> dict[str, str]:
    return {name: version(name) for name in ("scikit-learn", "skl2onnx", "onnx", "scipy", "numpy")}


def _is_absolute(data: Dataset, task: Task) -> bool:
    """Whether answers are judged by how far they are off, and not by its square."""
    return targets.of(task).loss(data.y, data.weights) == SCORES["mae"]


def _plain(data: Dataset, task: Task, chosen: Model, seed: int) -> BaseEstimator:
    number = task.kind == "number"
    match chosen.algorithm:
        case "linear":
            # The scaler is inside, so that it learns from training rows alone.
            scale = chosen.regularisation
            model = Ridge(1 / scale) if number else LogisticRegression(C=scale, max_iter=2000)
            return make_pipeline(StandardScaler(), model)
        case "forest":
            forest = RandomForestRegressor if number else RandomForestClassifier
            return forest(chosen.trees, max_depth=chosen.depth, random_state=seed)
        case "boosting":
            # No scaler before trees: in 32 bits it moves values across thresholds, and the
            # exported model would differ. Nor HistGradientBoosting, which cannot be exported.
            boosting = GradientBoostingRegressor if number else GradientBoostingClassifier
            # What is judged is made small: a few huge amounts would decide about squares alone.
            absolute = {"loss": "absolute_error"} if number and _is_absolute(data, task) else {}
            return boosting(
                n_estimators=chosen.trees,
                max_depth=chosen.depth,
                learning_rate=chosen.learning_rate,
                random_state=seed,
                **absolute,
            )


def _fit(data: Dataset, task: Task, chosen: Model, seed: int) -> Fitted:
    encoding = Encoding.of(task, data.x, data.weights)
    x = encoding(data.x)
    estimator, folds = _plain(data, task, chosen, seed), _folds(x, data, task, seed)
    if chosen.algorithm != "linear" and task.kind != "number":
        # Trees are calibrated on rows they did not see, so that probabilities are honest.
        cv = list(folds)  # the copy keeps it, so it cannot be an iterator
        estimator = CalibratedClassifierCV(estimator, method="sigmoid", cv=cv, ensemble=False)
    return Fitted(estimator.fit(x, data.y, **_weighted(estimator, data)), encoding)


def _weighted(estimator: BaseEstimator, data: Dataset) -> dict[str, Any]:
    """What tells an estimator how much rows count: each step of a pipeline on its own."""
    if not len(data.declared_weights):
        return {}
    if isinstance(estimator, Pipeline):
        return {f"{step}__sample_weight": data.weights for step in estimator.named_steps}
    return {"sample_weight": data.weights}


def _both(one: Dataset, other: Dataset) -> Dataset:
    return Dataset(*map(np.concatenate, zip(one.arrays(), other.arrays(), strict=True)))


def _folds(x: Matrix, data: Dataset, task: Task, seed: int) -> Any:
    """Folds that do not divide a group either."""
    if (groups := len(np.unique(data.groups))) < FOLDS:
        raise BadInputError(
            f"the training rows are {groups} groups, at least {FOLDS} are needed to judge a model "
            "among them: take a finer column as `group` in task.py"
        )
    kind = GroupKFold if task.kind == "number" else StratifiedGroupKFold
    return kind(FOLDS, shuffle=True, random_state=seed).split(x, data.y, data.groups)
