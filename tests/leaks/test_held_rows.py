"""audit: frames of test rows and tables of the target, in parameters, closures and globals."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from scipy.signal import lfilter
from sklearn.base import BaseEstimator, RegressorMixin, TransformerMixin
from sklearn.linear_model import Ridge
from sklearn.preprocessing import FunctionTransformer

import signalprep as sp
from leaks.small_drive import small_drive

HELD = "steps that hold test rows or tables of them"
X, y = small_drive()
X = X.assign(gear=(X["speed"] // 60.0).clip(upper=4.0))
MEANS = y.groupby(level="cycle").mean()


def by_global(frame):
    cycle = frame.index.get_level_values("cycle")
    return frame.assign(usual=MEANS.reindex(cycle).fillna(0.0).to_numpy())


def joined(frame, table):
    return frame.assign(table=table.reindex(frame.index).fillna(0.0).to_numpy())


def by_key(frame, table, key):
    keys = frame.index.get_level_values("cycle") if key == "cycle" else frame[key]
    return frame.assign(usual=pd.Series(np.asarray(keys)).map(table).fillna(0.0).to_numpy())


def nearest(frame, reference):
    place = np.abs(frame["speed"].to_numpy()[:, None] - reference["speed"].to_numpy()).argmin(
        axis=1
    )
    return frame.assign(near=reference["rotor"].to_numpy()[place])


class Lookup(TransformerMixin, BaseEstimator):
    """Joins a table that it was given."""

    def __init__(self, table):
        self.table = table

    def fit(self, X, y=None):
        self.feature_names_in_ = np.asarray(X.columns)
        return self

    def transform(self, X):
        return joined(X, self.table)

    def get_feature_names_out(self, input_features=None):
        return [*self.feature_names_in_, "table"]


def in_closure(table):
    def join(frame):
        return joined(frame, table)

    return join


def of_cycle(change):
    return y.groupby(level="cycle").transform(change)


LEAKS = {
    "smoothed": Lookup(of_cycle(lambda part: part.rolling(9, min_periods=1).mean())),
    "exponential mean": Lookup(of_cycle(lambda part: part.ewm(span=15).mean())),
    "behind a filter": Lookup(of_cycle(lambda part: lfilter([0.2, 0.1], [1, -0.9, 0.2], part))),
    "in coarse steps": Lookup((y / 4).round()),
    "closure": FunctionTransformer(in_closure(y)),
    "kw_args": FunctionTransformer(joined, kw_args={"table": y.shift(7)}),
    "partial": FunctionTransformer(partial(joined, table=1.0 * y)),
    "parameter": Lookup(y),
    "global": FunctionTransformer(by_global),
    "dict by cycle": FunctionTransformer(
        by_key, kw_args={"table": MEANS.to_dict(), "key": "cycle"}
    ),
    "last by cycle": FunctionTransformer(
        by_key, kw_args={"table": y.groupby(level="cycle").last(), "key": "cycle"}
    ),
    "mean by gear": FunctionTransformer(
        by_key, kw_args={"table": y.groupby(X["gear"]).mean().to_dict(), "key": "gear"}
    ),
    "neighbours": FunctionTransformer(nearest, kw_args={"reference": X.assign(rotor=y)}),
    "rounded target": FunctionTransformer(joined, kw_args={"table": y.round(1)}),
    "rounded last by cycle": FunctionTransformer(
        by_key,
        kw_args={"table": y.round(1).groupby(level="cycle").last().to_dict(), "key": "cycle"},
    ),
    "mean of an input": FunctionTransformer(
        by_key, kw_args={"table": X["speed"].groupby(level="cycle").mean(), "key": "cycle"}
    ),
}


@pytest.mark.parametrize("where", LEAKS)
def test_what_holds_test_rows_or_tables_of_them_is_found(where):
    model = sp.make_pipeline(LEAKS[where], Ridge())
    target = y.round(1) if where.startswith("rounded") else y
    checks = [HELD, "the target made by a step"]
    found = sp.audit(model, X, target, cv=4, checks=checks)
    assert found.count("leak") == 1, repr(found)
    leak = found.findings.iloc[0]
    assert leak["kind"] in {"target_in_inputs", "test_statistics"}
    assert (leak["kind"] == "test_statistics") == (where == "mean of an input")


def test_preparation_that_holds_a_table_of_the_target_is_found():
    prepare = partial(by_key, table=MEANS.to_dict(), key="cycle")
    found = sp.audit(
        Ridge(), prepare(X), y, cv=4, raw=X, prepare=prepare, checks=["preparation of raw", HELD]
    ).findings
    assert found[["severity", "kind"]].to_numpy().tolist() == [["leak", "target_in_inputs"]]


def columns_alone(frame):
    return frame[X.columns[:3]]


def efficiency(frame, table):
    return frame.assign(loss=np.interp(frame["speed"], table[0], table[1]))


TRAINED = next(sp.CycleKFold(4).split(X))[0]

CLEAN = {
    "a frame for its columns": FunctionTransformer(columns_alone),
    "a table of a data sheet": FunctionTransformer(
        efficiency, kw_args={"table": np.linspace([0.0, 100.0], [300.0, 900.0], 41).T.copy()}
    ),
    "means of training cycles by gear": FunctionTransformer(
        by_key,
        kw_args={"table": y.iloc[TRAINED].groupby(X["gear"]).mean().to_dict(), "key": "gear"},
    ),
    "where a cycle was driven": FunctionTransformer(
        by_key,
        kw_args={"table": {c: 1.0 + k % 3 for k, c in enumerate(sp.cycles(X))}, "key": "cycle"},
    ),
    "rows of training cycles": FunctionTransformer(
        nearest, kw_args={"reference": X.assign(rotor=y).iloc[TRAINED]}
    ),
    "another sensor, by row": Lookup(
        0.9 * y + 0.5 * X["torque"].rolling(5, min_periods=1).mean() + X["speed"] / 40
    ),
}


@pytest.mark.parametrize("what", CLEAN)
def test_what_holds_nothing_of_test_rows_is_clean(what):
    folds = [next(sp.CycleKFold(4).split(X))]
    found = sp.audit(sp.make_pipeline(CLEAN[what], Ridge()), X, y, cv=folds, checks=[HELD])
    assert len(found.findings) == 0, repr(found)


class Chosen(RegressorMixin, BaseEstimator):
    """A penalty that is the best on rows put aside; or rows of a log for more to learn from."""

    def __init__(self, aside=None, log=None):
        self.aside = aside
        self.log = log

    def fit(self, X, y):
        if self.log is not None:  # the signals that go with the given rows
            X = X.assign(speed=self.log.loc[X.index, "speed"])
        tried = [Ridge(alpha).fit(X, y) for alpha in (1e-2, 1e3, 1e6)]
        self.model_ = tried[0]
        if self.aside is not None:
            X_aside, y_aside = self.aside["data"] if isinstance(self.aside, dict) else self.aside
            self.model_ = min(tried, key=lambda m: np.mean((m.predict(X_aside) - y_aside) ** 2))
        return self

    def predict(self, X):
        return self.model_.predict(X)


FOLD = next(sp.CycleKFold(4).split(X))
TESTED = X.iloc[FOLD[1]], y.iloc[FOLD[1]]
RNG = np.random.default_rng(0)
ELSEWHERE = (
    X.iloc[FOLD[1]] + RNG.normal(size=(len(FOLD[1]), X.shape[1])),
    RNG.normal(50, 9, len(FOLD[1])),
)


@pytest.mark.filterwarnings("ignore:X does not have valid feature names")
@pytest.mark.parametrize(
    "aside",
    [TESTED, {"data": TESTED}, (TESTED[0].to_numpy(), TESTED[1].to_numpy()), (X, y)],
    ids=["frames", "in a dict", "arrays", "all rows"],
)
def test_test_rows_by_which_fit_chooses_are_found(aside):
    found = sp.audit(Chosen(aside), X, y, cv=[FOLD], checks=[HELD]).findings
    assert found[["severity", "kind"]].to_numpy().tolist() == [["leak", "test_statistics"]]
    assert "fit gives another model" in found.loc[0, "what"]


@pytest.mark.parametrize(
    "model",
    [
        Chosen((X.iloc[FOLD[0]], y.iloc[FOLD[0]])),
        Chosen(ELSEWHERE),
        Chosen(log=X),
        Chosen(log=X.assign(rotor=y)),
    ],
    ids=["training rows", "rows of elsewhere", "a log for the rows given", "with the target"],
)
def test_rows_by_which_fit_may_choose_are_clean(model):
    found = sp.audit(model, X, y, cv=[FOLD], checks=[HELD])
    assert len(found.findings) == 0, repr(found)
