"""Prompts are files with a version, so that an answer can be traced to the words that led to it."""

import tomllib
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from .artifacts import Record
from .errors import ProjectError

PLACE = "{message}"


class Prompt(Record):
    version: str
    template: str
    instructions: str

    def fill(self, message: str) -> str:
        # By replacement, so that braces in a message are nothing but braces.
        return self.template.replace(PLACE, message)

    def instruct(self, answers: Sequence[str]) -> str:
        return self.instructions.replace("{answers}", ", ".join(answers)).strip()


def load(path: Path) -> Prompt:
    try:
        prompt = Prompt.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise ProjectError(f"{path}: {str(error).splitlines()[0]}") from None
    if prompt.template.count(PLACE) != 1:
        raise ProjectError(f"{path}: the template must have {PLACE} once")
    return prompt
