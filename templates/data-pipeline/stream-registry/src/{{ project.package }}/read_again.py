"""What is read again by `backfill`, because more is known by then than when it was taken in."""

from .ingest import Taken, changed, ingest
from .settings import Settings
from .spec import Project
from .store import Store


def read_again(project: Project, settings: Settings, store: Store) -> Taken:
    """Reads files anew in which a schema was not known, as the registry may know it by now."""
    store.sql(
        "update meta.files set reader = '' where (source, name) in (select (source, file) "
        "from (select source, file, unnest(reasons) as reason from meta.rejected) "
        "where regexp_matches(reason, '^schema [0-9]+ is not known$'))"
    )
    return ingest(project, settings, store, changed(project, settings, store, {}))
