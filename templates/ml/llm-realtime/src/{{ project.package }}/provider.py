"""A server that speaks OpenAI's chat completions, asked with patience and within ceilings.

It is one kind of request, so there is no client library: each try of it is counted here, also
those that a library would repeat on its own.
"""

import json
import random
import re
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isnan
from typing import Any

import httpx2
from pydantic import BaseModel, Field, ValidationError

from .errors import ProjectError

AGAIN = frozenset({408, 409, 425, 429})  # besides all from 500 on
FIRST_WAIT = 0.5  # seconds, doubled for each try
LARGEST = 1_000_000  # bytes of an answer that are read
LONGEST_REASON = 300  # characters of what a provider says about an error
# What looks like a key or a token, or is called one: a provider may send back what it was given.
SECRET = re.compile(
    r"(?i)bearer\s+\S+|\b[a-z]{2,4}-[\w-]{8,}|[\w-]{32,}|\bA[KS]IA[A-Z0-9]{16}|//[^/\s]+@"
    r"|\b(key|secret|password|token)\b(\s+provided)?['\"]?\s*[:=]\s*\S+"
)
# What some models do not know, and what they call it instead, if anything.
OTHER_NAMES = {"max_tokens": "max_completion_tokens", "temperature": None}
# Where servers write what is wrong, from the outside in.
REASONS = ("error", "errors", "message", "detail", "msg")
CUT = {
    "length": "cut the answer at max_answer_tokens of [answer], {most}: allow more",
    "content_filter": "stopped the answer by its filter",
    "error": "gave up in the middle of its answer",
}


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
    content: str | None
    refusal: Any = None


class _Choice(BaseModel):
    message: _Said
    finish_reason: str | None = None


class _Completion(BaseModel):
    """The part of an answer that is read; servers add more."""

    choices: list[_Choice] = Field(min_length=1)
    usage: Any = None


class _Failure(BaseModel):
    code: int = Field(ge=400, le=599)


class _Failed(BaseModel):
    """An error with the status 200, as those send it that pass on what others answer."""

    error: _Failure


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


NO_COMPLETION = "the provider answered with something else than a completion"
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
        self._unknown: set[str] = set()  # parameters that the model was found not to know
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
        reason = ""
        for number in range(self._limits.retries + 1):
            try:
                status, headers, body = self._fit(rules, text, most)
            except httpx2.RequestError as error:
                # It may have been answered, and be billed, so what was set aside stays spent.
                told, named, reason = _told(error), 0.0, ""
            else:
                if status == 200:
                    return self._read(body, most)
                self.ledger.settle(most, NOTHING)
                told, named = f"answered with status {status}", _named(headers)
                reason = self._reason(body)
                if status not in AGAIN and status < 500:
                    break
            # Never less than our own patience, also where the server would have us at once.
            wait = max(named, min(_back_off(number), self._limits.max_wait_seconds))
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
        raise ProviderError(f"the provider {told}" + f"; it says: {reason}" * bool(reason))

    def close(self) -> None:
        self._client.close()

    def _fit(self, rules: str, text: str, most: Usage) -> tuple[int, httpx2.Headers, bytes]:
        """Ask with what the model knows; what it does not is told by a 400, once for all."""
        unknown, first = set(self._unknown), None
        while True:
            self.ledger.reserve(most)
            sent = self._question(rules, text, unknown)
            status, headers, body = self._send(sent)
            refused = self._reason(body) if status in (400, 422) else ""
            found = {name for name in OTHER_NAMES if name in sent and name in refused}
            if not found:
                break
            self.ledger.settle(most, NOTHING)
            unknown |= found
            first = first or (status, headers, body)
        if status == 200:
            # Only what was answered is learnt: a text that is too long may be refused with the
            # advice to lower `max_tokens`, by a server that has no other name for it.
            self._unknown |= unknown
        elif first and any(other and other in refused for other in OTHER_NAMES.values()):
            return first
        return status, headers, body

    def _question(self, rules: str, text: str, unknown: set[str]) -> dict[str, Any]:
        parameters = {"max_tokens": self._limits.max_answer_tokens, "temperature": 0}
        for name in unknown & set(parameters):
            value, other = parameters.pop(name), OTHER_NAMES[name]
            if other:
                parameters[other] = value
        messages = [{"role": "system", "content": rules}, {"role": "user", "content": text}]
        return {"model": self.server.model, "messages": messages, **parameters}

    def _send(self, question: dict[str, Any]) -> tuple[int, httpx2.Headers, bytes]:
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
        status = answer.status_code
        if status == 200:
            with suppress(ValidationError):
                status = _Failed.model_validate_json(body).error.code
        return status, answer.headers, body

    def _read(self, body: bytes, most: Usage) -> str:
        try:
            found = _Completion.model_validate_json(body)
        except ValidationError:
            reason = self._reason(body)
            raise ProviderError(NO_COMPLETION + f"; it says: {reason}" * bool(reason)) from None
        # An answer is paid for, whatever stands beside it: without a count all stays set aside.
        with suppress(ValidationError):
            self.ledger.settle(most, Usage.model_validate(found.usage))
        first = found.choices[0]
        if first.finish_reason in CUT:
            told = CUT[first.finish_reason].format(most=self._limits.max_answer_tokens)
            raise ProviderError(f"the provider {told}")
        if first.message.content is None:
            refusal = self.shown(str(first.message.refusal or ""))
            raise ProviderError(f"the provider refuses: {refusal}" if refusal else NO_COMPLETION)
        return first.message.content

    def _reason(self, body: bytes) -> str:
        """What the provider says, in one line and without secrets."""
        try:
            # Some write plain text; a page for people, or half of an answer, says nothing here.
            said = json.loads(body) if body.lstrip()[:1] in b'<{["' else body.decode()
        except (ValueError, RecursionError):
            return ""
        while isinstance(said, dict | list):
            said = _within(said)
        return self.shown(said) if isinstance(said, str) else ""

    def shown(self, said: str) -> str:
        """What it says, fit to be told: one line, without secrets."""
        if self.server.key:
            said = said.replace(self.server.key, "…")
        plain = "".join(letter if letter.isprintable() else " " for letter in said)
        return SECRET.sub("…", " ".join(plain.split()))[:LONGEST_REASON]


def _within(said: Any) -> Any:
    """What an error holds that tells more: the first of several, and with its place."""
    if isinstance(said, list):
        return said[0] if said else None
    if "msg" in said and "loc" in said:
        return f"{said['msg']} {said['loc']}"
    return next((said[name] for name in REASONS if said.get(name)), None)


def _total(usage: Usage) -> int:
    return usage.prompt_tokens + usage.completion_tokens


def _told(error: httpx2.RequestError) -> str:
    # What the library says may have the address in it, which is nobody's matter.
    match error:
        case httpx2.TimeoutException():
            return "timed out"
        case httpx2.RemoteProtocolError() | httpx2.ReadError() | httpx2.DecodingError():
            return "broke off, or sent what cannot be read"
    return "could not be reached"


def _named(headers: httpx2.Headers) -> float:
    """The seconds to wait that the server names, as such or as a date."""
    said = headers.get("retry-after", "")
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
