"""ClarkeTransformer: three phases to a space vector and its zero component."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.base import OneToOneFeatureMixin

from signalprep._base import Signals, SignalTransformer
from signalprep._kernels._clarke import clarke_factors
from signalprep.errors import InvalidParameterError
from signalprep.features._channel_groups import channel_groups, find_groups, rename, renamed_units

__all__ = ["ClarkeTransformer"]

PHASES = ("_a", "_b", "_c")
ENDINGS = (PHASES, ("_u", "_v", "_w"), ("a", "b", "c"), ("u", "v", "w"), ("_a", "_b"), ("_u", "_v"))
SPACE_VECTOR = ("_alpha", "_beta", "_0")


class ClarkeTransformer(OneToOneFeatureMixin, SignalTransformer):
    r"""Clarke transform: phases a, b, c to alpha, beta and the zero component.

    Works row by row, so it looks neither ahead nor back. The phases of a group are replaced, in
    their places, by ``<q>_alpha``, ``<q>_beta`` and ``<q>_0``, where ``<q>`` is what the phase
    names share (``i`` of ``i_a``, ``i_b``, ``i_c``; the first name when they share nothing). All
    other channels pass through.

    Parameters
    ----------
    columns : sequence of three channels, or sequence of such sequences, default=None
        Phases a, b and c in the positive sequence. Two channels are the phases a and b of a machine
        without neutral wire: c = -(a + b), and there is no zero component. None takes
        every ``<q>_a``, ``<q>_b``, ``<q>_c`` of a frame; of an array the first three channels, or
        both when there are only two.
    power_invariant : bool, default=False
        False keeps amplitudes (factor 2/3), True keeps power (factor sqrt(2/3)).
    nan_policy : {"raise", "propagate", "omit"}, default="raise"
        What a NaN does. "propagate" and "omit" both give NaN in the row where a phase is missing.

    Attributes
    ----------
    groups_ : list of ndarray of int
        Positions of the phases of each group.
    lookahead_, memory_, delay_ : int
        0.

    Raises
    ------
    InvalidParameterError
        When `columns` names no group, or groups of another size, or a channel twice.

    Notes
    -----
    With :math:`k = 2/3` (amplitude-invariant):

    .. math::

        x_\alpha &= k (x_a - x_b / 2 - x_c / 2) \\
        x_\beta &= k \sqrt{3} / 2 \, (x_b - x_c) \\
        x_0 &= (x_a + x_b + x_c) / 3

    The power-invariant form has :math:`k = \sqrt{2/3}` and :math:`x_0 = (x_a + x_b + x_c) /
    \sqrt{3}`. The zero component is kept because sums of measured phases are not zero.
    Cost: O(rows).

    References
    ----------
    W. C. Duesterhoeft, M. W. Schulz, E. Clarke, "Determination of instantaneous currents and
    voltages by means of alpha, beta, and zero components", Transactions of the AIEE 70(2), 1951,
    pp. 1248-1255, doi:10.1109/T-AIEE.1951.5060554.

    Examples
    --------
    >>> import numpy as np, pandas as pd, signalprep as sp
    >>> phases = pd.DataFrame({"i_a": [2.0, 0.0], "i_b": [-1.0, 1.5], "i_c": [-1.0, -1.5]})
    >>> sp.ClarkeTransformer().fit_transform(phases).round(3)
       i_alpha  i_beta  i_0
    0      2.0   0.000  0.0
    1      0.0   1.732  0.0
    """

    def __init__(
        self,
        columns: Sequence[Hashable] | Sequence[Sequence[Hashable]] | None = None,
        *,
        power_invariant: bool = False,
        nan_policy: str = "raise",
    ) -> None:
        self.columns = columns
        self.power_invariant = power_invariant
        self.nan_policy = nan_policy

    def get_feature_names_out(self, input_features: Sequence[str] | None = None) -> np.ndarray:
        """Names of the output channels."""
        names = super().get_feature_names_out(input_features)
        return rename(names, self.groups_, ENDINGS, SPACE_VECTOR)

    def inverse_transform(self, X: Any) -> Any:
        """Give the phases back.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_channels)
            As `transform` gives it.

        Returns
        -------
        X_phases : DataFrame or array of shape (n_samples, n_channels)
            With the channels seen in fit.
        """
        signals = self._read_output(X)
        out = signals.values.copy()
        vector, zero = clarke_factors(self.power_invariant)
        for group in self.groups_:
            alpha, beta, *rest = (signals.values[k].astype(np.float64) for k in group)
            alpha, beta = alpha / vector, beta / vector
            half, height = -0.5 * alpha, np.sqrt(0.75) * beta
            phases = [alpha, half + height, half - height]
            shared = rest[0] / zero if rest else 0.0
            for k, phase in zip(group, phases, strict=False):
                out[k] = phase + shared
        return self._wrap_input(out, X)

    def _learn(self, signals: Signals, y: Any) -> None:
        self.groups_ = self._find_groups(signals.names)
        self.lookahead_ = self.memory_ = self.delay_ = 0

    def _read_channels(self, names: list[Any]) -> np.ndarray:
        return np.concatenate(self._find_groups(names))

    def _units(self, units: Mapping[Any, str]) -> dict[Any, str]:
        return renamed_units(units, super().get_feature_names_out(), self.get_feature_names_out())

    def _apply(self, signals: Signals) -> np.ndarray:
        out = signals.values.copy()
        vector, zero = clarke_factors(self.power_invariant)
        for group in self.groups_:
            phases = [signals.values[k].astype(np.float64, copy=False) for k in group]
            a, b = phases[:2]
            c = phases[2] if len(phases) == 3 else -(a + b)
            out[group[0]] = vector / 3 * (2 * a - b - c)
            out[group[1]] = vector / np.sqrt(3) * (b - c)
            if len(phases) == 3:
                out[group[2]] = zero / 3 * (a + b + c)
        return out

    def _find_groups(self, names: list[Any]) -> list[np.ndarray]:
        if self.columns is not None:
            return channel_groups(self.columns, names, (3, 2))
        if hasattr(self, "feature_names_in_"):
            groups = find_groups(names, PHASES)
            if groups:
                return groups
            raise InvalidParameterError(
                "columns must name the phases when X has no channels <q>_a, <q>_b, <q>_c; "
                f"X has {', '.join(map(str, names))}"
            )
        n_channels = len(names)
        if n_channels < 2:
            raise InvalidParameterError(
                "ClarkeTransformer needs the phases a, b and c (or a and b) as channels; "
                f"got X with n_features = {n_channels}"
            )
        return [np.arange(min(n_channels, 3))]
