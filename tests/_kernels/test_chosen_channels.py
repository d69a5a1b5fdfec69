import numpy as np
import pytest

from signalprep._kernels._chosen_channels import chosen, run_chosen

VALUES = np.arange(20.0).reshape(5, 4)
VALUES.flags.writeable = False


@pytest.mark.parametrize("channels", [[0, 1, 2, 3, 4], [0], [4], [2, 3], []])
def test_neighbours_are_not_copied(channels):
    x = chosen(VALUES, np.array(channels, dtype=np.int64))
    np.testing.assert_array_equal(x, VALUES[channels])
    assert x.flags.c_contiguous
    assert np.shares_memory(x, VALUES) == bool(channels)


@pytest.mark.parametrize("channels", [[1, 0], [0, 2], [4, 3, 2, 1, 0]])
def test_others_are_contiguous_copies_in_the_order_given(channels):
    x = chosen(VALUES, np.array(channels))
    np.testing.assert_array_equal(x, VALUES[channels])
    assert x.flags.c_contiguous
    assert not np.shares_memory(x, VALUES)


@pytest.mark.parametrize("channels", [[0, 1, 2, 3, 4], [0, 1], [3], [2, 3, 4], [4, 1], []])
def test_the_kernel_sees_the_chosen_channels_and_the_others_pass(channels):
    out = np.full(VALUES.shape, -1.0)
    seen = []

    def kernel(x, target):
        seen.append(x.copy())
        target[:] = 100.0 + x

    run_chosen(VALUES, np.array(channels, dtype=np.int64), out, kernel)
    np.testing.assert_array_equal(seen, [VALUES[channels]])
    expected = VALUES.copy()
    expected[channels] += 100.0
    np.testing.assert_array_equal(out, expected)
