import numpy as np
import pandas as pd
import pytest

import signalprep as sp
from signalprep.errors import InvalidParameterError

ANGLE = np.linspace(0, 4 * np.pi, 50)


def phases(amplitude=2.0, zero=0.0, names=("i_a", "i_b", "i_c")):
    shifts = (0, -2 * np.pi / 3, 2 * np.pi / 3)
    return pd.DataFrame(
        {
            name: amplitude * np.cos(ANGLE + shift) + zero
            for name, shift in zip(names, shifts, strict=True)
        }
    )


def test_a_balanced_system_gives_a_circle_and_keeps_its_amplitude():
    out = sp.ClarkeTransformer().fit_transform(phases(zero=0.3))
    np.testing.assert_allclose(out["i_alpha"], 2 * np.cos(ANGLE), atol=1e-14)
    np.testing.assert_allclose(out["i_beta"], 2 * np.sin(ANGLE), atol=1e-14)
    np.testing.assert_allclose(out["i_0"], 0.3, atol=1e-14)


def test_power_is_kept_by_choice(make_log):
    rng = np.random.default_rng(0)
    u, i = rng.normal(size=(2, 100, 3))
    step = sp.ClarkeTransformer(power_invariant=True)
    power = (step.fit_transform(u) * step.fit_transform(i)).sum(axis=1)
    np.testing.assert_allclose(power, (u * i).sum(axis=1), rtol=0, atol=1e-13)


@pytest.mark.parametrize("power_invariant", [False, True])
def test_round_trip(make_log, power_invariant):
    log = make_log(n_channels=4).set_axis(["i_a", "i_b", "i_c", "T_m"], axis=1)
    step = sp.ClarkeTransformer(power_invariant=power_invariant).fit(log)
    back = step.inverse_transform(step.transform(log))
    pd.testing.assert_frame_equal(back, log, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("power_invariant", [False, True])
def test_two_measured_phases_are_three_whose_sum_is_zero(power_invariant):
    three = phases()
    whole = sp.ClarkeTransformer(power_invariant=power_invariant).fit_transform(three)
    step = sp.ClarkeTransformer(["i_a", "i_b"], power_invariant=power_invariant)
    out = step.fit_transform(three[["i_a", "i_b"]])
    assert list(out) == ["i_alpha", "i_beta"]
    np.testing.assert_allclose(out, whole[["i_alpha", "i_beta"]], rtol=0, atol=1e-14)
    np.testing.assert_allclose(step.inverse_transform(out), three[["i_a", "i_b"]], atol=1e-14)


def test_finds_every_triple_and_leaves_the_rest():
    frame = pd.concat([phases(), phases(3.0, names=("u_a", "u_b", "u_c"))], axis=1)
    frame.insert(2, "T_a", 1.0)  # no T_b, T_c: not a triple
    out = sp.ClarkeTransformer().fit_transform(frame)
    assert list(out) == ["i_alpha", "i_beta", "T_a", "i_0", "u_alpha", "u_beta", "u_0"]
    assert out["T_a"].equals(frame["T_a"])
    np.testing.assert_allclose(out["u_alpha"], 3 * np.cos(ANGLE), atol=1e-14)


def test_names_come_from_what_the_phases_share():
    named = phases(names=("i_u", "i_v", "i_w"))
    assert list(sp.ClarkeTransformer(["i_u", "i_v", "i_w"]).fit_transform(named)) == [
        "i_alpha",
        "i_beta",
        "i_0",
    ]
    unlike = phases(names=("first", "second", "third"))
    assert list(sp.ClarkeTransformer(["first", "second", "third"]).fit_transform(unlike)) == [
        "first_alpha",
        "first_beta",
        "first_0",
    ]
    step = sp.ClarkeTransformer([(0, 1, 2), (3, 4, 5)]).fit(np.zeros((3, 6)))
    assert list(step.get_feature_names_out())[3:] == ["x3_alpha", "x3_beta", "x3_0"]


def test_swapped_phases_turn_the_other_way():
    out = sp.ClarkeTransformer(["i_a", "i_c", "i_b"]).fit_transform(phases())
    beta = out.columns[2]
    assert list(out.columns) == ["i_a_alpha", "i_a_0", "i_a_beta"]
    np.testing.assert_allclose(out[beta], -2 * np.sin(ANGLE), atol=1e-14)


def test_a_missing_phase_gives_nan_in_its_row_only():
    frame = phases()
    frame.iloc[7, 1] = np.nan
    out = sp.ClarkeTransformer(nan_policy="omit").fit_transform(frame)
    assert np.flatnonzero(out.isna().any(axis=1)).tolist() == [7]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (None, "columns must name the phases when X has no channels <q>_a, <q>_b, <q>_c"),
        ([], "columns must name 3 or 2 channels, or be a list of such groups"),
        (["c0"], r"columns must name 3 or 2 channels in each group; got 1 \(c0\)"),
        (["c0", "c1", "c2", "c3"], "got 4"),
        (["c0", "c1", "c9"], "columns must name channels of X .*got 'c9'"),
        (["c0", "c1", "c1"], "columns must name each channel once"),
        ([("c0", "c1"), ("c1", "c2")], "columns must name each channel once"),
        (3, "columns must name 3 or 2 channels, or be a list of such groups; got 3"),
        ([("c0", "c1"), "c2"], "columns must name 3 or 2 channels, or be a list of such groups"),
    ],
)
def test_wrong_columns(make_log, columns, message):
    with pytest.raises(InvalidParameterError, match=message):
        sp.ClarkeTransformer(columns).fit(make_log(n_channels=4))


def test_output_names_must_be_new():
    frame = phases().assign(i_alpha=0.0)
    with pytest.raises(InvalidParameterError, match="two channels named 'i_alpha'"):
        sp.ClarkeTransformer().fit(frame)
