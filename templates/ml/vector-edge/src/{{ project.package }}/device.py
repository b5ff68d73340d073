"""Prediction on a device: this one file, numpy and ONNX Runtime, nothing of the project.

    python device.py < rows.csv

It lies in a folder with `bundle.json` and the model, and compares the model with its digest
before it loads it. Each line of the input has the features in the order of the bundle; each line
of the output has the label and its probability, or `refused` and the reason.
"""

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort


class Device:
    def __init__(self, folder: Path) -> None:
        self.bundle: dict[str, Any] = json.loads((folder / "bundle.json").read_text("utf-8"))
        (name,) = self.bundle["files"]
        model = (folder / name).read_bytes()
        if hashlib.sha256(model).hexdigest() != self.bundle["files"][name]:
            raise SystemExit(f"{folder / name} is not what bundle.json says")
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name
        self._output = self._session.get_outputs()[-1].name
        self._low = np.array(self.bundle["low"], dtype=np.float32)
        self._high = np.array(self.bundle["high"], dtype=np.float32)

    def probabilities(self, x: Any) -> Any:
        return self._session.run([self._output], {self._input: x})[0]

    def answer(self, line: str) -> str:
        try:
            x = np.array([[float(cell) for cell in line.split(",")]], dtype=np.float32)
        except ValueError:
            return "refused,a value is not a number"
        if x.shape[1] != len(self._low):
            return f"refused,{x.shape[1]} values where {len(self._low)} are needed"
        if not ((x >= self._low) & (x <= self._high)).all():
            return "refused,a value is outside of its range"
        found = self.probabilities(x)[0]
        code = int((found * np.array(self.bundle["decision"])).argmax())
        return f"{self.bundle['classes'][code]},{found[code]:.4f}"

    def answers(self, lines: Iterable[str]) -> Iterator[str]:
        return (self.answer(line.strip()) for line in lines if line.strip())


if __name__ == "__main__":
    for answered in Device(Path(__file__).parent).answers(sys.stdin):
        print(answered)
