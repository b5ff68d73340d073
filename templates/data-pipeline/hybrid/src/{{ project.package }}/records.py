"""How files with the records of a topic are read, as another way brings them: JSON lines.

A query finds in them what it finds in the topic, so that one definition serves both. What only the
broker knew, such as `_before`, is null: a record of a file is never late.
"""

from collections.abc import Sequence
from pathlib import Path

from .readers import JsonLines
from .spec import Source
from .topic import Topic


class Records(JsonLines):
    """Records of a topic that lie in files."""

    extra = Topic.extra

    def relation(self, source: Source, paths: Sequence[Path], header: Sequence[str]) -> str:
        unknown = ", ".join(f"null::{kind} as {column}" for column, kind in self.extra.items())
        return f"select *, {unknown} from ({super().relation(source, paths, header)})"
