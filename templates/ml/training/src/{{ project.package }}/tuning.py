"""A search for settings that goes on where it was stopped.

Trials are kept in `runs/tuning.db`. A study belongs to one set of data, one declaration of it and
one split, and never sees the test part.
"""

import logging
from pathlib import Path
from urllib.parse import quote

import optuna
from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial, Trial, TrialState
from sqlalchemy import NullPool

from . import files, model, storage, targets
from .data import Task, load
from .errors import ProjectError
from .settings import Paths, Settings
from .split import Splitting, split

log = logging.getLogger(__name__)

LOSS = "loss"  # of a study: what its trials make small

optuna.logging.set_verbosity(optuna.logging.WARNING)


def tune(settings: Settings, task: Task, trials: int) -> optuna.Study:
    """Go on until so many trials are finished, those of earlier calls included."""
    paths, how = settings.load(Paths), settings.load(Splitting)
    chosen = settings.load(model.Model)
    sha256 = files.verified(paths.data, task.file)
    parts = split(load(paths.data / task.file, task), how, task)
    lost = targets.of(task).loss(parts.train.y, parts.train.weights)
    # Trials of other columns say nothing of these.
    name = storage.digest_of(sha256, how.model_dump_json(), lost, task.declared)[:12]
    alive = paths.runs / "tuning" / name  # a lease for each trial that is at work
    study = _study(paths.runs, name, how.seed)
    for number, _ in storage.abandoned(alive):
        study.tell(int(number), state=TrialState.FAIL)
    study.set_user_attr(LOSS, lost)

    def loss(trial: Trial) -> float:
        tried = model.Model.model_validate({**chosen.model_dump(), **model.suggest(trial)})
        with storage.lease(alive / str(trial.number)):
            return model.score(parts.train, parts.validation, task, tried, how.seed)

    def finished() -> int:
        return len(study.get_trials(deepcopy=False, states=[TrialState.COMPLETE]))

    def tell(_: optuna.Study, trial: FrozenTrial) -> None:
        if trial.value is None:
            raise ProjectError(f"trial {trial.number} gave no number")
        done = f"trial {finished()} of {trials}: {lost}"
        log.info("%s %.4f, best %.4f", done, trial.value, study.best_value)

    if (left := trials - finished()) > 0:
        study.optimize(loss, n_trials=left, callbacks=[tell])
    return study


def best(study: optuna.Study) -> list[str]:
    """The best settings found, as they are given to `--set`."""
    return [f"model.{name}={value}" for name, value in study.best_params.items()]


def _study(runs: Path, name: str, seed: int) -> optuna.Study:
    runs.mkdir(parents=True, exist_ok=True)
    # In a URL `%` and `?` have a meaning, which letters of a path must not get.
    database = f"sqlite:///{quote((runs / 'tuning.db').as_posix(), safe='/:')}"
    # Without a pool no connection stays open, of which Python complains from 3.13 on.
    kept = RDBStorage(database, engine_kwargs={"poolclass": NullPool})
    study = optuna.create_study(storage=kept, study_name=name, load_if_exists=True)
    # A later call must not repeat the draws of an earlier one.
    study.sampler = optuna.samplers.TPESampler(seed=seed + len(study.get_trials(deepcopy=False)))
    return study
