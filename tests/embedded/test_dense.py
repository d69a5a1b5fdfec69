"""Rounding of a Scale, and a dense layer of 8 bits, by published numbers and by those of TFLite."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from signalprep.embedded.lowering._context import Context
from signalprep.embedded.lowering._options import Options
from signalprep.embedded.program import Builder, prove, run

VECTORS = json.loads((Path(__file__).parent / "fully_connected_int8.json").read_text())


@pytest.mark.parametrize(
    ("x", "multiplier", "once", "twice"),
    [
        (-2, 1 << 30, 0, -1),
        (1, 1 << 30, 0, 1),
        (113906, 1496956284, 39700, 39701),
        (-104146, 1235103172, -29949, -29950),
    ],
)
def test_it_rounds_once_ties_up(x: int, multiplier: int, once: int, twice: int) -> None:
    """Not as gemmlowp, which rounds twice."""
    builder = Builder(["x"], 32)
    y = builder.scale(
        builder.clamp(builder.raw, -(2**17), 2**17), multiplier, low=-(2**20), high=2**20
    )
    found = run(builder.build(y=y), np.array([[x]]), np.array([0, 1]))["y"][0, 0]
    assert found == once != twice


@pytest.mark.parametrize("case", VECTORS)
def test_a_dense_layer_of_8_bits_is_that_of_tflite(case: dict[str, Any]) -> None:
    """Vectors of ai-edge-litert, by benchmarks/fully_connected_int8.py."""
    weights, x = np.array(case["weights"]), np.array(case["x"])
    builder = Builder([f"x{k}" for k in range(x.shape[1])])
    context = Context(builder, Options())
    codes = builder.clamp(builder.raw, -128, 127)
    bias = np.array(case["bias"]) - case["input_zero"] * weights.sum(axis=1)
    ratio = np.array(case["weight_scales"]) * case["input_scale"] / case["output_scale"]
    zero = case["output_zero"]
    y = context.rescaled(
        builder.dot(codes, weights, bias), ratio, zero=zero, low=zero if case["relu"] else -128,
        high=127,
    )  # fmt: skip
    found = run(builder.build(y=y), x, np.array([0, len(x)]))["y"]
    np.testing.assert_array_equal(found, case["y"])


@pytest.mark.parametrize("zero", [0, -128, 3000])
@pytest.mark.parametrize("ratio", [0.0, 1e-9, 3e-5, 0.013, -0.4, 0.77, 3.0, 200.0, 5000.0])
@pytest.mark.parametrize("bits", [16, 32])
def test_rescaled_is_the_nearest_code_and_saturates(bits: int, ratio: float, zero: int) -> None:
    """Of numbers of any width; an eighth of a code is lost to the multiplier of the widest."""
    top = 1 << (bits - 1)
    builder = Builder(["x"], bits)
    y = Context(builder, Options()).rescaled(
        builder.raw, ratio, zero=zero, low=-(2**15), high=2**15 - 1
    )
    program = builder.build(y=y)
    prove(program)
    x = np.random.default_rng(0).integers(-top, top, 4000)
    x = np.concatenate([x, x >> (bits // 2), [-top, -1, 0, 1, top - 1]])
    found = run(program, x[:, None], np.array([0, len(x)]))["y"][:, 0]
    expected = np.clip(x * ratio + zero, -(2**15), 2**15 - 1)
    assert np.abs(found - expected).max() <= 0.502 + (0.125 if bits > 16 else 0.0)
