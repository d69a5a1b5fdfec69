"""RegimeBinner and PerRegime: cells are exact, and the model of the cell runs."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor

import signalprep as sp
from lowered_models import check_c, check_stream, same
from signalprep.embedded import Format, lower
from signalprep.errors import LoweringError
from signalprep.regimes import RegimeBinner

needs_gcc = pytest.mark.skipif(
    shutil.which("gcc") is None, reason="needs gcc, of the Debian package of that name"
)

RNG = np.random.default_rng(0)
FORMATS = {
    "speed": Format(0.5, -1000.0),
    "torque": Format(0.01),
    "heat": Format(0.1, bits=10, signed=False),
}
CODES = np.column_stack(
    [RNG.integers(0, 9000, 900), RNG.integers(-9000, 9000, 900), RNG.integers(0, 1024, 900)]
)
VALUES = np.column_stack([one.decode(CODES[:, k]) for k, one in enumerate(FORMATS.values())])
LOG = sp.as_log(
    pd.DataFrame(VALUES, columns=list(FORMATS)), cycle=np.repeat(np.arange(9), 100), rate=10.0
)
TARGET = np.abs(VALUES[:, 0] - 1000.0) * VALUES[:, 1] / 50.0 + VALUES[:, 2]
BINS = {"speed": "q3", "torque": [-50.0, 0.0, 12.34, 60.0]}


@pytest.fixture(scope="module")
def binner() -> RegimeBinner:
    return RegimeBinner(BINS).fit(LOG)


@pytest.fixture(scope="module")
def per_regime() -> Any:
    steps = make_pipeline(StandardScaler(), Ridge(1e-3))
    model = sp.PerRegime(steps, BINS, fallback=DecisionTreeRegressor(max_depth=4, random_state=0))
    return model.fit(LOG, TARGET)


def _around(edges: dict[str, np.ndarray]) -> np.ndarray:
    """Codes before, at and after each edge, and the ends of the formats."""
    rows = [CODES]
    for k, (name, one) in enumerate(FORMATS.items()):
        at = one.encode(edges.get(name, [0.0]))
        some = CODES[RNG.integers(0, len(CODES), 3 * len(at) + 2)].copy()
        some[:, k] = np.clip(
            np.concatenate([at - 1, at, at + 1, [one.low, one.high]]), one.low, one.high
        )
        rows.append(some)
    return np.concatenate(rows)


def _log_of(codes: np.ndarray) -> Any:
    values = [one.decode(codes[:, k]) for k, one in enumerate(FORMATS.values())]
    return sp.as_log(pd.DataFrame(np.column_stack(values), columns=list(FORMATS)), rate=10.0)


def test_every_cell_is_the_same(binner: RegimeBinner) -> None:
    codes = _around(binner.edges_)
    labels = binner.transform(_log_of(codes))
    found = lower(binner, FORMATS).predict(codes, codes=True)
    expected = np.column_stack([labels[name].cat.codes for name in labels])
    np.testing.assert_array_equal(found, expected)
    assert {0, 1, 2, 3, 4} <= set(expected[:, 1])


def test_a_constant_column_has_one_interval() -> None:
    binner = RegimeBinner().fit(np.full((4, 1), 0.75))
    integer = lower(binner, {"x0": Format(0.25)})
    assert integer.predict([[2], [3], [4]], codes=True).tolist() == [0, 1, 2]


def test_the_model_of_the_cell_predicts(per_regime: Any) -> None:
    """As precise as 29 bits of the widest range that any of the models has."""
    assert len(per_regime.models_) > 4
    codes = _around(per_regime.binner_.edges_)
    integer = lower(per_regime, FORMATS)
    log = _log_of(codes)
    expected = per_regime.predict(log)
    cells = per_regime.regimes_of(log)
    assert (~np.isin(cells, list(per_regime.models_))).any()
    bound = integer.lsb_[0] * 8
    assert np.abs(integer.predict(codes, codes=True) - expected).max() <= bound
    assert bound < 1e-4 * np.abs(expected).max()


def test_without_models_of_cells_the_fallback_predicts() -> None:
    model = sp.PerRegime(Ridge(), BINS, min_rows=10_000).fit(LOG, TARGET)
    found = lower(model, FORMATS).predict(CODES, codes=True)
    np.testing.assert_allclose(found, model.predict(LOG), atol=1e-4)


@needs_gcc
def test_c_gives_what_python_gives(binner: RegimeBinner, per_regime: Any, tmp_path: Path) -> None:
    check_c(tmp_path, [lower(binner, FORMATS), lower(per_regime, FORMATS)])


def test_streams_and_programs_are_the_same_again(per_regime: Any) -> None:
    first, second = (lower(per_regime, FORMATS) for _ in range(2))
    assert same(first.program, second.program)
    check_stream(first, VALUES)


def test_soft_borders_are_refused() -> None:
    model = sp.PerRegime(Ridge(), BINS, softness=0.2).fit(LOG, TARGET)
    with pytest.raises(LoweringError, match=r"PerRegime.* softness=0\.2 averages .* softness=0"):
        lower(model, FORMATS)
