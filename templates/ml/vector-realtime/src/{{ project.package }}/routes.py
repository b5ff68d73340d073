"""The routes of this model: what may be asked, and what is answered."""

from collections.abc import Callable
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, ConfigDict, Field

from .data import Matrix, load_features, rows
from .errors import BadInputError
from .predictor import Predictor
from .settings import Paths, Settings
from .task import TASK

TITLE = TASK.name
PATH = "/predict"
ROUTES = frozenset({PATH, "/model", "/healthz", "/readyz", "/metrics", "/docs", "/openapi.json"})
MOST = 100  # rows in one request; who has more sends several, or scores a file

Model = Predictor
router = APIRouter()

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
# Words and times as text, a gap as null: of the columns that are declared so in task.py.
Values = Annotated[list[Number | str | None], Field(min_length=1, max_length=len(TASK.features))]


class Question(BaseModel):
    model_config = ConfigDict(extra="forbid")

    rows: Annotated[list[Values], Field(min_length=1, max_length=MOST)]
    # The names of the columns, in the order of the rows; without them the order of `/model`.
    columns: list[str] | None = None


class Prediction(BaseModel):
    label: str
    probabilities: dict[str, float]


class Answer(BaseModel):
    model: str
    predictions: list[Prediction]


def load(settings: Settings) -> Model:
    return Predictor.current(settings.load(Paths).models, TASK)


# No coroutine: prediction takes the processor, and health must answer meanwhile.
@router.post(PATH)
def predict(question: Question, request: Request) -> Answer:
    predictor = _ready(request)
    probabilities = predictor.predict(to_matrix(question))
    labels = predictor.labels(probabilities)
    return Answer(
        model=predictor.version,
        predictions=[
            Prediction(label=label, probabilities=dict(zip(TASK.classes, row, strict=True)))
            for label, row in zip(labels, probabilities.tolist(), strict=True)
        ],
    )


@router.get("/model")
async def model(request: Request) -> dict[str, Any]:
    """Which model answers, and the inputs that it takes."""
    predictor = _ready(request)
    features = [feature.model_dump() for feature in predictor.features]
    return {"model": predictor.version, "classes": predictor.classes, "features": features}


def to_matrix(question: Question) -> Matrix:
    columns = question.columns or list(TASK.features)
    if sorted(columns) != sorted(TASK.features):
        wrong = sorted(set(columns) ^ set(TASK.features)) or ["a column that comes twice"]
        raise BadInputError(f"columns: they must be the features of the model; look at {wrong[0]}")
    if any(len(row) != len(columns) for row in question.rows):
        raise BadInputError(f"rows: each must have {len(columns)} numbers")
    order = [columns.index(name) for name in TASK.features]
    read = [
        [
            TASK.given(name, row[at], f"row {number}: {name}")
            for name, at in zip(TASK.features, order, strict=True)
        ]
        for number, row in enumerate(question.rows)
    ]
    with np.errstate(over="ignore"):  # what is too large for 32 bits is outside of every range
        return np.array(read, dtype=np.float32)


def questions(settings: Settings) -> list[Any]:
    """Questions of one row each, from the data."""
    file = settings.load(Paths).data / TASK.file
    return [
        {"rows": [[TASK.asked(name, row[name]) for name in TASK.features]]}
        for _, row in rows(file, TASK.features)
    ]


def work(settings: Settings) -> Callable[[int], object]:
    """What is done for the question of a number, without a service."""
    x, _ = load_features(settings.load(Paths).data / TASK.file, TASK)
    predictor = load(settings)
    return lambda number: predictor.run(x[number % len(x)][None, :])


def shown(body: Any, answer: Any) -> dict[str, Any]:
    """A question and its answer as a row to print."""
    first = answer["predictions"][0]
    numbers = ", ".join(
        f"{value:.4g}" if isinstance(value, float) else str(value) for value in body["rows"][0][:4]
    )
    probability = first["probabilities"][first["label"]]
    return {"row": f"{numbers}, …", "answer": first["label"], "probability": f"{probability:.3f}"}


def _ready(request: Request) -> Model:
    predictor: Model | None = request.app.state.model
    if predictor is None:
        raise HTTPException(503, "the model is not loaded yet")
    return predictor
