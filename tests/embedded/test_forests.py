"""Trees and forests: every row comes to the leaf it came to, in every tree."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from lowered_models import check_c, check_stream, same
from signalprep.embedded import Format, lower
from signalprep.embedded.lowering._channels import Channels
from signalprep.embedded.lowering._context import Context
from signalprep.embedded.lowering._options import Options
from signalprep.embedded.lowering._trees import Forest
from signalprep.embedded.program import Builder, run
from signalprep.errors import LoweringError

needs_gcc = pytest.mark.skipif(
    shutil.which("gcc") is None, reason="needs gcc, of the Debian package of that name"
)

RNG = np.random.default_rng(0)
FORMATS = {"x0": Format(0.1, -40.0), "x1": Format(3e-4), "x2": Format(1.0, bits=8, signed=False)}
CODES = np.column_stack(
    [RNG.integers(-3000, 3000, 1500), RNG.integers(-20000, 20000, 1500), RNG.integers(0, 256, 1500)]
)
X = np.column_stack([one.decode(CODES[:, k]) for k, one in enumerate(FORMATS.values())])
Y = np.sin(X[:, 0] / 50.0) + X[:, 1] ** 2 + (X[:, 2] > 100) + RNG.normal(0.0, 0.3, len(X))
LABELS = np.array(["cold", "mild", "hot"])[np.digitize(Y, np.quantile(Y, [0.4, 0.7]))]
SEED: dict[str, Any] = {"random_state": 0}
SMALL = {"n_estimators": 7, "max_depth": 5, **SEED}

REGRESSORS = {
    "tree": DecisionTreeRegressor(max_depth=6, **SEED),
    "stump": DecisionTreeRegressor(min_samples_leaf=1000),
    "forest": RandomForestRegressor(**SMALL),
    "extra": ExtraTreesRegressor(**SMALL),
    "boosted": GradientBoostingRegressor(n_estimators=12, **SEED),
    "from zero": GradientBoostingRegressor(n_estimators=3, init="zero", **SEED),
}
CLASSIFIERS = {
    "tree": DecisionTreeClassifier(max_depth=6, **SEED),
    "forest": RandomForestClassifier(**SMALL),
    "extra": ExtraTreesClassifier(**SMALL),
    "boosted": GradientBoostingClassifier(n_estimators=5, **SEED),
}


@pytest.fixture(scope="module")
def regressors() -> dict[str, Any]:
    return {
        name: make_pipeline(StandardScaler(), one).fit(X, Y) for name, one in REGRESSORS.items()
    }


@pytest.fixture(scope="module")
def classifiers() -> dict[str, Any]:
    return {
        name: make_pipeline(StandardScaler(), one).fit(X, LABELS)
        for name, one in CLASSIFIERS.items()
    }


def _leaves(pipeline: Any, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Nodes that rows come to in each tree, by the program and by scikit-learn."""
    scaler, forest = pipeline[0], pipeline[-1]
    trees = [forest] if hasattr(forest, "tree_") else list(np.ravel(forest.estimators_))
    builder = Builder(list(FORMATS))
    lsb = np.array([one.lsb for one in FORMATS.values()])
    offset = np.array([one.offset for one in FORMATS.values()])
    images: Any = tuple(
        lambda code, k=k, one=one: (
            (one.lsb * code + one.offset) * scaler.scale_[k] + scaler.min_[k]
            if isinstance(scaler, MinMaxScaler)
            else (one.lsb * code + one.offset - scaler.mean_[k]) / scaler.scale_[k]
        )
        for k, one in enumerate(FORMATS.values())
    )
    channels = Channels(builder.raw, tuple(FORMATS), lsb, offset, images)
    context, outputs = Context(builder, Options()), {}
    for number, tree in enumerate(trees):
        one = Forest.of(tree, [tree], context, channels)
        nodes = np.array([[node] for _, node in one.leaves])
        outputs[f"tree {number}"] = one.walk(context, channels, nodes)
    found = run(builder.build(**outputs), codes, np.array([0, len(codes)]))
    rows = np.column_stack([one.decode(codes[:, k]) for k, one in enumerate(FORMATS.values())])
    rows = scaler.transform(rows)
    expected = np.column_stack([tree.apply(rows.astype(np.float32)) for tree in trees])
    return np.column_stack([found[name][:, 0] for name in outputs]), expected


def _near_thresholds(pipeline: Any) -> np.ndarray:
    """Rows around every threshold of every tree, in codes: the one before, at and after it."""
    scaler, forest = pipeline[0], pipeline[-1]
    trees = [forest] if hasattr(forest, "tree_") else list(np.ravel(forest.estimators_))
    rows = [CODES[:1]]
    for tree in trees:
        inner = np.flatnonzero(tree.tree_.children_left >= 0)
        if len(inner) == 0:
            continue
        feature, limit = tree.tree_.feature[inner], tree.tree_.threshold[inner]
        back = np.zeros((len(inner), 3))
        back[np.arange(len(inner)), feature] = limit
        raw = scaler.inverse_transform(back)[np.arange(len(inner)), feature]
        for k, one in enumerate(FORMATS.values()):
            at = one.encode(raw[feature == k])
            some = CODES[RNG.integers(0, len(CODES), 3 * len(at))].copy()
            some[:, k] = np.clip(np.concatenate([at - 1, at, at + 1]), one.low, one.high)
            rows.append(some)
    return np.concatenate(rows)


@pytest.mark.parametrize("name", list(REGRESSORS))
def test_every_leaf_is_the_same_around_every_threshold(
    regressors: dict[str, Any], name: str
) -> None:
    found, expected = _leaves(regressors[name], _near_thresholds(regressors[name]))
    np.testing.assert_array_equal(found, expected)


def test_every_leaf_is_the_same_on_many_rows() -> None:
    """100,000 rows of every code, behind a scaler whose steps single precision merges."""
    pipeline = make_pipeline(MinMaxScaler((1000.0, 1001.0)), REGRESSORS["forest"]).fit(X, Y)
    codes = np.column_stack(
        [RNG.integers(-(2**15), 2**15, (100_000, 2)), RNG.integers(0, 256, 100_000)]
    )
    found, expected = _leaves(pipeline, codes)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("name", list(REGRESSORS))
def test_outputs_differ_by_the_rounding_of_leaves(regressors: dict[str, Any], name: str) -> None:
    """Each by half a step at most."""
    integer = lower(regressors[name], FORMATS)
    n_trees = np.size(getattr(regressors[name][-1], "estimators_", 1))
    bound = integer.lsb_[0] * n_trees / 2
    error = np.abs(integer.predict(CODES, codes=True) - regressors[name].predict(X)).max()
    assert error <= bound + 1e-12
    assert bound < 1e-6


def test_several_outputs() -> None:
    both = np.stack([Y, X[:, 0]], axis=1)
    model = RandomForestRegressor(**SMALL).fit(X, both)
    integer = lower(model, FORMATS)
    error = np.abs(integer.predict(CODES, codes=True) - model.predict(X)).max(axis=0)
    assert (error <= integer.lsb_ * SMALL["n_estimators"] / 2 + 1e-12).all()


@pytest.mark.parametrize("name", list(CLASSIFIERS))
def test_classes_are_the_same(classifiers: dict[str, Any], name: str) -> None:
    """Where the two most likely ones are further apart than leaves are rounded; of a tree, all."""
    model = classifiers[name]
    found = lower(model, FORMATS).predict(CODES, codes=True)
    ordered = np.sort(model.predict_proba(X), axis=1)
    clear = (ordered[:, -1] - ordered[:, -2] > 1e-7) | (name == "tree")
    assert clear.mean() > 0.95
    np.testing.assert_array_equal(found[clear], model.predict(X)[clear])


def test_two_classes_and_ties() -> None:
    """Equal shares choose the first class."""
    rows, labels = np.array([[0.0], [0.0], [1.0], [2.0]]), np.array(["a", "b", "b", "a"])
    model = RandomForestClassifier(4, bootstrap=False, **SEED).fit(rows, labels)
    integer = lower(model, {"x0": Format(1.0)})
    assert integer.predict(rows).tolist() == model.predict(rows).tolist() == list("aaba")
    boosted = GradientBoostingClassifier(n_estimators=4, **SEED).fit(X, Y > 1.0)
    found = lower(boosted, FORMATS).predict(CODES, codes=True)
    np.testing.assert_array_equal(found, boosted.predict(X))


@needs_gcc
def test_c_gives_what_python_gives(
    regressors: dict[str, Any], classifiers: dict[str, Any], tmp_path: Path
) -> None:
    models = [lower(model, FORMATS) for model in [*regressors.values(), *classifiers.values()]]
    check_c(tmp_path, models)


def test_what_has_no_integer_form_says_so() -> None:
    histogram = HistGradientBoostingRegressor(max_iter=2, max_depth=2).fit(X, Y)
    with pytest.raises(LoweringError, match=r"HistGradientBoostingRegressor.* its trees; use"):
        lower(histogram, FORMATS)
    model = GradientBoostingRegressor(n_estimators=1, init=LinearRegression()).fit(X, Y)
    with pytest.raises(LoweringError, match=r"init=LinearRegression is no constant; leave it out"):
        lower(model, FORMATS)
    labels = np.stack([Y > 1.0, X[:, 0] > 0.0], axis=1)
    several = RandomForestClassifier(2, max_depth=2, **SEED).fit(X, labels)
    with pytest.raises(LoweringError, match="several labels a row"):
        lower(several, FORMATS)


def test_streams_and_programs_are_the_same_again(regressors: dict[str, Any]) -> None:
    first, second = (lower(regressors["forest"], FORMATS) for _ in range(2))
    assert same(first.program, second.program)
    check_stream(first, X)
