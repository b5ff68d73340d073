"""Whether a version may follow those before it, decided without a server."""

from collections.abc import Iterator, Mapping

from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType

from .subjects import SchemaError, Subject, Version, key

MODES = ("BACKWARD", "FORWARD", "FULL")
TRANSITIVE = "_TRANSITIVE"


def refusals(subject: Subject, mode: str, released: Mapping[str, str]) -> Iterator[str]:
    """Why the versions of a subject cannot stand beside each other; nothing if they can."""
    direction = mode.removesuffix(TRANSITIVE)
    if direction not in MODES:
        names = ", ".join((*MODES, *(name + TRANSITIVE for name in MODES)))
        raise SchemaError(f"[registry] compatibility: `{mode}` is none of {names}")
    for version in subject.versions:
        known = released.get(key(subject, version))
        if known not in (None, version.fingerprint):
            yield (
                f"{version.path} was released and has changed since: restore it, and put the "
                f"change into {subject.latest.number + 1}.avsc"
            )
    for index, newer in enumerate(subject.versions):
        before = subject.versions[:index]
        for older in before if mode.endswith(TRANSITIVE) else before[-1:]:
            if direction in ("BACKWARD", "FULL"):
                yield from _unreadable(reader=newer, writer=older)
            if direction in ("FORWARD", "FULL"):
                yield from _unreadable(reader=older, writer=newer)


def _unreadable(reader: Version, writer: Version) -> Iterator[str]:
    checker = ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call]
    result = checker.get_compatibility(reader.schema, writer.schema)
    if result.compatibility is not SchemaCompatibilityType.compatible:
        why = "; ".join(sorted(result.messages))
        places = ", ".join(sorted(place for place in result.locations if place != "/"))
        yield f"{reader.path} cannot read what {writer.path} wrote: {why} ({places or 'the record'})"
