"""What a model file may hold: the marked classes of this package, and no other."""

import inspect
import re
import subprocess
import sys
import types

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.linear_model import Ridge
from sklearn.model_selection import BaseCrossValidator, GridSearchCV

import signalprep as sp
from signalprep._base import Stored, is_stored
from signalprep.errors import InvalidParameterError, ReadError
from signalprep.persistence._packing import pack

skops_io = pytest.importorskip("skops.io", reason="model files need skops, which is an extra")

PUBLIC = [getattr(home, name) for home in (sp, sp.neural) for name in home.__all__]
CLASSES = sorted({one for one in PUBLIC if inspect.isclass(one)}, key=lambda one: one.__name__)
ESTIMATORS = [one for one in CLASSES if issubclass(one, BaseEstimator) and one is not sp.Recipe]
KEPT = (BaseEstimator, BaseCrossValidator)
PARAMETERS = {
    "BayesianSearchCV": {
        "estimator": Ridge(),
        "param_distributions": {"alpha": [1.0, 2.0]},
        "n_trials": 2,
        "cv": sp.CycleKFold(2),
    },
    "ConformalBands": {"coverage": 0.7},
    "ParkTransformer": {"columns": ("i_a", "i_b"), "angle": 0.5},
    "FeedForwardRegressor": {"max_epochs": 1, "recipe": sp.Recipe(regimes={"i_a": 2})},
    "RecurrentRegressor": {"max_epochs": 1},
}
FOREIGN = re.compile(r"(sklearn|optuna|datetime|numpy)\.")


def full_name(one):
    return f"{one.__module__}.{one.__qualname__}"


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(rng.normal(size=(120, 3)), columns=["i_a", "i_b", "i_c"])
    log = sp.as_log(rows, cycle=np.repeat(np.arange(6), 20), rate=2.0)
    return log, log["i_a"] + 0.1 * log["i_b"]


@pytest.mark.parametrize("kind", ESTIMATORS, ids=lambda kind: kind.__name__)
def test_every_public_estimator_comes_back(kind, data, tmp_path):
    if kind.__module__.startswith("signalprep.neural"):
        pytest.importorskip("torch", reason="training a network needs torch, which is an extra")
    X, y = data
    model = kind(**PARAMETERS.get(kind.__name__, {})).fit(X, y)
    file = tmp_path / "model"
    trusted = []
    try:
        sp.save_model(model, file)
    except InvalidParameterError as error:
        trusted = re.search(r"trust (.*) \(trusted=\)", str(error))[1].split(", ")
        sp.save_model(model, file, trusted=trusted)
    assert all(FOREIGN.match(name) for name in trusted)
    again = sp.load_model(file, trusted=trusted)
    assert repr(again) == repr(model)
    method = "transform" if hasattr(model, "transform") else "predict"
    np.testing.assert_array_equal(getattr(again, method)(X), getattr(model, method)(X))


def test_a_search_over_whole_cycles_comes_back(data, tmp_path):
    X, y = data
    search = GridSearchCV(Ridge(), {"alpha": [1.0, 2.0]}, cv=sp.CycleKFold(3)).fit(X, y)
    scorer = ["sklearn.metrics._scorer._PassthroughScorer"]
    sp.save_model(search, tmp_path / "model", trusted=scorer)
    again = sp.load_model(tmp_path / "model", trusted=scorer)
    np.testing.assert_array_equal(again.predict(X), search.predict(X))
    assert repr(again.cv) == repr(search.cv)


def test_public_estimators_and_splitters_are_marked_and_no_other():
    marked = {one for one in CLASSES if is_stored(full_name(one))}
    assert marked == {one for one in CLASSES if issubclass(one, KEPT)}
    assert not is_stored(full_name(ReadError))
    assert not is_stored("signalprep.persistence._model_file.write_atomic")
    assert not is_stored("signalprep._doors.plotting")


def test_a_file_may_name_them_before_anything_else_is_imported():
    names = [full_name(one) for one in CLASSES if issubclass(one, KEPT)]
    names += ["signalprep._kernels._moments.Moments"]
    code = (
        "import signalprep.persistence; from signalprep._base import is_stored; "
        f"print([name for name in {names} if not is_stored(name)])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


class Outside(Ridge, Stored):
    """Carries the mark, but is not of this package."""


class Lookalike(sp.Scaler):
    """A step of this package, made anew elsewhere."""


class Unmarked(Ridge):
    """Of this package, but without the mark."""


def placed(kind, module, monkeypatch):
    """The class as if it were defined in a module of that name."""
    if module not in sys.modules:
        monkeypatch.setitem(sys.modules, module, types.ModuleType(module))
    monkeypatch.setattr(sys.modules[module], kind.__name__, kind, raising=False)
    monkeypatch.setattr(kind, "__module__", module)


@pytest.mark.parametrize(
    ("kind", "module"),
    [
        (Outside, "drives.models"),
        (Lookalike, "drives.models"),
        (Outside, "signalprep_drives.models"),
        (Lookalike, "signalprepdrives"),
        (Lookalike, "signalprep"),
        (Unmarked, "signalprep.preprocessing._scaler"),
    ],
)
def test_others_are_refused(kind, module, data, tmp_path, monkeypatch, write_parts):
    placed(kind, module, monkeypatch)
    X, y = data
    model, file = kind().fit(X, y), tmp_path / "model"
    name = f"{module}.{kind.__name__}"
    with pytest.raises(InvalidParameterError, match=re.escape(name)):
        sp.save_model(model, file)
    assert not file.exists()
    write_parts(file, skops_io.dumps(pack(model)))
    with pytest.raises(ReadError, match=rf"types that are not trusted: {re.escape(name)}\."):
        sp.load_model(file)


def test_a_name_that_a_module_merely_imports_is_not_its_class():
    assert is_stored("signalprep.preprocessing._scaler.Scaler")
    assert not is_stored("signalprep.preprocessing.Scaler")
    assert not is_stored("signalprep.preprocessing._scaler.SignalTransformer")
    assert not is_stored("signalprep.preprocessing._scaler")
    assert not is_stored("signalprep.never_imported.Scaler")
    assert not is_stored("")
