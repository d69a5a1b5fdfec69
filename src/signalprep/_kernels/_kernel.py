"""Kernel: all that is said of a causal loop over samples; one loop is the batch and the stream.

``advance(numbers, counts, params, x, bounds, regime, out, flags)`` takes

- ``numbers``, ``counts`` (n_channels, .): the state, float64 and int64, written to in place;
- ``params`` (n_channels, .) or (1, .), float64: parameters, by channel or the same for all. Column
  ``REFUSES`` says which samples are refused, column ``ACTION`` what a judge does to an outlier;
- ``x`` (n_channels, n_samples): only read;
- ``bounds``: borders of segments, positions in x. It resets the state at inner borders only: with
  all borders and a fresh state it is the batch, with [0, n] and a kept state it is the stream;
- ``regime`` (n_samples,): regime of each sample; of size 0 where nothing depends on it;
- ``out``: outputs, of the shape of x or with a fixed number of rows for each channel;
- ``flags``: a second output of the shape of x, such as what a judge has flagged (uint8).

The one of ``out`` and ``flags`` that is not wanted may be of shape (n_channels, 0). It returns
whether there was a sample that is refused; then state and outputs are of no use.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ._njit import njit
from ._scan import total

REFUSES = 0  # column of all parameters
ACTION = 1  # column of the parameters of kernels that flag

NOTHING = 0.0  # is refused: for samples that have been looked through
INFINITY = 1.0
NAN_AND_INFINITY = 2.0

NO_REGIME = np.empty(0, dtype=np.int16)


class Kernel(NamedTuple):
    """All that is said of a kernel.

    Attributes
    ----------
    name : str
        In a word or two.
    sizes : callable
        Of one row of parameters: how many numbers and counts a channel has.
    reset : callable
        ``reset(numbers, counts)`` brings the state of one channel to the start of a segment.
    advance : callable
        The loop.
    fast : callable or None
        The same to the last bit, by short cuts that pay for many samples.
    memory : callable
        Of one row of parameters: how many samples back an output sees; 0 for a recursion, of which
        the step says when it has faded.
    """

    name: str
    sizes: Callable[[NDArray[np.float64]], tuple[int, int]]
    reset: Callable[[np.ndarray, np.ndarray], None]
    advance: Callable[..., bool]
    fast: Callable[..., bool] | None
    memory: Callable[[NDArray[np.float64]], int]

    def start(self, params: np.ndarray, n_channels: int) -> tuple[np.ndarray, np.ndarray]:
        """Numbers and counts of so many channels, ready for the first sample."""
        n_numbers, n_counts = self.sizes(params[0]) if len(params) else (0, 0)
        numbers = np.empty((n_channels, n_numbers))
        counts = np.empty((n_channels, n_counts), dtype=np.int64)
        self.restart(numbers, counts)
        return numbers, counts

    def restart(self, numbers: np.ndarray, counts: np.ndarray) -> None:
        """Bring all channels to the start of a segment."""
        for channel in range(len(numbers)):
            self.reset(numbers[channel], counts[channel])

    @property
    def many(self) -> Callable[..., bool]:
        """The form for many samples."""
        return self.advance if self.fast is None else self.fast


@njit(nogil=True, cache=True)
def is_refused(x: np.ndarray, bounds: np.ndarray, refuses: float) -> bool:
    """Whether x holds, between the outer borders, what is refused."""
    if refuses == NOTHING:
        return False
    for channel in range(x.shape[0]):
        samples = x[channel, bounds[0] : bounds[-1]]
        if not np.isfinite(total(samples)):
            for i in range(samples.size):
                if np.isinf(samples[i]):
                    return True
                if np.isnan(samples[i]) and refuses == NAN_AND_INFINITY:
                    return True
    return False
