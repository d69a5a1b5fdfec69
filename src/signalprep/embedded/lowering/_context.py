"""Context: where lowering stands, what it has been asked for, and what it writes to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import numpy as np

from signalprep.embedded.lowering._calibration import Calibration
from signalprep.embedded.lowering._channels import Channels
from signalprep.embedded.lowering._options import Options
from signalprep.embedded.program import Builder, Intervals, Value
from signalprep.errors import LoweringError
from signalprep.flow import below

__all__ = ["Context", "multiplier", "picked", "power_of_two", "replaced", "side_by_side", "taken"]

_ROOM_BITS = 30
_ROOM = 1 << _ROOM_BITS  # what a Scale multiplies stays within, headroom included
_LIFTED_BITS = 28
_MOST = 2**31 - 1  # of a multiplier
_FINEST = 2.0**-12  # of the coarsest channel's step, for what all channels are brought to


class Context:
    """Where lowering stands.

    Attributes
    ----------
    builder : Builder
    options : Options
    warming : list of Value
        Flags, 1 while a step has not yet seen what it remembers.
    """

    def __init__(
        self,
        builder: Builder,
        options: Options,
        calibration: Calibration | None = None,
    ) -> None:
        self.builder, self.options, self._calibration = builder, options, calibration
        self._path = ""
        self._intervals, self._ranges = Intervals(), []  # type: ignore[var-annotated]

    @contextmanager
    def inside(self, name: str) -> Iterator[None]:
        """Name the step that is lowered meanwhile."""
        before = self._path
        self._path = self.builder.label = below(before, name)
        yield
        self._path = self.builder.label = before

    def refuse(self, step: Any, reason: str) -> NoReturn:
        """Raise LoweringError that names the step."""
        name = type(step).__name__
        place = f"step {self._path!r} ({name})" if self._path else name
        raise LoweringError(f"{place} has no integer form: {reason}")

    def proven(self, value: Value) -> tuple[np.ndarray, np.ndarray]:
        """The least and the greatest number that each element can be."""
        written = self.builder.ops
        for number in range(len(self._ranges), value.number + 1):
            op = written[number]
            act = getattr(self._intervals, type(op).__name__.lower())
            self._ranges.append(act(number, op, *(self._ranges[arg] for arg in op.args)))
        low, high = self._ranges[value.number]
        return low.astype(np.int64), high.astype(np.int64)

    def span(self, value: Value) -> tuple[np.ndarray, np.ndarray]:
        """What each element is to reach from and to: over the calibration rows, else as proven."""
        known = self._calibration and self._calibration.ends(self.builder, value)
        return known or self.proven(value)

    def reach(
        self, value: Value, steps: Any, offsets: Any, bits: int, floor: float = -np.inf
    ) -> tuple[float, float]:
        """What codes of so many bits are to reach from and to, 0 included.

        They stand for ``steps * value + offsets``, or `floor` where that is more.
        """
        known = self._calibration and self._calibration.reach(
            self.builder, value, steps, offsets, bits, floor
        )
        if not known:
            ends = np.maximum(np.stack(self.proven(value)) * steps + offsets, floor)
            known = float(ends.min()), float(ends.max())
        return min(known[0], 0.0), max(known[1], 0.0)

    def grid(self, low: float, high: float, bits: int, finest: float) -> tuple[float, int]:
        """The step, not finer than asked, and the code of 0 of codes that reach from low to high.

        Powers of two, where they are asked for, have the code 0 for 0.
        """
        top = 1 << (bits - 1)
        if self.options.power_of_two:
            return power_of_two(max(max(-low, high) / (top - 1), finest)), 0
        step = max((high - low) / (2 * top - 1), finest)
        return step, int(np.floor(-top - low / step + 0.5))

    def calibration(self, channels: Channels) -> tuple[np.ndarray, np.ndarray] | None:
        """Values of channels in the calibration rows, and the borders of segments; None: no rows.

        Of the rows in which the ops run that are written now.
        """
        if self._calibration is None:
            return None
        found, first = (
            self._calibration.values(self.builder, value)
            for value in (channels.value, self.builder.first())
        )
        bounds = np.append(np.flatnonzero(first[0]), first.shape[1])
        return found.T * channels.lsb + channels.offset, bounds

    def requantised(
        self, channels: Channels, bits: int, centred: bool = False
    ) -> tuple[Value, float, int, np.ndarray]:
        """Channels as numbers of so many bits with one step and one zero for all of them.

        Returns the value, the step, the zero, and what rounding has left of each offset, in steps.
        Where they are `centred` the zero is 0, and they may take a bit more than they hold.
        """
        low, high = self.reach(channels.value, channels.lsb, channels.offset, bits)
        finest = np.abs(channels.lsb).max() * _FINEST  # there is nothing to be seen below
        step, zero = self.grid(low, high, bits, max(finest, np.finfo(float).tiny))
        offsets = channels.offset / step
        whole = np.floor(offsets + 0.5)
        top = 1 << (bits - 1)
        first, zero = (-top - zero, 0) if centred else (-top, zero)
        value = self.rescaled(
            channels.value, channels.lsb / step, zero=whole.astype(np.int64) + zero, low=first,
            high=first + 2 * top - 1, names=channels.names,
        )  # fmt: skip
        return value, step, zero, offsets - whole

    def rescaled(
        self,
        value: Value,
        ratio: Any,
        *,
        zero: Any,
        low: int,
        high: int,
        names: Sequence[str] = (),
        floor: bool = False,
    ) -> Value:
        """``clamp(value * ratio + zero, low, high)``, rounded once where 32 bits hold the value.

        A value that may be wider is clamped beforehand to where the result saturates; where that
        is wider still, it is rounded to 31 bits first, or to 28 where ratios are far apart. The
        multiplier, of 32 bits after the point, may be off by an eighth of a code for a value of 31
        bits, and by less for others. `names` and `floor` are those of a Scale.
        """
        ratios = np.broadcast_to(np.asarray(ratio, dtype=np.float64), (value.size,))
        least, most = self.proven(value)
        mult, headroom = multiplier(ratios)
        widest = int(max(np.abs(least).max(), np.abs(most).max()))
        if widest << headroom > _ROOM:
            lowest, highest = _saturating(ratios, zero, low, high, least, most)
            reached = int(max(np.abs(lowest).max(), np.abs(highest).max()))
            if reached << headroom <= _ROOM:
                value = self.builder.clamp(value, lowest, highest)
            else:
                down = max(widest.bit_length() - _ROOM_BITS, 0)
                mult, headroom = multiplier(ratios * 2.0**down)
                if (widest >> down) + 1 << headroom <= _MOST:
                    value = self.builder.shift(value, down)
                else:
                    value = self.builder.clamp(value, lowest, highest)
                    value, ratios = self._alike(value, ratios, np.maximum(-lowest, highest))
                    mult, headroom = multiplier(ratios)
        return self.builder.scale(
            value, mult, zero=zero, low=low, high=high, headroom=headroom, names=names, floor=floor
        )

    def _alike(
        self, value: Value, ratios: np.ndarray, reach: np.ndarray
    ) -> tuple[Value, np.ndarray]:
        """Elements lifted until their ratios are about the same, and rounded to 28 bits."""
        known = np.where(ratios == 0.0, np.abs(ratios).max(), np.abs(ratios))
        lifts = np.floor(np.log2(known / known.min())).astype(int)
        most = max(int(far) << int(lift) for far, lift in zip(reach, lifts, strict=True))
        down = max(most.bit_length() - _LIFTED_BITS, 0)
        lifted = self.builder.mul(value, self.builder.const(1 << lifts))
        return self.builder.shift(lifted, down), ratios * 2.0 ** (down - lifts)


def _saturating(
    ratios: np.ndarray, zero: Any, low: int, high: int, least: np.ndarray, most: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Of each element, numbers beyond which the result of `Context.rescaled` stays what it is."""
    zeros = np.broadcast_to(zero, ratios.shape)
    known = ratios != 0.0
    by = np.where(known, ratios, 1.0)
    ends = np.stack([(low - 2 - zeros) / by, (high + 2 - zeros) / by])
    lowest, highest = np.floor(ends.min(axis=0)), np.ceil(ends.max(axis=0))
    return (
        np.where(known, np.clip(lowest, least, most), np.clip(0, least, most)).astype(np.int64),
        np.where(known, np.clip(highest, least, most), np.clip(0, least, most)).astype(np.int64),
    )


def power_of_two(number: float) -> float:
    """The least power of two that is not below a number."""
    return 2.0 ** int(np.ceil(np.log2(number)))


def multiplier(ratio: Any) -> tuple[np.ndarray, int]:
    """Multipliers of a Scale by 2**32 for ratios, and the headroom that they need."""
    ratios = np.atleast_1d(np.asarray(ratio, dtype=np.float64))
    most = float(np.abs(ratios).max())
    headroom = max(0, int(np.floor(np.log2(most))) + 2) if most > 0 else 0
    whole = np.round(ratios * 2.0 ** (32 - headroom))
    return np.clip(whole, -_MOST, _MOST).astype(np.int64), headroom


def side_by_side(context: Context, parts: list[Channels]) -> Channels:
    """Channels of several parts, one after the other."""
    if len(parts) == 1:
        return parts[0]
    value = context.builder.gather(*((part.value, None) for part in parts))
    return Channels(
        value,
        tuple(name for part in parts for name in part.names),
        np.concatenate([part.lsb for part in parts]),
        np.concatenate([part.offset for part in parts]),
        tuple(image for part in parts for image in part.images),
    )


def taken(context: Context, channels: Channels, at: np.ndarray) -> Channels:
    """Some of the channels."""
    value = context.builder.gather((channels.value, at))
    names = tuple(channels.names[k] for k in at)
    images = tuple(channels.images[k] for k in at)
    return Channels(value, names, channels.lsb[at], channels.offset[at], images)


def replaced(context: Context, channels: Channels, at: np.ndarray, made: Channels) -> Channels:
    """Channels of which the named ones are others."""
    if np.array_equal(at, np.arange(len(channels))):
        return made
    place = {int(k): i for i, k in enumerate(at)}
    sources = [(made, place[k]) if k in place else (channels, k) for k in range(len(channels))]
    return picked(context, sources)


def picked(context: Context, sources: list[tuple[Channels, int]]) -> Channels:
    """Channels of several parts, one by one."""
    return Channels(
        context.builder.gather(*((part.value, k) for part, k in sources)),
        tuple(part.names[k] for part, k in sources),
        np.array([part.lsb[k] for part, k in sources]),
        np.array([part.offset[k] for part, k in sources]),
        tuple(part.images[k] for part, k in sources),
    )
