"""Predictions for a file of any length: in chunks, started again without doing any twice.

A job is a folder named after the content of the file and the model. Each chunk becomes a part
in it; the parts become the result when all are there. The same file and model again find the
result and do nothing.
"""

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
from pydantic import Field

from . import engines, storage
from .cells import convert
from .data import Inputs, Mask, Task
from .engines import Engine
from .errors import BadInputError, RefusedError, UntrustedError
from .files import PARQUET, separator
from .predictor import Predictor
from .settings import Section

log = logging.getLogger(__name__)

SCHEMA = {"row": pl.Int64, "reason": pl.String, "prediction": pl.String}
RESULT, REJECTED, SUMMARY = "predictions.csv", "rejected.csv", "summary.json"


class Batch(Section):
    TABLE = "batch"

    engine: Engine
    chunk: int = Field(ge=1)
    max_rejected_share: float = Field(ge=0, le=1)


@dataclass(frozen=True)
class Summary:
    model: str
    rows: int
    predicted: int
    rejected: int
    classes: dict[str, int]


def score(source: Path, out: Path, models: Path, task: Task, how: Batch) -> tuple[Path, Summary]:
    """The folder with the result, and what is in it."""
    predictor = Predictor.current(models, task)
    rows = _count(source, task)
    job = out / f"{source.stem}-{storage.digest(source)[:8]}-{predictor.version}"
    if (job / SUMMARY).exists():
        log.info("%s was scored by this model before", source)
        return job, Summary(**json.loads((job / SUMMARY).read_text(encoding="utf-8")))
    chunks = range(-(-rows // how.chunk))
    missing = [number for number in chunks if not _part(job, number, how.chunk).exists()]
    if done := len(chunks) - len(missing):
        log.info("%d of %d chunks were done before", done, len(chunks))
    # The workers of an engine may have a working folder of their own.
    file, folder, registry = source.absolute(), job.absolute(), models.absolute()
    work = partial(do_chunk, file, folder, registry, task, how.chunk, predictor.version)
    engines.each(how.engine, work, missing)
    parts = [_part(job, number, how.chunk) for number in chunks]
    return job, _finish(job, parts, predictor, how.max_rejected_share)


def do_chunk(
    source: Path, job: Path, models: Path, task: Task, size: int, version: str, number: int
) -> None:
    """Read, check, predict and put the part in its place."""
    predictor = _predictor(models, task, version)
    start = number * size
    frame = _read(source, task, start, size)
    x, reasons = convert(frame, task, predictor)
    fine = np.array([not reason for reason in reasons])
    part = pl.DataFrame({"row": np.arange(start + 1, start + 1 + len(frame)), "reason": reasons})
    part = part.with_columns(_predictions(predictor, x, fine, task))
    storage.write(_part(job, number, size), part.write_csv())
    log.info("rows %d to %d: %d predicted", start + 1, start + len(frame), int(fine.sum()))


def _predictions(predictor: Predictor, x: Inputs, fine: Mask, task: Task) -> list[pl.Series]:
    """The answer for each row, and probabilities of classes; empty for what is not fine."""
    outputs = np.full((len(x), predictor.target.outputs), np.nan, dtype=np.float32)
    if fine.any():
        outputs[fine] = predictor.run(x[fine])
    found = predictor.answers(np.nan_to_num(outputs))
    answers = [str(answer) if ok else None for answer, ok in zip(found, fine, strict=True)]
    columns = [
        pl.Series(probability(name), outputs[:, code].round(6)).fill_nan(None)
        for code, name in enumerate(task.classes)
    ]
    return [pl.Series("prediction", answers, dtype=pl.String), *columns]


def probability(name: str) -> str:
    """The column of a class, whatever that is called."""
    return f"probability of {name}" if name in SCHEMA else name


def _finish(job: Path, parts: Sequence[Path], predictor: Predictor, limit: float) -> Summary:
    columns = dict.fromkeys(map(probability, predictor.classes), pl.Float32)
    frame = pl.concat(
        [pl.read_csv(path, schema={**SCHEMA, **columns}, glob=False) for path in parts]
    )
    rejected = frame.filter(pl.col("prediction").is_null()).select("row", "reason")
    result = frame.filter(pl.col("prediction").is_not_null()).drop("reason")
    storage.write(job / REJECTED, rejected.write_csv())
    if len(rejected) > limit * len(frame):
        raise RefusedError(
            f"{len(rejected)} of {len(frame)} rows cannot be used, more than max_rejected_share "
            f"of [batch]: {job / REJECTED} says why; no result was written"
        )
    storage.write(job / RESULT, result.write_csv())
    counts = {name: int((result["prediction"] == name).sum()) for name in predictor.classes}
    summary = Summary(predictor.version, len(frame), len(result), len(rejected), counts)
    storage.write(job / SUMMARY, json.dumps(asdict(summary), indent=2) + "\n")
    for path in parts:
        path.unlink()
    return summary


def _count(source: Path, task: Task) -> int:
    try:
        names = _scan(source).collect_schema().names()
        if missing := [name for name in task.features if name not in names]:
            raise BadInputError(f"{source}: there is no column `{missing[0]}`")
        rows = int(_scan(source).select(pl.len()).collect().item())
    except (FileNotFoundError, pl.exceptions.PolarsError) as error:
        raise BadInputError(f"{source}: {_first_line(error)}") from None
    if not rows:
        raise BadInputError(f"{source} has no rows")
    return rows


def _read(source: Path, task: Task, start: int, size: int) -> pl.DataFrame:
    try:
        return _scan(source).slice(start, size).select(task.features).collect()
    except pl.exceptions.PolarsError as error:
        raise BadInputError(
            f"{source}: rows {start + 1} to {start + size}: {_first_line(error)}"
        ) from None


def _scan(source: Path) -> pl.LazyFrame:
    if source.suffix == PARQUET:
        return pl.scan_parquet(source, glob=False).select(pl.all().cast(pl.String))
    # As text, so that a value that is no number is told and not guessed at.
    return pl.scan_csv(source, separator=separator(source), infer_schema=False, glob=False)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def _part(job: Path, number: int, size: int) -> Path:
    return job / f"part-{size}-{number:06d}.csv"


_loaded: dict[str, Predictor] = {}


def _predictor(models: Path, task: Task, version: str) -> Predictor:
    """One session for each process, however many chunks it does."""
    if version not in _loaded:
        predictor = Predictor.current(models, task)
        if predictor.version != version:
            raise UntrustedError(f"{models}: another model was promoted meanwhile; call again")
        _loaded[version] = predictor
    return _loaded[version]
