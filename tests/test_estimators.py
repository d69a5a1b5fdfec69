"""scikit-learn's checks over every public estimator; exceptions are listed, with their reasons."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, clone, is_classifier
from sklearn.utils import estimator_checks

import signalprep as sp
from instances import CHECKED, INSTANCES, first_of_class, marks, parameters

ROWS_IN_ORDER = "a filter sees neighbouring rows, so their order and presence matter"
# They fit on frames of polars, which have no index that could tell of cycles: a step refuses them.
ON_POLARS = {"check_set_output_transform_polars", "check_global_set_output_transform_polars"}
# What a class answers whatever its parameters are, as measured: no line of ours runs in these for
# a second instance that did not for the first. What holds other estimators is asked each time.
ASKED_ONCE_A_CLASS = {
    "check_complex_data",
    "check_do_not_raise_errors_in_init_or_set_params",
    "check_estimator_cloneable",
    "check_estimator_repr",
    "check_estimator_sparse_array",
    "check_estimator_sparse_matrix",
    "check_estimator_sparse_tag",
    "check_estimator_tags_renamed",
    "check_estimators_empty_data_messages",
    "check_estimators_unfitted",
    "check_fit1d",
    "check_get_params_invariance",
    "check_mixin_order",
    "check_no_attributes_set_in_init",
    "check_non_transformer_estimators_n_iter",
    "check_parameters_default_constructible",
    "check_set_params",
    "check_transformer_n_iter",
    "check_transformers_unfitted",
    "check_valid_tag_types",
}


def public_estimators():
    public = [sp, sp.neural, sp.embedded]
    found = [getattr(module, name) for module in public for name in module.__all__]
    classes = {one for one in found if inspect.isclass(one) and issubclass(one, BaseEstimator)}
    return {one for one in classes if hasattr(one, "fit")}


def test_every_public_estimator_is_checked():
    assert public_estimators() == {type(one.estimator) for one in CHECKED} == set(INSTANCES)
    for of_class, instances in INSTANCES.items():
        assert {type(one.estimator) for one in instances} == {of_class}


def conventions() -> Iterator[Any]:
    """Pairs of an instance and a check of scikit-learn."""
    quick = first_of_class(CHECKED)
    for one in CHECKED:
        once = one not in quick and not one.holds_others
        for estimator, check in estimator_checks.estimator_checks_generator(one.estimator):
            name = check.func.__name__
            if name in {*one.left_out, *ON_POLARS} or (once and name in ASKED_ONCE_A_CLASS):
                continue
            of_pair = marks(one, quick)
            if name in one.order_matters:
                of_pair.append(pytest.mark.xfail(reason=ROWS_IN_ORDER, strict=True))
            options = "".join(f", {key}={value}" for key, value in check.keywords.items())
            yield pytest.param(estimator, check, id=f"{one.id}-{name}{options}", marks=of_pair)


def test_what_is_asked_once_is_asked():
    quick = [one.estimator for one in first_of_class(CHECKED)]
    asked = {
        check.func.__name__
        for estimator in quick
        for _, check in estimator_checks.estimator_checks_generator(estimator)
    }
    assert asked >= ASKED_ONCE_A_CLASS


@pytest.mark.parametrize(("estimator", "check"), [*conventions()])
def test_scikit_learn_conventions(estimator, check):
    check(estimator)


def test_a_decimator_follows_the_transformer_checks_on_the_rows_it_keeps():
    X = np.random.default_rng(0).normal(size=(31, 2))
    for data in (X, X.tolist()):
        step = sp.Decimator(2)
        out = step.fit_transform(data)
        assert len(out) == 16
        np.testing.assert_array_equal(step.fit(data).transform(data), out)
    with pytest.raises(ValueError, match="features"):
        step.transform(X[:, :1])


@pytest.mark.parametrize("factor", [2, 10])
def test_a_slower_task_learns_what_changes_slowly(factor):
    X = np.cumsum(np.random.default_rng(0).normal(size=(20_000, 2)), axis=0)
    y = X @ [1.0, -0.5]
    model = sp.AtRate(factor=factor)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        model.fit(X, y[:-1])
    model.fit(X, y)
    np.testing.assert_array_equal(model.fit(X.tolist(), y.tolist()).predict(X), model.predict(X))
    assert model.predict(X).shape == y.shape
    assert model.score(X, y) > 0.5


TRANSFORMERS = [one for one in CHECKED if hasattr(one.estimator, "transform")]


def apart_from(check, instances):
    """Parameters of a check, without what it means something else for."""
    return parameters(one for one in instances if check not in one.left_out)


@pytest.mark.parametrize("instance", parameters(TRANSFORMERS))
def test_names_of_outputs(instance):
    name = type(instance.estimator).__name__
    estimator_checks.check_transformer_get_feature_names_out(name, instance.estimator)


@pytest.mark.parametrize("instance", apart_from("frames", TRANSFORMERS))
@pytest.mark.filterwarnings("ignore:X (has|does not have valid) feature names")
def test_frames(instance):
    transformer = instance.estimator
    name = type(transformer).__name__
    estimator_checks.check_transformer_get_feature_names_out_pandas(name, transformer)
    estimator_checks.check_set_output_transform(name, transformer)
    estimator_checks.check_set_output_transform_pandas(name, transformer)
    estimator_checks.check_global_output_transform_pandas(name, transformer)


@pytest.mark.parametrize("instance", apart_from("names of inputs", CHECKED))
def test_names_of_inputs_are_checked(instance):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(40, 3)), columns=["i_a", "i_b", "i_c"])
    estimator = clone(instance.estimator)
    target = frame["i_a"] > 0 if is_classifier(estimator) else frame["i_a"]
    fitted = estimator.fit(frame, target)
    method = fitted.transform if hasattr(fitted, "transform") else fitted.predict
    with pytest.raises(ValueError, match="feature names"):
        method(frame.iloc[:, ::-1])
