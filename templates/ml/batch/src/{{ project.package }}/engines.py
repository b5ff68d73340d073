"""Who does the chunks of a batch: this process, or the workers of a Ray cluster.

A chunk is done when its part lies in the folder of the job, so an engine may stop anywhere, and
what it repeats does no harm.
"""

import os
from collections.abc import Callable, Sequence
from typing import Literal

from .errors import ProjectError

Engine = Literal["local", "ray"]
Work = Callable[[int], None]


def each(engine: Engine, work: Work, chunks: Sequence[int]) -> None:
    """Do the work for each chunk, in any order."""
    if engine == "ray":
        _ray(work, chunks)
    else:
        for chunk in chunks:
            work(chunk)


def _ray(work: Work, chunks: Sequence[int]) -> None:
    # On this machine workers share this environment; to another Ray brings a copy of it.
    if "RAY_ADDRESS" not in os.environ:
        os.environ.setdefault("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")
    try:
        import ray
        import ray.data
    except ImportError:
        raise ProjectError(
            '[batch] engine is "ray", which is not installed: `uv sync --extra ray`'
        ) from None
    # No usage statistics, no dashboard; an address in RAY_ADDRESS joins a running cluster.
    ray.init(include_dashboard=False, configure_logging=False, ignore_reinit_error=True)

    def do(row: dict[str, int]) -> dict[str, int]:
        work(row["item"])
        return row

    try:
        ray.data.from_items(list(chunks)).map(do).materialize()
    finally:
        ray.shutdown()
