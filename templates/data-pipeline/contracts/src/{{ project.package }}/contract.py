"""The contract: what the files of tables promise, compared with what consumers were told.

`contracts/tables.odcs.yaml` is in the Open Data Contract Standard 3.1. What its `schema` promises follows
from the headers and queries of the tables; people write the rest, and a release keeps it.
"""

import argparse
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from . import pipeline, spec
from .errors import HELD, PipelineError
from .settings import Settings, load
from .spec import Project, Table

FILE = Path("contracts") / "tables.odcs.yaml"
LOGICAL = {
    "BOOLEAN": "boolean",
    "DATE": "date",
    "DECIMAL": "number",
    "DOUBLE": "number",
    "FLOAT": "number",
    "TIME": "time",
    "VARCHAR": "string",
}
# What a release takes away from a column where its table no longer says it.
DERIVED = (
    *("required", "primaryKey", "primaryKeyPosition", "partitioned", "partitionKeyPosition"),
    "classification",
)
Document = dict[str, Any]


class ContractError(PipelineError):
    """The contract cannot be read, or is not kept."""

    exit_code = 4


class BreachError(PipelineError):
    """The tables would break what was promised."""

    exit_code = HELD


@dataclass(frozen=True)
class Change:
    """How the tables differ from the contract."""

    place: str  # a table, or table.column
    what: str
    breaking: bool
    cure: str = ""  # where a promise may have been written by hand

    def __str__(self) -> str:
        return f"{self.place} {self.what}"

    @property
    def told(self) -> str:
        return f"{self}: {self.cure}" if self.cure else str(self)

    def touches(self, used: str) -> bool:
        return used == self.place or used.startswith(f"{self.place}.")


def schema(settings: Settings, project: Project) -> list[Document]:
    """What the tables promise, known without any data."""
    types = pipeline.columns(project, settings)
    return [_table(table, types[table.name]) for table in project.tables.values()]


def _table(table: Table, types: Mapping[str, str]) -> Document:
    # In a history the rows of one key are its versions.
    key = [*table.key, "version"] if table.kind == "history" else list(table.key)
    found: Document = {
        "name": table.name,
        "physicalType": "table",
        "description": table.description,
    }
    found["properties"] = [
        _column(table, name, kind, key.index(name) + 1 if name in key else 0)
        for name, kind in types.items()
    ]
    if table.rules:
        found["quality"] = [
            {"name": name, "type": "text", "description": rule}
            for name, rule in table.rules.items()
        ]
    return found


def _column(table: Table, name: str, kind: str, position: int) -> Document:
    base = kind.partition("(")[0]
    logical = LOGICAL.get(
        base, "integer" if base.endswith("INT") or base == "INTEGER" else "object"
    )
    if base.startswith("TIMESTAMP"):
        logical = "timestamp"
    if kind.endswith("[]"):
        logical = "array"
    found: Document = {"name": name, "logicalType": logical, "physicalType": kind.lower()}
    if position or name in table.required:
        found["required"] = True
    if position:
        found |= {"primaryKey": True, "primaryKeyPosition": position}
    if name == table.partition:
        found |= {"partitioned": True, "partitionKeyPosition": 1}
    if name in table.personal:
        found["classification"] = "personal"
    if name in table.columns:
        found["description"] = table.columns[name]
    return found


def read(path: Path) -> Document:
    """The contract as it is written."""
    try:
        document = _yaml().load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ContractError(f"{path} does not exist: restore it from git") from None
    except (YAMLError, UnicodeDecodeError) as error:
        raise ContractError(f"{path} is not YAML: {' '.join(str(error).split())}") from None
    try:
        _version(document)
        list(changes(document["schema"], document["schema"]))  # each part that is compared is there
        names = [table["name"] for table in document["schema"]]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ContractError(f"{path}: promised twice: {', '.join(sorted(twice))}")
        for table in document["schema"]:
            key = [column["name"] for column in table["properties"] if column.get("primaryKey")]
            for column in table["properties"]:
                if column.get("unique") and key != [column["name"]]:
                    raise ContractError(
                        f"{path}: {table['name']}.{column['name']} is `unique`, which holds of a `key` "
                        "alone: take the word away, or make it the key of its table"
                    )
        known = set(names)
        known |= {f"{t['name']}.{c['name']}" for t in document["schema"] for c in t["properties"]}
        for consumer in _consumers(document):
            if set(consumer) != {"name", "contact", "reads", "uses"}:
                raise ContractError(
                    f"{path}: a consumer has name, contact, reads and uses: {consumer}"
                )
            if type(consumer["reads"]) is not int or not isinstance(consumer["uses"], list):
                raise ContractError(
                    f"{path}: {consumer['name']} reads a number and uses a list: {consumer}"
                )
            for used in consumer["uses"]:
                if ".".join(used.split(".")[:3]) not in known:
                    raise ContractError(
                        f"{path}: {consumer['name']} uses {used}, which is not promised"
                    )
    except KeyError as error:
        raise ContractError(f"{path}: {error} is missing in an entry") from None
    except (TypeError, AttributeError, ValueError):
        raise ContractError(f"{path}: `version` is not of the form 1.0.0, or `schema` is") from None
    return document  # type: ignore[no-any-return]


def _yaml() -> YAML:
    """Reads comments and quotes too, so that they are written again."""
    yaml = YAML()
    yaml.preserve_quotes, yaml.width = True, 100
    return yaml


def _version(document: Document) -> tuple[int, int, int]:
    major, minor, patch = map(int, document["version"].split("."))
    return major, minor, patch


def _consumers(document: Document) -> list[Document]:
    for entry in document.get("customProperties", []):
        if entry["property"] == "consumers":
            return list(entry["value"] or [])
    return []


def changes(old: list[Document], new: list[Document]) -> Iterator[Change]:
    """What consumers would notice. To promise less is breaking, to promise more is not."""
    before, after = ({table["name"]: table for table in tables} for tables in (old, new))
    for name in before:
        if name in after:
            yield from _of_table(before[name], after[name])
        else:
            yield Change(name, "is gone", breaking=True)
    for name in after.keys() - before.keys():
        yield Change(name, "is new", breaking=False)


def _of_table(old: Document, new: Document) -> Iterator[Change]:
    table = new["name"]
    before, after = ({c["name"]: c for c in each["properties"]} for each in (old, new))
    for name, column in before.items():
        if name in after:
            yield from _of_column(f"{table}.{name}", column, after[name])
        else:
            yield Change(f"{table}.{name}", "is gone", breaking=True)
    for name in after.keys() - before.keys():
        yield Change(f"{table}.{name}", "is new", breaking=False)
    keys = [[n for n, c in columns.items() if c.get("primaryKey")] for columns in (before, after)]
    if keys[0] != keys[1]:
        words = [" and ".join(key) or "nothing" for key in keys]
        yield Change(table, f"has the key {words[1]}, no longer {words[0]}", breaking=True)
    rules = [
        {rule["name"]: rule["description"] for rule in each.get("quality", []) if _is_rule(rule)}
        for each in (old, new)
    ]
    for name, rule in rules[0].items():
        if name not in rules[1]:
            cure = "write it under `[rules]` of its file"
            yield Change(table, f"loses the rule `{name}`", breaking=True, cure=cure)
        elif rules[1][name] != rule:
            yield Change(table, f"has another rule `{name}`", breaking=True)
    for name in rules[1].keys() - rules[0].keys():
        yield Change(table, f"has a new rule `{name}`", breaking=False)


def _of_column(place: str, old: Document, new: Document) -> Iterator[Change]:
    had, has = old["physicalType"], new["physicalType"]
    if had != has:
        yield Change(place, f"is {has}, no longer {had}", breaking=True)
    if (old.get("classification") == "personal") != (new.get("classification") == "personal"):
        yield Change(place, "has another classification", breaking=True)
    if old.get("partitioned") != new.get("partitioned"):
        yield Change(place, "has another partition", breaking=True)
    if old.get("required") and not new.get("required"):
        cure = "name it under `required` in the header of its table"
        yield Change(place, "may be missing, and was required", breaking=True, cure=cure)
    elif new.get("required") and not old.get("required"):
        yield Change(place, "is required", breaking=False)


def _is_rule(quality: Document) -> bool:
    """Whether it is a rule of a table; what a standard tool is to measure has another type."""
    return quality.get("type") == "text" and {"name", "description"} <= quality.keys()


def needed(document: Document, found: list[Change]) -> str:
    """The version that such changes ask for."""
    major, minor, _ = _version(document)
    return f"{major + 1}.0.0" if any(c.breaking for c in found) else f"{major}.{minor + 1}.0"


def refusals(document: Document, found: list[Change]) -> Iterator[str]:
    """Consumers who would be broken, and whom to ask."""
    major = _version(document)[0]
    for consumer in _consumers(document):
        for change in found:
            used = [
                each
                for each in consumer["uses"]
                if change.touches(each) or each == change.place.rpartition(".")[0]
            ]
            if change.breaking and used and consumer["reads"] <= major:
                yield (
                    f"{change}: this breaks {consumer['name']} ({consumer['contact']}), which uses "
                    f"{', '.join(used)} and reads version {consumer['reads']}; once its people are "
                    f"ready, let it read {major + 1}"
                )


def differences(settings: Settings, project: Project) -> list[Change]:
    return list(changes(read(project.root / FILE)["schema"], schema(settings, project)))


def keep(settings: Settings, project: Project) -> None:
    """Nothing is built that breaks what was promised."""
    if not (project.root / FILE).exists():
        return  # nothing was promised; `contract` and the checks miss the file
    breaking = [change.told for change in differences(settings, project) if change.breaking]
    if breaking:
        raise BreachError(
            f"nothing is built: {FILE} promises otherwise:\n  "
            + "\n  ".join(breaking)
            + "\nCorrect the table, or agree with those who read it and call `contract --release`."
        )


def release(settings: Settings, drop: bool = False) -> str:
    """Writes what the tables promise now under the version that this asks for."""
    project = spec.load(settings.root)
    document = read(project.root / FILE)
    new = schema(settings, project)
    found = list(changes(document["schema"], new))
    if lost := [change.told for change in found if change.cure and not drop]:
        raise ContractError("\n".join([*lost, "or drop it: `contract --release --drop`"]))
    if refused := list(refusals(document, found)):
        raise ContractError("\n".join(refused))
    if found:
        document["version"] = needed(document, found)
    document["schema"][:] = _kept(document["schema"], new)
    text = io.StringIO()
    _yaml().dump(document, text)
    (project.root / FILE).write_text(text.getvalue(), encoding="utf-8")
    return str(document["version"])


def _kept(old: list[Document], new: list[Document]) -> list[Document]:
    """What is promised now, in the entries of before: what people wrote in them stays."""
    before = {each["name"]: each for each in old}
    return [_updated(before.get(each["name"], {}), each) for each in new]


def _updated(old: Document, new: Document) -> Document:
    for key in DERIVED:
        if key not in new and (key != "classification" or old.get(key) == "personal"):
            old.pop(key, None)
    if "properties" in new:  # a table
        new["properties"] = _kept(old.get("properties", []), new["properties"])
        before = old.get("quality", [])
        rules = _kept([rule for rule in before if _is_rule(rule)], new.get("quality", []))
        new["quality"] = [*rules, *(rule for rule in before if not _is_rule(rule))]
    old.update({key: value for key, value in new.items() if old.get(key) != value})
    if not old.get("quality", True):
        del old["quality"]
    return old


def check(settings: Settings) -> list[str]:
    """Each way in which tables and contract differ."""
    project = spec.load(settings.root)
    document = read(project.root / FILE)
    found = differences(settings, project)
    if not found:
        return []
    version, wanted = document["version"], needed(document, found)
    return [
        *(change.told for change in found),
        f"version {version} is released, and this needs {wanted}: call `contract --release`",
        *refusals(document, found),
    ]


def add_contract(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    words = "compare the tables with what was promised; ends with 4 if they differ"
    parser = commands.add_parser("contract", help=words)
    parser.add_argument("--release", action="store_true", help="write what they promise now")
    less = "with --release: also drop rules and `required` that no table has"
    parser.add_argument("--drop", action="store_true", help=less)
    parser.set_defaults(command=_contract)


def _contract(arguments: argparse.Namespace) -> int:
    settings = load()
    if arguments.release:
        print(f"{FILE}: version {release(settings, arguments.drop)}")
        return 0
    if found := check(settings):
        print("\n".join(found))
        return ContractError.exit_code
    print(f"{FILE}: the tables are as promised")
    return 0
