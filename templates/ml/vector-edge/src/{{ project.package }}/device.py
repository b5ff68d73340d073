"""Prediction on a device: this one file, numpy and ONNX Runtime, nothing of the project.

    python device.py < rows.csv

It lies in a folder with `bundle.json` and the model, and compares the model with its digest
before it loads it. Each line of the input has the features in the order of the bundle; each line
of the output has the label and its probability, or the number, or `refused` and the reason.
"""

import csv
import hashlib
import io
import json
import math
import os
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

# Before the import, which reads it: a device reports nothing to anybody.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import numpy as np
import onnxruntime as ort

COMMA = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?")
PARTS: Mapping[str, Callable[[datetime], int]] = {
    "year": lambda at: at.year,
    "month": lambda at: at.month,
    "day of month": lambda at: at.day,
    "day of year": lambda at: at.timetuple().tm_yday,
    "weekday": lambda at: at.isoweekday(),
    "hour": lambda at: at.hour,
    "minute": lambda at: at.minute,
}


class Device:
    def __init__(self, folder: Path) -> None:
        try:
            self.bundle: dict[str, Any] = json.loads((folder / "bundle.json").read_text("utf-8"))
            (name,) = self.bundle["files"]
            model = (folder / name).read_bytes()
        except (OSError, ValueError, KeyError) as error:
            raise SystemExit(f"{folder} is no whole bundle, copy it once more: {error}") from None
        if hashlib.sha256(model).hexdigest() != self.bundle["files"][name]:
            raise SystemExit(f"{folder / name} is not what bundle.json says")
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name
        self._output = self._session.get_outputs()[-1].name
        self._columns: list[dict[str, Any]] = self.bundle["columns"]
        self._low = np.array(self.bundle["low"], dtype=np.float32)
        self._high = np.array(self.bundle["high"], dtype=np.float32)

    def outputs(self, x: Any) -> Any:
        return self._session.run([self._output], {self._input: x})[0]

    def answer(self, line: str) -> str:
        try:
            cells = next(csv.reader([line], strict=True))
        except csv.Error as error:
            return _row("refused", f"it is no line of CSV: {error}")
        if len(cells) != len(self._columns):
            return f"refused,{len(cells)} values where {len(self._columns)} are needed"
        if "\N{REPLACEMENT CHARACTER}" in line:
            return "refused,it is not in UTF-8"
        read = []
        for name, cell, column in zip(self.bundle["features"], cells, self._columns, strict=True):
            try:
                read.append(_number("" if cell in column["missing"] else cell, column))
            except ValueError:
                return _row("refused", f"{name} is not a {column['kind']}")
        with np.errstate(over="ignore"):  # what is too large is outside of every range
            x = np.array([read], dtype=np.float32)
        outside = ~(((x[0] >= self._low) & (x[0] <= self._high)) | np.isnan(x[0]))
        if outside.any():
            name = self.bundle["features"][int(outside.argmax())]
            return _row("refused", f"{name} is outside of its range")
        found = self.outputs(x)[0]
        if not self.bundle["classes"]:
            return str(found[0])
        code = int((found * np.array(self.bundle["decision"])).argmax())
        return _row(self.bundle["classes"][code], f"{found[code]:.4f}")

    def answers(self, lines: Iterable[str]) -> Iterator[str]:
        # As many as there are lines, and with blanks at their ends, which words may have.
        return (self.answer(line.rstrip("\r\n")) for line in lines)


def _row(*cells: str) -> str:
    """Whatever a class or a column is called."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return " ".join(text.getvalue().splitlines())


def _number(cell: str, column: dict[str, Any]) -> float:
    """As the column was read for the training."""
    if column["kind"] == "category":
        # Of the same letters, however they are composed: é can be written in two ways.
        cell, *values = (unicodedata.normalize("NFC", w) for w in (cell, *column["values"]))
        if not cell:
            return float(len(values) + 1)
        return float(values.index(cell) if cell in values else len(values))
    if not cell and column["gaps"] == "mark":
        return math.nan
    if column["kind"] == "time":
        how = column["format"]
        at = datetime.strptime(cell, how) if how else datetime.fromisoformat(cell)  # noqa: DTZ007
        return float(PARTS[column["part"]](at))
    if column["decimal"] == ",":
        if not COMMA.fullmatch(cell.strip()):
            raise ValueError(cell)
        cell = cell.replace(".", "").replace(",", ".")
    # Python takes `1_000` and digits of all scripts, which training does not.
    value = float(cell if cell.isascii() and "_" not in cell else "")
    if math.isnan(value):  # the word "nan" is no gap, unless it is declared as one
        raise ValueError(cell)
    return math.nan if value in column["sentinels"] else value


if __name__ == "__main__":
    sys.stdin.reconfigure(encoding="utf-8-sig", errors="replace")  # type: ignore[union-attr]
    try:
        for answered in Device(Path(__file__).parent).answers(sys.stdin):
            print(answered, flush=True)  # at once, as lines may come one by one
    except BrokenPipeError:  # whoever read has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
