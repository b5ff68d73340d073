"""What the names of a topic's files say: from which offset they are, and which hold others.

A file that was joined of several is called `TOPIC-PARTITION-START-END.csv`. From the moment it has that
name, it is there instead of all that begin from START to before END, whether they are still there or not.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

JOINED_AFTER = 3600  # seconds for which a file stays as it was written, at least
WRITTEN = re.compile(r"(.+-[0-9]{1,9})-([0-9]{19})(?:_[0-9]+)?[.]csv")
JOINED = re.compile(r"(.+-[0-9]{1,9})-([0-9]{19})-([0-9]{19})[.]csv")


class Span(NamedTuple):
    """The offsets of a file; one as it was written says only where it begins."""

    of: str  # the folder, the topic and the partition
    start: int
    end: int

    @property
    def joined(self) -> bool:
        return self.end > self.start


def span(name: str) -> Span | None:
    """What a name says, if it is one of a topic's files."""
    if found := JOINED.fullmatch(name):
        return Span(found[1], int(found[2]), int(found[3]))
    if found := WRITTEN.fullmatch(name):
        return Span(found[1], int(found[2]), int(found[2]))
    return None


def covered(names: Iterable[str]) -> dict[str, str]:
    """The files instead of which another one is there, and the name of that one."""
    spans = {name: found for name in names if (found := span(name))}
    largest = defaultdict[str, dict[int, tuple[int, str]]](dict)
    ends = defaultdict[str, int](int)
    # One lies in another or beside it: at a start the longest comes first.
    for name, (of, start, end) in sorted(spans.items(), key=lambda e: (e[1].start, -e[1].end)):
        if end > start and end > ends[of]:
            largest[of][start], ends[of] = (end, name), end
    if not largest:
        return {}
    starts = {of: sorted(by_start) for of, by_start in largest.items()}
    instead = dict[str, str]()
    for name, (of, start, _) in spans.items():
        if place := bisect_right(starts.get(of, []), start):
            end, by = largest[of][starts[of][place - 1]]
            if start < end and name != by:
                instead[name] = by
    return instead
