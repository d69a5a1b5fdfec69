"""Whether channels go together on one clock, and what to do when they do not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

import numpy as np

from signalprep.errors import InvalidLogError
from signalprep.log._rows import noise
from signalprep.log._samples import EVEN, Sampled, Samples, inner_steps
from signalprep.log._segments import GAP, JITTER

TOO_FAST = 2.0  # samples of a channel to a row
_LISTED = 40  # channels in a message


def is_one_clock(found: Sampled) -> bool:
    """Whether all channels with samples were sampled at the same times."""
    stamps = [
        times for times, own in zip(found.stamps, found.samples, strict=True) if len(own.stamps)
    ]
    distinct = list({id(times): times for times in stamps}.values())
    first = distinct[0]
    step = np.median(np.diff(first)) if len(first) > 1 else 0.0
    allowed = max(EVEN * step, noise(first))
    return all(
        len(times) == len(first) and bool((np.abs(times - first) <= allowed).all())
        for times in distinct[1:]
    )


def refuse_several_clocks(names: Sequence[str], samples: Sequence[Samples]) -> NoReturn:
    """Say which rate each channel has, and which clock would do."""
    listed = [f"{name} {_rate_in_words(own)}" for name, own in zip(names, samples, strict=True)]
    if len(listed) > _LISTED:
        listed = [*listed[:_LISTED], f"and {len(listed) - _LISTED} more"]
    fastest = min((own.step for own in samples if own.step > 0), default=np.nan)
    advice = [f"rate={1.0 / fastest:.4g}"] if fastest > 0 else []
    regular = [
        (own.step, -len(own.stamps), k)
        for k, own in enumerate(samples)
        if TOO_FAST * fastest * (1.0 + EVEN) >= own.step and _is_regular(own)
    ]
    if regular:
        advice.insert(0, f"clock={names[min(regular)[2]]!r}")
    elif not advice:
        advice = [
            f"clock={name!r}"
            for name, own in zip(names, samples, strict=True)
            if own.step != own.step and len(own.stamps)
        ][:1]
    raise InvalidLogError(
        "channels with stamps of their own need one clock; their rates are "
        f"{', '.join(listed)}. Give {' or '.join(advice)} to hold: each row then has the last "
        "sample of each channel"
    )


def refuse_fast_channels(names: Sequence[str], samples: Sequence[Samples], step: float) -> None:
    """Raise for channels more than twice as fast as rows that are `step` seconds apart."""
    if not step > 0:
        return
    fast = [k for k, own in enumerate(samples) if TOO_FAST * own.step * (1.0 + EVEN) < step]
    if not fast:
        return
    listed = ", ".join(f"{names[k]} {_rate_in_words(samples[k])}" for k in fast[:_LISTED])
    fastest = names[min(fast, key=lambda k: samples[k].step)]
    raise InvalidLogError(
        f"a channel may be twice as fast as the clock ({1.0 / step:.4g} Hz), or its ripple would "
        f"come out as something slower; found {listed}. Read at its own rate "
        f"(clock={fastest!r}) and lower that with Decimator, or give reduce='mean'"
    )


def _rate_in_words(samples: Samples) -> str:
    if samples.step > 0:
        return f"{1.0 / samples.step:.4g} Hz"
    return "(no sample)" if not len(samples.stamps) else "(1 sample)"


def _is_regular(samples: Samples) -> bool:
    """Whether the stamps are rows of a log: an even spacing, most steps no gaps."""
    step = inner_steps(samples.stamps, samples.bounds)
    if not len(step):
        return False
    gap = step > GAP * samples.step
    even = np.abs(step - samples.step) <= JITTER * samples.step
    return bool((even | gap).all() and 2 * np.count_nonzero(gap) <= len(step))
