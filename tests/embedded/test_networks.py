"""Networks: as C, against the float network, their sums within what holds them."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import signalprep as sp
from lowered_models import check_c, check_stream, formats_for, rounded, same
from signalprep.embedded import lower
from signalprep.embedded.program import Builder, prove
from signalprep.errors import LoweringError, ProofError

needs_gcc = pytest.mark.skipif(
    shutil.which("gcc") is None, reason="needs gcc, of the Debian package of that name"
)

RNG = np.random.default_rng(0)
X = RNG.normal(size=(1200, 4)) * [1.0, 10.0, 0.1, 3.0] + [0.0, 50.0, 0.0, -1.0]
Z = (X - X.mean(axis=0)) / X.std(axis=0)
Y = np.stack([np.tanh(Z[:, 0] + Z[:, 1]) * 3 + 2, Z[:, 2] * Z[:, 3]], axis=1)
LABELS = np.array(["low", "middle", "high"])[np.digitize(Y[:, 0] + Y[:, 1], [1.0, 3.0])]
FORMATS = formats_for(X)
ACTIVATIONS = ["relu", "tanh", "logistic", "identity"]


def _fitted(model: Any, y: np.ndarray) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return make_pipeline(StandardScaler(), model).fit(X, y)


@pytest.fixture(scope="module")
def regressors() -> dict[str, Any]:
    sizes: dict[str, Any] = {"hidden_layer_sizes": (9, 5), "max_iter": 60, "random_state": 0}
    return {
        name: _fitted(MLPRegressor(activation=name, solver="lbfgs", **sizes), Y[:, 0])
        for name in ACTIVATIONS
    }


@pytest.fixture(scope="module")
def classifier() -> Any:
    return _fitted(
        MLPClassifier(hidden_layer_sizes=(8,), solver="lbfgs", max_iter=40, random_state=0), LABELS
    )


@pytest.fixture(scope="module")
def torch_model() -> Any:
    pytest.importorskip("torch", reason="needs torch, of the extra neural")
    model = sp.neural.FeedForwardRegressor((8, 6), activation="gelu", max_epochs=2, random_state=0)
    return model.fit(X, Y)


@needs_gcc
def test_c_gives_what_python_gives(
    regressors: dict[str, Any], classifier: Any, torch_model: Any, tmp_path: Path
) -> None:
    models = [
        lower(model, FORMATS, calibration=calibration, weight_bits=weight, activation_bits=bits)
        for model in [*regressors.values(), classifier, torch_model]
        for calibration, weight, bits in ((None, 16, 16), (X, 8, 16), (X, 8, 8), (None, 3, 5))
    ]
    check_c(tmp_path, models)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(
    ("weight_bits", "activation_bits", "share"), [(16, 16, 0.003), (8, 16, 0.03), (8, 8, 0.1)]
)
def test_as_near_to_the_float_network_as_its_bits_are(
    regressors: dict[str, Any],
    activation: str,
    weight_bits: int,
    activation_bits: int,
    share: float,
) -> None:
    model = regressors[activation]
    integer = lower(
        model, FORMATS, calibration=X, weight_bits=weight_bits, activation_bits=activation_bits
    )
    expected = model.predict(rounded(FORMATS, X))
    found = integer.predict(X)
    assert np.sqrt(np.mean((found - expected) ** 2)) < share * expected.std()


def test_sixteen_by_sixteen_bits_are_summed_in_64(regressors: dict[str, Any]) -> None:
    """The overflow of 32 bits is avoided: the sum is wide, and rounded to 31 bits after it."""
    table = lower(regressors["relu"], FORMATS, weight_bits=16).proof_
    dots = table[table["op"] == "Dot"]
    assert (dots["sum_bits"] > 32).any()
    assert (table[table["op"] == "Scale"]["bits"] <= 16).all()


def test_a_sum_that_32_bits_do_not_hold_is_refused() -> None:
    """The same overflow, written down as a program without the rounding after the sum."""
    builder = Builder(["a", "b", "c"])
    builder.label = "layer 2"
    sums = builder.dot(builder.raw, np.full((1, 3), 32767))
    builder.scale(sums, 1 << 14, low=-(2**15), high=2**15 - 1)
    with pytest.raises(ProofError, match=r"layer 2: Scale .* a sum of 33 bits, more than 32"):
        prove(builder.build(y=builder.scale(sums, 1 << 14, low=-(2**15), high=2**15 - 1)))


def test_beyond_the_calibration_rows_it_saturates(regressors: dict[str, Any]) -> None:
    """It stays at the edge and never comes back from the other side."""
    integer = lower(regressors["relu"], FORMATS, calibration=X, activation_bits=8)
    line = np.tile(X.mean(axis=0), (400, 1))
    line[:, 1] = np.linspace(50.0, 50.0 + 8 * 80.0, 400)
    y = integer.predict(line)
    outside = line[:, 1] > X[:, 1].max() + 1.0
    assert np.ptp(y[outside]) == 0.0
    assert np.ptp(y) > 0.0


def test_classes_are_those_of_the_greatest_score(classifier: Any) -> None:
    integer = lower(classifier, FORMATS, calibration=X, weight_bits=16)
    rows = rounded(FORMATS, X)
    ordered = np.sort(classifier.predict_proba(rows), axis=1)
    clear = ordered[:, -1] - ordered[:, -2] > 0.005
    assert clear.mean() > 0.98
    np.testing.assert_array_equal(integer.predict(X)[clear], classifier.predict(rows)[clear])


def test_two_classes_are_parted_by_the_sign() -> None:
    above = Y[:, 0] > 2.0
    model = _fitted(MLPClassifier(hidden_layer_sizes=(6,), max_iter=60, random_state=0), above)
    integer = lower(model, FORMATS, calibration=X, weight_bits=16)
    rows = rounded(FORMATS, X)
    clear = np.abs(model.predict_proba(rows)[:, 1] - 0.5) > 0.005
    np.testing.assert_array_equal(integer.predict(X)[clear], model.predict(rows)[clear])


def test_networks_of_torch(torch_model: Any) -> None:
    model = torch_model
    integer = lower(model, FORMATS, calibration=X, weight_bits=16)
    expected = model.predict(rounded(FORMATS, X))
    rms = np.sqrt(np.mean((integer.predict(X) - expected) ** 2, axis=0))
    assert (rms < 0.003 * expected.std(axis=0)).all()


def test_a_constant_channel_of_torch_counts_for_nothing(torch_model: Any) -> None:
    rows = X.copy()
    rows[:, 2] = 1.0
    model = sp.neural.FeedForwardRegressor((4,), max_epochs=2, random_state=0).fit(rows, Y[:, 0])
    formats = formats_for(rows)
    integer = lower(model, formats, calibration=rows)
    other = rows.copy()
    other[:, 2] = -1.0
    np.testing.assert_array_equal(integer.predict(other), integer.predict(rows))


def test_layer_norm_is_refused(torch_model: Any) -> None:
    model = sp.neural.FeedForwardRegressor(
        (4,), max_epochs=1, recipe=sp.neural.Recipe(layer_norm=True), random_state=0
    ).fit(X, Y[:, 0])
    with pytest.raises(LoweringError, match=r"FeedForwardRegressor.* layer norm; train it with"):
        lower(model, FORMATS)


def test_several_labels_a_row_are_refused() -> None:
    labels = np.stack([Y[:, 0] > 2.0, Y[:, 1] > 0.0], axis=1)
    model = _fitted(MLPClassifier(hidden_layer_sizes=(3,), max_iter=5, random_state=0), labels)
    with pytest.raises(LoweringError, match=r"'mlpclassifier' .* several labels a row"):
        lower(model, FORMATS)


def test_streams_and_programs_are_the_same_again(regressors: dict[str, Any]) -> None:
    model = regressors["tanh"]
    first, second = (lower(model, FORMATS, calibration=X) for _ in range(2))
    assert same(first.program, second.program)
    check_stream(first, X)
