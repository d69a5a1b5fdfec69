"""ParkTransformer: from the stator frame to the rotor frame."""

from __future__ import annotations

import numbers
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.base import OneToOneFeatureMixin

from signalprep._base import Signals, SignalTransformer, channel_positions
from signalprep.errors import InvalidParameterError
from signalprep.features._channel_groups import channel_groups, find_groups, rename, renamed_units

__all__ = ["ParkTransformer"]

STATOR_FRAME = ("_alpha", "_beta")
ROTOR_FRAME = ("_d", "_q")


class ParkTransformer(OneToOneFeatureMixin, SignalTransformer):
    r"""Park transform: alpha and beta to d and q by the electrical angle of the rotor.

    The d axis lies on the magnet flux, q leads it by 90 degrees. Works row by row, so it looks
    neither ahead nor back. The members of a pair are replaced, in their places, by ``<q>_d`` and
    ``<q>_q``, where ``<q>`` is what their names share (``i`` of ``i_alpha``, ``i_beta``; the first
    name when they share nothing). All other channels pass through, the angle too.

    Parameters
    ----------
    columns : sequence of two channels, or sequence of such sequences, default=None
        Alpha and beta. None takes every ``<q>_alpha``, ``<q>_beta`` of a frame, or the first two
        channels of an array.
    angle : channel name, position or float, default=None
        Where the angle of the rotor in radians is found, wrapped or not. None: of a frame
        ``theta_e`` when ``pole_pairs=1``, else ``theta_m``, else ``theta``; the third channel of an
        array. A float is the constant angle of a locked rotor.
    pole_pairs : int, default=1
        Electrical turns for each turn of the angle; 1 when the angle is the electrical one.
    offset : float, default=0.0
        Electrical angle in radians where the angle reads 0.
    nan_policy : {"raise", "propagate", "omit"}, default="raise"
        What a NaN does. "propagate" and "omit" both give NaN in the row where a value is missing.

    Attributes
    ----------
    pairs_ : list of ndarray of int
        Positions of alpha and beta of each pair.
    angle_ : int or None
        Position of the angle; None when it is a constant.
    lookahead_, memory_, delay_ : int
        0.

    Raises
    ------
    InvalidParameterError
        No pair or no angle found, a channel named twice, ``pole_pairs`` below 1, or
        ``pole_pairs`` other than 1 for the electrical angle ``theta_e``.

    Notes
    -----
    With :math:`\theta_e = p \, \theta_m + \theta_0`:

    .. math::

        x_d &= x_\alpha \cos\theta_e + x_\beta \sin\theta_e \\
        x_q &= -x_\alpha \sin\theta_e + x_\beta \cos\theta_e

    Cost: O(rows).

    References
    ----------
    R. H. Park, "Two-reaction theory of synchronous machines", Transactions of the AIEE 48(3), 1929,
    pp. 716-727, doi:10.1109/T-AIEE.1929.5055275.

    Examples
    --------
    >>> import numpy as np, pandas as pd, signalprep as sp
    >>> theta = np.array([0.0, np.pi / 4])
    >>> vector = pd.DataFrame({"i_alpha": np.cos(2 * theta), "i_beta": np.sin(2 * theta),
    ...                        "theta_m": theta})
    >>> sp.ParkTransformer(pole_pairs=2).fit_transform(vector).round(3)
       i_d  i_q  theta_m
    0  1.0  0.0    0.000
    1  1.0  0.0    0.785
    """

    pairs_: list[np.ndarray]
    angle_: int | None

    def __init__(
        self,
        columns: Sequence[Hashable] | Sequence[Sequence[Hashable]] | None = None,
        angle: Any = None,
        *,
        pole_pairs: int = 1,
        offset: float = 0.0,
        nan_policy: str = "raise",
    ) -> None:
        self.columns = columns
        self.angle = angle
        self.pole_pairs = pole_pairs
        self.offset = offset
        self.nan_policy = nan_policy

    def get_feature_names_out(self, input_features: Sequence[str] | None = None) -> np.ndarray:
        """Names of the output channels."""
        names = super().get_feature_names_out(input_features)
        return rename(names, self.pairs_, [STATOR_FRAME], ROTOR_FRAME)

    def inverse_transform(self, X: Any) -> Any:
        """Turn d and q back to alpha and beta.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_channels)
            As `transform` gives it, with the angle.

        Returns
        -------
        X_stator : DataFrame or array of shape (n_samples, n_channels)
            With the channels seen in fit.
        """
        signals = self._read_output(X)
        return self._wrap_input(self._rotate(signals.values, -1.0), X)

    def _learn(self, signals: Signals, y: Any) -> None:
        if not isinstance(self.pole_pairs, numbers.Integral) or self.pole_pairs < 1:
            raise InvalidParameterError(
                f"pole_pairs must be a whole number of at least 1; got {self.pole_pairs!r}"
            )
        if not isinstance(self.offset, numbers.Real) or not np.isfinite(self.offset):
            raise InvalidParameterError(
                f"offset must be a finite angle in radians; got {self.offset!r}"
            )
        self.pairs_ = self._find_pairs(signals.names)
        self.angle_ = self._find_angle(signals.names)
        if self.angle_ is not None and self.angle_ in np.concatenate(self.pairs_):
            raise InvalidParameterError(
                f"angle must not be a channel of columns; got {signals.names[self.angle_]!r}"
            )
        self.lookahead_ = self.memory_ = self.delay_ = 0

    def _read_channels(self, names: list[Any]) -> np.ndarray:
        read = self._find_pairs(names)
        angle = self._find_angle(names)
        return np.array([*np.concatenate(read), *([] if angle is None else [angle])])

    def _units(self, units: Mapping[Any, str]) -> dict[Any, str]:
        return renamed_units(units, super().get_feature_names_out(), self.get_feature_names_out())

    def _apply(self, signals: Signals) -> np.ndarray:
        return self._rotate(signals.values, 1.0)

    def _rotate(self, values: np.ndarray, direction: float) -> np.ndarray:
        """Turn every pair by the electrical angle: into the rotor frame (1) or out of it (-1)."""
        out = values.copy()
        angle = self.angle if self.angle_ is None else values[self.angle_].astype(np.float64)
        electrical = self.pole_pairs * angle + self.offset
        cosine = np.cos(electrical)
        sine = direction * np.sin(electrical)
        for first, second in self.pairs_:
            x, y = values[first].astype(np.float64), values[second].astype(np.float64)
            out[first] = x * cosine + y * sine
            out[second] = y * cosine - x * sine
        return out

    def _find_pairs(self, names: list[Any]) -> list[np.ndarray]:
        if self.columns is not None:
            return channel_groups(self.columns, names, (2,))
        if hasattr(self, "feature_names_in_"):
            pairs = find_groups(names, STATOR_FRAME)
            if pairs:
                return pairs
            raise InvalidParameterError(
                "columns must name alpha and beta when X has no channels <q>_alpha, <q>_beta; "
                f"X has {', '.join(map(str, names))}"
            )
        if len(names) < 2:
            raise InvalidParameterError(
                "ParkTransformer needs alpha, beta and the angle as channels; "
                f"got X with n_features = {len(names)}"
            )
        return [np.arange(2)]

    def _find_angle(self, names: list[Any]) -> int | None:
        if isinstance(self.angle, float):
            if not np.isfinite(self.angle):
                raise InvalidParameterError(f"angle must be finite; got {self.angle!r}")
            return None
        if self.angle is not None:
            position = int(channel_positions([self.angle], names, "angle")[0])
        elif hasattr(self, "feature_names_in_"):
            position = self._angle_by_name(names)
        elif len(names) > 2:
            position = 2
        else:
            raise InvalidParameterError(
                "angle must name the channel of the rotor angle, or be a constant (float); "
                f"got X with n_features = {len(names)}"
            )
        if names[position] == "theta_e" and self.pole_pairs != 1:
            raise InvalidParameterError(
                "pole_pairs must be 1 for the electrical angle 'theta_e'; "
                f"got {self.pole_pairs}. Name the mechanical angle by angle="
            )
        return position

    def _angle_by_name(self, names: list[Any]) -> int:
        known = ("theta_e", "theta_m", "theta") if self.pole_pairs == 1 else ("theta_m", "theta")
        for name in (*known, "theta_e"):
            if name in names:
                return names.index(name)
        raise InvalidParameterError(
            "angle must name the channel of the rotor angle when X has none of theta_e, theta_m, "
            f"theta; X has {', '.join(map(str, names))}"
        )
