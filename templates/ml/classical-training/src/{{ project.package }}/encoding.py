"""From columns to what an estimator reads: gaps filled and marked, words one column each.

It is a graph of ONNX, which stands before the exported estimator and is run in the training too.
Converters of scikit-learn transformers are not used for it: some are silently wrong where there are
gaps.
"""

from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

from .artifacts import Record
from .data import PLAIN, Column, Matrix, Task, Vector, median

ENCODING = "encoding.json"  # beside the model
INPUT, ENCODED = "rows", "encoded"


class Encoding(Record):
    """The columns in their order, and for each what stands in its gaps: the median."""

    columns: list[Column]
    middles: list[float]

    @classmethod
    def of(cls, task: Task, x: Matrix, weights: Vector) -> "Encoding":
        columns = [task.columns.get(name, PLAIN) for name in task.features]
        return cls(columns=columns, middles=[_middle(values, weights) for values in x.T])

    @property
    def is_plain(self) -> bool:
        return all(column.kind != "category" and column.gaps == "refuse" for column in self.columns)

    def __call__(self, x: Matrix) -> Matrix:
        if self.is_plain:
            return x
        opset = helper.make_opsetid("", 20)
        made = helper.make_model(self._graph(), opset_imports=[opset], ir_version=10)
        session = ort.InferenceSession(made.SerializeToString())
        return np.asarray(session.run([ENCODED], {INPUT: x})[0])

    def before(self, model: Any) -> Any:
        """The model, reading columns instead of what is made of them."""
        if self.is_plain:
            return model
        (given,) = model.graph.input
        made = helper.make_model(
            self._graph(), opset_imports=list(model.opset_import), ir_version=model.ir_version
        )
        return onnx.compose.merge_models(made, model, io_map=[(ENCODED, given.name)])

    def _graph(self) -> Any:
        nodes, constants, parts = [], [], []

        def constant(name: str, value: Any) -> str:
            constants.append(numpy_helper.from_array(np.asarray(value), name))
            return name

        def node(kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
            nodes.append(helper.make_node(kind, inputs, [output], **attributes))
            return output

        for number, (column, middle) in enumerate(zip(self.columns, self.middles, strict=True)):
            name = f"column_{number}"
            at = constant(f"{name}_place", np.array([number], dtype=np.int64))
            cells = node("Gather", [INPUT, at], name, axis=1)
            if column.kind == "category":
                # Of each word, of all others, and of a gap.
                known = np.arange(len(column.values) + 2, dtype=np.float32)[None, :]
                codes = constant(f"{name}_codes", known)
                same = node("Equal", [cells, codes], f"{name}_same")
                parts.append(node("Cast", [same], f"{name}_words", to=TensorProto.FLOAT))
            elif column.gaps == "mark":
                value = constant(f"{name}_middle", np.float32(middle))
                gap = node("IsNaN", [cells], f"{name}_is_gap")
                parts.append(node("Where", [gap, value, cells], f"{name}_filled"))
                parts.append(node("Cast", [gap], f"{name}_gap", to=TensorProto.FLOAT))
            else:
                parts.append(cells)
        node("Concat", parts, ENCODED, axis=1)
        wide = [None, len(self.columns)]
        given = helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, wide)
        made = helper.make_tensor_value_info(ENCODED, TensorProto.FLOAT, [None, None])
        return helper.make_graph(nodes, "encoding", [given], [made], constants)


def _middle(values: Matrix, weights: Vector) -> float:
    known = ~np.isnan(values)
    return median(values[known], weights[known]) if known.any() else 0.0
