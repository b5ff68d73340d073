"""The history of runs: what was measured of each delivery, one line of JSON each, never changed."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from ..errors import PipelineError


@dataclass(frozen=True)
class Observation:
    """What was measured of what one source delivered to one run."""

    batch: int
    source: str
    at: datetime
    measures: Mapping[str, float]


@dataclass(frozen=True)
class History:
    path: Path

    def read(self) -> list[Observation]:
        """All observations in order of their runs. Of one that was noted twice the last counts."""
        if not self.path.exists():
            return []
        found = {}
        for number, line in enumerate(self.path.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                given = json.loads(line)
                at = datetime.fromisoformat(given.pop("at"))
                observation = Observation(at=at, **given)
            except (ValueError, TypeError, KeyError, AttributeError):
                raise PipelineError(
                    f"{self.path}, line {number} cannot be read: delete the line; the file may be "
                    "deleted too, and is then measured anew"
                ) from None
            found[observation.batch, observation.source] = observation
        return [found[key] for key in sorted(found)]

    def add(self, observations: Iterable[Observation]) -> None:
        lines = [
            json.dumps({**asdict(given), "at": given.at.isoformat()}) + "\n"
            for given in observations
        ]
        if lines:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.write("".join(lines))
