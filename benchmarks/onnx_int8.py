"""The same network in 8 bits by onnxruntime and by signalprep, and what becomes of a GRU.

The features of the simulated drive go through one network of scikit-learn: in float, quantized by
onnxruntime (static, min-max over the training rows, weights by channel), and by QuantizedRegressor
with the same rows. RMSE is over cycles that neither saw. Then a GRU is given to onnxruntime's
static and dynamic quantization, and its operators are counted before and after.

    python benchmarks/onnx_int8.py            needs onnx and onnxruntime: requirements.txt
"""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pandas as pd
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantType,
    quantize_dynamic,
    quantize_static,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.frozen import FrozenEstimator
from sklearn.neural_network import MLPRegressor

import signalprep as sp
from signalprep.embedded import QuantizedRegressor

SAMPLE = Path(__file__).parents[1] / "sample_data" / "drive_cycles"
FLOAT = onnx.TensorProto.FLOAT
OPSET = [onnx.helper.make_opsetid("", 17)]
IR_VERSION = 9


class Rows(CalibrationDataReader):
    """Training rows, a thousand at a time."""

    def __init__(self, x: np.ndarray) -> None:
        self._parts: Iterator[np.ndarray] = iter(np.array_split(x, max(1, len(x) // 1000)))

    def get_next(self) -> Any:
        part = next(self._parts, None)
        return None if part is None else {"x": part}


def features() -> tuple[pd.DataFrame, pd.Series, np.ndarray]:
    """Features and target of the simulated drive, and the rows to believe."""
    log = sp.read_log(SAMPLE, columns=["i_d", "i_q", "omega_m", "T_coolant", "T_pm"])
    X, y = log.drop(columns="T_pm"), log["T_pm"]
    head = sp.make_pipeline(
        sp.PhysicalLimits({"T_coolant": (-40.0, 140.0)}),
        sp.HampelFilter(7, min_scale=0.1),
        sp.ExponentialFeatures(["1min", "10min"], statistics=["mean"]),
        sp.Scaler(),
    ).set_output(transform="pandas")
    train = sp.cycles(X)[:18]
    spikes = sp.HampelFilter(7, min_scale=0.5).fit(y.to_frame()).flag(y.to_frame())
    return head.fit(X.loc[train]).transform(X), y, ~np.asarray(spikes)[:, 0]


def as_onnx(network: MLPRegressor, n_inputs: int) -> onnx.ModelProto:
    """The network as Gemm and Relu."""
    nodes, weights, name = [], [], "x"
    last = len(network.coefs_) - 1
    for k, (w, b) in enumerate(zip(network.coefs_, network.intercepts_, strict=True)):
        weights += [
            onnx.numpy_helper.from_array(w.astype(np.float32), f"w{k}"),
            onnx.numpy_helper.from_array(b.astype(np.float32), f"b{k}"),
        ]
        out = "y" if k == last else f"s{k}"
        nodes.append(onnx.helper.make_node("Gemm", [name, f"w{k}", f"b{k}"], [out]))
        name = out
        if k < last:
            nodes.append(onnx.helper.make_node("Relu", [out], [f"h{k}"]))
            name = f"h{k}"
    return _model(nodes, [None, n_inputs], [None, 1], weights)


def gru(n_inputs: int, n_hidden: int) -> onnx.ModelProto:
    """A GRU as the one operator that there is for it."""
    rng = np.random.default_rng(0)
    shapes = {"w": (1, 3 * n_hidden, n_inputs), "r": (1, 3 * n_hidden, n_hidden)}
    weights = [
        onnx.numpy_helper.from_array(rng.normal(size=shape).astype(np.float32), name)
        for name, shape in shapes.items()
    ]
    node = onnx.helper.make_node("GRU", ["x", "w", "r"], ["y"], hidden_size=n_hidden)
    return _model([node], [None, 1, n_inputs], [None, 1, 1, n_hidden], weights)


def _model(nodes: Any, inputs: Any, outputs: Any, weights: Any) -> onnx.ModelProto:
    graph = onnx.helper.make_graph(
        nodes, "network", [onnx.helper.make_tensor_value_info("x", FLOAT, inputs)],
        [onnx.helper.make_tensor_value_info("y", FLOAT, outputs)], weights,
    )  # fmt: skip
    return onnx.helper.make_model(graph, opset_imports=OPSET, ir_version=IR_VERSION)


def ops_of(path: Path) -> str:
    """How many of which operators."""
    found = Counter(node.op_type for node in onnx.load(path).graph.node)
    return ", ".join(f"{number} {name}" for name, number in sorted(found.items()))


def main() -> None:
    """Print the errors, then what became of the GRU."""
    logging.getLogger().setLevel(logging.ERROR)
    Z, y, keep = features()
    train, test = sp.cycles(Z)[:18], sp.cycles(Z)[18:]
    known, unseen = (Z.index.get_level_values(0).isin(ids) & keep for ids in (train, test))
    network = MLPRegressor(
        hidden_layer_sizes=(32, 16), early_stopping=True, max_iter=40, random_state=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        network.fit(Z[known], y[known])
    x_train, x_test = (Z[rows].to_numpy(dtype=np.float32) for rows in (known, unseen))
    found = {"float": network.predict(Z[unseen])}
    with tempfile.TemporaryDirectory() as folder:
        plain, small = Path(folder) / "plain.onnx", Path(folder) / "small.onnx"
        onnx.save(as_onnx(network, Z.shape[1]), plain)
        quantize_static(
            plain, small, Rows(x_train), per_channel=True, weight_type=QuantType.QInt8,
            activation_type=QuantType.QInt8,
        )  # fmt: skip
        for name, path in (("onnxruntime float", plain), ("onnxruntime int8", small)):
            session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
            found[name] = session.run(None, {"x": x_test})[0][:, 0]
        print(f"onnxruntime {onnxruntime.__version__}, {ops_of(small)}")
        for bits in (8, 16):
            model = QuantizedRegressor(FrozenEstimator(network), activation_bits=bits)
            model.fit(Z.loc[train], y.loc[train])
            found[f"signalprep W8A{bits}"] = model.predict(Z.loc[test])[keep[-len(Z.loc[test]) :]]
        for name, prediction in found.items():
            error = prediction - y[unseen].to_numpy()
            off = prediction - found["float"]
            print(
                f"{name:20} RMSE {np.sqrt(np.mean(error**2)):.4f}, from float "
                f"{np.sqrt(np.mean(off**2)):.4f}"
            )
        onnx.save(gru(8, 16), plain)
        print(f"\nGRU 8-16: {ops_of(plain)}")
        rows = np.random.default_rng(1).normal(size=(64, 1, 8)).astype(np.float32)
        quantize_static(plain, small, Rows(rows), weight_type=QuantType.QInt8)
        print(f"  static:  {ops_of(small)}, {small.stat().st_size} of {plain.stat().st_size} B")
        quantize_dynamic(plain, small, weight_type=QuantType.QInt8)
        print(f"  dynamic: {ops_of(small)}, {small.stat().st_size} of {plain.stat().st_size} B")


if __name__ == "__main__":
    main()
