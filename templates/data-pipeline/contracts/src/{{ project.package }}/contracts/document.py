"""Contracts as they are written: checked by the standard's own schema, then read into plain values."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft201909Validator
from jsonschema.exceptions import best_match

from ..errors import PipelineError

SUFFIX = ".odcs.yaml"

# What a physical type, named as Delta tables name theirs, may be called in general.
LOGICAL = {
    "boolean": {"boolean"},
    "date": {"date"},
    "double": {"number"},
    "decimal": {"number"},
    "integer": {"integer"},
    "long": {"integer"},
    "string": {"string"},
    "timestamp": {"timestamp"},
}


class ContractError(PipelineError):
    """A contract is not what it should be; the message names the file and the place in it."""

    exit_code = 4


@dataclass(frozen=True)
class Rule:
    """An entry under `quality`: a number that is measured, and what it must be."""

    name: str
    metric: str  # of the standard's library, or "sql"
    query: str
    arguments: Mapping[str, Any]
    unit: str
    limits: tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Column:
    name: str
    kind: str
    required: bool
    unique: bool
    key: bool
    rules: tuple[Rule, ...]
    description: str


@dataclass(frozen=True)
class Promise:
    """What is promised of one table."""

    table: str
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...]

    @property
    def key(self) -> list[str]:
        return [column.name for column in self.columns if column.key]


@dataclass(frozen=True)
class Consumer:
    """Somebody who reads the tables, by which major version, and which columns."""

    name: str
    contact: str
    reads: int
    uses: frozenset[str]  # as table.column


@dataclass(frozen=True)
class Contract:
    path: Path
    version: tuple[int, int, int]
    owner: str | None
    promises: tuple[Promise, ...]
    consumers: tuple[Consumer, ...]

    @property
    def major(self) -> int:
        return self.version[0]

    @property
    def number(self) -> str:
        return ".".join(map(str, self.version))

    def promise(self, table: str) -> Promise:
        for promise in self.promises:
            if promise.table == table:
                return promise
        raise ContractError(f"{self.path}: no promise about a table {table}")


def released(path: Path) -> list[Contract]:
    """The versions of a contract that consumers were told of, oldest first. None is ever edited."""
    files = (path.parent / "released").glob(f"{path.name.removesuffix(SUFFIX)}-*{SUFFIX}")
    return sorted(map(read, files), key=lambda contract: contract.version)


def release(path: Path) -> Path:
    """Keep the contract as it is now, to compare later ones with."""
    name = f"{path.name.removesuffix(SUFFIX)}-{read(path).number}{SUFFIX}"
    target = path.parent / "released" / name
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(path.read_bytes())
    return target


def read(path: Path) -> Contract:
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ContractError(f"{path} does not exist") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ContractError(f"{path} is not YAML: {' '.join(str(error).split())}") from None
    if fault := best_match(_standard().iter_errors(document)):
        raise ContractError(f"{path}: {_place(fault.absolute_path)}: {fault.message}")
    tables = [_promise(path, table) for table in document.get("schema", [])]
    return Contract(
        path=path,
        version=_version(path, document["version"]),
        owner=_owner(document),
        promises=tuple(tables),
        consumers=tuple(_consumers(path, document, tables)),
    )


@cache
def _standard() -> Draft201909Validator:
    text = resources.files("open_data_contract_standard").joinpath("schema.json").read_text("utf-8")
    return Draft201909Validator(json.loads(text))


def _place(path: Sequence[str | int]) -> str:
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(steps).lstrip(".") or "the file"


def _version(path: Path, text: str) -> tuple[int, int, int]:
    numbers = text.split(".")
    if len(numbers) != 3 or not all(map(str.isdecimal, numbers)):
        raise ContractError(f"{path}: version: `{text}` is not of the form 1.0.0")
    major, minor, patch = map(int, numbers)
    return major, minor, patch


def _owner(document: Mapping[str, Any]) -> str | None:
    team = document.get("team")
    return team.get("name") if isinstance(team, dict) else None


def _promise(path: Path, table: Mapping[str, Any]) -> Promise:
    where = f"{path}: {table['name']}"
    columns = tuple(_column(where, column) for column in table.get("properties", []))
    return Promise(table["name"], columns, _rules(table))


def _column(where: str, column: Mapping[str, Any]) -> Column:
    where = f"{where}.{column['name']}"
    kind = column.get("physicalType", "")
    logical = LOGICAL.get(kind.partition("(")[0], set())
    if column.get("logicalType") not in logical:
        given = f"physicalType `{kind}` and logicalType `{column.get('logicalType')}`"
        allowed = (
            f"logicalType {', '.join(logical)}" if logical else f"physicalType {', '.join(LOGICAL)}"
        )
        raise ContractError(f"{where}: {given} do not fit: use {allowed}")
    return Column(
        name=column["name"],
        kind=kind,
        required=column.get("required", False),
        unique=column.get("unique", False),
        key=column.get("primaryKey", False),
        rules=_rules(column),
        description=column.get("description", ""),
    )


def _rules(holder: Mapping[str, Any]) -> tuple[Rule, ...]:
    return tuple(map(_rule, holder.get("quality", [])))


def _rule(rule: Mapping[str, Any]) -> Rule:
    metric = "sql" if rule.get("type") == "sql" else rule.get("metric", "")
    name = rule.get("name") or metric
    limits = tuple((key, _plain(rule[key])) for key in sorted(rule) if key.startswith("must"))
    return Rule(
        name=name,
        metric=metric,
        query=rule.get("query", ""),
        arguments=rule.get("arguments") or {},
        unit=rule.get("unit", "rows"),
        limits=limits,
    )


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _consumers(
    path: Path, document: Mapping[str, Any], promises: Sequence[Promise]
) -> Iterator[Consumer]:
    known = {f"{p.table}.{column.name}" for p in promises for column in p.columns}
    found = [
        entry["value"]
        for entry in document.get("customProperties", [])
        if entry["property"] == "consumers"
    ]
    for entry in found[0] if found else []:
        if set(entry) != {"name", "contact", "reads", "uses"}:
            raise ContractError(f"{path}: a consumer has name, contact, reads and uses: {entry}")
        if unknown := sorted(set(entry["uses"]) - known):
            raise ContractError(
                f"{path}: {entry['name']} uses {unknown[0]}, which is not promised here; if it is "
                "to go, ask its people and take it from `uses`"
            )
        yield Consumer(entry["name"], entry["contact"], entry["reads"], frozenset(entry["uses"]))
