"""What is personal, and how it is kept from whoever needs no names.

Columns that are named here go into silver as tokens: equal values stay equal, so that they can be
counted and joined, and nobody reads a person out of them. Bronze holds records as they came, since
a backfill must read them again: let few people read that folder.
"""

import logging
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path

from .engines import Engine, Frame
from .errors import PipelineError
from .lake import GOLD, SILVER, Lake

# Columns of silver that tell who somebody is.
PERSONAL = ("customer_id",)

KEY = "PIPELINE_PRIVACY_KEY"
SAMPLE = 1000  # rows that are looked at

# What personal values look like, for columns that nobody thought of and for what is logged.
LOOKS = {
    "an e-mail address": re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"),
    "a bank account": re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b"),
    "a card number": re.compile(r"\b\d{4}(?:[ -]?\d{4}){2}[ -]?\d{1,7}\b"),
    "a phone number": re.compile(r"(?<!\w)\+\d{2}[ \d()/-]{7,}\d\b"),
}


def tokenised(rows: Frame, lake: Lake) -> Frame:
    """The rows with tokens for what is personal."""
    names = rows.collect_schema().names()
    if not set(PERSONAL) & set(names):
        return rows
    key = secret(lake.root)
    # `||` leaves null what is null. The key goes first: without it nobody can try all customers.
    columns = ", ".join(
        f"substr(sha256('{key}' || {name}), 1, 32) as {name}" if name in PERSONAL else name
        for name in names
    )
    return lake.engine.sql(f"select {columns} from with_names", "with_names", rows)


def secret(folder: Path) -> str:
    """The key of all tokens: from the environment, else made once and kept beside the tables."""
    given = os.environ.get(KEY)
    if given:
        if not re.fullmatch(r"[0-9a-f]{32,}", given):
            raise PipelineError(f"{KEY} must be 32 or more of the digits 0 to 9 and a to f")
        return given
    path = folder / "privacy.key"
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True)
    made = secrets.token_hex(32)
    try:
        # Readable by its owner alone from its first moment; of two at once the first counts.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(made + "\n")
    return made


def undeclared(lake: Lake) -> Iterator[str]:
    """Columns of published tables whose values look personal, in a sample of the rows."""
    for table in (SILVER, GOLD):
        if not lake.exists(table):
            continue
        rows = sample(lake.engine, lake.read(table))
        for name, values in columns(rows).items():
            for look, pattern in LOOKS.items():
                if hits := sum(bool(pattern.search(value)) for value in values):
                    yield f"{table.name}.{name}: {hits} of {len(values)} look like {look}"


def sample(engine: Engine, frame: Frame) -> list[dict[str, object]]:
    texts = [name for name, kind in frame.collect_schema().items() if str(kind) == "String"]
    return engine.rows(frame.select(*texts).head(SAMPLE)) if texts else []


def columns(rows: list[dict[str, object]]) -> Mapping[str, list[str]]:
    names = rows[0] if rows else {}
    return {name: [str(row[name]) for row in rows if row[name] is not None] for name in names}


def redacted(text: str) -> str:
    for look, pattern in LOOKS.items():
        text = pattern.sub(f"[{look.removeprefix('an ').removeprefix('a ')}]", text)
    return text


class Redacting(logging.Formatter):
    """Whatever is logged, by whom and with which values: nothing personal gets into a log."""

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))


def redact_logs() -> None:
    for handler in logging.getLogger().handlers:
        handler.setFormatter(Redacting("%(message)s"))
