"""SignedCodes: raw codes of a bus, as the signed numbers that they stand for."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd

from signalprep._base import Judged, Plan, Signals, channel_positions
from signalprep._kernels._actions import KEEP
from signalprep._kernels._replace import REPLACE
from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.preprocessing.outliers._act import ACTIONS, check_action
from signalprep.preprocessing.outliers._outlier_filter import OutlierFilter

__all__ = ["SignedCodes"]

MOST_BITS = 53  # whole numbers that float64 holds
DIVIDED_EXACTLY = 2.0**50  # below it a value divided by its lsb rounds to its code
WHOLE = 0.01  # of a code, by which a value may be off
ROUNDING = 2.0  # units in the last place besides


class SignedCodes(OutlierFilter):
    """Read the codes of a bus as two's complement, and take out those that mean "not available".

    For channels that a logger has stored as raw unsigned codes: a small negative current then reads
    65533, and a speed that nobody sends reads 65535. Comes before every statistic and every filter,
    for these mix codes. Judges each row alone; acts on each segment on its own.

    Parameters
    ----------
    bits : dict {channel: int}, default=None
        Width of the signed channels, 2 to 53: codes from ``2**(bits - 1)`` on stand for the code
        less ``2**bits``. A value that is negative already, down to ``-2**(bits - 1)``, is left as
        it is. None: no channel is signed.
    not_available : dict {channel: int or list of int}, default=None
        Codes that mean that there is no value. Those of a signed channel may be given as they are
        sent (32768) or as they read (-32768). None: there are none.
    lsb : dict {channel: float}, default=None
        Scale of channels that hold ``code * lsb``, in the unit of the channel; 1 for channels not
        named. The result stays in that unit.
    action : {"hold", "nan", "interpolate", "keep"}, default="hold"
        What takes the place of a sample that is not available: the last good one of the segment
        (`start_` while there is none); NaN; a straight line between the good neighbours, which
        looks ahead (the nearest good one at an end of a segment, `start_` in a segment without
        any); or the sample itself (to flag only).
    add_indicator : bool, default=False
        Append a channel ``<name>_flagged`` (1 where not available, else 0) for each channel of
        `not_available`.
    nan_policy : {"raise", "propagate", "omit"}, default="raise"
        "propagate" and "omit" both leave a NaN where it is; it is neither flagged nor held.
    n_jobs : int or None, default=None
        Threads. The result does not depend on it.

    Attributes
    ----------
    channels_ : ndarray of int
        Positions of the channels of `not_available`.
    signed_ : ndarray of int
        Positions of the channels of `bits`.
    start_ : ndarray of shape (n_not_available,)
        Median of the good training samples of each channel of `not_available`, NaN without any.
    cycles_ : Index
        Ids of the cycles seen in fit, of which `start_` was learned; empty for arrays, and without
        `not_available`.
    lookahead_ : int
        0; the longest segment seen in fit, less one sample, for ``action="interpolate"``.
    memory_ : int
        0; the longest run without a good sample in fit for "hold" and "interpolate".
    delay_ : int
        0.

    Raises
    ------
    InvalidParameterError
        A parameter out of its range, or a channel that X does not have.
    InvalidLogError
        A value of a named channel that is no whole code (by more than 0.01 and what rounding
        makes), or beyond the codes of its `bits`.

    Notes
    -----
    With ``code = value / lsb`` rounded, the result is ``(code - 2**bits) * lsb`` where ``code >=
    2**(bits - 1)``, and the value itself, bit for bit, elsewhere; so a second pass changes nothing.
    Where `bits` is 53 and `lsb` no power of two, two codes may be one double.
    Cost: O(rows).

    Examples
    --------
    >>> import pandas as pd, signalprep as sp
    >>> bus = pd.DataFrame({"i_q": [1, 65535, 65533, 2], "speed": [1499, 1500, 65535, 1502]})
    >>> step = sp.SignedCodes(bits={"i_q": 16}, not_available={"speed": 65535})
    >>> step.fit_transform(bus).to_dict("list")
    {'i_q': [1.0, -1.0, -3.0, 2.0], 'speed': [1499.0, 1500.0, 1500.0, 1502.0]}
    """

    start_: np.ndarray

    def __init__(
        self,
        bits: Mapping[Hashable, int] | None = None,
        not_available: Mapping[Hashable, int | Sequence[int]] | None = None,
        *,
        lsb: Mapping[Hashable, float] | None = None,
        action: str = "hold",
        add_indicator: bool = False,
        nan_policy: str = "raise",
        n_jobs: int | None = None,
    ) -> None:
        self.bits = bits
        self.not_available = not_available
        self.lsb = lsb
        self.action = action
        self.add_indicator = add_indicator
        self.nan_policy = nan_policy
        self.n_jobs = n_jobs

    def _learn(self, signals: Signals, y: Any) -> None:
        check_action(self.action, [action for action in ACTIONS if action != "clip"])
        self._names = list(signals.names)
        self._bits = _by_position(self.bits, self._names, "bits", _width)
        self._codes = _by_position(self.not_available, self._names, "not_available", _sentinels)
        self._lsb = _by_position(self.lsb, self._names, "lsb", _scale)
        self.signed_ = np.array(sorted(self._bits), dtype=np.int64)
        self.channels_ = np.array(sorted(self._codes), dtype=np.int64)
        for k in self._lsb:
            if k not in self._bits and k not in self._codes:
                raise InvalidParameterError(
                    "lsb must name channels of bits or not_available; "
                    f"got {self._names[k]!r}, which is in neither"
                )
        for k, bits in self._bits.items():
            for code in self._codes.get(k, ()):
                if not -(2.0 ** (bits - 1)) <= code < 2.0**bits:
                    raise InvalidParameterError(
                        f"not_available of channel {self._names[k]!r} must be a code of "
                        f"{_range_words(bits)}; got {int(code)}"
                    )
        values, flags = self._decode(signals)
        self.cycles_ = signals.cycles() if len(self.channels_) else pd.Index([])
        self.start_ = np.array(
            [_median(values[k][bad == 0]) for k, bad in zip(self.channels_, flags, strict=True)]
        )
        self._claim(signals, flags | np.isnan(signals.values[self.channels_]))

    def _read_channels(self, names: list[Any]) -> np.ndarray:
        named = [*(self.bits or ()), *(self.not_available or ()), *(self.lsb or ())]
        return channel_positions(list(dict.fromkeys(named)), names)

    def _judge(self, dtype: np.dtype) -> Plan:
        params = np.array([[self._refuses(), KEEP]])

        def judge(signals: Signals) -> Judged:
            return Judged(*self._decode(signals), self.start_[:, np.newaxis])

        return Plan(REPLACE, self.channels_, params, None, "keep", judge)

    def _decode(self, signals: Signals) -> tuple[np.ndarray, np.ndarray]:
        """Signed values of all channels, and flags of those in ``channels_``."""
        x, place = signals.values, signals.place
        values = x.copy() if len(self.signed_) else x
        flags = np.zeros((len(self.channels_), x.shape[1]), dtype=np.uint8)
        row_of = {int(k): row for row, k in enumerate(self.channels_)}

        def read(k: int) -> None:
            codes = self._whole_codes(x[k], k, place)
            if k in row_of:
                flags[row_of[k]] = self._is_sentinel(codes, k)
            if k in self._bits:
                bits = self._bits[k]
                negative = codes >= 2.0 ** (bits - 1)
                values[k, negative] = (codes[negative] - 2.0**bits) * self._lsb.get(k, 1.0)

        coded = np.union1d(self.signed_, self.channels_).tolist()
        if self._n_threads() == 1 or len(coded) < 2:
            for k in coded:
                read(k)
        else:
            with ThreadPoolExecutor(self._n_threads()) as pool:
                list(pool.map(read, coded))  # raises what a thread raised
        return values, flags

    def _whole_codes(self, x: np.ndarray, k: int, place: Callable[[int], str]) -> np.ndarray:
        """Codes of a channel as whole numbers; NaN stays NaN."""
        with np.errstate(over="ignore", invalid="ignore"):
            lsb = self._lsb.get(k, 1.0)
            codes = x.astype(np.float64) / lsb
            whole = _exact(np.rint(codes), x, lsb)
            allowed = WHOLE + ROUNDING * np.finfo(x.dtype).eps * np.abs(whole)
            wrong = np.abs(codes - whole) > allowed
        if wrong.any():
            self._refuse_fraction(k, float(codes[np.argmax(wrong)]), place(int(np.argmax(wrong))))
        if k in self._bits:
            bits = self._bits[k]
            wrong = (whole < -(2.0 ** (bits - 1))) | (whole >= 2.0**bits)
            if wrong.any():
                row = int(np.argmax(wrong))
                raise InvalidLogError(
                    f"channel {self._names[k]!r} must hold codes of {_range_words(bits)}; got "
                    f"code {whole[row]:.15g}, {place(row)}. Give its width in bits=, its scale in "
                    "lsb=, or leave it out"
                )
        return whole

    def _refuse_fraction(self, k: int, code: float, place: str) -> None:
        name, lsb = self._names[k], self._lsb.get(k)
        if lsb is None:
            found, remedy = f"{code:.9g}", f"Give its scale, lsb={{{name!r}: ...}}"
        else:
            found = f"{code * lsb:.9g}, which is {code:.9g} times lsb={lsb:.9g},"
            remedy = "Correct its lsb"
        raise InvalidLogError(
            f"channel {name!r} must hold whole codes; got {found} at {place}. {remedy}, and let "
            "SignedCodes come before what filters or resamples"
        )

    def _is_sentinel(self, codes: np.ndarray, k: int) -> np.ndarray:
        """Which codes mean that there is no value; those of a signed channel modulo its width."""
        found = np.zeros(codes.shape, dtype=bool)
        width = 2.0 ** self._bits[k] if k in self._bits else None
        for sentinel in self._codes[k]:
            found |= codes == sentinel
            if width is not None:
                found |= codes == (sentinel - width if sentinel >= 0 else sentinel + width)
        return found


def _by_position(
    given: Any, names: list[Any], parameter: str, read: Callable[[Any, Hashable], Any]
) -> dict[int, Any]:
    """What a dict by channel says, by position of the channel."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise InvalidParameterError(
            f"{parameter} must be a dict with channels as keys; got {given!r}"
        )
    positions = channel_positions(list(given), names, parameter)
    return {
        int(k): read(value, channel)
        for k, (channel, value) in zip(positions, given.items(), strict=True)
    }


def _width(value: Any, channel: Hashable) -> int:
    if not _is_whole(value) or not 2 <= value <= MOST_BITS:
        raise InvalidParameterError(
            f"bits of channel {channel!r} must be a whole number from 2 to {MOST_BITS}; "
            f"got {value!r}"
        )
    return int(value)


def _sentinels(value: Any, channel: Hashable) -> tuple[float, ...]:
    codes = [value] if isinstance(value, numbers.Real) else value
    is_list = isinstance(codes, (list, tuple, set, frozenset, np.ndarray))
    if not is_list or len(codes) == 0 or not all(_is_whole(code) for code in codes):
        raise InvalidParameterError(
            f"not_available of channel {channel!r} must be a whole code or a list of them "
            f"(give the scale of the channel in lsb=); got {value!r}"
        )
    return tuple(float(code) for code in codes)


def _scale(value: Any, channel: Hashable) -> float:
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not is_number or not 0 < value < np.inf:
        raise InvalidParameterError(
            f"lsb of channel {channel!r} must be a finite number above 0; got {value!r}"
        )
    return float(value)


def _is_whole(value: Any) -> bool:
    return isinstance(value, numbers.Integral) and not isinstance(value, (bool, np.bool_))


def _exact(whole: np.ndarray, x: np.ndarray, lsb: float) -> np.ndarray:
    """The neighbour of a code, where that is the one that gives the value."""
    if not (np.abs(whole) >= DIVIDED_EXACTLY).any():
        return whole
    for near in (whole - 1.0, whole + 1.0):
        whole = np.where((whole * lsb != x) & (near * lsb == x), near, whole)
    return whole


def _range_words(bits: int) -> str:
    return f"{bits} bits, {-(2 ** (bits - 1))} to {2**bits - 1}"


def _median(values: np.ndarray) -> float:
    """Median of what is there, NaN of nothing."""
    there = values[~np.isnan(values)]
    return float(np.median(there.astype(np.float64))) if len(there) else np.nan
