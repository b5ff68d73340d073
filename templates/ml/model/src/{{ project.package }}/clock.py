"""Times as they are written in data, each fault told with its place."""

from datetime import UTC, datetime

from .errors import BadInputError


def moment(text: str, how: str | None, where: str) -> datetime:
    """A time by its format of `strptime`, or else by ISO 8601."""
    try:
        # What has no zone is given one by whoever reads it.
        return datetime.strptime(text, how) if how else datetime.fromisoformat(text)  # noqa: DTZ007
    except ValueError:
        cure = (
            f"not of the format {how}"
            if how
            else "not an ISO time; another format is declared in task.py, such as "
            'time_format="%Y/%m/%d"'
        )
        raise BadInputError(f"{where} is `{text[:40]}`, {cure}") from None


class Clock:
    """Seconds since 1970 of the times of one column, which all have a zone or all have none."""

    def __init__(self, how: str | None) -> None:
        self._how = how
        self._zoned: bool | None = None  # of the time before

    def seconds(self, text: str, where: str) -> float:
        found = moment(text, self._how, where)
        zoned = found.tzinfo is not None
        if self._zoned not in (None, zoned):
            has, had = ("a", "none") if zoned else ("no", "one")
            raise BadInputError(
                f"{where} is `{text[:40]}` with {has} zone, those before have {had}: write all "
                "times of the column with their zone, or none"
            )
        self._zoned = zoned
        # Without a zone it is read as UTC, on whatever machine.
        return (found if zoned else found.replace(tzinfo=UTC)).timestamp()
