import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import signalprep as sp
from signalprep.errors import InvalidParameterError


@pytest.fixture
def vector():
    theta = np.linspace(0, 20, 100)
    return pd.DataFrame(
        {
            "i_alpha": 3 * np.cos(2 * theta + 0.4),
            "i_beta": 3 * np.sin(2 * theta + 0.4),
            "theta_m": theta,
        }
    )


def test_a_vector_that_turns_with_the_rotor_stands_still(vector):
    out = sp.ParkTransformer(pole_pairs=2, offset=0.4).fit_transform(vector)
    assert list(out) == ["i_d", "i_q", "theta_m"]
    np.testing.assert_allclose(out["i_d"], 3.0, atol=1e-13)
    np.testing.assert_allclose(out["i_q"], 0.0, atol=1e-13)
    assert out["theta_m"].equals(vector["theta_m"])


def test_q_leads_d_by_a_quarter_turn():
    x = np.array([[0.0, 1.0, 0.0], [0.0, 1.0, np.pi / 2]])
    out = sp.ParkTransformer().fit_transform(x)
    np.testing.assert_allclose(out[:, :2], [[0.0, 1.0], [1.0, 0.0]], atol=1e-15)


@given(st.integers(1, 12), st.floats(-7, 7), st.integers(0, 2**32 - 1))
def test_round_trip(pole_pairs, offset, seed):
    x = np.random.default_rng(seed).normal(size=(50, 3)) * [100, 100, 10]
    step = sp.ParkTransformer(pole_pairs=pole_pairs, offset=offset).fit(x)
    size = np.hypot(x[:, 0], x[:, 1])[:, None]
    forth = step.inverse_transform(step.transform(x))
    back = step.transform(step.inverse_transform(x))
    for found in (forth, back):
        assert (np.abs(found - x)[:, :2] <= 1e-12 * size).all()
        np.testing.assert_array_equal(found[:, 2], x[:, 2])


def test_a_wrapped_angle_gives_the_same(vector):
    wrapped = vector.assign(theta_m=np.mod(vector["theta_m"], 2 * np.pi))
    step = sp.ParkTransformer(pole_pairs=2)
    expected = step.fit_transform(vector)[["i_d", "i_q"]]
    found = step.fit_transform(wrapped)[["i_d", "i_q"]]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-13)


def test_from_phases_to_d_and_q():
    theta = np.linspace(0, 20, 100)
    shifts = {"a": 0.0, "b": -2 * np.pi / 3, "c": 2 * np.pi / 3}
    frame = pd.DataFrame(
        {f"i_{phase}": 5 * np.cos(theta + 0.3 + shift) for phase, shift in shifts.items()}
    ).assign(theta_e=theta)
    out = sp.make_pipeline(sp.ClarkeTransformer(), sp.ParkTransformer()).fit_transform(frame)
    assert list(out) == ["i_d", "i_q", "i_0", "theta_e"]
    np.testing.assert_allclose(out["i_d"], 5 * np.cos(0.3), atol=1e-13)
    np.testing.assert_allclose(out["i_q"], 5 * np.sin(0.3), atol=1e-13)


def test_finds_every_pair(vector):
    frame = vector.assign(u_alpha=vector["i_beta"], u_beta=-vector["i_alpha"])
    out = sp.ParkTransformer(pole_pairs=2).fit_transform(frame)
    assert list(out) == ["i_d", "i_q", "theta_m", "u_d", "u_q"]
    np.testing.assert_allclose(out["u_d"], out["i_q"], atol=1e-13)
    np.testing.assert_allclose(out["u_q"], -out["i_d"], atol=1e-13)


def test_the_angle_is_found_by_name(vector):
    def angle(frame, **parameters):
        step = sp.ParkTransformer(**parameters).fit(frame)
        return frame.columns[step.angle_]

    both = vector.assign(theta_e=0.0, theta=0.0)
    assert angle(both) == "theta_e"
    assert angle(both, pole_pairs=2) == "theta_m"
    assert angle(both.drop(columns="theta_m"), pole_pairs=2) == "theta"
    assert angle(both, angle="theta") == "theta"


def test_a_locked_rotor(vector):
    expected = sp.ParkTransformer(pole_pairs=2, offset=0.1).fit_transform(
        vector.assign(theta_m=0.7)
    )
    step = sp.ParkTransformer(pole_pairs=2, offset=0.1, angle=0.7)
    out = step.fit_transform(vector[["i_alpha", "i_beta"]])
    pd.testing.assert_frame_equal(out, expected[["i_d", "i_q"]])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"pole_pairs": 0}, "pole_pairs must be a whole number of at least 1; got 0"),
        ({"pole_pairs": 1.5}, r"pole_pairs must be a whole number of at least 1; got 1\.5"),
        ({"offset": np.inf}, "offset must be a finite angle in radians; got inf"),
        ({"offset": "0"}, "offset must be a finite angle"),
        ({"angle": "phi"}, r"angle must name channels of X .*got 'phi'"),
        ({"angle": np.nan}, "angle must be finite; got nan"),
        ({"angle": "i_beta"}, "angle must not be a channel of columns; got 'i_beta'"),
        ({"columns": ["i_alpha"]}, "columns must name 2 channels in each group; got 1"),
    ],
)
def test_parameters_out_of_range(vector, parameters, message):
    with pytest.raises(InvalidParameterError, match=message):
        sp.ParkTransformer(**parameters).fit(vector)


def test_what_is_not_there(vector):
    with pytest.raises(InvalidParameterError, match="columns must name alpha and beta"):
        sp.ParkTransformer().fit(vector[["i_alpha", "theta_m"]])
    with pytest.raises(InvalidParameterError, match="angle must name the channel of the rotor"):
        sp.ParkTransformer().fit(vector[["i_alpha", "i_beta"]])
    with pytest.raises(InvalidParameterError, match=r"got X with n_features = 2"):
        sp.ParkTransformer().fit(np.zeros((4, 2)))
    electrical = vector.rename(columns={"theta_m": "theta_e"})
    with pytest.raises(InvalidParameterError, match="pole_pairs must be 1 for the electrical"):
        sp.ParkTransformer(pole_pairs=2).fit(electrical)
