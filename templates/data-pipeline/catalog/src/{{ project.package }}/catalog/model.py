"""What the catalog says, apart from how it looks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Column:
    name: str
    kind: str
    description: str = ""
    promise: str = ""  # what a contract promises of its values


@dataclass(frozen=True)
class Event:
    """A version of a table."""

    version: int
    at: datetime
    what: str


@dataclass(frozen=True)
class Dataset:
    name: str
    stage: int  # how many steps it is from where data comes in
    kind: str
    description: str
    location: str
    made_of: Sequence[str] = ()
    owner: str | None = None
    columns: Sequence[Column] = ()
    facts: Sequence[tuple[str, str]] = ()
    history: Sequence[Event] = ()


def anchor(name: str) -> str:
    """Where a dataset is on the page, fit for an address."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name)


def used_by(datasets: Sequence[Dataset], name: str) -> list[str]:
    return [dataset.name for dataset in datasets if name in dataset.made_of]
