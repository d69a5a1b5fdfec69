"""Vectors of TFLite's int8 fully_connected, for tests/embedded/test_dense.py.

Prints, of each case, how many of TFLite's outputs differ from ours by its reference kernels, its
own ones and XNNPACK, and writes a few rows of each to the file given. Needs ai-edge-litert.

Usage: python benchmarks/fully_connected_int8.py tests/embedded/fully_connected_int8.json
"""

from __future__ import annotations

import json
import sys
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType

KERNELS = (OpResolverType.BUILTIN_REF, OpResolverType.BUILTIN, OpResolverType.AUTO)
KEPT_CASES, KEPT_ROWS = 6, 5


def case_of(rng: np.random.Generator, number: int) -> dict[str, Any]:
    """A random layer, its weights by row or by tensor, with and without relu."""
    n_in, n_out = int(rng.integers(4, 33)), int(rng.integers(3, 17))
    weights = rng.integers(-127, 128, (n_out, n_in))
    scales = rng.uniform(0.001, 0.02, n_out if number % 2 else 1).astype(np.float32)
    scales = np.broadcast_to(scales, (n_out,))
    scale, zero = np.float32(rng.uniform(0.005, 0.1)), int(rng.integers(-128, 128))
    bias = rng.integers(-3000, 3000, n_out)
    x = rng.integers(-128, 128, (40, n_in))
    spread = np.ptp(((x - zero) @ weights.T + bias) * scales * scale)
    relu = number % 3 == 0
    return {
        "weights": weights, "bias": bias, "weight_scales": scales, "input_scale": scale,
        "input_zero": zero, "output_scale": np.float32(spread / 255 * rng.uniform(0.6, 1.2)),
        "output_zero": -128 if relu else int(rng.integers(-60, 60)), "relu": relu, "x": x,
    }  # fmt: skip


def _quantized(scale: Any, zero: Any) -> Any:
    made = schema.QuantizationParametersT()
    made.scale = np.atleast_1d(np.asarray(scale, dtype=np.float32))
    made.zeroPoint = np.broadcast_to(np.asarray(zero, dtype=np.int64), made.scale.shape)
    made.quantizedDimension = 0
    return made


def _tensor(name: str, shape: list[int], kind: int, buffer: int, quantized: Any) -> Any:
    made = schema.TensorT()
    made.name, made.shape, made.type = name, np.array(shape, np.int32), kind
    made.buffer, made.quantization = buffer, quantized
    return made


def model_of(case: dict[str, Any]) -> bytes:
    """The layer as a model of TFLite."""
    model, graph, op = schema.ModelT(), schema.SubGraphT(), schema.OperatorT()
    code, options = schema.OperatorCodeT(), schema.FullyConnectedOptionsT()
    code.builtinCode = schema.BuiltinOperator.FULLY_CONNECTED
    code.deprecatedBuiltinCode, code.version = code.builtinCode, 12
    buffers = [schema.BufferT() for _ in range(3)]
    buffers[1].data = np.frombuffer(case["weights"].astype(np.int8).tobytes(), np.uint8)
    buffers[2].data = np.frombuffer(case["bias"].astype("<i4").tobytes(), np.uint8)
    n_out, n_in = case["weights"].shape
    scales, kinds = case["weight_scales"], schema.TensorType
    graph.tensors = [
        _tensor("x", [1, n_in], kinds.INT8, 0, _quantized(case["input_scale"], case["input_zero"])),
        _tensor("w", [n_out, n_in], kinds.INT8, 1, _quantized(scales, 0)),
        _tensor("b", [n_out], kinds.INT32, 2, _quantized(scales * case["input_scale"], 0)),
        _tensor(
            "y", [1, n_out], kinds.INT8, 0, _quantized(case["output_scale"], case["output_zero"])
        ),
    ]
    op.opcodeIndex, op.inputs = 0, np.array([0, 1, 2], np.int32)
    op.outputs = np.array([3], np.int32)
    op.builtinOptionsType = schema.BuiltinOptions.FullyConnectedOptions
    options.fusedActivationFunction = int(case["relu"])
    op.builtinOptions = options
    graph.operators, graph.inputs = [op], np.array([0], np.int32)
    graph.outputs = np.array([3], np.int32)
    model.version, model.operatorCodes, model.buffers = 3, [code], buffers
    model.subgraphs = [graph]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def outputs_of(model: bytes, x: np.ndarray, kernels: Any) -> np.ndarray:
    """What TFLite gives for rows."""
    run = Interpreter(model_content=model, experimental_op_resolver_type=kernels)
    run.allocate_tensors()
    into, out = run.get_input_details()[0]["index"], run.get_output_details()[0]["index"]
    found = []
    for row in x.astype(np.int8):
        run.set_tensor(into, row[np.newaxis])
        run.invoke()
        found.append(run.get_tensor(out)[0].astype(int))
    return np.array(found)


def ours(case: dict[str, Any]) -> np.ndarray:
    """The same by one rounding, ties up."""
    sums = (case["x"] - case["input_zero"]) @ case["weights"].T + case["bias"]
    ratio = case["weight_scales"].astype(float) * float(case["input_scale"])
    multiplier = np.round(ratio / float(case["output_scale"]) * 2**32).astype(np.int64)
    codes = ((sums * multiplier + 2**31) >> 32) + case["output_zero"]
    return np.clip(codes, case["output_zero"] if case["relu"] else -128, 127)


def main(path: str) -> None:
    rng = np.random.default_rng(0)
    kept = []
    for number in range(12):
        case = case_of(rng, number)
        model, expected = model_of(case), ours(case)
        found = {one.name: outputs_of(model, case["x"], one) for one in KERNELS}
        differ = {name: int((one != expected).sum()) for name, one in found.items()}
        print(f"case {number}: of {expected.size} outputs differ {differ}")
        if number < KEPT_CASES:
            few = {"x": case["x"][:KEPT_ROWS], "y": found["BUILTIN_REF"][:KEPT_ROWS]}
            kept.append({k: np.asarray(v).tolist() for k, v in {**case, **few}.items()})
    with open(path, "w", encoding="utf-8") as file:
        json.dump(kept, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])
