"""What people say about the data: in this pipeline it stands in `catalog.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .errors import PipelineError
from .flow import Flow

PATH = Path("catalog.toml")


@dataclass(frozen=True)
class Words:
    owners: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)

    def owner(self, name: str) -> str | None:
        return self.owners.get(name)

    def column(self, table: str, name: str) -> tuple[str, str]:
        """What it is; nothing is promised without a contract."""
        return self.columns.get(f"{table}.{name}") or self.columns.get(name, ""), ""


def words_of(_: Flow) -> Words:
    return read(PATH)


def read(path: Path) -> Words:
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Words()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PipelineError(f"{path}: {error}") from None
    for table, words in given.items():
        if table not in ("owners", "columns") or not isinstance(words, dict):
            raise PipelineError(f"{path}: there is no [{table}]; it has [owners] and [columns]")
        for name, text in words.items():
            if not isinstance(text, str):
                raise PipelineError(f"{path}: [{table}] {name}: `{text}` is not a text")
    return Words(**given)
