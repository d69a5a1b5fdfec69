"""Activations over every code of 16 bits, against the functions themselves."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, ndtr

from signalprep.embedded.lowering._activations import ACTIVATIONS
from signalprep.embedded.lowering._context import Context
from signalprep.embedded.lowering._options import Options
from signalprep.embedded.program import Builder, prove, run

FUNCTIONS = {
    "identity": lambda x: x,
    "relu": lambda x: np.maximum(x, 0.0),
    "tanh": np.tanh,
    "logistic": expit,
    "gelu": lambda x: x * ndtr(x),
}
MOST = {"identity": 0.51, "relu": 0.51, "tanh": 1.7, "logistic": 1.7, "gelu": 1.7}
CODES = np.arange(-(2**15), 2**15)[:, None]


@pytest.mark.parametrize("bits", [16, 8, 5])
@pytest.mark.parametrize("name", list(ACTIVATIONS))
@pytest.mark.parametrize("reach", [1e-3, 0.5, 5.0, 8.0, 16.0, 500.0])
def test_near_the_function_in_steps_of_its_codes(name: str, reach: float, bits: int) -> None:
    builder = Builder(["x"])
    context = Context(builder, Options())
    steps = np.array([reach / 2**15])
    codes = ACTIVATIONS[name](context, builder.raw, steps, bits)
    program = builder.build(y=codes.value)
    found = run(program, CODES, np.array([0, len(CODES)]))["y"][:, 0]
    low, high = prove(program).ranges[program.outputs["y"]]
    assert low[0] >= -(2 ** (bits - 1))
    assert high[0] <= 2 ** (bits - 1) - 1
    error = (found - codes.zero) * codes.step - FUNCTIONS[name](CODES[:, 0] * steps[0])
    line = 6.0 / 2 ** min(bits // 2 + 2, 9)  # of the table of gelu, whose codes may be finer
    bow = line**2 / 10 if name == "gelu" else 0.0
    assert np.abs(error).max() <= MOST[name] * codes.step + bow
