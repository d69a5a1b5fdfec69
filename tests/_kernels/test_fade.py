import numpy as np
import pytest

from signalprep._kernels._fade import fade_length


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.5, 0.9, 0.999])
def test_first_order_has_a_closed_form(keep):
    n = fade_length([[keep]], [1.0 - keep], [1.0], 1e-3)
    expected = 1 if keep == 0.0 else int(np.ceil(np.log(1e-3) / np.log(keep)))
    assert n == expected


def test_slow_ones_are_found_to_a_part_in_a_thousand():
    keep = 1.0 - 1e-6
    n = fade_length([[keep]], [1.0 - keep], [1.0], 1e-3)
    assert n == pytest.approx(np.log(1e-3) / np.log(keep), rel=1e-3)


def test_oscillation_is_summed_in_absolute_value():
    matrix = 0.97 * np.array([[np.cos(0.3), -np.sin(0.3)], [np.sin(0.3), np.cos(0.3)]])
    weights = []
    state = np.array([0.5, 0.1])
    for _ in range(5000):
        weights.append(abs(state[0]))
        state = matrix @ state
    rest = np.cumsum(weights[::-1])[::-1]
    n = fade_length(matrix, [0.5, 0.1], [1.0, 0.0], 1e-3)
    assert rest[n] <= 1e-3 < rest[n - 1]
    modes = np.linalg.eigvals(matrix)
    assert fade_length(np.diag(modes), np.array([0.25, 0.25]), [1.0, 1.0], 1e-3) > 100


def test_relative_to_all_weights():
    n = fade_length([[0.9]], [1.0], [1.0], 1e-3, relative=True)
    assert n == fade_length([[0.9]], [50.0], [1.0], 1e-3, relative=True)
    assert n == int(np.ceil(np.log(1e-3) / np.log(0.9)))


def test_what_never_fades_is_refused():
    with pytest.raises(ValueError, match=r"must fade; its largest eigenvalue is 1"):
        fade_length([[1.0]], [1.0], [1.0], 1e-3)
