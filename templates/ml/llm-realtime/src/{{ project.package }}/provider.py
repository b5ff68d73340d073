"""A server that speaks OpenAI's chat completions, asked with patience and within ceilings.

It is one kind of request, so there is no client library: each try of it is counted here, also
those that a library would repeat on its own.
"""

import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isnan

import httpx2
from pydantic import BaseModel, Field, ValidationError

from .errors import ProjectError

AGAIN = frozenset({408, 409, 429, 500, 502, 503, 504})
FIRST_WAIT = 0.5  # seconds, doubled for each try
LARGEST = 1_000_000  # bytes of an answer that are read


class ProviderError(ProjectError):
    """The provider gave no answer that can be used."""


class ExhaustedError(ProviderError):
    """A ceiling would be exceeded; nothing was sent."""


@dataclass(frozen=True)
class Server:
    base_url: str
    model: str
    key: str = field(repr=False)
    local: bool  # on this machine, where no proxy stands between


@dataclass(frozen=True)
class Limits:
    timeout_seconds: float
    retries: int
    max_wait_seconds: float
    max_seconds: float
    max_answer_tokens: int


class Usage(BaseModel):
    prompt_tokens: int = Field(ge=0)
    completion_tokens: int = Field(ge=0)


class _Said(BaseModel):
    content: str


class _Choice(BaseModel):
    message: _Said


class _Completion(BaseModel):
    """The part of an answer that is read; servers add more."""

    choices: list[_Choice] = Field(min_length=1)
    usage: Usage | None = None


@dataclass
class Ledger:
    """What was spent, and what may be. The most that a try can cost is set aside before it."""

    max_requests: int
    max_tokens: int
    max_cost: float
    input_price: float
    output_price: float
    requests: int = 0
    tokens: int = 0
    cost: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def reserve(self, most: Usage) -> None:
        tokens, cost = _total(most), self._cost(most)
        with self._lock:
            for name, value, limit in (
                ("max_requests", self.requests + 1, self.max_requests),
                ("max_tokens", self.tokens + tokens, self.max_tokens),
                ("max_cost", self.cost + cost, self.max_cost),
            ):
                if value > limit:
                    raise ExhaustedError(f"{name} of [answer], {limit:g}, is used up")
            self.requests += 1
            self.tokens += tokens
            self.cost += cost

    def settle(self, most: Usage, used: Usage) -> None:
        """Put back what was set aside and not used; the try itself counts."""
        with self._lock:
            self.tokens += _total(used) - _total(most)
            self.cost += self._cost(used) - self._cost(most)

    def spent(self) -> dict[str, float]:
        with self._lock:
            return {"requests": self.requests, "tokens": self.tokens, "cost": round(self.cost, 6)}

    def _cost(self, usage: Usage) -> float:
        paid = usage.prompt_tokens * self.input_price + usage.completion_tokens * self.output_price
        return paid / 1_000_000


NOTHING = Usage(prompt_tokens=0, completion_tokens=0)


class Provider:
    def __init__(
        self,
        server: Server,
        limits: Limits,
        ledger: Ledger,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.server, self.ledger = server, ledger
        self._limits, self._sleep = limits, sleep
        self._client = httpx2.Client(
            base_url=server.base_url,
            headers={"Authorization": f"Bearer {server.key}"} if server.key else {},
            timeout=limits.timeout_seconds,
            trust_env=not server.local,
        )

    def ask(self, rules: str, text: str) -> str:
        """What the model says; tries again where that can help."""
        most = Usage(
            # A token has at least one byte; the rest is what surrounds the two messages.
            prompt_tokens=len(rules.encode()) + len(text.encode()) + 32,
            completion_tokens=self._limits.max_answer_tokens,
        )
        until = time.monotonic() + self._limits.max_seconds
        for number in range(self._limits.retries + 1):
            self.ledger.reserve(most)
            try:
                status, headers, body = self._send(rules, text)
            except httpx2.TransportError as error:
                # It may have been answered, and be billed, so what was set aside stays spent.
                told, wait = _told(error), _back_off(number)
            else:
                if status == 200:
                    return self._read(body, most)
                self.ledger.settle(most, NOTHING)
                told, wait = f"answered with status {status}", _wait(headers, number)
                if status not in AGAIN:
                    break
            if number == self._limits.retries:
                told = f"{told}, {number + 1} times"
            elif wait > self._limits.max_wait_seconds:
                told = f"{told} and asks to wait {wait:.0f} seconds, longer than max_wait_seconds"
                break
            elif time.monotonic() + wait > until:
                told = f"{told}, and max_seconds leave no time to ask again"
                break
            else:
                self._sleep(wait)
        raise ProviderError(f"the provider {told}")

    def close(self) -> None:
        self._client.close()

    def _send(self, rules: str, text: str) -> tuple[int, httpx2.Headers, bytes]:
        question = {
            "model": self.server.model,
            "messages": [
                {"role": "system", "content": rules},
                {"role": "user", "content": text},
            ],
            "max_tokens": self._limits.max_answer_tokens,
            "temperature": 0,
        }
        until = time.monotonic() + self._limits.timeout_seconds
        body = b""
        with self._client.stream("POST", "chat/completions", json=question) as answer:
            for chunk in answer.iter_bytes():
                body += chunk
                if len(body) > LARGEST:
                    raise ProviderError(f"the provider sent more than {LARGEST} bytes")
                # The client's own limit is for each chunk; one may come just before it each time.
                if time.monotonic() > until:
                    raise httpx2.ReadTimeout("the answer drips", request=answer.request)
        return answer.status_code, answer.headers, body

    def _read(self, body: bytes, most: Usage) -> str:
        try:
            found = _Completion.model_validate_json(body)
        except ValidationError:
            raise ProviderError(
                "the provider answered with something else than a completion"
            ) from None
        if found.usage:
            self.ledger.settle(most, found.usage)
        return found.choices[0].message.content


def _total(usage: Usage) -> int:
    return usage.prompt_tokens + usage.completion_tokens


def _told(error: httpx2.TransportError) -> str:
    # What the library says may have the address in it, which is nobody's matter.
    return "timed out" if isinstance(error, httpx2.TimeoutException) else "could not be reached"


def _wait(headers: httpx2.Headers, number: int) -> float:
    """What the server asks for, in seconds or as a date, but never less than our own patience."""
    return max(_asked_for(headers.get("retry-after", "")), _back_off(number))


def _asked_for(said: str) -> float:
    with suppress(ValueError):
        seconds = float(said)
        return 0.0 if isnan(seconds) else seconds
    try:
        then = parsedate_to_datetime(said)
    except ValueError:
        return 0.0
    return (then.replace(tzinfo=then.tzinfo or UTC) - datetime.now(UTC)).total_seconds()


def _back_off(number: int) -> float:
    # By chance a little longer, so that many clients do not come back at once.
    return FIRST_WAIT * 2.0**number * (1 + random.random() / 2)  # noqa: S311  no secret
