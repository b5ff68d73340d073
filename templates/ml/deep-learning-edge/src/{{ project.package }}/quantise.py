"""Eight bits instead of thirty-two: weights per channel, activations by what training rows show."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnxruntime as ort
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from .data import Matrix

QUANTISED = "model.int8.onnx"
ROWS = 200  # to calibrate with


class _Reader(CalibrationDataReader):  # type: ignore[misc]  # the runtime has no types
    def __init__(self, name: str, x: Matrix) -> None:
        self._rows: Iterator[Matrix] = iter(np.array_split(x, max(len(x) // 20, 1)))
        self._name = name

    def get_next(self) -> dict[str, Matrix] | None:
        rows = next(self._rows, None)
        return None if rows is None else {self._name: rows}


def quantise(model: Path, seen: Matrix) -> Path:
    """Write the quantised model beside the model."""
    name = ort.InferenceSession(model, providers=["CPUExecutionProvider"]).get_inputs()[0].name
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared.onnx"
        quant_pre_process(model, prepared, skip_symbolic_shape=True)
        quantize_static(
            prepared,
            model.with_name(QUANTISED),
            _Reader(name, seen[:ROWS]),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["Conv", "Gemm", "MatMul"],
        )
    return model.with_name(QUANTISED)
