"""The routes of this model: what may be asked, and what is answered."""

import asyncio
import math
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from . import report
from .artifacts import CURRENT
from .data import PLAIN, Matrix, load_features
from .errors import BadInputError
from .files import rows
from .guards import described
from .predictor import Feature, Predictor
from .settings import Paths, Settings
from .task import TASK

TITLE = TASK.name
PATH = "/predict"
ROUTES = frozenset({PATH, "/model", "/healthz", "/readyz", "/metrics", "/docs", "/openapi.json"})
MOST = 100  # rows in one request; who has more sends several, or scores a file
# So many rows are answered at once: a thread takes longer than they do. With a model that is slow,
# make it 0, as health must answer meanwhile.
QUICK = 8

Model = Predictor
router = APIRouter()

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
# Words and times as text, a gap as null: of the columns that are declared so in task.py.
Cells = Annotated[list[Number | str | None], Field(min_length=1, max_length=len(TASK.features))]


def _kind(name: str) -> str:
    """What is sent for a column."""
    column = TASK.columns.get(name, PLAIN)
    kind = "number" if column.kind == "number" else f"text, a {column.kind}"
    return kind if column.gaps == "refuse" and column.kind != "category" else f"{kind}, or null"


class Question(BaseModel):
    model_config = ConfigDict(extra="forbid")

    rows: Annotated[
        list[Cells],
        Field(
            min_length=1,
            max_length=MOST,
            description="Each row has, in this order or that of `columns`: "
            + ", ".join(f"{name} ({_kind(name)})" for name in TASK.features),
        ),
    ]
    # The names of the columns, in the order of the rows; without them the order of `/model`.
    columns: list[str] | None = None


class Label(BaseModel):
    label: str = Field(description=f"{TASK.target}: {', '.join(TASK.classes)}")
    probabilities: dict[str, float]


class Value(BaseModel):
    value: float = Field(description=TASK.target)


class Labels(BaseModel):
    model: str
    predictions: list[Label]


class Values(BaseModel):
    model: str
    predictions: list[Value]


class Served(BaseModel):
    model: str
    target: str
    kind: str
    classes: list[str]
    features: list[Feature]


def load(settings: Settings) -> Model:
    return Predictor.current(settings.load(Paths).models, TASK)


def pinned(settings: Settings) -> bytes:
    """What is promoted; other bytes are another model."""
    file = settings.load(Paths).models / CURRENT
    return file.read_bytes() if file.is_file() else b""


# The body is read below: what a framework does around it takes longer than the model.
SCHEMA = {
    "required": True,
    "content": {"application/json": {"schema": Question.model_json_schema()}},
}
ANSWER = Labels if TASK.classes else Values
REFUSED = described(
    {
        415: "The body is not application/json.",
        422: "The rows do not fit the model; `detail` says where and why.",
    }
)


@router.post(PATH, response_model=ANSWER, responses=REFUSED, openapi_extra={"requestBody": SCHEMA})
async def predict(request: Request) -> Response:
    """The answer for each row, and the version of the model that gave it."""
    predictor = _ready(request)
    x = to_matrix(await _question(request))
    if len(x) > QUICK:
        outputs = await asyncio.to_thread(predictor.predict, x)
    else:
        outputs = predictor.predict(x)
    return Response(answer(predictor, outputs).model_dump_json(), media_type="application/json")


@router.get("/model")
async def model(request: Request) -> Served:
    """Which model answers, and the inputs that it takes."""
    predictor = _ready(request)
    return Served(
        model=predictor.version,
        target=TASK.target,
        kind=TASK.kind,
        classes=list(predictor.classes),
        features=list(predictor.features),
    )


def answer(predictor: Predictor, outputs: Matrix) -> Labels | Values:
    found, version = predictor.answers(outputs), predictor.version
    if not TASK.classes:
        return Values(model=version, predictions=[Value(value=float(value)) for value in found])
    labels = [
        Label(label=str(label), probabilities=dict(zip(TASK.classes, row, strict=True)))
        for label, row in zip(found, outputs.tolist(), strict=True)
    ]
    return Labels(model=version, predictions=labels)


def to_matrix(question: Question) -> Matrix:
    columns = question.columns or list(TASK.features)
    if sorted(columns) != sorted(TASK.features):
        wrong = sorted(set(columns) ^ set(TASK.features)) or ["a column that comes twice"]
        raise BadInputError(f"columns: they must be the features of the model; look at {wrong[0]}")
    if any(len(row) != len(columns) for row in question.rows):
        raise BadInputError(f"rows: each must have {len(columns)} values")
    places = {name: place for place, name in enumerate(columns)}
    read = [
        [given(name, row[places[name]], f"row {number}: {name}") for name in TASK.features]
        for number, row in enumerate(question.rows)
    ]
    with np.errstate(over="ignore"):  # what is too large for 32 bits is outside of every range
        return np.array(read, dtype=np.float32)


def given(name: str, value: float | str | None, where: str) -> float:
    """The number that a value of a request is read as: text where text is declared."""
    column = TASK.columns.get(name, PLAIN)
    if value is None or value in TASK.missing:
        if column.kind != "category" and column.gaps == "refuse":
            raise BadInputError(f"{where} is a gap, which this model does not take")
        return column.gap
    if isinstance(value, str) != (column.kind != "number"):
        expected = "number" if column.kind == "number" else "text"
        raise BadInputError(f"{where} must be a {expected}")
    return TASK.cell(name, value, where) if isinstance(value, str) else column.known(value)


def asked(name: str, text: str) -> float | str | None:
    """A cell as the value of a request."""
    if text in TASK.missing:
        return None
    column = TASK.columns.get(name, PLAIN)
    if column.kind != "number":
        return text
    value = column.read(text, name)
    return None if math.isnan(value) else value


def questions(settings: Settings) -> list[Any]:
    """Questions of one row each, from the data."""
    file = settings.load(Paths).data / TASK.file
    return [
        {"rows": [[asked(name, row[name]) for name in TASK.features]]}
        for _, row in rows(file, TASK.features)
    ]


def work(settings: Settings) -> Callable[[int], object]:
    """What is done for the question of a number, without a service."""
    x, _ = load_features(settings.load(Paths).data / TASK.file, TASK)
    predictor = load(settings)
    return lambda number: predictor.run(x[number % len(x)][None, :])


def shown(body: Any, answer: Any) -> dict[str, Any]:
    """A question and its answer as a row to print."""
    first, cells = answer["predictions"][0], body["rows"][0]
    few = ["gap" if cell is None else report.shown(cell) for cell in cells[:4]]
    shown = {"row": ", ".join(few + ["…"] * (len(cells) > 4))}
    if "value" in first:
        return {**shown, TASK.target: first["value"]}
    probability = first["probabilities"][first["label"]]
    return {**shown, "answer": first["label"], "probability": f"{probability:.3f}"}


async def _question(request: Request) -> Question:
    # Other types can be sent by any page in a browser, without being asked for.
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise HTTPException(415, "the body must be application/json")
    try:
        return Question.model_validate_json(await request.body())
    except ValidationError as error:
        raise RequestValidationError(list(_faults(error))) from None


def _faults(error: ValidationError) -> Iterator[dict[str, Any]]:
    """One for each place: a cell that is none of three kinds is one fault, not two."""
    seen: set[tuple[int | str, ...]] = set()
    for fault in error.errors():
        is_cell = fault["loc"][0:1] == ("rows",) and len(fault["loc"]) == 4
        place = fault["loc"][:3] if is_cell else fault["loc"]
        if is_cell and fault["type"] != "finite_number":
            fault["msg"] = "Input should be a number, a text or null"
        if place not in seen:
            yield {**fault, "loc": ("body", *place)}
        seen.add(place)


def _ready(request: Request) -> Model:
    predictor: Model | None = request.app.state.live.model
    if predictor is None:
        raise HTTPException(503, "there is no model")
    return predictor
