"""The routes of this model: what may be asked, and what is answered."""

from collections.abc import Callable
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, ConfigDict, Field

from . import answering
from .answering import Answerer, Answering
from .data import LONGEST, load_features
from .provider import ExhaustedError, ProviderError
from .settings import Paths, Settings
from .task import TASK

TITLE = TASK.name
PATH = "/answer"
ROUTES = frozenset({PATH, "/model", "/healthz", "/readyz", "/metrics", "/docs", "/openapi.json"})
MOST = 32  # messages in one request

Model = Answerer
router = APIRouter()

# Spaces around a message do not count, so a little more is let in than is read.
Text = Annotated[str, Field(min_length=1, max_length=2 * LONGEST)]


class Question(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    messages: Annotated[list[Text], Field(min_length=1, max_length=MOST)]


class One(BaseModel):
    label: str | None  # nothing where a provider said something else than one of the classes
    probabilities: dict[str, float] | None


class Answer(BaseModel):
    model: str
    prompt: str
    answers: list[One]


def load(settings: Settings) -> Model:
    return answering.connect(settings, TASK)


# No coroutine: an answer takes the processor or waits, and health must answer meanwhile.
@router.post(PATH)
def answer(question: Question, request: Request) -> Answer:
    model = _ready(request)
    texts = [
        model.check(text, f"message {number}") for number, text in enumerate(question.messages)
    ]
    try:
        found = model.answers(np.array(texts))
    except ExhaustedError as error:
        raise HTTPException(503, str(error)) from None
    except ProviderError as error:
        raise HTTPException(502, str(error)) from None
    answers = [One(label=one.label, probabilities=one.probabilities) for one in found]
    return Answer(**model.version(), answers=answers)


@router.get("/model")
async def model(request: Request) -> dict[str, Any]:
    """Which model answers by which prompt, with what, and what it has cost since the start."""
    found = _ready(request)
    limits = {"messages": MOST, "characters": LONGEST}
    return {
        **found.version(), "classes": TASK.classes, "limits": limits, "spent": found.spent(),
    }  # fmt: skip


def samples(settings: Settings) -> tuple[list[Any], Callable[[int], object] | None]:
    """Questions of one message each from the data, and the same work without a service.

    No work where each answer costs something.
    """
    x, _ = load_features(settings.load(Paths).data / TASK.file, TASK)
    bodies = [{"messages": [text]} for text in x.tolist()]
    if settings.load(Answering).by != "embedded":
        return bodies, None
    model = load(settings)
    return bodies, lambda number: model.answers(x[number % len(x) : number % len(x) + 1])


def shown(body: Any, answer: Any) -> dict[str, Any]:
    """A question and its answer as a row to print."""
    (first,), text = answer["answers"], body["messages"][0]
    probability = (first["probabilities"] or {}).get(first["label"])
    return {
        "message": text if len(text) <= 60 else f"{text[:59]}…",
        "answer": first["label"],
        "probability": "" if probability is None else f"{probability:.3f}",
    }


def _ready(request: Request) -> Model:
    model: Model | None = request.app.state.model
    if model is None:
        raise HTTPException(503, "the model is not loaded yet")
    return model
