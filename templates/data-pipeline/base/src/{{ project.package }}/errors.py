"""Errors a user can correct, and words that help to do so."""

from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches

HELD = 3  # exit code of a run that held something back: no orchestrator should retry it at once


class PipelineError(Exception):
    """What is wrong, where, and what to do."""

    exit_code = 1


class BusyError(PipelineError):
    """Another process uses the warehouse."""


def counted(number: int, word: str) -> str:
    """A number of things, such as 1 row or 2,000 rows."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def one_of(allowed: Collection[str], name: str, what: str) -> None:
    """An error that names the nearest word, if a name is none of those that are allowed."""
    if name not in allowed:
        raise PipelineError(f"{what} `{name}`; {did_you_mean(name, allowed)}")


def did_you_mean(name: str, allowed: Iterable[str]) -> str:
    """The nearest allowed word, or all of them."""
    words = sorted(allowed)
    near = get_close_matches(name.lower(), words, n=1, cutoff=0.55)
    return f"did you mean `{near[0]}`?" if near else f"allowed: {some(words, 20) or 'nothing'}"


def some(words: Sequence[str], most: int) -> str:
    """The first of them, and how many there are besides."""
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return ", ".join(words[:most]) + more
