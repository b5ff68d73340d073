"""What a model must beat to be worth its trouble."""

from collections import Counter
from math import log

import numpy as np

from .data import Dataset, Labels
from .model import Fitted


def guesses(fitted: Fitted, train: Dataset, test: Dataset, classes: int) -> dict[str, Labels]:
    """The class of each test message: by rules, and by the base model that was not tuned."""
    counts = np.bincount(train.y, minlength=classes)
    return {
        "the most frequent class": np.full(len(test), counts.argmax()),
        "the frequency of first words": _first_words(train, test, classes),
        "the base model without tuning": fitted.base_probabilities(test.x).argmax(axis=1),
    }


def _first_words(train: Dataset, test: Dataset, classes: int) -> Labels:
    """By the first four words, as a person would sort who looks at the subject alone."""
    known = [Counter[str]() for _ in range(classes)]
    for text, label in zip(train.x, train.y, strict=True):
        known[label].update(_words(text))
    return np.array([_likeliest(_words(text), known) for text in test.x])


def _words(text: str) -> list[str]:
    return [word.strip(".,?!").lower() for word in text.split()[:4]]


def _likeliest(words: list[str], known: list[Counter[str]]) -> int:
    scores = [sum(log((c[w] + 1) / (c.total() + 1000)) for w in words) for c in known]
    return int(np.argmax(scores))
