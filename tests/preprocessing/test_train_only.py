import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.preprocessing import (
    FunctionTransformer,
    OneHotEncoder,
    QuantileTransformer,
    StandardScaler,
)

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError, LostIndexError


@pytest.fixture
def log(make_log):
    return make_log(n_channels=3)


def test_is_the_wrapped_transformer_and_keeps_the_index(log):
    step = sp.TrainOnly(PCA(2)).fit(log)
    out = step.transform(log)
    np.testing.assert_array_equal(out, PCA(2).fit(log).transform(log))
    assert out.index.equals(log.index)
    assert list(out) == ["pca0", "pca1"] == list(step.get_feature_names_out())


def test_remembers_its_cycles(log):
    train = log[log.index.get_level_values("cycle") != 1]
    assert sp.TrainOnly().fit(train).cycles_.tolist() == [0, 2]
    assert len(sp.TrainOnly().fit(train.to_numpy()).cycles_) == 0


def test_default_is_the_standard_scaler(log):
    step = sp.TrainOnly().fit(log)
    assert isinstance(step.transformer_, StandardScaler)
    np.testing.assert_array_equal(step.transform(log), StandardScaler().fit_transform(log))


def test_inverse_transform_keeps_index_and_names(log):
    step = sp.TrainOnly().fit(log)
    pd.testing.assert_frame_equal(step.inverse_transform(step.transform(log)), log)


def test_offers_what_the_wrapped_transformer_offers(log):
    assert hasattr(sp.TrainOnly(), "inverse_transform")
    assert not hasattr(sp.TrainOnly(OneHotEncoder()), "cycles_")
    assert not hasattr(sp.TrainOnly(sp.ExponentialFeatures()), "inverse_transform")
    assert not hasattr(sp.TrainOnly(FunctionTransformer()), "get_feature_names_out")


def test_the_wrapped_transformer_is_cloned_at_every_fit(log):
    inner = QuantileTransformer(n_quantiles=5)
    step = sp.TrainOnly(inner).fit(log)
    assert not hasattr(inner, "quantiles_")
    step.set_params(transformer=PCA(1)).fit(log)
    assert isinstance(step.transformer_, PCA)
    assert step.set_params(transformer__n_components=2).fit(log).transform(log).shape[1] == 2


def test_target_reaches_the_wrapped_transformer(log):
    from sklearn.feature_selection import SelectKBest, f_regression

    step = sp.TrainOnly(SelectKBest(f_regression, k=1)).fit(log, log["c1"])
    assert list(step.transform(log)) == ["c1"]


def test_claims_are_those_of_the_wrapped_transformer(log):
    row_wise = sp.TrainOnly().fit(log)
    assert (row_wise.lookahead_, row_wise.memory_, row_wise.delay_) == (0, 0, 0)
    filtering = sp.TrainOnly(sp.HampelFilter(7, causal=False)).fit(log)
    assert (filtering.lookahead_, filtering.memory_, filtering.delay_) == (3, 3, 0)


def test_set_output(log):
    step = sp.TrainOnly(StandardScaler()).set_output(transform="pandas")
    out = step.fit(log.to_numpy()).transform(log.to_numpy())
    assert list(out) == ["x0", "x1", "x2"]


def test_a_lost_index_is_an_error(log):
    step = sp.TrainOnly().fit(log)
    for lost in (log.to_numpy(), log.reset_index(drop=True)):
        with pytest.raises(LostIndexError, match=r"\(cycle, time\) index"):
            step.transform(lost)


def test_before_fit():
    step = sp.TrainOnly()
    with pytest.raises(NotFittedError):
        step.transform(np.zeros((3, 1)))
    with pytest.raises(NotFittedError):
        step.get_feature_names_out()
    assert not hasattr(step, "n_features_in_")


def test_unusable_transformers(log):
    with pytest.raises(InvalidParameterError, match="transformer must have the methods fit and"):
        sp.TrainOnly(StandardScaler).fit(log)
    with pytest.raises(InvalidParameterError, match="transformer must have the methods fit and"):
        sp.TrainOnly("scale").fit(log)
    with pytest.raises(InvalidParameterError, match=r"dense array for a frame .* csr_matrix"):
        sp.TrainOnly(OneHotEncoder()).fit_transform(log.round())
    with pytest.raises(InvalidLogError, match=r"transformer must keep rows \(185\); got 93"):
        sp.TrainOnly(sp.Decimator(2)).fit_transform(log)


def test_the_types_of_a_frame_are_kept(log):
    mixed = log.assign(gear=1, c0=log["c0"].astype(np.float32))
    scaled = ColumnTransformer([("c1", StandardScaler(), ["c1"])], remainder="passthrough")
    out = sp.TrainOnly(scaled.set_output(transform="pandas")).fit_transform(mixed)
    assert [str(dtype) for dtype in out.dtypes] == ["float64", "float32", "float64", "int64"]
    assert out.index.equals(log.index)
