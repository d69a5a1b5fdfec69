"""Models in files: the same numbers back, and nothing run on the way."""

import json
import pickle
import re
import zipfile

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.pipeline import FunctionTransformer
from sklearn.preprocessing import StandardScaler

import signalprep as sp
from damaged_models import packed, unpacked
from signalprep._version import versions
from signalprep.errors import InvalidParameterError, ReadError
from signalprep.persistence._contents import RECORD, SCHEMA
from signalprep.persistence._packing import pack, unpack

skops_io = pytest.importorskip("skops.io", reason="model files need skops, which is an extra")

TREES = ["sklearn.tree._tree.Tree"]
EDGES = {"omega_m": "q2"}
MODELS = {
    "conditioning": sp.make_pipeline(
        sp.PhysicalLimits({"i_d": (-500.0, 500.0)}),
        sp.HampelFilter(5, by=sp.RegimeBinner(EDGES)),
        sp.SavitzkyGolayFilter(5),
        sp.ExponentialFeatures([10]),
        sp.Scaler(),
        Ridge(),
    ),
    "learned limits": sp.make_pipeline(sp.ZScoreFilter(), sp.IQRFilter(), sp.Detrender(), Ridge()),
    "Kalman": sp.make_pipeline(sp.KalmanFilter(), StandardScaler(), Ridge()),
    "boosted": HistGradientBoostingRegressor(max_iter=5),
    "forest": RandomForestRegressor(3, random_state=0),
    "lower rate": sp.AtRate(sp.make_pipeline(sp.Scaler(), Ridge()), rate="0.2Hz"),
    "bands": sp.ConformalBands(Ridge(), EDGES, coverage=0.7, min_cycles=2),
    "by regime": sp.PerRegime(Ridge(), EDGES, min_rows=5),
    "outliers left out": sp.FitOnInliers(Ridge(), sp.ZScoreFilter()),
}


@pytest.fixture(scope="module")
def data():
    log = sp.datasets.simulate_pmsm(n_cycles=6, rate=0.5, random_state=0)
    return log.drop(columns="T_pm"), log["T_pm"]


@pytest.mark.parametrize("name", MODELS)
def test_predictions_come_back_bit_by_bit(name, data, tmp_path):
    X, y = data
    model = MODELS[name].fit(X, y)
    before = pickle.dumps(model)
    sp.save_model(model, tmp_path / "model", trusted=TREES)
    assert pickle.dumps(model) == before, "the model stays as it was"
    again = sp.load_model(tmp_path / "model", trusted=TREES)
    assert type(again) is type(model)
    assert repr(again) == repr(model)
    np.testing.assert_array_equal(again.predict(X), model.predict(X))


def test_networks_come_back_bit_by_bit(data, tmp_path):
    pytest.importorskip("torch", reason="training a network needs torch, which is an extra")
    X, y = data
    model = sp.make_pipeline(
        sp.HampelFilter(5), sp.neural.RecurrentRegressor(hidden_size=3, max_epochs=1)
    ).fit(X, y)
    sp.save_model(model, tmp_path / "model")
    again = sp.load_model(tmp_path / "model")
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    pd.testing.assert_frame_equal(again[-1].history_, model[-1].history_)
    assert again[-1].training_cycles_.equals(model[-1].training_cycles_)
    live = sp.stream(again)
    first = X.loc[[X.index[0][0]]]
    np.testing.assert_allclose(live.push(first), model.predict(first), rtol=1e-12)


def test_the_file_records_versions_and_cycles(data, tmp_path):
    X, y = data
    sp.save_model(MODELS["conditioning"].fit(X, y), tmp_path / "model")
    parts = zipfile.ZipFile(tmp_path / "model")
    record = json.loads(parts.read("signalprep.json"))
    assert record["format"] == 3
    assert record["versions"]["signalprep"] == sp.__version__
    scaler = next(place for place in record["cycles"] if place.endswith("Scaler"))
    assert record["cycles"][scaler] == [str(cycle) for cycle in sp.cycles(X)]
    assert not any("pickle" in name for name in parts.namelist())


def test_only_trusted_parts_are_written(data, tmp_path):
    X, y = data
    file = tmp_path / "model"
    with pytest.raises(InvalidParameterError, match="model must be an estimator; got dict"):
        sp.save_model({}, file)
    with pytest.raises(InvalidParameterError, match="model must be an estimator; got Recipe"):
        sp.save_model(sp.Recipe(), file)
    with pytest.raises(NotFittedError):
        sp.save_model(Ridge(), file)
    own = sp.make_pipeline(FunctionTransformer(strange), Ridge()).fit(X, y)
    with pytest.raises(InvalidParameterError, match=r"load_model would ask to trust .*strange"):
        sp.save_model(own, file)
    with pytest.raises(InvalidParameterError, match="existing folder"):
        sp.save_model(Ridge().fit(X, y), tmp_path / "none" / "model")
    with pytest.raises(InvalidParameterError, match="sklearn.tree._tree.Tree"):
        sp.save_model(MODELS["forest"].fit(X, y), file)
    assert not file.exists()


def strange(rows):
    return rows


def test_types_from_elsewhere_are_named_and_refused(data, tmp_path, write_parts):
    X, y = data
    own = sp.make_pipeline(FunctionTransformer(strange), Ridge()).fit(X, y)
    file = tmp_path / "model"
    write_parts(file, skops_io.dumps(own))
    with pytest.raises(ReadError, match=r"types that are not trusted: .*strange"):
        sp.load_model(file)
    name = f"{strange.__module__}.strange"
    assert sp.load_model(file, trusted=[name]).predict(X).shape == y.shape


def test_files_that_are_no_models(data, tmp_path, write_parts):
    X, y = data
    file = tmp_path / "model"
    file.write_bytes(pickle.dumps(Ridge()))
    with pytest.raises(ReadError, match="no model file"):
        sp.load_model(file)
    file.write_bytes(skops_io.dumps(Ridge().fit(X, y)))
    with pytest.raises(ReadError, match="no model file of signalprep"):
        sp.load_model(file)
    for record in ('{"format": "2"}', "[]", "[" * 100_000, "{}"):
        write_parts(file, skops_io.dumps(Ridge().fit(X, y)), record)
        with pytest.raises(ReadError, match="no model file"):
            sp.load_model(file)
    write_parts(file, skops_io.dumps({"coef_": 1.0}))
    with pytest.raises(ReadError, match="no model file of signalprep: it holds dict"):
        sp.load_model(file)
    with zipfile.ZipFile(file, "w") as parts:
        parts.writestr("other", "x")
    with pytest.raises(ReadError, match="no model file"):
        sp.load_model(file)


def test_other_formats_say_with_what_to_save_again(data, tmp_path, write_parts):
    X, y = data
    file = tmp_path / "model"
    model = MODELS["conditioning"].fit(X, y)
    record = {"format": 1, "versions": {"signalprep": "0.1.0"}, "cycles": {}}
    file.write_bytes(skops_io.dumps({**record, "model": pack(model)}))
    again = f"reads format 3. Fit the model again and save it with signalprep {sp.__version__}"
    with pytest.raises(ReadError, match=rf"of format 1; .*{re.escape(again)}"):
        sp.load_model(file)
    for other in (2, 4):
        write_parts(file, skops_io.dumps(pack(model)), {"format": other})
        with pytest.raises(ReadError, match=rf"of format {other}; .*{re.escape(again)}"):
            sp.load_model(file)


def test_sizes_are_capped(data, tmp_path):
    X, y = data
    file = tmp_path / "model"
    sp.save_model(Ridge().fit(X, y), file)
    with pytest.raises(ReadError, match="larger than 100 bytes"):
        sp.load_model(file, max_bytes=100)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("schema.json", b"0" * 10_000_000)
    assert file.stat().st_size < 20_000
    with pytest.raises(ReadError, match="would unpack to 10000000 bytes, more than 1000000"):
        sp.load_model(file, max_bytes=1_000_000)


def rewritten(file, old, new, name):
    """The file as if it had been written with version 0.9.9 of a package."""
    parts = unpacked(file.read_bytes())
    parts[SCHEMA] = parts[SCHEMA].replace(old, new)
    record = json.loads(parts[RECORD])
    record["versions"][name] = "0.9.9"
    file.write_bytes(packed(parts, json.dumps(record).encode()))
    return record["versions"]


@pytest.mark.parametrize("name", ["scikit-learn", "signalprep"])
def test_another_version_is_told_once_with_both(name, data, tmp_path):
    X, y = data
    file, here = tmp_path / "model", versions()[name]
    sp.save_model(sp.make_pipeline(StandardScaler(), Ridge()).fit(X, y), file)
    rewritten(file, f'\\"{here}\\"'.encode(), b'\\"0.9.9\\"', name)
    told = rf"model' was written with {name} 0\.9\.9 \(here is {re.escape(here)}\)"
    with pytest.warns(UserWarning, match=told) as warned:
        assert sp.load_model(file).predict(X).shape == y.shape
    assert [one.filename for one in warned] == [__file__]


def test_other_versions_of_what_only_holds_the_numbers_are_not_told(data, tmp_path):
    X, y = data
    file = tmp_path / "model"
    sp.save_model(Ridge().fit(X, y), file)
    rewritten(file, b"", b"", "numpy")
    sp.load_model(file)


def test_what_cannot_be_made_names_the_versions(data, tmp_path):
    X, y = data
    file = tmp_path / "model"
    sp.save_model(Ridge().fit(X, y), file)
    rewritten(file, b'"NdArrayNode"', b'"RandomStateNode"', "scikit-learn")
    told = r"\(here is .*\)"
    with pytest.raises(ReadError, match=rf"no model file|as a model: .* 0\.9\.9 {told}"):
        sp.load_model(file)


@pytest.mark.parametrize(
    "thing",
    [
        pd.Index(["a", "b"], name="cycle"),
        pd.Index([3, 1]),
        pd.DatetimeIndex(["2024-01-01", "2024-01-02"]),
        pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["x", None]),
        pd.Series([1.5, np.nan], index=["u", "v"], name="n"),
        pd.DataFrame({"a": [1, 2], "b": ["x", None], 3: [True, False]}),
        pd.DataFrame(
            {"c": pd.Categorical(["lo", "hi"], ["lo", "hi"], ordered=True)},
            index=pd.CategoricalIndex(["p", "q"], name="cell"),
        ),
    ],
)
def test_tables_come_back(thing):
    packed = skops_io.loads(skops_io.dumps(pack([thing, {"k": (thing,)}])))
    one, inside = unpack(packed)
    for found in (one, inside["k"][0]):
        assert type(found) is type(thing)
        if isinstance(thing, pd.Index):
            pd.testing.assert_index_equal(found, thing)
        elif isinstance(thing, pd.Series):
            pd.testing.assert_series_equal(found, thing)
        else:
            pd.testing.assert_frame_equal(found, thing)
