"""Settings: one table of a TOML file per part of the program, every value open to the environment.

A part declares its own dataclass and loads it by the name of its table, so that settings stand
next to the code that uses them.
"""

import os
import tomllib
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from .errors import PipelineError

T = TypeVar("T")

TRUTH = {"true": True, "false": False}


@dataclass(frozen=True)
class Engine:
    name: str


@dataclass(frozen=True)
class Paths:
    landing: Path
    lake: Path


def load(table: str, cls: type[T]) -> T:
    """Fill the dataclass from `[table]` of the settings file and from PIPELINE_<TABLE>_<KEY>."""
    path = Path(os.environ.get("PIPELINE_CONFIG") or "config/local.toml")
    given = _read(path).get(table, {})
    kinds = get_type_hints(cls)
    if unknown := sorted(given.keys() - kinds.keys()):
        known = ", ".join(sorted(kinds))
        raise PipelineError(f"{path}: [{table}] has no `{unknown[0]}`; it has {known}")
    values: dict[str, Any] = {}
    for field in fields(cls):  # type: ignore[arg-type]  # T is a dataclass, which cannot be said
        variable = f"PIPELINE_{table}_{field.name}".upper()
        value = os.environ.get(variable) or given.get(field.name)
        if value is not None:
            values[field.name] = _convert(value, kinds[field.name], f"[{table}] {field.name}")
        elif field.default is MISSING:
            raise PipelineError(f"{path}: [{table}] needs `{field.name}` (or {variable})")
    return cls(**values)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PipelineError(
            f"{path} does not exist: call from the root of the repository or set PIPELINE_CONFIG"
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise PipelineError(f"{path}: {error}") from None


def _convert(value: Any, kind: type, where: str) -> Any:
    try:
        return TRUTH[str(value).lower()] if kind is bool else kind(value)
    except (KeyError, TypeError, ValueError):
        raise PipelineError(f"{where}: `{value}` is not a {kind.__name__}") from None
