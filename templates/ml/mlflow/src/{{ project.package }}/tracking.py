"""A record of every run in MLflow: what it was given, what came out, and how it ended.

The database lies in the folder of runs: no server is needed to record or to read them.
"""

import logging
import os
import re
import sysconfig
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

# Before the import, which would read it: nothing is reported to anybody.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

from mlflow import MlflowClient
from mlflow.entities import Metric, Param
from mlflow.exceptions import MlflowException
from sqlalchemy.exc import SQLAlchemyError

from .errors import ProjectError, Stopped
from .settings import Paths, Settings
from .storage import abandoned, alone, lease

# It tells of every table that it makes.
logging.getLogger("mlflow").setLevel(logging.WARNING)

EXPERIMENT = "runs"
DATABASE = "mlflow.db"
ALIVE = "alive"  # below the folder of runs: a lease for each run that is at work
LONGEST = 500  # characters of a value that MLflow keeps
LONGEST_NAME = 250
REFUSED = re.compile(r"[^\w\-. :]")  # in the name of a metric, which can be that of a column


@dataclass(frozen=True)
class Summary:
    """One run, as the command `runs` lists it."""

    id: str
    kind: str
    status: str
    metrics: Mapping[str, float]


class Run:
    def __init__(self, client: MlflowClient, number: str) -> None:
        self._client, self._number = client, number

    def params(self, values: Mapping[str, object]) -> None:
        """What the run was given."""
        told = [Param(name, str(value)[:LONGEST]) for name, value in values.items()]
        for start in range(0, len(told), 100):  # MLflow takes no more at a time
            self._client.log_batch(self._number, params=told[start : start + 100])

    def metrics(self, values: Mapping[str, float], step: int = 0) -> None:
        """What came out; the same name again, at a later step, makes a curve."""
        now = time.time_ns() // 1_000_000
        told = [Metric(_allowed(name), value, now, step) for name, value in values.items()]
        for start in range(0, len(told), 1000):
            self._client.log_batch(self._number, metrics=told[start : start + 1000])

    def artifact(self, path: Path) -> None:
        """A file that belongs to the run."""
        self._client.log_artifact(self._number, str(path))


class Tracker:
    def __init__(self, folder: Path) -> None:
        packages = sysconfig.get_path("purelib")
        if "%" in packages:
            raise ProjectError(
                f"MLflow does not work in {packages}: it reads `%` in the path of its own files as a "
                "placeholder; move the project to a folder without it"
            )
        folder.mkdir(parents=True, exist_ok=True)
        here = folder.resolve()
        self._alive = here / ALIVE
        # In a URL `%` and `?` have a meaning, which letters of a path must not get.
        self._database = here / DATABASE
        database = quote(self._database.as_posix(), safe="/:")
        # Two processes that make the tables at once would break them.
        with self._told(), alone(self._database.with_suffix(".lock")):
            self._client = MlflowClient(tracking_uri=f"sqlite:///{database}")
            known = self._client.get_experiment_by_name(EXPERIMENT)
            # Without a place for artifacts MLflow makes a folder of its own in the current one.
            self._experiment: str = (
                known.experiment_id
                if known
                else self._client.create_experiment(
                    EXPERIMENT, artifact_location=(here / "artifacts").as_uri()
                )
            )

    @contextmanager
    def run(self, kind: str) -> Iterator[Run]:
        """A run that is recorded as finished, as killed if it is stopped, else as failed.

        Runs whose process was killed, so that it could not say so, are closed before it begins.
        """
        with self._told(), lease(self._alive / uuid4().hex) as note:
            self._close_abandoned()
            number = self._client.create_run(self._experiment, run_name=kind).info.run_id
            note.write(number)
            note.flush()
            try:
                yield Run(self._client, number)
            except BaseException as error:
                was = "KILLED" if isinstance(error, Stopped | KeyboardInterrupt) else "FAILED"
                self._client.set_terminated(number, was)
                raise
            self._client.set_terminated(number, "FINISHED")

    def runs(self, limit: int) -> list[Summary]:
        """The newest runs first."""
        found = self._client.search_runs(
            [self._experiment], max_results=limit, order_by=["attributes.start_time DESC"]
        )
        return [
            Summary(
                run.info.run_id[:12],
                run.info.run_name,
                run.info.status.lower(),
                dict(run.data.metrics),
            )
            for run in found
        ]

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What the database refuses, on one line."""
        try:
            yield
        except (MlflowException, SQLAlchemyError) as error:
            raise ProjectError(
                f"{self._database}: {str(error).splitlines()[0]}; if it was cut off while it was "
                "made, or a newer MLflow made it, take the file away: the next run makes another"
            ) from None

    def _close_abandoned(self) -> None:
        for _, number in abandoned(self._alive):
            # A database that was deleted meanwhile knows nothing of it.
            with suppress(MlflowException):
                if self._client.get_run(number).info.status == "RUNNING":
                    self._client.set_terminated(number, "KILLED")


def connect(settings: Settings) -> Tracker:
    return Tracker(settings.load(Paths).runs)


def _allowed(name: str) -> str:
    return REFUSED.sub("_", name)[:LONGEST_NAME]
