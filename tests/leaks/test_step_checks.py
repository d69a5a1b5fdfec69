"""What is said of steps: who is guilty, how far, in which unit, and what could not be tried."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import signalprep as sp
from signalprep.leaks._changes import Change
from signalprep.leaks._stages import Trace
from signalprep.leaks._step_checks import (
    _size,
    bleeding_findings,
    index_findings,
    log_findings,
    lookahead_findings,
)
from signalprep.trial import Case


def case(**more):
    index = pd.MultiIndex.from_product([list("pqr"), np.arange(40.0)], names=["cycle", "time"])
    walk = np.cumsum(np.random.default_rng(0).normal(size=(120, 2)), axis=0)
    X = pd.DataFrame(walk, index, columns=["a", "b"])
    X["b"] += np.repeat([0.0, 500.0, 0.0], 40)
    folds = [(np.arange(40), np.arange(40, 120))]
    return Case(None, X, X["a"].rename("y"), folds, "cv", **more)


def trace(one, *steps):
    return Trace.of(sp.make_pipeline(*steps, Ridge()).fit(one.X, one.y), one.X)


def steps_over_borders(X):
    return X.diff().fillna(0.0)


def one_ahead(X):
    cycle = X.index.codes[0]
    last = np.append(cycle[1:] != cycle[:-1], True)
    values = np.where(last[:, np.newaxis], X, X.shift(-1))
    return pd.DataFrame(values, X.index, X.columns)


def bare(X):
    return pd.DataFrame(X.to_numpy(), columns=X.columns)


@pytest.mark.parametrize(
    ("ahead", "allowed", "words"),
    [(1, 0, "looks 1 sample ahead"), (3, 2, "looks 3 samples ahead"), (2, 2, ""), (0, 0, "")],
)
def test_a_log_that_looks_ahead(ahead, allowed, words):
    found = list(log_findings(case(ahead=ahead, lookahead=allowed)))
    assert [(one.severity, one.kind, one.effect, one.unit) for one in found] == (
        [("leak", "lookahead", float(ahead), "samples")] if words else []
    )
    assert all(f"The log itself {words}: it was read with" in one.what for one in found)


def test_what_bleeds_is_named_with_its_unit():
    one = case(units={"b": "rad/s"})
    (found,) = bleeding_findings(one, trace(one, FunctionTransformer(steps_over_borders)))
    assert (found.severity, found.kind, found.channel) == ("leak", "bleeding", "b")
    assert (found.step, found.unit) == ("functiontransformer", "rad/s")
    assert found.effect == pytest.approx(500.0, rel=0.1)
    assert "sees across cycle borders: 'b' of cycle " in found.what
    assert "rad/s (" in found.what
    plain = case()
    (found,) = bleeding_findings(plain, trace(plain, FunctionTransformer(steps_over_borders)))
    assert found.unit == "units of the channel"
    assert list(bleeding_findings(one, trace(one, FunctionTransformer(one_ahead)))) == []


def test_the_guilty_part_of_branches_is_named():
    one = case()
    parts = [
        ("fine", FunctionTransformer(np.abs), ["b"]),
        ("diff", FunctionTransformer(steps_over_borders), ["a"]),
    ]
    both = ColumnTransformer(parts, verbose_feature_names_out=False)
    (found,) = bleeding_findings(one, trace(one, both))
    assert found.step.endswith("diff")


def test_look_ahead_that_is_seen_and_what_is_claimed():
    one = case()
    (found,) = lookahead_findings(one, trace(one, FunctionTransformer(one_ahead)))
    assert (found.severity, found.kind, found.effect) == ("leak", "lookahead", 1.0)
    assert "looks at least 1 samples ahead (it claims nothing): '" in found.what
    symmetric = trace(one, sp.SavitzkyGolayFilter(5, 1, causal=False))
    assert list(lookahead_findings(case(lookahead=4), symmetric)) == []
    (found,) = lookahead_findings(case(lookahead=4, ahead=1), symmetric)
    assert "(it claims 4)" in found.what


def test_steps_behind_one_that_loses_the_index():
    one = case()
    lost = make_pipeline(FunctionTransformer(bare), sp.SavitzkyGolayFilter(5, 1), Ridge())
    there = Trace.of(lost.fit(one.X, one.y), one.X)
    (found,) = index_findings(one, there)
    assert (found.severity, found.kind, found.step) == ("leak", "lost_index", "functiontransformer")
    assert (found.channel, found.unit) == ("b", "spreads of the channel")
    assert found.effect > 0.1
    assert "gives rows without the (cycle, time) index, so step 'savitzkygolayfilter'" in found.what
    assert list(bleeding_findings(one, there)) == [], "told already"
    harmless = make_pipeline(FunctionTransformer(bare), Ridge())
    assert list(index_findings(one, Trace.of(harmless.fit(one.X, one.y), one.X))) == []
    assert list(index_findings(one, trace(one, sp.Scaler()))) == []


def test_steps_that_refuse_are_noted():
    one = case()
    known = one.X.to_numpy()

    def only_these(X):
        if len(X) != 120 or not np.isin(X.to_numpy(), known).all():
            raise ValueError("other rows")
        return X

    for check in (bleeding_findings, lookahead_findings):
        (found,) = check(one, trace(one, FunctionTransformer(only_these)))
        assert (found.severity, found.kind, found.step) == (
            "note",
            "not_probed",
            "functiontransformer",
        )
        assert found.what.endswith("refuses altered rows, so it could not be tried: other rows")
        assert np.isnan(found.effect)


def test_sizes_with_units():
    rows = np.array([True])
    assert _size(Change(rows, 0, 2.5, 0.5), "Nm") == "2.5 Nm (0.5 times its spread)"
    assert _size(Change(rows, 0, 2.5, 0.5), "") == "2.5 (0.5 times its spread)"
    assert _size(Change(rows, 0, np.inf, 1.0), "Nm") == "a value that is missing in one case only"
