"""What became of one table in a run."""

from dataclasses import dataclass, field

ENGINE = "1"  # raise it when all tables should be built again


@dataclass
class Built:
    """What became of one table."""

    table: str
    state: str = "unchanged"  # or made, held (in part or whole), waiting for one that is held
    partitions: int = 0
    read: int = 0
    accepted: int = 0
    rejected: int = 0
    older: int = 0
    filtered: int = 0
    seconds: float = 0.0
    messages: list[str] = field(default_factory=list)
