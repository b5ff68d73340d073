"""Who answers: the promoted model of this repository, or a provider, by configuration."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import urlsplit

from pydantic import Field

from . import prompts
from .data import Task, Texts, checked, plain
from .errors import ProjectError
from .guards import LOOPBACK
from .predictor import Predictor
from .provider import Ledger, Limits, Provider, ProviderError, Server
from .settings import Paths, Section, Settings

KEY = "ML_PROVIDER_KEY"
# Blanks, quotes, emphasis and ends of sentences, which mean nothing around a single word.
MARKS = " \t\r\n.!*_`\"'“”„\u2018\u2019«»"


class UnclearError(ProjectError):
    """What was said is none of the classes."""


class Answering(Section):
    TABLE = "answer"

    by: Literal["embedded", "provider"]
    prompt: str  # the file in prompts/ that a provider is asked with
    base_url: str
    model: str
    timeout_seconds: float = Field(gt=0, le=600)  # of one try
    retries: int = Field(ge=0, le=10)
    max_wait_seconds: float = Field(ge=0, le=600)  # between two tries, whatever is asked for
    max_seconds: float = Field(gt=0, le=3600)  # for one message, after which none is tried again
    max_answer_tokens: int = Field(ge=1, le=4096)
    parallel: int = Field(ge=1, le=64)  # messages of one request, at a time
    # What all requests of one process may come to.
    max_requests: int = Field(ge=1)
    max_tokens: int = Field(ge=1)
    max_cost: float = Field(ge=0)
    input_price: float = Field(ge=0)  # of a million tokens
    output_price: float = Field(ge=0)


@dataclass(frozen=True)
class Answered:
    """One of the classes, or the reason why there is none."""

    label: str | None
    probabilities: dict[str, float] | None  # a provider tells none
    error: ProviderError | UnclearError | None = None


class Answerer(Protocol):
    def version(self) -> dict[str, str]:
        """What decides about the answers, prompt included."""

    def check(self, text: str, where: str) -> str:
        """The message, if it can be answered; otherwise an error that names the place."""

    def answers(self, x: Texts) -> Sequence[Answered]: ...

    def spent(self) -> dict[str, float]:
        """What it has cost since the start."""


def connect(settings: Settings, task: Task) -> Answerer:
    how = settings.load(Answering)
    if how.by == "embedded":
        return Embedded(Predictor.current(settings.load(Paths).models, task))
    prompt = prompts.load(Path(how.prompt))
    limits = Limits(
        timeout_seconds=how.timeout_seconds,
        retries=how.retries,
        max_wait_seconds=how.max_wait_seconds,
        max_seconds=how.max_seconds,
        max_answer_tokens=how.max_answer_tokens,
    )
    ledger = Ledger(
        max_requests=how.max_requests,
        max_tokens=how.max_tokens,
        max_cost=how.max_cost,
        input_price=how.input_price,
        output_price=how.output_price,
    )
    server = _server(how, os.environ.get(KEY, ""))
    return Asked(Provider(server, limits, ledger), prompt, task, how.parallel)


class Embedded:
    """The promoted model, which carries the prompt that it was tuned with."""

    def __init__(self, predictor: Predictor) -> None:
        self._predictor = predictor

    def version(self) -> dict[str, str]:
        predictor = self._predictor
        return {"model": predictor.version, "prompt": predictor.talk.prompt.version}

    def check(self, text: str, where: str) -> str:
        return self._predictor.check(text, where)

    def answers(self, x: Texts) -> list[Answered]:
        found = self._predictor.run(x)
        return [
            Answered(label, dict(zip(self._predictor.classes, row, strict=True)))
            for label, row in zip(self._predictor.answers(found), found.tolist(), strict=True)
        ]

    def spent(self) -> dict[str, float]:
        return {}


class Asked:
    """A provider's model, told by the prompt which words it may answer with."""

    def __init__(
        self, provider: Provider, prompt: prompts.Prompt, task: Task, parallel: int
    ) -> None:
        self._provider, self._prompt, self._classes = provider, prompt, task.classes
        self._parallel = parallel

    def version(self) -> dict[str, str]:
        return {"model": self._provider.server.model, "prompt": self._prompt.version}

    def check(self, text: str, where: str) -> str:
        return checked(text, where)

    def answers(self, x: Texts) -> list[Answered]:
        # The first alone: from its answer is learnt which parameters the model knows.
        found = [self._answer(str(text)) for text in x[:1]]
        with ThreadPoolExecutor(self._parallel) as several:
            found += several.map(self._answer, map(str, x[1:]))
        # What was paid for is kept, unless there is nothing of it.
        errors = [one.error for one in found if isinstance(one.error, ProviderError)]
        if errors and len(errors) == len(found):
            raise errors[0]
        return found

    def _answer(self, text: str) -> Answered:
        rules = self._prompt.instruct(self._classes)
        try:
            said = self._provider.ask(rules, self._prompt.fill(text))
        except ProviderError as error:
            return Answered(None, None, error)
        if label := read(said, self._classes):
            return Answered(label, None)
        shown = self._provider.shown(said)
        return Answered(None, None, UnclearError(f"the provider said `{shown}`, which is no class"))

    def spent(self) -> dict[str, float]:
        return self._provider.ledger.spent()

    def close(self) -> None:
        self._provider.close()


def read(said: str, classes: Sequence[str]) -> str | None:
    """The class that is named and nothing else: what a chatty model says besides is no answer.

    Letter by letter first: classes may differ in case or marks alone, as `it` and `IT` do.
    """
    for same in (str.strip, plain, lambda text: plain(text).strip(MARKS)):
        named = [name for name in classes if same(name) == same(said)]
        if len(named) == 1:
            return named[0]
    return None


def _is_base(url: str) -> bool:
    try:
        place = urlsplit(url)
        is_address = place.scheme in ("http", "https") and place.hostname and place.port != 0
    except ValueError:  # such as a port that is no number
        return False
    is_whole = place.query or place.path.rstrip("/").endswith("/chat/completions")
    return bool(is_address) and not is_whole


def _server(how: Answering, key: str) -> Server:
    if not _is_base(how.base_url):
        raise ProjectError(
            f'[answer] base_url = "{how.base_url}": the address of a server that speaks OpenAI\'s '
            "chat completions is needed, all that stands before /chat/completions, such as "
            "http://127.0.0.1:11434/v1"
        )
    place = urlsplit(how.base_url)
    if not how.model:
        raise ProjectError("[answer] model: which model of the provider is to answer?")
    local = place.hostname in LOOPBACK
    if key and place.scheme == "http" and not local:
        raise ProjectError(f"[answer] base_url: {KEY} is sent over https only, or to this machine")
    return Server(how.base_url, how.model, key, local)
