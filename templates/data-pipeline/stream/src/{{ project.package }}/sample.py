"""The sample: records that are put on an embedded broker, a file at a time.

A line is a key, a tab and a value, as `kafka-console-producer --property parse.key=true` takes
it. A file is what arrives before the reader catches up with it, so that the next one may be late.
"""

from pathlib import Path

from .broker import Broker, Outbox
from .codec import Codec
from .errors import PipelineError


def stages(folder: Path) -> list[Path]:
    """The files of the sample, in the order in which they arrive."""
    found = sorted(path for path in folder.glob("*.txt") if not path.name.startswith((".", "_")))
    if not found:
        raise PipelineError(f"{folder} holds no sample: put *.txt there, a key, tab, value a line")
    return found


def fill(broker: Broker, file: Path, codec: Codec) -> int:
    """Send the records of a file; gives how many there were."""
    outbox = Outbox(broker)
    lines = file.read_bytes().splitlines()
    for number, line in enumerate(lines, start=1):
        key, tab, value = line.partition(b"\t")
        if not tab:
            raise PipelineError(f"{file}:{number}: a key, a tab and a value are needed")
        outbox.send(broker.topic, key, codec.encode(value))
    outbox.deliver()
    return len(lines)
