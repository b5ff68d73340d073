"""The contract of a flow, held against three things: what was released, the code, and the tables."""

from collections.abc import Iterator
from pathlib import Path

from .contracts import judge
from .contracts.compatibility import refusals
from .contracts.document import Contract, read, release, released
from .engines import Engine, Frame
from .errors import PipelineError
from .flow import Flow
from .lake import GOLD, TABLES, Lake
from .made import made_by


class BreachError(PipelineError):
    exit_code = 3


def broken(lake: Lake, flow: Flow) -> Iterator[str]:
    """Each way in which the contract of the flow is not kept."""
    if flow.contract is None:
        return
    path = Path(flow.contract)
    contract = read(path)
    yield from (f"contract: {told}" for told in refusals(contract, released(path)))
    made = made_by(flow, lake.engine)
    for promise in contract.promises:
        yield from (f"code: {told}" for told in judge.columns(promise, made[promise.table]))
    yield from (f"table: {told}" for told in _tables(contract, lake))


def keep_version(flow: Flow) -> Path:
    if flow.contract is None:
        raise PipelineError("the flow has no contract that could be released")
    return release(Path(flow.contract))


def keep(flow: Flow, engine: Engine, gold: Frame) -> None:
    """Raise `BreachError` unless these rows of gold are what was promised."""
    if flow.contract is None:
        return
    promise = read(Path(flow.contract)).promise(GOLD.name)
    told = [*judge.columns(promise, gold)] or [*judge.rows(promise, gold, engine)]
    if told:
        raise BreachError(
            "\n".join(
                [
                    f"gold is not published: {flow.contract} promises otherwise",
                    *(f"  {line}" for line in told),
                    "Gold is as it was. If the code is wrong, correct it; if the rows are, have "
                    "them corrected at their source, then call `backfill`.",
                ]
            )
        )


def _tables(contract: Contract, lake: Lake) -> Iterator[str]:
    by_name = {table.name: table for table in TABLES}
    for promise in contract.promises:
        table = by_name[promise.table]
        if not lake.exists(table):
            continue
        frame = lake.read(table)
        differ = list(judge.columns(promise, frame))
        yield from differ or judge.rows(promise, frame, lake.engine)
