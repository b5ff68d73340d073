"""Values as Avro has them, as the text that other readers give."""

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any


def as_text(value: Any) -> Any:
    """The value as JSON whose leaves are text, as other readers give it."""
    if isinstance(value, Mapping):
        return {name: as_text(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [as_text(inner) for inner in value]
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Decimal):
        return f"{value:f}"  # not 0E-18
    if isinstance(value, bool):
        return str(value).lower()
    return value if value is None or isinstance(value, str) else str(value)
