"""Answers on a device: this one file, numpy, ONNX Runtime and tokenizers, nothing of the project.

    python device.py < messages.txt

It lies in a folder with `bundle.json`, the model, its tokeniser and its prompt, and compares each
with its digest before it reads it. Each line of the input is a message; each line of the output
has the answer and its probability, or `refused` and the reason.
"""

import hashlib
import json
import os
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

# Before the import, which reads it: a device reports nothing to anybody.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import numpy as np
import onnxruntime as ort
from tokenizers import Tokenizer


class Device:
    def __init__(self, folder: Path) -> None:
        try:
            self.bundle: dict[str, Any] = json.loads((folder / "bundle.json").read_text("utf-8"))
            parts = {name: (folder / name).read_bytes() for name in self.bundle["files"]}
        except (OSError, ValueError, KeyError) as error:
            raise SystemExit(f"{folder} is no whole bundle, copy it once more: {error}") from None
        for name, content in parts.items():
            if hashlib.sha256(content).hexdigest() != self.bundle["files"][name]:
                raise SystemExit(f"{folder / name} is not what bundle.json says")
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = ort.InferenceSession(
            parts[self.bundle["model"]], options, providers=["CPUExecutionProvider"]
        )
        self._tokeniser: Tokenizer = Tokenizer.from_str(parts["tokenizer.json"].decode())
        self._talk: dict[str, Any] = json.loads(parts["talk.json"])

    def outputs(self, x: Iterable[str]) -> Any:
        """For each message, the probabilities of the answers."""
        return np.concatenate([self._answer(self._encode(text)) for text in x])

    def answer(self, line: str) -> str:
        # As `checked` of the project does it: one message however its letters are composed.
        line = unicodedata.normalize("NFC", line)
        if all(unicodedata.category(letter)[0] in "CZ" for letter in line):
            return "refused,the message is empty"
        most = int(self.bundle["high"][0])
        if len(line) > most:
            return f"refused,the message has {len(line)} characters, at most {most} are read"
        for number, letter in enumerate(line):
            if unicodedata.category(letter) in ("Cc", "Cs") and letter != "\t":
                return f"refused,the message has U+{ord(letter):04X} as character {number + 1}"
        tokens, longest = len(self._encode(line)), self._talk["longest"]
        if tokens > longest:
            return f"refused,the message has {tokens} tokens with its prompt, at most {longest}"
        found = self.outputs([line])[0]
        code = int((found * np.array(self.bundle["decision"])).argmax())
        return f"{self.bundle['classes'][code]},{found[code]:.4f}"

    def answers(self, lines: Iterable[str]) -> Iterator[str]:
        return (self.answer(line.strip()) for line in lines)  # as many as there are lines

    def _encode(self, text: str) -> Sequence[int]:
        prompt = self._talk["prompt"]["template"].replace("{message}", text)
        ids: list[int] = self._tokeniser.encode(prompt).ids
        return ids

    def _answer(self, ids: Sequence[int]) -> Any:
        given = {"ids": np.array([ids]), "last": np.array([len(ids) - 1])}
        logits = self._session.run(["logits"], given)[0][:, self._talk["answers"]]
        odds = np.exp((logits - logits.max()) / self._talk["temperature"])
        return odds / odds.sum()


if __name__ == "__main__":
    # What is no UTF-8 becomes letters that are refused.
    sys.stdin.reconfigure(encoding="utf-8-sig", errors="surrogateescape")  # type: ignore[union-attr]
    try:
        for answered in Device(Path(__file__).parent).answers(sys.stdin):
            print(answered, flush=True)  # at once, as lines may come one by one
    except BrokenPipeError:  # whoever read has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
