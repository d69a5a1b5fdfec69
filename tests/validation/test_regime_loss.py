"""What a quantized model loses, by cell: against loops by hand, and what it says where."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student
from sklearn.linear_model import Ridge
from sklearn.neural_network import MLPRegressor

import signalprep as sp
from example_loss import SPEEDS, Labels, Says, drive, saturating
from signalprep.embedded import Format, QuantizedRegressor, lower
from signalprep.errors import InvalidLogError, InvalidParameterError


def loss_of(quantized="quantized", **options):
    log, speed = drive()
    options = {"n_bootstrap": 200, "regimes": speed} | options
    return sp.regime_loss(Says("reference"), Says(quantized), log, log["y"], **options)


def rms(errors):
    total = 0.0
    for error in errors:
        total += error * error
    return (total / len(errors)) ** 0.5


def test_every_number_is_that_of_a_loop_by_hand():
    log, speed = drive()
    loss = loss_of()
    for name in SPEEDS:
        rows = [k for k in range(len(log)) if speed.iloc[k] == name]
        y, r, q = ([log[c].iloc[k] for k in rows] for c in ("y", "reference", "quantized"))
        found = loss.by_regime.loc[(name, "rmse")]
        of_reference = rms([a - b for a, b in zip(r, y, strict=True)])
        of_quantized = rms([a - b for a, b in zip(q, y, strict=True)])
        expected = [of_reference, of_quantized, of_quantized - of_reference]
        got = found[["reference", "quantized", "loss"]].to_numpy(dtype=float)
        np.testing.assert_allclose(got, expected, rtol=1e-9)
        assert found["between"] == pytest.approx(rms([a - b for a, b in zip(q, r, strict=True)]))
        assert (found["n"], found["n_cycles"]) == (len(rows), 2 if name == "rare" else 8)
        assert found["evidence"] == (name != "rare")
        worst = max(abs(a - b) for a, b in zip(q, y, strict=True))
        assert loss.by_regime.loc[(name, "max"), "quantized"] == pytest.approx(worst)
    whole = rms((log["quantized"] - log["y"]).tolist())
    assert loss.overall.loc["rmse", "quantized"] == pytest.approx(whole)
    r2 = loss.overall.loc["r2"]
    assert r2["loss"] == pytest.approx(r2["reference"] - r2["quantized"])  # a score: less is worse
    assert r2["loss"] > 0
    assert r2["low"] <= r2["loss"] <= r2["high"]
    assert loss.table("rmse").index.tolist() == list(SPEEDS)


def ends_by_hand(log, share, n_drawn=200):
    """Interval of one RMSE less (1 + share) of another, over cycles drawn anew."""
    n = log.index.get_level_values(0).nunique()
    counts = np.random.RandomState(0).multinomial(n, np.full(n, 1 / n), size=n_drawn)
    squares = {}
    for channel in ("reference", "quantized"):
        error = (log[channel] - log["y"]).to_numpy().reshape(n, -1)
        squares[channel] = (error**2).sum(axis=1)
    rows = len(log) / n
    drawn = []
    for count in counts:
        one, other = (
            np.sqrt((count * squares[c]).sum() / (count.sum() * rows))
            for c in ("quantized", "reference")
        )
        drawn.append(one - (1 + share) * other)
    sizes = [np.sqrt(squares[c].sum() / len(log)) for c in ("quantized", "reference")]
    point = sizes[0] - (1 + share) * sizes[1]
    half = np.std(drawn, ddof=1) * np.sqrt(n / (n - 1)) * student.ppf(0.975, n - 1)
    return point - half, point + half, sizes[1]


@pytest.mark.parametrize(
    ("limit", "share", "status"),
    [("12 %", 0.12, "pass"), ("8%", 0.08, "fail"), ("10.1 %", 0.101, "underpowered")],
)
def test_a_share_is_judged_cycle_by_cycle(limit, share, status):
    log, _ = drive()
    verdict = loss_of(limits={"rmse": {"overall": limit}}).verdict
    row = verdict.overall.loc["rmse"]
    low, high, size = ends_by_hand(log, share)
    found = row[["low", "high", "limit"]].to_numpy(dtype=float)
    np.testing.assert_allclose(found, [low + share * size, high + share * size, share * size])
    assert row["status"] == status
    paired = loss_of().overall.loc["rmse"]  # without the share the cycles do not drop out
    assert paired["high"] - paired["low"] > 3 * (high - low)


def test_a_limit_in_the_unit_of_the_error_is_held_against_the_paired_interval():
    loss = loss_of("broken", limits={"rmse": 0.5, "bias": {"high": 0.1}})
    assert loss.answer == "fail"
    paired = loss.by_regime.xs("rmse", level="metric")
    judged = loss.verdict.by_regime.xs("rmse", level="metric")
    for ours, theirs in (("low", "low"), ("high", "high"), ("loss", "value")):
        np.testing.assert_allclose(judged[theirs], paired[ours])
    assert judged["status"].to_dict() == {"low": "pass", "high": "fail", "rare": "no evidence"}
    assert list(loss.verdict.failed.index) == [("high", "rmse"), ("high", "bias")]
    assert "RMSE at most 0.5 more than the reference" in repr(loss)
    assert "|bias|: what is given for each cell more than the reference" in repr(loss)
    assert "fail: speed high: RMSE" in repr(loss)


def test_without_limits_there_is_nothing_to_tell_by():
    loss = loss_of("reference")
    assert (loss.answer, loss.ok, loss.sentence) == ("cannot tell", False, "no limits were given")
    assert (loss.by_regime["loss"] == 0).all()
    kept = loss_of("reference", limits={"rmse": "0 %"})
    assert kept.answer == "pass"
    assert loss_of("reference", limits={"rmse": 0}, strict=True).answer == "cannot tell"


def test_saturation_is_counted_by_place_and_cell():
    log, speed = drive()
    high = speed == "high"
    quantized, flags = saturating(log, speed)
    loss = sp.regime_loss(
        Says("reference"), quantized, log, log["y"], speed, n_bootstrap=20, groups=lambda c: c // 2
    )
    found = [(cell, *row) for cell, row in zip(
        loss.saturation_by_regime.index, loss.saturation_by_regime.to_numpy().tolist(), strict=True
    )]  # fmt: skip
    n_high = sum(flags["scaler", "i_q"])
    assert found == [
        ("high", "scaler", "i_q", n_high, n_high / high.sum(), 8),
        ("rare", "input", "speed", 10, 1.0, 2),
    ]
    assert loss.saturation["n"].tolist() == [n_high, 10]
    assert loss.table()["saturated"].tolist() == [0.0, n_high / high.sum(), 1.0]
    assert loss.overall.loc["rmse", "saturated"] == (n_high + 10) / len(log)
    assert "i_q in scaler: 30.5 % at speed high" in repr(loss)
    assert list(loss.trained_on) == [1, 5]
    assert "2 cycles were trained on" in repr(loss)
    assert loss.table()["n_groups"].tolist() == [4, 4, 1]


def test_a_planted_saturation_is_named_with_its_step_channel_and_cell():
    """A format too narrow for the torque, and a layer whose range knows no high speed."""
    rng = np.random.default_rng(0)
    n, cycle = 400, np.repeat(np.arange(8), 50)
    speed, torque = np.tile(np.linspace(0, 10, 50), 8), rng.uniform(-1, 1, n)
    torque[speed > 8] *= 9.0
    log = pd.DataFrame({"speed": speed, "torque": torque})
    log.index = pd.MultiIndex.from_arrays(
        [cycle, np.tile(np.arange(50) / 10.0, 8)], names=["cycle", "time"]
    )
    y = (log["speed"] * 2.0 + log["torque"]).rename("T")
    network = MLPRegressor(hidden_layer_sizes=(4,), solver="lbfgs", max_iter=60, random_state=0)
    model = sp.make_pipeline(sp.Scaler(), network).fit(log, y)
    formats = {"speed": Format(0.001), "torque": Format(0.001, bits=12)}  # +- 2.05
    loss = sp.regime_loss(
        model, lower(model, formats, calibration=log[log["speed"] < 5.0]), log, y,
        {"speed": [0, 5, 8, 10]}, n_bootstrap=100, limits={"rmse": 0.5},
    )  # fmt: skip
    table = loss.saturation_by_regime
    inputs = table[table["step"] == "input"]
    assert inputs["channel"].tolist() == ["torque"]
    assert [str(cell) for cell in inputs.index] == ["[8, 10]"]
    assert inputs["n"].tolist() == [int((abs(log["torque"]) > 2.048).sum())]
    of_layer = table[table["step"] != "input"]
    assert set(of_layer["step"]) >= {"mlpregressor"}
    assert {str(cell) for cell in of_layer.index} <= {"[5, 8)", "[8, 10]"}
    assert loss.answer == "fail"
    assert loss.verdict.by_cell.astype(str).to_dict()["[0, 5)"] == "pass"
    unit = of_layer["channel"].iloc[0]
    assert f"{unit} in mlpregressor: 100 % at speed [8, 10]" in repr(loss)


def test_an_estimator_that_holds_integers_is_asked_for_them():
    log, speed = drive()
    X = log[["reference", "broken"]]
    training = X.index.get_level_values(0) < 5
    quantized = QuantizedRegressor(Ridge()).fit(X[training], log["y"][training])
    loss = sp.regime_loss(quantized.estimator_, quantized, X, log["y"], speed, n_bootstrap=20)
    assert list(loss.trained_on) == [0, 1, 2, 3, 4]
    beyond = quantized.integer_.saturations(X).any(axis=1)
    assert loss.overall["saturated"].iloc[0] == beyond.mean()
    found = quantized.predict(X) - log["y"]
    assert loss.overall["quantized"]["rmse"] == pytest.approx(rms(found.tolist()))


def test_weak_and_sparse_cells_say_so():
    log, speed = drive()
    worse = log["quantized"].where(log.index.get_level_values(0) != 7, log["quantized"] + 60)
    log = log.assign(quantized=worse.where(speed == "low", log["quantized"]))
    loss = sp.regime_loss(Says("reference"), Says("quantized"), log, log["y"], speed,
                          n_bootstrap=200)  # fmt: skip
    assert loss.table()[["evidence", "weak"]].to_numpy().tolist() == [
        [True, True], [True, False], [False, False],
    ]  # fmt: skip
    assert loss.worst().index.tolist() == ["high", "low"], "a weak cell never heads the list"
    assert "2 of 3 regimes have evidence, 1 of them weak" in repr(loss)
    assert "largest loss of the others" in repr(loss)
    display = loss.plot()
    assert [len(found[0]) for found in (display.weak_, display.hatches_)] == [1, 1]
    assert display.texts_[0][0, 0].get_text().startswith("+")
    assert display.colorbar_.ax.get_ylabel().startswith("RMSE, quantized minus reference")


def test_without_regimes_there_is_one_row_a_metric():
    loss = loss_of(regimes=None, limits={"rmse": "50 %"}, weight="cycle")
    assert loss.by_regime is None
    assert loss.saturation is None
    assert loss.table().index.tolist() == ["rmse"]
    assert "saturation: not known" in repr(loss)
    assert "every cycle counts the same" in repr(loss)
    assert loss.answer == "pass"
    with pytest.raises(InvalidParameterError, match="with regimes"):
        loss.plot()
    with pytest.raises(InvalidParameterError, match="metric must be one of bias"):
        loss.table("loss")


def test_classes_are_compared_by_their_scores():
    log, speed = drive()
    labels = pd.DataFrame(
        {"y": log["y"] > 0, "reference": log["reference"] > 0, "quantized": log["broken"] > 0}
    ).replace({True: "on", False: "off"})
    found = sp.regime_loss(
        Labels("reference"), Labels("quantized"), labels, labels["y"], speed, n_bootstrap=50,
        limits={"accuracy": 0.4},
    )  # fmt: skip
    for name in SPEEDS:
        rows = (speed == name).to_numpy()
        part = labels[rows]
        row = found.by_regime.loc[(name, "accuracy")]
        wrong = (part["reference"] == part["y"]).mean() - (part["quantized"] == part["y"]).mean()
        assert row["loss"] == pytest.approx(wrong)
        assert row["between"] == pytest.approx((part["quantized"] == part["reference"]).mean())
        assert row["low"] <= row["loss"] <= row["high"] or not row["evidence"]
    assert found.verdict.limit_text("accuracy") == "accuracy at most 0.4 less than the reference"
    with pytest.raises(InvalidParameterError, match=r"limit of accuracy must be a number.*'5 %'"):
        sp.regime_loss(Labels("reference"), Labels("quantized"), labels, labels["y"],
                       limits={"accuracy": "5 %"})  # fmt: skip


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"rmse": "5"}, "limit of rmse must be a finite number; got '5'"),
        ({"rmse": -0.1}, "limit of rmse must not be negative"),
        ({"r2": -0.1}, "limit of r2 must not be negative: it is what may be lost"),
        ({"r2": "5 %"}, "limit of r2 must be a number"),
        ({"rmse": {"low": "5 %", "high": 0.2}}, "shares in every cell or in none"),
        ({"rmse": {"odd": "5 %"}}, "must name cells of by_regime"),
        ({"share": 0.1}, "limits must name metrics of bias"),
        ({}, "limits must map metrics to limits"),
    ],
)
def test_limits_that_cannot_be_are_refused(limits, words):
    with pytest.raises(InvalidParameterError, match=words):
        loss_of(limits=limits)


def test_what_cannot_be_compared_is_refused():
    log, _ = drive()
    with pytest.raises(InvalidParameterError, match="quantized must have predict; dict has none"):
        sp.regime_loss(Says("reference"), {}, log, log["y"])
    two = SimpleNamespace(predict=lambda X: np.zeros((len(X), 2)))
    with pytest.raises(InvalidParameterError, match="quantized must predict one target"):
        sp.regime_loss(Says("reference"), two, log, log["y"])
    short = SimpleNamespace(predict=lambda X: np.zeros(3))
    with pytest.raises(InvalidLogError, match=r"got shape \(3,\) for 240 rows"):
        sp.regime_loss(Says("reference"), short, log, log["y"])
    with pytest.raises(InvalidParameterError, match="needs intervals"):
        loss_of(n_bootstrap=0, limits={"rmse": 1.0})
