"""Fits of studies open no team of threads that n_jobs does not ask for."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from threadpoolctl import threadpool_info, threadpool_limits

import signalprep as sp

SEEN: list[int] = []


def openmp() -> int:
    return max(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "openmp")


class Counting(LinearRegression):
    """Notes how many threads a fit may take."""

    def fit(self, X, y):
        SEEN.append(openmp())
        return super().fit(X, y)


@pytest.mark.parametrize(
    "study",
    [
        lambda X, y: sp.cycle_learning_curve(Counting(), X, y, cv=2, sizes=[2], n_repeats=1),
        lambda X, y: sp.price_of_leaks(Counting(), X, y, n_splits=2, n_bootstrap=0),
    ],
    ids=["cycle_learning_curve", "price_of_leaks"],
)
def test_a_fit_takes_one_thread_and_what_was_set_comes_back(study):
    values = np.random.default_rng(0).normal(size=(80, 2))
    log = sp.as_log(values, cycle=np.repeat(np.arange(4), 20), rate=1.0)
    SEEN.clear()
    with threadpool_limits(limits=2, user_api="openmp"):
        before = openmp()
        study(log[["x0"]], log["x1"].rename("y"))
        assert openmp() == before == 2
    assert set(SEEN) == {1}
