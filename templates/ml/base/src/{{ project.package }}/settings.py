"""Settings: one table of a TOML file for each part of the program.

A part declares its own `Section` next to the code that uses it. A value given as
`--set table.key=value` beats the variable ML_<TABLE>_<KEY>, which beats the file. There are no
defaults in code: the file shows all there is to set.
"""

import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cache, cached_property
from pathlib import Path
from typing import Any, ClassVar, TypeVar, get_type_hints

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from . import storage
from .errors import ProjectError

DEFAULT = Path("config/local.toml")

# What only the environment gives, and what Kubernetes sets of itself.
VARIABLES = ("ML_CONFIG", "ML_PROVIDER_KEY", "ML_TOKEN")
FOREIGN = re.compile(r"ML_(SERVICE_.*|PORT(_.*)?)")

_adapter = cache(TypeAdapter)  # a table may declare hundreds of columns


class Section(BaseModel):
    """What stands in one table."""

    TABLE: ClassVar[str]

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    def content(self) -> str:
        """All that these settings say; a part that names files adds what is in them."""
        return self.model_dump_json()


S = TypeVar("S", bound=Section)


class Paths(Section):
    """Where things are; relative paths start at the folder in which the command is called."""

    TABLE = "paths"

    data: Path
    models: Path
    runs: Path
    reports: Path


class Settings:
    """The file is read when the first part asks, so that `--help` works anywhere."""

    def __init__(self, path: Path | None = None, assigned: Sequence[str] = ()) -> None:
        self.path = path or Path(os.environ.get("ML_CONFIG") or DEFAULT)
        self._assigned = assigned

    def load(self, kind: type[S]) -> S:
        table = kind.TABLE
        if table not in self._tables:
            raise ProjectError(f"{self.path}: there is no table [{table}]")
        self._check_environment(kind)
        try:
            return kind.model_validate(self._held(table, kind.model_fields))
        except ValidationError as error:
            raise ProjectError(f"{self.path}: {_told(kind, error)}") from None

    def options(self) -> list[str]:
        """What gives another process of this program the same settings."""
        assigned = [word for text in self._assigned for word in ("--set", text)]
        return ["--config", str(self.path), *assigned]

    def all(self) -> dict[str, Any]:
        """Every value as it holds, for the record of a run."""
        return {
            f"{table}.{key}": value
            for table, values in self._tables.items()
            for key, value in self._held(table, values).items()
        }

    def _held(self, table: str, keys: Iterable[str]) -> dict[str, Any]:
        said = {key: os.environ.get(_variable(table, key)) for key in keys}
        given = {key: _value(text) for key, text in said.items() if text}
        return {**self._tables[table], **given, **self._overrides.get(table, {})}

    @cached_property
    def _tables(self) -> Mapping[str, Mapping[str, Any]]:
        try:
            return tomllib.loads(storage.written(self.path))
        except FileNotFoundError:
            raise ProjectError(
                f"{self.path} does not exist: call from the root of the repository, or name "
                "another file with --config or ML_CONFIG"
            ) from None
        except tomllib.TOMLDecodeError as error:
            raise ProjectError(f"{self.path}: {error}") from None

    @cached_property
    def _overrides(self) -> dict[str, dict[str, Any]]:
        given: dict[str, dict[str, Any]] = {}
        for text in self._assigned:
            name, equals, value = text.partition("=")
            table, dot, key = name.strip().partition(".")
            if not (equals and dot and key):
                raise ProjectError(f"--set {text}: write it as table.key=value")
            if table not in self._tables:
                known = ", ".join(sorted(self._tables))
                raise ProjectError(f"--set {text}: {self.path} has no [{table}]; it has {known}")
            given.setdefault(table, {})[key] = _value(value)
        return given

    def _check_environment(self, kind: type[Section]) -> None:
        """Refuse a variable of this table, or of no table, that is no setting."""
        known = {*VARIABLES, *(_variable(kind.TABLE, key) for key in kind.model_fields)}
        others = tuple(f"ML_{other}_".upper() for other in self._tables if other != kind.TABLE)
        for name in sorted(os.environ):
            is_ours = name.startswith("ML_") and not FOREIGN.fullmatch(name)
            if is_ours and os.environ[name] and name not in known and not name.startswith(others):
                raise ProjectError(f"the variable {name} is no setting{nearest(name, known)}")


def mistyped(declared: object) -> Iterator[str]:
    """What of a dataclass holds something else than its type says, which Python does not look at."""
    for name, kind in get_type_hints(type(declared)).items():
        try:
            _adapter(kind).validate_python(getattr(declared, name))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            found = f"`{name}` {'has' if first['loc'] else 'is'} {first['input']!r}"
            cure = ', such as ("one",) or ("one", "two")' if first["type"] == "tuple_type" else ""
            yield f"{found}: {first['msg']}{cure}"


def nearest(word: str, known: Iterable[str]) -> str:
    return "".join(f" (did you mean `{near}`?)" for near in get_close_matches(word, known, 1))


def _value(text: str) -> Any:
    """What the text would be in the file, or else the text itself."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _variable(table: str, key: str) -> str:
    return f"ML_{table}_{key}".upper()


def _told(kind: type[Section], error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "missing":
        return f"[{kind.TABLE}] needs `{key}` (or {_variable(kind.TABLE, key)})"
    if first["type"] == "extra_forbidden":
        known = ", ".join(sorted(kind.model_fields)) + nearest(key, kind.model_fields)
        return f"[{kind.TABLE}] has no `{key}`; it has {known}"
    told = first["msg"][0].lower() + first["msg"][1:]
    return f"[{kind.TABLE}] {key} = {first['input']!r}: {told}"
