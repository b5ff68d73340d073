"""Rows of a PostgreSQL database that changed since the last file, by a column with the time of a change.

The database of `database = "shop"` is PIPELINE_SHOP_DSN, or in the file that PIPELINE_SHOP_DSN_FILE
names. A row of a transaction that is still open may have an older time than rows that are read
already, so those of the last `settle` seconds are left for the next time.
"""

import csv
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier, Literal

from .errors import PipelineError
from .fetch import FetchError, draft, newest, secret
from .spec import Source

TIMES = (1114, 1184)  # timestamps without and with a zone, as PostgreSQL numbers them
NEVER = datetime(1, 1, 1, tzinfo=UTC)
SESSION = "-c timezone=UTC -c datestyle=ISO -c default_transaction_read_only=on"


def fetch_database(source: Source, folder: Path) -> list[Path]:
    """The file that landed; nothing where no row changed."""
    if source.kind != "csv" or not (source.query and source.cursor):
        raise PipelineError(f"{source.path}: a database needs `query`, `cursor` and files of CSV")
    dsn = secret(f"PIPELINE_{source.database.upper()}_DSN")
    if not dsn:
        raise FetchError(f"PIPELINE_{source.database.upper()}_DSN is not set")
    after = _reached(source, newest(source, folder))
    # Named by where it begins: of two processes, one lands it.
    path = folder / f"{source.name}-{after.year:04}{after:%m%dT%H%M%S.%fZ}.csv"
    with draft(folder) as part:
        try:
            with psycopg.connect(dsn, connect_timeout=10, options=SESSION) as connection:
                rows = _copied(source, after, connection, part.stream.write)
        except psycopg.Error as error:
            raise FetchError(f"{source.database}: {str(error).splitlines()[0]}") from None
        return [path] if rows and part.land(path) else []


def _copied(
    source: Source,
    after: datetime,
    connection: "psycopg.Connection[tuple[Any, ...]]",
    write: Callable[[Any], object],
) -> int:
    """Writes the rows behind `after` as CSV; gives how many they are."""
    query = SQL(source.query.rstrip().rstrip(";"))
    given = {"query": query, "cursor": Identifier(source.cursor), "after": Literal(after)}
    looked = SQL("select {cursor} from ({query}) as rows where {cursor} is null limit 1")
    found = connection.execute(looked.format(**given))
    if not found.description or found.description[0].type_code not in TIMES:
        raise FetchError(f"`{source.cursor}` is no timestamp: rows could be passed over")
    if found.fetchone():
        raise FetchError(f"there are rows without `{source.cursor}`, which would never be read")
    changed = SQL(
        "copy (select * from ({query}) as rows where {cursor} > {after} "
        "and {cursor} <= now() - {settle} * interval '1 second' order by {cursor}) "
        "to stdout (format csv, header)"
    ).format(settle=Literal(source.settle), **given)
    with connection.cursor() as cursor:
        with cursor.copy(changed) as copy:
            for block in copy:
                write(block)
        return cursor.rowcount


def _reached(source: Source, last: Path | None) -> datetime:
    if last is None:
        return NEVER
    with last.open(encoding="utf-8", newline="") as stream:
        (row,) = deque(csv.DictReader(stream), maxlen=1) or ({},)
    try:
        moment = datetime.fromisoformat(row[source.cursor])
    except (KeyError, ValueError):
        raise FetchError(f"{last} does not end with a time in `{source.cursor}`") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
