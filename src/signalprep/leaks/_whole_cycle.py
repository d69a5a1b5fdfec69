"""Columns of a prepared table that only who knows the whole cycle can make.

One value in each cycle that is the cycle's length, or the mean, the last or another statistic of
the target or of a channel, or another column counted from it; the time that is left, the part that
is done; channels drawn to the same ends in every cycle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from signalprep.leaks._counted_from_end import counted_from_end
from signalprep.leaks._finding import Finding, some
from signalprep.leaks._share_done import follows_the_end
from signalprep.log import cycle_bounds, time_in_seconds
from signalprep.trial import Case

FEWEST_CYCLES = 4
CLOSE = 1e-6
Parts = list[np.ndarray]

STATISTICS: dict[str, Callable[[np.ndarray], float]] = {
    "mean": lambda v: float(np.mean(v)),
    "last value": lambda v: float(v[-1]),
    "maximum": lambda v: float(np.max(v)),
    "minimum": lambda v: float(np.min(v)),
    "median": lambda v: float(np.median(v)),
    "sum": lambda v: float(np.sum(v)),
    "standard deviation": lambda v: float(np.std(v)),
    "standard deviation (ddof=1)": lambda v: float(np.std(v, ddof=min(1, len(v) - 1))),
    "range": lambda v: float(np.ptp(v)),
    "rise": lambda v: float(v[-1] - v[0]),
}


def whole_cycle_findings(case: Case) -> Iterator[Finding]:
    """Columns made from the whole of each cycle."""
    index: Any = case.X.index
    bounds = cycle_bounds(index)
    if len(bounds) - 1 < FEWEST_CYCLES:
        return
    seconds = _parts(time_in_seconds(index), bounds)
    numeric = [k for k, dtype in enumerate(case.X.dtypes) if pd.api.types.is_numeric_dtype(dtype)]
    channels = {k: _parts(_numbers(case.X.iloc[:, k]), bounds) for k in numeric}
    target = _parts(case.numbers(), bounds)
    told: set[str] = set()
    for k, parts in channels.items():
        name = str(case.X.columns[k])
        others = {j: there for j, there in channels.items() if j != k}
        found = _made_of_cycle(parts, seconds, target, str(case.y.name), others, case.X)
        if found is not None:
            kind, words = found
            told.add(name)
            what = f"Channel {name!r} {words}, which nobody knows before the cycle ends."
            yield Finding("leak", kind, "input", name, 1.0, "share of cycles", what)
    yield from _of_words(case, numeric, seconds, bounds)
    for ends in _same_last({str(case.X.columns[k]): parts for k, parts in channels.items()}):
        told |= set(ends.channel.split(", "))
        yield ends
    yield from _counted(case, channels, bounds, told)


def _of_words(
    case: Case, numeric: list[int], seconds: Parts, bounds: np.ndarray
) -> Iterator[Finding]:
    """Columns without numbers that go by the part done, such as "new", "worn"."""
    for k in set(range(case.X.shape[1])) - set(numeric):
        codes = pd.factorize(case.X.iloc[:, k])[0].astype(np.float64)
        words = follows_the_end(_parts(codes, bounds), seconds)
        if words:
            name = str(case.X.columns[k])
            what = f"Channel {name!r} {words}, which nobody knows before the cycle ends."
            yield Finding("leak", "lookahead", "input", name, 1.0, "share of cycles", what)


def _counted(
    case: Case, channels: dict[int, Parts], bounds: np.ndarray, told: set[str]
) -> Iterator[Finding]:
    """Columns that are another one, or the target, relative to what the whole cycle says of it."""
    moving = {
        k: np.concatenate(parts)
        for k, parts in channels.items()
        if any(np.ptp(part) > 0 for part in parts)
    }
    moving = {k: values for k, values in moving.items() if np.isfinite(values).all()}
    if not moving:
        return
    names, rows = [str(case.X.columns[k]) for k in moving], list(moving.values())
    if np.isfinite(case.numbers()).all():
        rows.append(case.numbers())
    known = {place for place, name in enumerate(names) if name in told}
    for found in counted_from_end(np.vstack(rows), bounds, len(names), known, _statistic_of):
        of_target, name = found.source == len(names), names[found.column]
        other = f"the target {str(case.y.name)!r}" if of_target else repr(names[found.source])
        other = f"the running sum of {other}" if found.summed else other
        yield Finding(
            "leak",
            "target_in_inputs" if of_target else "lookahead",
            "input",
            name,
            1.0,
            "share of cycles",
            f"Channel {name!r} is {other} {found.words} in each cycle, which nobody knows "
            "before the cycle ends.",
        )


def _same_last(channels: dict[str, Parts]) -> Iterator[Finding]:
    """Channels that end every cycle at one value, which lies amid the others and comes but then.

    A drive may end at rest, or when a limit is reached: the value is then the lowest or the
    highest. One channel may cross zero; that two do in the last row of all cycles is no chance.
    """
    found: dict[float, list[str]] = {}
    for name, parts in channels.items():
        end = _last_of_all(parts)
        if end is not None:
            found.setdefault(end, []).append(name)
    for end, names in found.items():
        if end != 0.0 or len(names) > 1:
            yield Finding(
                "leak",
                "lookahead",
                "input",
                ", ".join(names),
                float(len(names)),
                "channels",
                f"{some(names)}: {end:g} in the last row of every cycle and in no other, as what "
                "is taken relative to the cycle's end, which nobody knows before.",
            )


def _last_of_all(parts: Parts) -> float | None:
    """The value with which all cycles end, if it is amid those of each and in no other row."""
    if not all(np.isfinite(part).all() for part in parts) or not _is_fine(parts):
        return None
    end = float(parts[0][-1])
    close = 1e-9 * max(float(np.ptp(part)) for part in parts)
    if 2 * len({float(part[-2]) for part in parts}) <= len(parts):
        return None  # all of them end alike: one programme, one weather
    amid = 0
    for part in parts:
        at_end = np.abs(part - end) <= close
        if not at_end[-1] or at_end.sum() != 1:
            return None
        amid += bool(part.min() < end - close and end + close < part.max())
    return round(end, 9) + 0.0 if 2 * amid >= len(parts) else None


def _made_of_cycle(
    parts: Parts,
    seconds: Parts,
    target: Parts,
    target_name: str,
    others: dict[int, Parts],
    X: pd.DataFrame,
) -> tuple[str, str] | None:
    """Kind of finding, and words, for one column."""
    if not all(np.isfinite(part).all() for part in parts):
        return None
    if all(part[0] == part[-1] and np.ptp(part) == 0 for part in parts):
        values = np.array([part[0] for part in parts])
        return _of_each_cycle(values, seconds, target, target_name, others, X)
    rows = [np.arange(float(len(part))) for part in parts]
    found = _runs_to_the_end(parts, seconds) or _runs_to_the_end(parts, rows)
    found = found or _drawn_in_steps(parts) or _same_ends(parts) or _same_middle(parts)
    found = found or follows_the_end(parts, seconds)
    return ("lookahead", found) if found else None


def _same_middle(parts: Parts) -> str:
    """Words for a mean or median that is the same in all cycles, about which these differ."""
    deviations = [float(np.std(part)) for part in parts]
    largest = max(deviations)
    if np.ptp(deviations) <= CLOSE * largest or not _is_fine(parts):
        return ""  # the same programme in every cycle
    for name in ("mean", "median"):
        levels = [STATISTICS[name](part) for part in parts]
        if any((part == level).sum() > 2 for part, level in zip(parts, levels, strict=True)):
            continue  # a level that comes often, as of filled gaps, is in the middle by its nature
        centred = abs(levels[0]) <= 1e-8 * largest  # told of as scaled
        if not centred and np.ptp(levels) <= 1e-8 * largest:
            return f"has the same {name} in every cycle"
    return ""


def _of_each_cycle(
    values: np.ndarray,
    seconds: Parts,
    target: Parts,
    target_name: str,
    others: dict[int, Parts],
    X: pd.DataFrame,
) -> tuple[str, str] | None:
    """For a column with one value in each cycle."""
    if len(np.unique(values)) < FEWEST_CYCLES:
        return None
    lengths = {
        "duration of the cycle": np.array([part[-1] - part[0] for part in seconds]),
        "number of rows of the cycle": np.array([float(len(part)) for part in seconds]),
    }
    for name, length in lengths.items():
        if _is_function_of(values, length):
            return "lookahead", f"gives the {name}"
    found = _statistic_of(values, target)
    if found:
        return "target_in_inputs", f"gives the {found} of the target {target_name!r}"
    for k, parts in others.items():
        found = _statistic_of(values, parts)
        if found:
            return "lookahead", f"gives the {found} of channel {str(X.columns[k])!r}"
    return None


def _statistic_of(values: np.ndarray, parts: Parts) -> str:
    """Which statistic of each whole cycle it is; "" for none, or for what early rows say."""
    if not all(np.isfinite(part).all() for part in parts):
        return ""
    early = (np.array([part[len(part) // share] for part in parts]) for share in (10**9, 4))
    if any(_is_function_of(values, one) for one in early):
        return ""
    for name, of in STATISTICS.items():
        if _is_function_of(values, np.array([of(part) for part in parts])):
            return name
    return ""


def _is_function_of(values: np.ndarray, given: np.ndarray) -> bool:
    """Whether one is the other on a straight line, or its inverse, logarithm or square.

    The same order alone says little: a higher load is a hotter and a shorter cycle.
    """
    if len(np.unique(given)) < FEWEST_CYCLES:
        return False
    bent = [given, given**2]
    if (given > 0).all():
        bent += [1.0 / given, np.log(given)]
    return any(_on_a_line(one, values) for one in bent)


def _on_a_line(x: np.ndarray, y: np.ndarray) -> bool:
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return False
    x, y = (x - x.mean()) / np.ptp(x), (y - y.mean()) / np.ptp(y)
    slope = float(x @ y / (x @ x))
    return bool(np.abs(y - slope * x).max() <= CLOSE)


def _runs_to_the_end(parts: Parts, seconds: Parts) -> str:
    """Words for a column that is linear in time, or rows, and ends at one value in all cycles."""
    lengths = [part[-1] - part[0] for part in seconds]
    if len({round(length, 9) for length in lengths}) < 2 or min(map(len, parts)) < 3:
        return ""  # of equal length: the end is known
    if not all(_on_a_line(t, part) for t, part in zip(seconds, parts, strict=True)):
        return ""
    scale = max(float(np.ptp(part)) for part in parts)
    ends = np.ptp([part[-1] for part in parts]) <= CLOSE * scale
    begins = np.ptp([part[0] for part in parts]) <= CLOSE * scale
    n = np.array([float(len(part)) for part in parts])
    slopes = np.array([(part[-1] - part[0]) / (len(part) - 1) for part in parts])
    if begins and len(set(n)) > 1 and np.ptp(slopes * n) <= CLOSE * scale:
        return "is the part of the cycle's rows that is done"
    if not ends:
        return ""
    return "is the part of the cycle that is done" if begins else "is the time to the cycle's end"


def _same_ends(parts: Parts) -> str:
    """Words for ends that every cycle meets in one row, as when drawn between them."""
    if not _is_fine(parts):
        return ""
    found = {}
    for name, of, place in (
        ("lowest", np.min, np.argmin),
        ("highest", np.max, np.argmax),
    ):
        ends, places = [float(of(part)) for part in parts], [int(place(part)) for part in parts]
        allowed = 1e-9 * max(float(np.ptp(part)) for part in parts)
        once = all(
            (np.abs(part - end) <= allowed).sum() == 1
            for part, end in zip(parts, ends, strict=True)
        )
        if np.ptp(ends) <= allowed and once:
            last = all(at == len(part) - 1 for at, part in zip(places, parts, strict=True))
            found[name] = ends[0], len(set(places)) > 1, last
    if len(found) == 2:
        moves = any(moves for _, moves, _ in found.values())
        return "has the same lowest and highest value in every cycle" if moves else ""
    for name, (end, moves, last) in found.items():
        if (
            moves
            and (not last or name == "highest")
            and round(end, 9) in ({0.0} if name == "lowest" else {1.0, 100.0})
        ):
            return f"has the same {name} value in every cycle, in one row"
    return ""


def _drawn_in_steps(parts: Parts) -> str:
    """Words for rounded values drawn to the same ends: by other steps in every cycle."""
    ends = np.array([[part.min(), part.max()] for part in parts])
    if not np.ptp(ends, axis=0).max() <= 1e-9 * np.ptp(ends[0]) or np.ptp(ends[0]) == 0:
        return ""
    steps = []
    for part, (low, high) in zip(parts, ends.tolist(), strict=True):
        levels = np.unique(np.round((part - low) / (high - low), 12))
        step = float(np.diff(levels).min()) if len(levels) > 3 else 0.0
        if step < 1e-6 or np.abs(levels / step - np.rint(levels / step)).max() > 1e-3:
            return ""
        steps.append(step)
    if len({round(step, 9) for step in steps}) <= len(steps) // 2:
        return ""
    return "goes from the same lowest to the same highest value in steps of its own"


def _is_fine(parts: Parts) -> bool:
    """Whether a channel has ten rows in each cycle, and values of their own in most."""
    return all(len(part) >= 10 and 2 * len(np.unique(part)) > len(part) for part in parts)


def _numbers(channel: pd.Series) -> np.ndarray:
    return channel.to_numpy(dtype=np.float64, na_value=np.nan)


def _parts(values: np.ndarray, bounds: np.ndarray) -> Parts:
    return [values[start:stop] for start, stop in pairwise(bounds.tolist())]
