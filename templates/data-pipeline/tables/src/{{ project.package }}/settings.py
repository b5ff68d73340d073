"""Settings of one place where the pipeline runs: `pipeline.toml`, or a variable `PIPELINE_<KEY>`."""

import os
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from .errors import PipelineError, did_you_mean

FILE = "pipeline.toml"


@dataclass(frozen=True)
class Settings:
    """`pipeline.toml` explains each key. Relative folders start at `root`."""

    root: Path
    landing: Path = Path("data/landing")
    data: Path = Path("data/warehouse")
    limit: float = 0.0
    unclaimed: int = 0
    memory: str = ""

    @property
    def database(self) -> Path:
        return self.data / "warehouse.duckdb"

    @property
    def archive(self) -> Path:
        return self.data / "files"


def load(root: Path | None = None) -> Settings:
    """The settings of the project in `root`, by default the folder of the call."""
    root = (root or Path.cwd()).resolve()
    path = root / FILE
    if not path.is_file():
        raise PipelineError(
            f"there is no {FILE} in {root}: run the command in the project's folder"
        )
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PipelineError(f"{FILE}: {error}") from None
    kinds = {field.name: field.type for field in fields(Settings) if field.name != "root"}
    for key in given:
        if key not in kinds:
            raise PipelineError(f"{FILE}: unknown key `{key}`; {did_you_mean(key, kinds)}")
    for key in kinds:
        if (variable := os.environ.get(f"PIPELINE_{key.upper()}")) is not None:
            given[key] = variable
    values = {key: _value(root, key, kinds[key], given[key]) for key in given}
    return Settings(
        root, **{"landing": root / "data/landing", "data": root / "data/warehouse", **values}
    )


def _value(root: Path, key: str, kind: object, value: object) -> Any:
    try:
        if kind is Path:
            return root / str(value)
        return kind(value) if callable(kind) else value
    except ValueError:
        expected = getattr(kind, "__name__", str(kind))
        raise PipelineError(f"{FILE}: `{key}` is {value!r}, expected {expected}") from None
