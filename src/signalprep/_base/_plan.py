"""Plan: all that a class says of its arithmetic. Batch, stream and claims are drawn from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from signalprep._base._signals import Signals
from signalprep._kernels._actions import CODES
from signalprep._kernels._chosen_channels import chosen, run_chosen
from signalprep._kernels._kernel import ACTION, NO_REGIME, Kernel

__all__ = ["Judged", "Plan", "Regimes", "Seen", "lay_out", "see"]


class Regimes(Protocol):
    """What knows the regime of each row."""

    by_: Any

    def number(self, signals: Signals) -> np.ndarray:
        """Number of each row's regime."""


class Judged(NamedTuple):
    """What is known of samples before a kernel acts on them.

    Attributes
    ----------
    values : ndarray of shape (n_channels, n_samples)
        Of all channels.
    flags : uint8 ndarray of shape (n_chosen, n_samples)
        Which samples of the chosen channels are bad.
    instead : ndarray that broadcasts to the shape of `flags`
        What takes their place as a last resort.
    """

    values: np.ndarray
    flags: np.ndarray
    instead: np.ndarray


class Plan(NamedTuple):
    """All that a fitted step says of its arithmetic, if a causal kernel does it.

    Attributes
    ----------
    kernel : Kernel
        What runs over the chosen channels.
    channels : ndarray of int64
        Positions of these.
    params : ndarray of shape (n_chosen, .) or (1, .)
        Of the kernel.
    regimes : Regimes or None
        What gives the regime of each row, where the parameters depend on it.
    act : str or None
        What takes the place of a sample that is flagged; None for a kernel that flags nothing.
    judge : callable or None
        ``judge(signals)`` gives `Judged` for a kernel that only acts; it works row by row.
    appends : bool
        Whether the second output of the kernel goes below the channels.
    features : int
        How many rows the kernel gives for each channel, to go below the inputs; 0 for one that
        takes the channel's place.
    keeps_inputs : bool
        Whether the inputs stay above the features.
    """

    kernel: Kernel
    channels: NDArray[np.int64]
    params: NDArray[np.float64]
    regimes: Regimes | None = None
    act: str | None = None
    judge: Callable[[Signals], Judged] | None = None
    appends: bool = False
    features: int = 0
    keeps_inputs: bool = True

    def acting(self, act: str) -> Plan:
        """The same judge, and something else in the place of what it flags."""
        params = self.params.copy()
        params[:, ACTION] = CODES[act]
        return self._replace(params=params, act=act)

    @property
    def memory(self) -> int:
        """How many samples back an output sees."""
        return max((self.kernel.memory(row) for row in self.params), default=0)


class Seen(NamedTuple):
    """What a plan sees of samples.

    Attributes
    ----------
    values : ndarray of shape (n_channels, n_samples)
        Of all channels.
    regime : ndarray of shape (n_samples,)
        Regime of each row; of size 0 where nothing depends on it.
    judged : Judged or None
        What its judge says.
    """

    values: np.ndarray
    regime: np.ndarray
    judged: Judged | None

    def flags_for(self, out: np.ndarray, flags: np.ndarray) -> np.ndarray:
        """What a kernel gets for flags; one that only acts finds its last resort in `out`."""
        if self.judged is None:
            return flags
        out[:] = self.judged.instead
        if flags.size:
            flags[:] = self.judged.flags
        return self.judged.flags


def see(plan: Plan, signals: Signals) -> Seen:
    """What a plan sees of samples; these are looked through, unless its kernel sees all of them."""
    judged = None if plan.judge is None else plan.judge(signals)
    regime = NO_REGIME if plan.regimes is None else plan.regimes.number(signals)
    if judged is not None:
        return Seen(judged.values, regime, judged)
    looks = signals.is_seen_by(plan.channels)
    return Seen(signals.samples if looks else signals.values, regime, None)


def lay_out(
    plan: Plan,
    values: np.ndarray,
    fill: Callable[[np.ndarray, np.ndarray, np.ndarray], None],
) -> np.ndarray:
    """The outputs of a plan, (n_channels_out, n_samples); channels that are not chosen pass.

    ``fill(x, out, flags)`` does what the kernel does, for the chosen channels.
    """
    n_channels, n_samples = values.shape
    n_chosen, dtype = len(plan.channels), values.dtype
    n_kept = n_channels if plan.keeps_inputs else 0
    n_below = n_chosen * (plan.features or plan.appends)
    out = np.empty((n_kept + n_below, n_samples), dtype)
    below = out[n_kept:]
    if plan.features:
        out[:n_kept] = values[:n_kept]
        fill(chosen(values, plan.channels), below, np.empty((n_chosen, 0), dtype))
        return out
    flags = below if plan.appends else np.empty((n_chosen, 0), dtype)
    if plan.act is not None:
        flags = np.empty(flags.shape, dtype=np.uint8)
    run_chosen(values, plan.channels, out[:n_kept], lambda x, into: fill(x, into, flags))
    if plan.act is not None and plan.appends:
        below[:] = flags
    return out
