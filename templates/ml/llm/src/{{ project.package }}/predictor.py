"""The promoted language model, served by ONNX Runtime with its own tokeniser and prompt.

The graph gives the logits of the next token. An answer is the class whose first token is the most
likely one; the probabilities are those of these tokens among each other.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort
from tokenizers import Tokenizer

from . import artifacts, targets
from .artifacts import Manifest, Record
from .data import LONGEST, Matrix, Task, Texts, checked
from .drift import Reference
from .errors import BadInputError, UntrustedError
from .evaluation import Evaluation, Origin
from .prompts import Prompt

MODEL, TOKENISER, TALK = "model.onnx", "tokenizer.json", "talk.json"
BESIDE = (TOKENISER, TALK)  # files that the model cannot be served without
CHUNK = 64  # messages at a time


class Feature(Record):
    """The input, and how many characters it may have."""

    name: str
    low: float
    high: float


class Talk(Record):
    """How to ask the model, and how to read its answer."""

    prompt: Prompt
    answers: list[int]  # the first token of each class, after the prompt
    temperature: float
    end: int  # the token that ends a text, and fills up a batch
    longest: int  # tokens that the model reads, the prompt included


class ModelManifest(Manifest):
    task: str
    features: list[Feature]
    classes: list[str]
    data: Origin
    settings: dict[str, dict[str, int | float | str | bool]]
    decision: list[float]  # how much each class weighs where one is decided for
    reference: dict[str, Reference]
    evaluation: Evaluation
    parity_error: float  # of the served format, against the library that made it


class Predictor:
    def __init__(
        self,
        model: Path,
        features: Sequence[Feature],
        classes: Sequence[str],
        version: str,
        threads: int = 1,
        decision: Sequence[float] | None = None,
    ) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self.features, self.classes, self.version = features, classes, version
        self.target = targets.named(classes)
        self.decision = decision or [1.0] * len(classes)
        folder = model.parent
        try:
            self._session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
            self.tokeniser: Tokenizer = Tokenizer.from_file(str(folder / TOKENISER))
            self.talk = Talk.model_validate(json.loads((folder / TALK).read_text("utf-8")))
        except Exception as error:  # the classes of both libraries are not public
            raise UntrustedError(f"{model} is not a model that can be loaded: {error}") from None

    @classmethod
    def current(cls, models: Path, task: Task, threads: int = 1) -> "Predictor":
        """The promoted model, if it is untouched and made for this task."""
        folder, manifest = artifacts.current(models, ModelManifest)
        if tuple(manifest.classes) != task.classes:
            raise UntrustedError(f"{folder} was made for other classes than task.py names")
        return cls(
            folder / MODEL,
            manifest.features,
            manifest.classes,
            manifest.version,
            threads,
            manifest.decision,
        )

    def predict(self, x: Texts, lines: Sequence[int] | None = None) -> Matrix:
        """Class probabilities, one row for each message."""
        places = [f"line {n}" for n in lines] if lines else [f"message {n}" for n in range(len(x))]
        read = [self.check(str(text), place) for text, place in zip(x, places, strict=True)]
        return self.run(np.array(read))

    def check(self, text: str, where: str) -> str:
        """The message, if the model can read the whole of it."""
        found = checked(text, where)
        limit(self.tokens(self.talk.prompt.fill(found)), self.talk.longest, where)
        return found

    def run(self, x: Texts) -> Matrix:
        parts = [self._answers(x[start : start + CHUNK]) for start in range(0, len(x), CHUNK)]
        return np.concatenate(parts)

    def answers(self, probabilities: Matrix) -> list[str]:
        return self.target.answers(probabilities, self.decision)

    def tokens(self, text: str) -> int:
        return len(self.tokeniser.encode(text).ids)

    def generate(self, text: str, most: int) -> str:
        """Go on with a text, by the most likely token each time."""
        ids = self.tokeniser.encode(text).ids
        start = len(ids)
        while len(ids) - start < most:
            ids.append(int(self._logits([ids])[0].argmax()))
            if ids[-1] == self.talk.end:
                break
        written: str = self.tokeniser.decode(ids[start:])
        return written

    def _answers(self, x: Texts) -> Matrix:
        asked = [self.tokeniser.encode(self.talk.prompt.fill(str(text))).ids for text in x]
        logits = self._logits(asked)[:, self.talk.answers] / self.talk.temperature
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=1, keepdims=True), dtype=np.float32)

    def _logits(self, asked: Sequence[Sequence[int]]) -> Matrix:
        # Filled up at the end: what comes later cannot change what is read before.
        width = max(2, *(len(ids) for ids in asked))
        ids = np.full((len(asked), width), self.talk.end, dtype=np.int64)
        for row, found in enumerate(asked):
            ids[row, : len(found)] = found
        last = np.array([len(found) - 1 for found in asked], dtype=np.int64)
        logits: Matrix = self._session.run(["logits"], {"ids": ids, "last": last})[0]
        if len(logits) != len(asked) or not np.isfinite(logits).all():
            raise UntrustedError("the model gives no finite logits")
        return logits


def limit(tokens: int, longest: int, where: str) -> None:
    """Refuse what the model would read only a part of."""
    if tokens > longest:
        raise BadInputError(
            f"{where} has {tokens} tokens with its prompt, at most {longest} are read"
        )


def read_as(_: Feature, __: Task) -> dict[str, str]:
    """A message is read as it is."""
    return {}


def probes(x: Texts, _: Sequence[Feature]) -> Texts:
    """What the exported model is compared by, beside the test."""
    return x[:0]


def plausible(_: Texts, task: Task) -> list[Feature]:
    """The limits of what is read."""
    return [Feature(name=task.features[0], low=1, high=LONGEST)]
