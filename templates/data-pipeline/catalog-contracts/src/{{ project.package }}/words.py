"""What people say about the data: in this pipeline it stands in the contract."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .contracts.document import Consumer, Contract, Rule, read
from .flow import Flow

# What the contract does not speak of: columns that say where a record came from.
HANDLING = {
    "batch": "The run that took the record in",
    "source": "The channel that delivered it",
    "file": "The file it came in, or the topic and the partition",
    "line": "Where it starts in that file, or the offset",
    "digest": "The content of the file, by which it is known; empty for records of a topic",
    "reader": "By which reader the file was read; empty for records of a topic",
    "raw": "The record as it came, or as it was read with tokens in place of people",
    "fields": "The record as a JSON object whose values are text",
    "problem": "Why the record could not be split into fields",
    "reason": "Why the record cannot be used",
    "ingested_at": "When it was taken in",
    "ds": "The day of the event, in UTC",
    "message_key": "The key of the record on the topic",
    "closed": "Up to when windows were closed when it came: what is older is late",
}


@dataclass(frozen=True)
class Words:
    contract: Contract | None

    def owner(self, name: str) -> str | None:
        if self.contract is None or all(name != p.table for p in self.contract.promises):
            return None
        return self.contract.owner

    def column(self, table: str, name: str) -> tuple[str, str]:
        """What it is, and what is promised of its values."""
        for promise in self.contract.promises if self.contract else ():
            for column in promise.columns:
                if (promise.table, column.name) == (table, name):
                    told = [
                        *(["key"] if column.key else []),
                        *(["always there"] if column.required else []),
                        *(["unique"] if column.unique else []),
                        *_rules(column.rules),
                    ]
                    return column.description, ", ".join(told)
        return HANDLING.get(name, ""), ""

    def readers(self) -> Sequence[Consumer]:
        return self.contract.consumers if self.contract else ()


def words_of(flow: Flow) -> Words:
    return Words(None if flow.contract is None else read(Path(flow.contract)))


def _rules(rules: Sequence[Rule]) -> Iterator[str]:
    for rule in rules:
        values = rule.arguments.get("validValues")
        yield f"one of {', '.join(map(str, values))}" if values else rule.name.replace("_", " ")
