"""Every public estimator comes back from a file with the numbers that it went in with."""

import numpy as np
import pytest

import signalprep as sp
from instances import EVERY, first_of_class, parameters

pytest.importorskip("skops", reason="model files need skops, which is an extra")

TREES = [
    "sklearn.tree._tree.Tree",
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.metrics._dist_metrics.EuclideanDistance64",
]
ON_LOG = [one for one in EVERY if "log" in one.on and "model file" not in one.left_out]


@pytest.fixture(scope="module")
def log():
    rng = np.random.default_rng(0)
    log = sp.as_log(rng.normal(size=(270, 3)), cycle=np.repeat(range(3), 90), rate=10.0)
    return log.mask(rng.random(log.shape) < 0.04, 6.0)


@pytest.mark.parametrize("instance", parameters(first_of_class(ON_LOG)))
def test_it_comes_back_with_its_numbers(instance, log, tmp_path):
    model = instance.estimator.fit(log, log["x0"] + 0.5 * log["x1"])
    sp.save_model(model, tmp_path / "model", trusted=TREES)
    again = sp.load_model(tmp_path / "model", trusted=TREES)
    method = "transform" if hasattr(model, "transform") else "predict"
    np.testing.assert_array_equal(getattr(again, method)(log), getattr(model, method)(log))
