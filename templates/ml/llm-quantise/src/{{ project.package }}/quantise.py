"""Eight bits instead of thirty-two for the weights of all matrices, each output with its own scale.

What goes into a matrix is scaled as it comes ("dynamic"): the activations of a language model have
outliers that no few rows of a calibration would show.
"""

import tempfile
from pathlib import Path

from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process

QUANTISED = "model.int8.onnx"


def quantise(model: Path) -> Path:
    """Write the quantised model beside the model."""
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared.onnx"
        quant_pre_process(model, prepared, skip_symbolic_shape=True)
        quantize_dynamic(
            prepared,
            model.with_name(QUANTISED),
            op_types_to_quantize=["MatMul", "Gather"],
            per_channel=True,
            weight_type=QuantType.QInt8,
        )
    return model.with_name(QUANTISED)
