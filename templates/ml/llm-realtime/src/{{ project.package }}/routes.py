"""The routes of this model: what may be asked, and what is answered."""

from collections.abc import Callable
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, HTTPException, Request
from prometheus_client import CollectorRegistry, Counter, generate_latest
from pydantic import BaseModel, ConfigDict, Field

from . import answering
from .answering import Answered, Answerer, Answering, UnclearError
from .artifacts import CURRENT
from .data import LONGEST, load_features
from .errors import ProjectError
from .guards import described
from .provider import ExhaustedError, ProviderError
from .settings import Paths, Settings
from .task import TASK

TITLE = TASK.name
PATH = "/answer"
ROUTES = frozenset({PATH, "/model", "/healthz", "/readyz", "/metrics", "/docs", "/openapi.json"})
MOST = 32  # messages in one request
COSTLY = "what a provider costs is not put under load: measure with `--set answer.by=embedded`"

COUNTS = CollectorRegistry()
MESSAGES = Counter("messages", "Messages, by what came of them.", ["outcome"], registry=COUNTS)

Model = Answerer
router = APIRouter()

# Spaces around a message do not count, so a little more is let in than is read.
Text = Annotated[str, Field(min_length=1, max_length=2 * LONGEST)]


class Question(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    messages: Annotated[list[Text], Field(min_length=1, max_length=MOST)]


class One(BaseModel):
    label: str | None
    probabilities: dict[str, float] | None
    error: str | None = Field(None, description="Why this message has no label.")


class Answer(BaseModel):
    model: str
    prompt: str
    answers: list[One]


class Served(BaseModel):
    model: str
    prompt: str
    classes: list[str]
    limits: dict[str, int]
    spent: dict[str, float]


def load(settings: Settings) -> Model:
    return answering.connect(settings, TASK)


def pinned(settings: Settings) -> bytes:
    """What is promoted; other bytes are another model. A provider's model is what it is."""
    file = settings.load(Paths).models / CURRENT
    return file.read_bytes() if is_free(settings) and file.is_file() else b""


REFUSED = described(
    {
        400: "The body is no text in UTF-8.",
        422: "The question cannot be read; `detail` says where and why.",
        502: "The provider failed; `detail` has its reason.",
        503: "There is no model, no place is free, or the budget is spent.",
    }
)


# No coroutine: an answer takes the processor or waits, and health must answer meanwhile.
@router.post(PATH, responses=REFUSED)
def answer(question: Question, request: Request) -> Answer:
    model = _ready(request)
    texts = [
        model.check(text, f"message {number}") for number, text in enumerate(question.messages)
    ]
    try:
        found = model.answers(np.array(texts))
    except ProviderError as error:
        MESSAGES.labels("failed").inc(len(texts))
        status = 503 if isinstance(error, ExhaustedError) else 502
        raise HTTPException(status, str(error)) from None
    for one in found:
        MESSAGES.labels(_outcome(one)).inc()
    answers = [
        One(
            label=one.label,
            probabilities=one.probabilities,
            error=str(one.error) if one.error else None,
        )
        for one in found
    ]
    return Answer(**model.version(), answers=answers)


@router.get("/model")
async def model(request: Request) -> Served:
    """Which model answers by which prompt, with what, and what it has cost since the start."""
    found, limits = _ready(request), {"messages": MOST, "characters": LONGEST}
    return Served(**found.version(), classes=list(TASK.classes), limits=limits, spent=found.spent())


def counted() -> bytes:
    """What came of all messages, for Prometheus."""
    return generate_latest(COUNTS)


def questions(settings: Settings) -> list[Any]:
    """Questions of one message each, from the data."""
    x, _ = load_features(settings.load(Paths).data / TASK.file, TASK)
    return [{"messages": [text]} for text in x.tolist()]


def is_free(settings: Settings) -> bool:
    """Whether many answers cost no more than time."""
    return settings.load(Answering).by == "embedded"


def work(settings: Settings) -> Callable[[int], object]:
    """What is done for the question of a number, without a service."""
    if not is_free(settings):
        raise ProjectError(COSTLY)
    x, _ = load_features(settings.load(Paths).data / TASK.file, TASK)
    model = load(settings)
    return lambda number: model.answers(x[number % len(x) : number % len(x) + 1])


def shown(body: Any, answer: Any) -> dict[str, Any]:
    """A question and its answer as a row to print."""
    (first,), text = answer["answers"], body["messages"][0]
    probability = (first["probabilities"] or {}).get(first["label"])
    return {
        "message": text if len(text) <= 60 else f"{text[:59]}…",
        "answer": first["label"],
        "probability": "" if probability is None else f"{probability:.3f}",
    }


def _outcome(one: Answered) -> str:
    if one.label is not None:
        return "label"
    return "unclear" if isinstance(one.error, UnclearError) else "failed"


def _ready(request: Request) -> Model:
    model: Model | None = request.app.state.live.model
    if model is None:
        raise HTTPException(503, "there is no model")
    return model
