"""What stands for the target: among the inputs, their changes and sums, and behind a step."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge
from sklearn.preprocessing import FunctionTransformer

import signalprep as sp
from signalprep.leaks._made_of_target import _is_filtered
from signalprep.leaks._proxies import (
    Match,
    _copy,
    _summed,
    copied,
    proxy_findings,
    trace_proxy_findings,
)
from signalprep.leaks._stages import Trace
from signalprep.trial import Case

LENGTHS = (60, 70, 65, 75)
BOUNDS = np.concatenate([[0], np.cumsum(LENGTHS)])


def walks(n, seed=0):
    rng = np.random.default_rng(seed)
    return np.array([np.cumsum(rng.normal(size=sum(LENGTHS))) for _ in range(n)])


def case(y=None, **columns):
    cycle = np.repeat(range(4), LENGTHS)
    time = np.concatenate([np.arange(n) / 2.0 for n in LENGTHS])
    index = pd.MultiIndex.from_arrays([cycle, time], names=["cycle", "time"])
    X = pd.DataFrame(columns or {"a": walks(1, 5)[0]}, index)
    y = walks(1, 1)[0] if y is None else y
    target = pd.Series(y, index, name="y")
    return Case(None, X, target, list(sp.CycleKFold(2).split(X)), "cv")


def adds(X, values):
    return X.assign(c=values.reindex(X.index).to_numpy())


def behind_a_step(one, values):
    step = FunctionTransformer(adds, kw_args={"values": values})
    model = sp.make_pipeline(step, Ridge()).fit(one.X, one.y)
    return list(trace_proxy_findings(one, Trace.of(model, one.X)))


@pytest.mark.parametrize(
    ("lag", "when"),
    [(0, "at the same time"), (2, "2 samples (1 s) earlier"), (-1, "1 sample (0.5 s) later")],
)
def test_a_step_that_gives_the_target(lag, when):
    one = case()
    by_cycle = one.y.groupby("cycle")
    shifted = by_cycle.shift(lag).groupby("cycle").bfill().groupby("cycle").ffill()
    (found,) = behind_a_step(one, 5.0 - 2.0 * shifted)
    assert (found.severity, found.kind, found.channel) == ("leak", "target_in_inputs", "c")
    assert found.step == "functiontransformer"
    assert f"Channel 'c' is the target 'y' {when}, scaled or not" in found.what


def test_what_is_no_copy_or_was_among_the_inputs_already():
    one = case()
    assert behind_a_step(one, one.y + 0.5 * walks(1, 9)[0]) == []
    held = case(a=one.y.to_numpy())
    assert behind_a_step(held, held.y) == [], "told of the input"
    still = case(y=np.ones(sum(LENGTHS)))
    assert behind_a_step(still, still.y) == []


def test_the_first_column_that_is_a_copy():
    y, other = walks(2)
    assert copied(np.column_stack([other, 3.0 * y, y]), y, BOUNDS) == (
        1,
        Match(pytest.approx(1.0), 0),
    )
    assert copied(np.column_stack([other, other]), y, BOUNDS) is None
    frame = pd.DataFrame({"n": np.arange(len(y)), "y": y})
    assert copied(frame, y, BOUNDS)[0] == 1


def found_in(y, **columns):
    return [(one.severity, one.channel, one.what) for one in proxy_findings(case(y=y, **columns))]


def test_steps_and_sums_of_the_target():
    (walk,) = walks(1)
    walk[BOUNDS[:-1]] = 0.0
    by_cycle = np.concatenate([np.cumsum(part) for part in np.split(walk, BOUNDS[1:-1])])
    (found,) = found_in(walk, total=by_cycle)
    assert found[:2] == ("warning", "total")
    assert "changes from row to row by the target 'y', scaled or not" in found[2]
    assert found[2].endswith("it may be its sum.")
    rates = np.concatenate(
        [np.diff(part, prepend=part[0]) for part in np.split(walk, BOUNDS[1:-1])]
    )
    (found,) = found_in(walk, rate=rates)
    assert found[:2] == ("warning", "rate")
    assert "is by how much the target 'y' changes from row to row" in found[2]
    assert found[2].endswith("it may be its difference.")
    near = rates + 1e-3 * np.random.default_rng(0).normal(size=len(rates))
    assert found_in(walk, rate=near) == [], "a sensor"
    assert _summed(np.r_[np.nan, walk[1:]], walk, BOUNDS) == 0.0


def test_inputs_that_are_the_target_together():
    a, b, noise = walks(3)
    (found,) = found_in(2.0 * a - b, a=a, b=b)
    assert found[:2] == ("warning", "a, b")
    assert "A weighted sum of the inputs is the target 'y' on unseen cycles" in found[2]
    assert found_in(2.0 * a - b + 0.2 * noise, a=a, b=b) == []
    single = found_in(2.0 * a, a=a, b=b)
    assert [one[:2] for one in single] == [("leak", "a")], "told of by itself"
    assert found_in(np.ones(len(a)), a=a, b=b) == []
    assert found_in(a, w=np.array(["x"] * len(a))) == []


def test_when_in_words():
    one = case()
    for lag, words in [(1, "1 sample (0.5 s) earlier"), (-3, "3 samples (1.5 s) later")]:
        kind, step, name, effect, unit, what = _copy(one, "input", "c", Match(0.9995, lag), 0.5)
        assert (kind, step, name, effect, unit) == (
            "target_in_inputs",
            "input",
            "c",
            0.9995,
            "R2",
        )
        assert what == f"Channel 'c' is the target 'y' {words}, scaled or not (R2 0.999500)."


@pytest.mark.parametrize(("rows", "shown"), [(303, True), (302, False)])
def test_rows_that_show_a_filter(rows, shown):
    from scipy.signal import butter, lfilter

    white = np.random.default_rng(0).normal(size=rows)
    filtered = lfilter(*butter(2, 0.2), white)
    assert _is_filtered(filtered, white, np.array([0, rows])) is shown
