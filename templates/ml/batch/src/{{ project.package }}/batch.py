"""Predictions for a file of any length: in chunks, started again without doing any twice.

A job is a folder named after the content of the file and the model. Each chunk becomes a part
in it; the parts become the result when all are there. The same file and model again find the
result and do nothing.
"""

import csv
import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO

import numpy as np
import polars as pl
from pydantic import Field

from . import engines, files, storage
from .cells import convert
from .data import Inputs, Mask, Task
from .engines import Engine
from .errors import BadInputError, RefusedError, UntrustedError
from .predictor import Predictor
from .settings import Section

log = logging.getLogger(__name__)

SCHEMA = {"row": pl.Int64, "reason": pl.String, "prediction": pl.String}
RESULT, REJECTED, SUMMARY = "predictions.csv", "rejected.csv", "summary.json"


@dataclass(frozen=True)
class Table:
    """A file, and where in it each chunk begins: at a byte of CSV, at a row of Parquet."""

    source: Path
    digest: str
    header: list[str]
    starts: list[int]

    def read(self, task: Task, start: int, size: int) -> tuple[pl.DataFrame, list[str]]:
        """The texts of the features, and for each row why it has none, or nothing."""
        if self.source.suffix == files.PARQUET:
            frame = _parquet(self.source).slice(start, size).select(task.features).collect()
            return frame.fill_null(""), [""] * len(frame)
        wide = len(self.header)
        rows = [cells for _, cells in islice(_records(self.source, start), size)]
        whole = [cells if len(cells) == wide else [""] * wide for cells in rows]
        torn = [_torn(cells, wide) for cells in rows]
        places = {name: place for place, name in enumerate(self.header)}
        columns = {name: [cells[places[name]] for cells in whole] for name in task.features}
        return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)), torn


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
    table = _look(source, task, how.chunk)
    # What is declared as a gap decides which rows can be used.
    content = storage.digest_of(table.digest, task.declared)[:8]
    job = out / f"{source.stem}-{content}-{predictor.version}"
    with storage.alone(job.with_name(f".{job.name}{storage.LEASE}")):
        return job, _score(job, table, predictor, models, task, how)


def _score(
    job: Path, table: Table, predictor: Predictor, models: Path, task: Task, how: Batch
) -> Summary:
    source = table.source
    if (job / SUMMARY).exists() and (job / RESULT).exists():
        log.info("%s was scored by this model before", source)
        summary = Summary(**json.loads((job / SUMMARY).read_text(encoding="utf-8")))
        _enforce(summary.rejected, summary.rows, how.max_rejected_share, job)
        return summary
    chunks = range(len(table.starts))
    missing = [number for number in chunks if not _part(job, number, how.chunk).exists()]
    if done := len(chunks) - len(missing):
        log.info("%d of %d chunks were done before", done, len(chunks))
    folder, registry = job.absolute(), models.absolute()
    work = partial(do_chunk, table, folder, registry, task, how.chunk, predictor.version)
    engines.each(how.engine, work, missing)
    parts = [_part(job, number, how.chunk) for number in chunks]
    if storage.digest(source) != table.digest:
        for path in parts:
            path.unlink()
        raise BadInputError(f"{source} changed while it was scored: call again")
    return _finish(job, parts, predictor, how.max_rejected_share)


def do_chunk(
    table: Table, job: Path, models: Path, task: Task, size: int, version: str, number: int
) -> None:
    """Read, check, predict and put the part in its place."""
    predictor = _predictor(models, task, version)
    start = number * size
    frame, torn = table.read(task, table.starts[number], size)
    x, found = convert(frame, task, predictor)
    reasons = [told or reason for told, reason in zip(torn, found, strict=True)]
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
    _enforce(len(rejected), len(frame), limit, job)
    storage.write(job / RESULT, result.write_csv())
    counts = {name: int((result["prediction"] == name).sum()) for name in predictor.classes}
    summary = Summary(predictor.version, len(frame), len(result), len(rejected), counts)
    storage.write(job / SUMMARY, json.dumps(asdict(summary), indent=2) + "\n")
    for path in parts:
        path.unlink()
    return summary


def _enforce(rejected: int, rows: int, limit: float, job: Path) -> None:
    if rejected > limit * rows:
        raise RefusedError(
            f"{rejected} of {rows} rows cannot be used, more than max_rejected_share of [batch]: "
            f"{job / REJECTED} says why"
        )


def _look(source: Path, task: Task, size: int) -> Table:
    """The file from its beginning to its end, so that no chunk has to search for its own."""
    with files.faults_told(source):
        digest = storage.digest(source)
    if source.suffix == files.PARQUET:
        try:
            names = _parquet(source).collect_schema().names()
            rows = int(_parquet(source).select(pl.len()).collect().item())
        except pl.exceptions.PolarsError as error:
            raise BadInputError(f"{source}: {str(error).splitlines()[0]}") from None
        starts = list(range(0, rows, size))
    else:
        records = _records(source)
        begin, names = next(records, (0, []))
        starts = []
        for number, (end, _) in enumerate(records):
            if number % size == 0:
                starts.append(begin)
            begin = end
    files.check_header(source, names, task.features)
    if not starts:
        raise BadInputError(f"{source} has no rows")
    # The workers of an engine may have a working folder of their own.
    return Table(source.absolute(), digest, names, starts)


def _records(source: Path, start: int = 0) -> Iterator[tuple[int, list[str]]]:
    """The byte at which each row of CSV ends, and its cells; those of an empty line are none."""
    at, rows = start, 0

    def lines(file: IO[bytes]) -> Iterator[str]:
        nonlocal at
        for line in file:
            begun, at = at, at + len(line)
            try:
                text = line.decode()
            except UnicodeDecodeError as error:
                error.start += begun
                raise
            yield text if begun else text.removeprefix("\ufeff")

    with files.faults_told(source), source.open("rb") as file:
        file.seek(start)
        reader = csv.reader(lines(file), strict=True, delimiter=files.separator(source))
        try:
            for cells in reader:
                yield at, cells
                rows += 1
        except csv.Error as error:
            raise csv.Error(f"after row {rows - (start == 0)}: {error}") from None


def _parquet(source: Path) -> pl.LazyFrame:
    return pl.scan_parquet(source, glob=False).select(pl.all().cast(pl.String))


def _torn(cells: Sequence[str], wide: int) -> str:
    if not cells:
        return "the row is empty"
    return "" if len(cells) == wide else f"it has {len(cells)} fields where the header has {wide}"


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
