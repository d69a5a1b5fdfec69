"""An input that is the target is refused, one that is as good as it is not."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB

import signalprep as sp
from signalprep.errors import LeakError
from signalprep.trial._target_copies import check_inputs

N = 3000
ROWS = {"n_bootstrap": 0, "cv": 2}


def frame(n: int = N, seed: int = 0) -> tuple[pd.DataFrame, pd.Series]:
    """A speed, and a temperature in degC that drifts over 60 K."""
    rng = np.random.default_rng(seed)
    walk = np.cumsum(rng.normal(size=n))
    T = pd.Series(20.0 + 60.0 * (walk - walk.min()) / np.ptp(walk), name="T")
    return pd.DataFrame({"speed": rng.normal(size=n)}), T


def refusal(channel: object, y: pd.Series, name: str | None = None) -> str:
    """What is said of a channel beside an innocent one; "" when it may pass."""
    X, _ = frame(len(y))
    try:
        check_inputs(X.assign(channel=np.asarray(channel)), y, name)
    except LeakError as error:
        return str(error)
    return ""


COPIES = {
    "is the target in every row": lambda T: T,
    "is the target + 273.15 in every row": lambda T: T + 273.15,
    "is 1.8 x the target + 32 in every row": lambda T: T * 9 / 5 + 32,
    "is -0.001 x the target in every row": lambda T: -T / 1000,
    "is 1e+06 x the target - 5 in every row": lambda T: T * 1e6 - 5,
    "is the target - 273.15 in every row": lambda T: (T - 273.15).astype(np.float32),
    "is 1.8 x the target + 32, rounded to 0.1, in every row": lambda T: (1.8 * T + 32).round(1),
    "is the target, rounded to 0.1, in every row": lambda T: T.round(1).astype(np.float32),
    "is the target, rounded to 1, in every row": lambda T: T.round().astype(int),
}


@pytest.mark.parametrize("words", COPIES)
@pytest.mark.parametrize("seed", [0, 1])
def test_a_copy_in_any_unit_is_named_with_its_unit(words, seed):
    _, T = frame(seed=seed)
    assert f"'channel' {words}" in refusal(COPIES[words](T), T)


@pytest.mark.parametrize("seed", range(5))
def test_any_line_is_found_and_told(seed):
    rng = np.random.default_rng(seed)
    _, T = frame(seed=seed)
    slope, offset = rng.normal(size=2) * 10.0 ** rng.integers(-6, 7, size=2)
    words = refusal(slope * T + offset, T)
    assert f"is {slope:.6g} x the target" in words or abs(offset) > 1e4 * abs(slope) * np.ptp(T)


GOOD = {
    "a sensor of noise 1e-4": lambda T, rng: T + 1e-4 * rng.normal(size=N),
    "a sensor of noise 0.01, rounded to 0.1": lambda T, rng: (T + 0.01 * rng.normal(size=N)).round(
        1
    ),
    "bent by 0.1": lambda T, rng: T + 0.1 * np.sin(T / 10),
    "a row late": lambda T, rng: T.shift(1, fill_value=T[0]),
    "off in one row": lambda T, rng: T.mask(T.index == 1234, 50.0),
    "a state that follows": lambda T, rng: (T / 10).round(),
    "warm or not": lambda T, rng: T > 50,
    "constant": lambda T, rng: 7.0,
    "nearly constant": lambda T, rng: 300.0 + 1e-13 * rng.integers(2, size=N),
    "known in few rows": lambda T, rng: T.where(rng.random(N) < 0.4),
    "never known": lambda T, rng: np.nan,
    "infinite": lambda T, rng: np.inf,
    "text": lambda T, rng: T.astype(str) + " degC",
    "times": lambda T, rng: pd.to_datetime(T, unit="s"),
}


@pytest.mark.parametrize("case", GOOD)
@pytest.mark.parametrize("seed", [0, 1])
def test_what_is_weaker_than_a_copy_may_pass(case, seed):
    _, T = frame(seed=seed)
    channel = GOOD[case](T, np.random.default_rng(seed))
    assert not refusal(np.broadcast_to(channel, N), T)


@pytest.mark.parametrize("target", [300.0, 0.0])
def test_of_a_constant_target_every_channel_may_be_an_input(target):
    y = pd.Series(np.full(N, target))
    for channel in (np.full(N, 3.0), y, np.arange(N)):
        assert not refusal(channel, y)
    _, T = frame()
    still = T.where(T.index >= N // 2, 20.0)
    assert not refusal(np.where(T.index < N // 2 + 10, 1.0, np.nan), still.where(T.index > N, 20.0))


def test_the_target_with_holes_is_the_target_where_it_is_known():
    _, T = frame()
    holes = T.where(np.random.default_rng(0).random(N) < 0.7)
    said = refusal(holes + 273.15, T)
    assert (
        f"is the target + 273.15 in each of the {holes.notna().sum()} rows where it is known"
        in said
    )
    in_front = T.where(T.index >= N // 3)
    assert "'channel' is the target in each of the 2000 rows" in refusal(in_front, T)


def test_targets_of_few_values():
    state = pd.Series(np.random.default_rng(0).integers(3, size=N))
    assert "is 10 x the target + 5 in every row" in refusal(10 * state + 5, state)
    assert not refusal(state.map({0: 0, 1: 3, 2: 1}), state), "another order of the codes"
    on = state > 1
    assert "is the target in every row" in refusal(on, on)
    assert "is -1 x the target + 1 in every row" in refusal(~on, on.astype(int))


def test_labels_that_are_text():
    rng = np.random.default_rng(0)
    y = pd.Series(rng.choice(["fine", "worn"], size=N))
    X, _ = frame()
    for same in (y, y.astype("category"), y.astype("string")):
        with pytest.raises(LeakError, match="'label' is the target in every row"):
            check_inputs(X.assign(label=same), y)
        check_inputs(
            X.assign(label=same.mask(same.index == 7, "fine" if y[7] == "worn" else "worn")), y
        )
    check_inputs(X.assign(code=(y == "worn")), y)
    with pytest.raises(LeakError, match=r"in each of the \d+ rows where it is known"):
        check_inputs(X.assign(label=y.where(rng.random(N) < 0.8)), y)


def test_all_that_carry_it_are_named():
    X, T = frame()
    with pytest.raises(
        LeakError, match=r"'a' is the target in every row \(and likewise 'b', 'T'\)"
    ):
        check_inputs(X.assign(a=T, b=T + 1, T=0.0), T, "T")


def test_the_name_alone_is_refused_where_one_was_given(make_log):
    log = make_log()
    other = (log["c1"] ** 2).rename("c0")
    with pytest.raises(LeakError, match=r"'c0' has its name \(rename y where it is another"):
        sp.validate(Ridge(), log, other, **ROWS)
    sp.validate(Ridge(), log, other.rename("y"), **ROWS)
    sp.validate(Ridge(), log.rename(columns={"c0": "target"}), other.to_numpy(), **ROWS)


@pytest.mark.parametrize("tried", [sp.validate, sp.price_of_leaks, sp.cycle_learning_curve])
def test_who_quotes_an_error_refuses(make_log, tried):
    log = make_log(lengths=(60, 45, 80, 50))
    with pytest.raises(LeakError, match="'F' is 1.8 x the target"):
        tried(Ridge(), log.assign(F=1.8 * log["c0"] + 32)[["c1", "F"]], log["c0"], cv=2)


def test_who_studies_a_leak_goes_on(make_log):
    log = make_log()
    found = sp.validate(Ridge(1e-9), log, log["c0"], allow_leak=True, **ROWS)
    assert found.overall["rmse"] < 1e-6
    findings = sp.audit(Ridge(), log, log["c0"], cv=2).findings
    assert "target_in_inputs" in findings["kind"].tolist()


def test_a_classifier_is_not_given_its_labels(make_log):
    log = make_log()
    fault = (log["c0"] > 0).rename("fault")
    for y in (fault, fault.astype(int), fault.astype(object)):
        with pytest.raises(LeakError, match="'flag' is the target in every row"):
            sp.validate(LogisticRegression(), log[["c1"]].assign(flag=fault * 1.0), y, **ROWS)
    text = fault.map({True: "on", False: "off"})
    sp.validate(GaussianNB(), log[["c1"]].assign(flag=fault * 1.0), text, **ROWS)


def test_the_log_is_left_as_it_is(make_log):
    log = make_log()
    before = log.copy()
    with pytest.raises(LeakError):
        check_inputs(log, log["c0"])
    pd.testing.assert_frame_equal(log, before)
