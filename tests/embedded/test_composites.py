"""What holds models and steps: it hands on, takes, joins or scales back, and costs nothing."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.decomposition import PCA
from sklearn.dummy import DummyRegressor
from sklearn.feature_selection import RFE, SelectFromModel, SelectKBest, f_regression
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import (
    MinMaxScaler,
    PolynomialFeatures,
    PowerTransformer,
    RobustScaler,
    StandardScaler,
)
from sklearn.tree import DecisionTreeRegressor

import signalprep as sp
from lowered_models import check_c, formats_for, rounded
from signalprep.embedded import lower
from signalprep.errors import LoweringError

needs_gcc = pytest.mark.skipif(
    shutil.which("gcc") is None, reason="needs gcc, of the Debian package of that name"
)

RNG = np.random.default_rng(0)
FORMATS = formats_for(RNG.normal(size=(300, 4)) * [1.0, 10.0, 0.1, 3.0])
X = rounded(FORMATS, RNG.normal(size=(300, 4)) * [1.0, 10.0, 0.1, 3.0])
Y = X @ [1.0, 0.5, 20.0, 0.0] + np.where(X[:, 3] > 1, 30.0, 20.0)
SCALED = make_pipeline(StandardScaler(), Ridge())
TREE = DecisionTreeRegressor(max_depth=5, random_state=0)
UNION = [("plain", StandardScaler()), ("twice", MinMaxScaler()), ("same", "passthrough")]
COLUMNS = [("a", RobustScaler(), [2, 0]), ("b", "passthrough", [3]), ("c", "drop", [1])]

MODELS: dict[str, Any] = {
    "scaled target": TransformedTargetRegressor(SCALED, transformer=MinMaxScaler((2, 3))),
    "plain target": TransformedTargetRegressor(SCALED),
    "train only": make_pipeline(sp.TrainOnly(StandardScaler()), Ridge()),
    "search": GridSearchCV(SCALED, {"ridge__alpha": [0.1, 1.0]}, cv=2),
    "inliers": sp.FitOnInliers(SCALED),
    "bands": sp.ConformalBands(SCALED),
    "best": make_pipeline(StandardScaler(), SelectKBest(f_regression, k=2), Ridge()),
    "from model": make_pipeline(SelectFromModel(Ridge()), Ridge()),
    "columns": make_pipeline(ColumnTransformer(COLUMNS), Ridge()),
    "union": make_pipeline(FeatureUnion(UNION, transformer_weights={"twice": 3.0}), Ridge()),
    "projected": make_pipeline(StandardScaler(), PCA(3), Ridge()),
    "whitened": make_pipeline(PCA(2, whiten=True), Ridge()),
    "constant": DummyRegressor(),
    "constants by regime": sp.PerRegime(
        Ridge(), {0: [-0.5, 0.0, 0.5]}, fallback=DummyRegressor(), min_cycles=1
    ),
    "nothing": Pipeline([("none", "passthrough"), ("model", LinearRegression())]),
}


@pytest.fixture(scope="module")
def fitted() -> dict[str, Any]:
    return {name: model.fit(X, Y) for name, model in MODELS.items()}


@pytest.mark.parametrize("name", list(MODELS))
def test_as_the_float_model(fitted: dict[str, Any], name: str) -> None:
    """To a step of 31 bits of what it can reach, and the rounding of its weights."""
    found, expected = lower(fitted[name], FORMATS).predict(X), fitted[name].predict(X)
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-7 * np.abs(expected).max())


def test_leaves_stay_the_same_behind_branches() -> None:
    """A tree behind weighted branches sees what it was fitted on to the last bit."""
    union = FeatureUnion(UNION, transformer_weights={"twice": 0.3})
    model = make_pipeline(union, ColumnTransformer([("a", "passthrough", [5, 2, 8])]), TREE)
    model.fit(X, Y)
    np.testing.assert_allclose(lower(model, FORMATS).predict(X), model.predict(X), atol=1e-6)


def test_what_is_frozen_is_lowered(fitted: dict[str, Any]) -> None:
    frozen = FrozenEstimator(fitted["scaled target"])
    np.testing.assert_array_equal(
        lower(frozen, FORMATS).predict(X), lower(fitted["scaled target"], FORMATS).predict(X)
    )


def test_several_targets_are_scaled_back() -> None:
    both = np.stack([Y, 5.0 - X[:, 0]], axis=1)
    model = TransformedTargetRegressor(SCALED, transformer=StandardScaler()).fit(X, both)
    found = lower(model, FORMATS).predict(X)
    np.testing.assert_allclose(found, model.predict(X), rtol=0, atol=1e-5)


@needs_gcc
def test_c_gives_what_python_gives(fitted: dict[str, Any], tmp_path: Path) -> None:
    check_c(tmp_path, [lower(model, FORMATS) for model in fitted.values()], 500)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (TransformedTargetRegressor(SCALED, func=np.log, inverse_func=np.exp), "any function"),
        (TransformedTargetRegressor(SCALED, transformer=PowerTransformer()), "PowerTransformer"),
        (make_pipeline(PolynomialFeatures(), Ridge()), "'polynomialfeatures' .* no lowering"),
        (make_pipeline(RFE(Ridge()), Ridge()), r"'rfe' \(RFE\) .* support_"),
        (make_pipeline(FeatureUnion(UNION, transformer_weights={"twice": -1.0}), TREE), "falls"),
    ],
)
def test_what_has_no_integer_form_says_so(model: Any, words: str) -> None:
    with pytest.raises(LoweringError, match=words):
        lower(model.fit(X, np.exp(Y / 30.0)), FORMATS)
