"""What ranges are made of calibration rows, bits by layer, and where limits cut off."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.neural_network import MLPRegressor

import signalprep as sp
from signalprep.embedded import Format, IntegerModel, lower
from signalprep.embedded.lowering._calibration import range_of
from signalprep.embedded.lowering._context import Context
from signalprep.embedded.lowering._dense import weight_steps
from signalprep.embedded.lowering._options import Options
from signalprep.embedded.program import Builder
from signalprep.errors import InvalidParameterError

FORMATS = {"x0": Format(0.001), "x1": Format(0.001), "x2": Format(0.001)}


@pytest.fixture(scope="module")
def log():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(3000, 3)).clip(-6, 6)
    return sp.as_log(x, cycle=np.repeat(np.arange(6), 500), rate=10.0)


@pytest.fixture(scope="module")
def target(log):
    return np.tanh(log["x0"]) + 0.5 * log["x1"] * log["x2"] + 3.0


@pytest.fixture(scope="module")
def network(log, target):
    model = MLPRegressor(hidden_layer_sizes=(12, 6), max_iter=60, tol=1e-2, random_state=0)
    return sp.make_pipeline(sp.Scaler(), model).fit(log, target)


def test_percentile_is_the_central_part():
    x = np.arange(10001.0)
    assert range_of(x, 8, "minmax") == (0.0, 10000.0)
    np.testing.assert_allclose(range_of(x, 8, "percentile"), (5.0, 9995.0), rtol=1e-12)


@pytest.mark.parametrize("bits", [4, 8])
def test_least_squares_by_trying_every_share(bits):
    """Against rounding and cutting off written out, for numbers with a far tail."""
    x = np.random.default_rng(0).laplace(size=5000)
    low, high = min(x.min(), 0.0), max(x.max(), 0.0)

    def error(share):
        step = (high - low) * share / (2**bits - 1)
        zero = round(-low * share / step)
        error = 0.0
        for value in x:
            code = min(max(np.floor(value / step + 0.5) + zero, 0), 2**bits - 1)
            error += ((code - zero) * step - value) ** 2
        return error

    shares = np.linspace(0.1, 1.0, 91)
    best = shares[np.argmin([error(share) for share in shares])]
    np.testing.assert_allclose(range_of(x, bits, "mse"), (low * best, high * best))
    assert best < 1.0 if bits < 8 else best > 0.9


def test_a_draw_of_rows_is_near_all_of_them(network, log):
    """Nine tenths of the rows, whichever: no stride can fall in step with a layer."""
    whole = lower(network, FORMATS, calibration=log, activation_bits=8).predict(log)
    found = []
    for seed in range(5):
        part = lower(
            network, FORMATS, calibration=log, activation_bits=8, calibration_rows=2700,
            random_state=seed,
        )  # fmt: skip
        found.append(np.sqrt(np.mean((part.predict(log) - whole) ** 2)))
    assert max(found) < 0.05 * np.std(whole)


@pytest.mark.parametrize(
    "options",
    [
        {"weight_bits": 4},
        {"weight_bits": 2},
        {"weight_bits": {1: 8, -1: 8, "other": 4}, "activation_bits": {1: 16, "other": 8}},
        {"granularity": "tensor"},
        {"power_of_two": True},
        {"power_of_two": True, "weight_bits": 4, "granularity": "tensor"},
        {"ranges": "mse"},
        {"ranges": "percentile"},
        {"output_format": Format(0.001, offset=2.5)},
    ],
    ids=str,
)
def test_lowered_as_asked_for(network, log, target, options):
    model = lower(network, FORMATS, calibration=log, **({"activation_bits": 8} | options))
    again = IntegerModel.from_json(model.to_json())
    np.testing.assert_array_equal(again.predict(log), model.predict(log))
    assert again.options == model.options
    off = np.sqrt(np.mean((model.predict(log) - network.predict(log)) ** 2))
    worst = {"2": 1.2, "4": 0.8}.get(str(options.get("weight_bits")), 0.45)
    assert off < worst * np.std(target)


def test_bits_are_those_of_the_layer(network, log):
    bits = {1: 3, -1: 8, "other": 2}
    model = lower(network, FORMATS, calibration=log, weight_bits=bits)
    dots = [op for op in model.program.ops if type(op).__name__ == "Dot" and op.size in (12, 6)]
    assert [int(np.abs(op.weights).max()) for op in dots] == [3, 1]
    with pytest.raises(InvalidParameterError, match="names layer 4; there are 3"):
        lower(network, FORMATS, weight_bits={4: 8})


def test_powers_of_two_need_no_other_multiplier(network, log):
    model = lower(network, FORMATS, calibration=log, power_of_two=True, activation_bits=8)
    within = [
        op for op in model.program.ops if type(op).__name__ == "Scale" and "layer" in op.label
    ]
    assert len(within) == 2
    for op in within:
        assert (op.multiplier & (op.multiplier - 1) == 0).all()
        assert (op.zero == 0).all()


def test_weights_of_few_bits_have_the_step_of_least_squares():
    weights = np.random.default_rng(1).normal(size=(3, 40))
    context = Context(Builder(["x"]), Options())
    steps = weight_steps(context, weights, 2)
    for row, step in zip(weights, steps, strict=True):
        tried = np.abs(row).max() * np.linspace(0.3, 1.0, 71)
        errors = [np.sum((np.clip(np.round(row / s), -1, 1) * s - row) ** 2) for s in tried]
        assert step == tried[np.argmin(errors)]
    np.testing.assert_allclose(weight_steps(context, weights, 8), np.abs(weights).max(axis=1) / 127)


def test_an_output_format_saturates(network, log):
    wide = lower(network, FORMATS, calibration=log)
    narrow = lower(network, FORMATS, calibration=log, output_format=Format(0.01, 3.0, bits=8))
    codes = np.floor((wide.predict(log) - 3.0) / 0.01 + 0.5).clip(-128, 127)
    assert np.abs(narrow.predict_codes(log)[:, 0] - codes).max() <= 1
    cut = narrow.saturations(log)["output"]
    assert (cut["y0"] == (np.abs(wide.predict(log) - 3.005) > 1.28)).mean() > 0.99


def test_saturations_name_channel_and_place(network, log):
    model = lower(network, FORMATS, calibration=log, activation_bits=8)
    assert not model.saturations(log).to_numpy().any()
    beyond = log.copy()
    beyond.iloc[7, 1] = 40.0  # the format ends at 32.767
    found = model.saturations(beyond)
    assert isinstance(found, pd.DataFrame)
    assert found.index.equals(log.index)
    assert list(found["input"].sum()) == [0, 1, 0]
    network_input = found.columns.get_level_values("step")[3]
    assert list(found[network_input].loc[:, "x1"].to_numpy().nonzero()[0]) == [7]
    codes = model.saturations(np.array([[0, 32768, 0]]), codes=True)
    assert list(codes["input"].iloc[0]) == [False, True, False]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"ranges": "percentile"}, "give calibration a log"),
        ({"ranges": "dynamic"}, "cannot be proven beforehand"),
        ({"granularity": "row"}, "granularity must be 'channel' or 'tensor'"),
        ({"power_of_two": 1}, "power_of_two must be True or False"),
        ({"weight_bits": {0: 8}}, "1, 2, ... from the input"),
        ({"weight_bits": {1: 1}}, r"weight_bits\[1\] must be an int from 2 to 16"),
        ({"output_format": 3}, "output_format must be a Format"),
    ],
    ids=str,
)
def test_refused(network, options, words):
    with pytest.raises(InvalidParameterError, match=words):
        lower(network, FORMATS, **options)
    with pytest.raises(InvalidParameterError, match="calibration_rows must be an int above 0"):
        lower(network, FORMATS, calibration=np.zeros((5, 3)), calibration_rows=0)
