"""Missing, stuck, saturated, spiky, constant and duplicated channels."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from signalprep._kernels._blocks import thread_count
from signalprep._kernels._hampel import HAMPEL, hampel_params
from signalprep._kernels._kernel import NO_REGIME
from signalprep._kernels._run import Task, run_kernel
from signalprep.quality._bus_codes import NOTHING, code_facts, code_problems
from signalprep.quality._log_check import Problem
from signalprep.quality._samples import Samples

WINDOW = 11
THRESHOLD = 5.0
UNUSUAL = 20.0  # a stuck run is this many times longer than 99 % of the channel's runs
REST_RUNS = 3  # a value held so often is one where the signal rests
FEW_VALUES = 3  # a channel that gets stuck at more values in a cycle is flat by nature
PLATEAU = 3  # samples in a row at the end of the range that count as saturated
SATURATED_SHARE = 1e-3
FEW_LEVELS = 10  # a channel with fewer values is a state, which has no range to leave


@dataclass
class Runs:
    """Maximal stretches of one unchanging value, without the missing ones."""

    starts: np.ndarray
    lengths: np.ndarray
    values: np.ndarray

    @classmethod
    def of(cls, x: np.ndarray, borders: np.ndarray) -> Runs:
        """Find the runs; `borders` tells between which rows a run cannot go on."""
        starts = np.concatenate(([0], np.flatnonzero((x[1:] != x[:-1]) | borders) + 1))
        lengths = np.diff(np.append(starts, len(x)))
        present = np.isfinite(x[starts])
        return cls(starts[present], lengths[present], x[starts][present])

    def stuck(self, least: float, codes: np.ndarray) -> np.ndarray:
        """Which runs are far longer than usual in their cycle, at a value that is no rest."""
        long = self.lengths >= least
        values, count = np.unique(self.values[long], return_counts=True)
        rest = [0.0, self.values.min(), self.values.max(), *values[count >= REST_RUNS]]
        candidates = long & ~np.isin(self.values, rest)
        cycle = codes[self.starts]
        for code in np.unique(cycle[candidates]):
            here = cycle == code
            usual = np.quantile(self.lengths[here], 0.99, method="lower")
            candidates &= ~here | (self.lengths >= UNUSUAL * usual)
            if np.unique(self.values[candidates & here]).size > FEW_VALUES:
                candidates &= ~here
        return candidates

    def plateaus(self, value: float) -> np.ndarray:
        """Which runs stay at this value for some samples."""
        return (self.values == value) & (self.lengths >= PLATEAU)

    def saturates(self, value: float, n_rows: int) -> bool:
        """Tell whether a moving signal piles up at this end of its range."""
        there = self.plateaus(value)
        elsewhere = np.sort(self.lengths[self.values != value])
        if value == 0 or not there.any() or not len(elsewhere):
            return False
        rows = np.cumsum(elsewhere)
        moves = elsewhere[np.searchsorted(rows, rows[-1] / 2)] < PLATEAU
        beside = (self.values != value) & (np.abs(self.values - value) <= self.usual_change())
        n_there = self.lengths[there].sum()
        return bool(
            moves
            and n_there >= SATURATED_SHARE * n_rows
            and n_there > self.lengths[beside].sum()
            and np.unique(self.values).size >= FEW_LEVELS
        )

    def usual_change(self) -> float:
        """Median change from one value to the next, 0 where nothing changes."""
        change = np.abs(np.diff(self.values))
        change = change[change > 0]
        return float(np.median(change)) if len(change) else 0.0


def channel_table(
    samples: Samples,
    sample_time: float,
    stuck_after: float,
    units: dict[Any, str],
    n_jobs: int | None,
) -> tuple[pd.DataFrame, np.ndarray]:
    """One row a channel, and which rows equal the one before them in every channel."""
    borders = samples.breaks(sample_time)
    names = list(samples.channels.columns)

    def look(position: int) -> tuple[dict[str, Any], np.ndarray]:
        column = samples.channels.iloc[:, position]
        if not pd.api.types.is_numeric_dtype(column.dtype):
            return _text_facts(column)
        x = column.to_numpy(dtype=np.float64, na_value=np.nan)
        return _facts(x, borders, samples.codes, sample_time, stuck_after)

    n_threads = thread_count(n_jobs)
    same = ~borders
    rows = []
    with ThreadPoolExecutor(n_threads) as pool:
        results = (
            map(look, range(len(names))) if n_threads == 1 else pool.map(look, range(len(names)))
        )
        for facts, unchanged in results:
            same &= unchanged
            rows.append(facts)
    table = pd.DataFrame(rows, index=pd.Index(names, name="channel"))
    table.insert(0, "unit", [units.get(name, "") for name in names])
    table["duplicate_of"] = pd.Series(_duplicates(samples.channels, table), table.index)
    return table, np.concatenate(([False], same))


def _text_facts(column: pd.Series) -> tuple[dict[str, Any], np.ndarray]:
    codes = pd.factorize(column.astype(object).to_numpy())[0]
    facts = _NOTHING | {
        "n_nan": int((codes < 0).sum()),
        "nan_share": float((codes < 0).mean()),
        "constant": bool((codes == codes[0]).all() and codes[0] >= 0),
    }
    return facts, codes[1:] == codes[:-1]


_NOTHING: dict[str, Any] = {
    "n_nan": 0,
    "nan_share": 0.0,
    "n_inf": 0,
    "min": np.nan,
    "max": np.nan,
    "step": np.nan,
    "constant": False,
    "longest_run": np.nan,
    "stuck": False,
    "stuck_share": 0.0,
    "stuck_row": -1,
    "saturated": False,
    "saturated_share": 0.0,
    "spikes": 0,
    "spike_row": -1,
    "flat_ends": [],
    "bus_codes": NOTHING,
}
HIDDEN = ["stuck_row", "spike_row", "flat_ends", "bus_codes"]  # not for the table of channels


def _facts(
    x: np.ndarray, borders: np.ndarray, codes: np.ndarray, sample_time: float, stuck_after: float
) -> tuple[dict[str, Any], np.ndarray]:
    missing = np.isnan(x)
    unchanged = (x[1:] == x[:-1]) | (missing[1:] & missing[:-1])
    finite = np.isfinite(x)
    facts = _NOTHING | {
        "n_nan": int(missing.sum()),
        "nan_share": float(missing.mean()),
        "n_inf": len(x) - int(missing.sum()) - int(finite.sum()),
    }
    if finite.any():
        runs = Runs.of(x, borders)
        facts |= _run_facts(runs, codes, sample_time, stuck_after)
        if not facts["constant"]:
            facts |= _spikes(np.where(finite, x, np.nan), borders, runs.usual_change())
            facts["bus_codes"] = code_facts(x, borders, facts["flat_ends"])
    return facts, unchanged


def _run_facts(
    runs: Runs, codes: np.ndarray, sample_time: float, stuck_after: float
) -> dict[str, Any]:
    low, high = float(runs.values.min()), float(runs.values.max())
    change = np.abs(np.diff(runs.values))
    change = change[change > 0]
    facts: dict[str, Any] = {
        "min": low,
        "max": high,
        "step": float(change.min()) if len(change) else 0.0,
        "constant": low == high,
        "longest_run": float(runs.lengths.max()) * sample_time,
    }
    if low == high:
        return facts
    stuck = runs.stuck(stuck_after / sample_time, codes)
    n_rows = len(codes)
    ends = [value for value in (low, high) if value != 0]
    flat_ends = [value for value in ends if runs.saturates(value, n_rows)]
    plateaus = sum(int(runs.lengths[runs.plateaus(value)].sum()) for value in ends)
    return facts | {
        "stuck": bool(stuck.any()),
        "stuck_share": float(runs.lengths[stuck].sum()) / n_rows,
        "stuck_row": int(runs.starts[np.argmax(runs.lengths * stuck)]) if stuck.any() else -1,
        "saturated": bool(flat_ends),
        "flat_ends": flat_ends,
        "saturated_share": plateaus / n_rows,
    }


def _spikes(x: np.ndarray, borders: np.ndarray, min_scale: float) -> dict[str, Any]:
    bounds = np.concatenate(([0], np.flatnonzero(borders) + 1, [len(x)])).astype(np.int64)
    mask = np.zeros((1, len(x)), dtype=np.uint8)
    floors = np.array([[min_scale]])
    params = hampel_params(WINDOW, THRESHOLD, floors, omit=True, lookahead=WINDOW // 2)
    nowhere = np.empty((1, 0), dtype=x.dtype)
    run_kernel(HAMPEL, Task(params, x[np.newaxis], bounds, NO_REGIME, nowhere, mask))
    count = int(mask.sum())
    return {"spikes": count, "spike_row": int(np.argmax(mask[0])) if count else -1}


def _duplicates(channels: pd.DataFrame, table: pd.DataFrame) -> list[Hashable]:
    """Name of the first channel with the same values; constant and empty channels have none."""
    seen: dict[tuple[Any, ...], list[int]] = {}
    found: list[Hashable] = []
    for position, (_, facts) in enumerate(table.iterrows()):
        twin = None
        if not facts["constant"] and not pd.isna(facts["min"]):
            key = tuple(facts[name] for name in ("n_nan", "n_inf", "min", "max", "longest_run"))
            x = channels.iloc[:, position].to_numpy()
            for other in seen.setdefault(key, []):
                if np.array_equal(x, channels.iloc[:, other].to_numpy(), equal_nan=True):
                    twin = other
                    break
            else:
                seen[key].append(position)
        found.append("" if twin is None else channels.columns[twin])
    return found


def channel_problems(samples: Samples, table: pd.DataFrame) -> Iterator[Problem]:
    """Findings about the channels."""
    for position, (channel, facts) in enumerate(table.iterrows()):
        column = samples.channels.iloc[:, position]

        def found(
            severity: str, kind: str, text: str, row: int, name: Hashable = channel
        ) -> Problem:
            where = samples.place(row)
            cycle = samples.ids[samples.codes[row]] if samples.codes[row] >= 0 else None
            return Problem(severity, kind, f"channel {name!r}: {text} {where}", cycle, name, row)

        if facts["n_inf"]:
            row = int(np.argmax(np.isinf(column.to_numpy(dtype=np.float64, na_value=np.nan))))
            count = int(facts["n_inf"])
            yield found("error", "infinite", f"{count} infinite values, first", row)
        if facts["n_nan"]:
            yield _missing(samples, channel, column)
        if facts["constant"]:
            text = f"channel {channel!r}: constant ({column.dropna().iloc[0]})"
            yield Problem("warning", "constant", text, None, channel)
        if facts["stuck"]:
            row = int(facts["stuck_row"])
            value = column.iloc[row]
            text = f"stuck for {facts['stuck_share']:.2%} of the rows, longest at {value:g} from"
            yield found("warning", "stuck", text, row)
        codes, missing = facts["bus_codes"], facts["n_nan"] > 0
        yield from code_problems(samples, channel, codes, missing, facts["saturated_share"])
        if not all(codes.explain(end) for end in facts["flat_ends"]):
            text = (
                f"channel {channel!r}: {facts['saturated_share']:.2%} of the rows lie flat at the "
                f"end of its range ({facts['min']:g} to {facts['max']:g})"
            )
            yield Problem("warning", "saturated", text, None, channel)
        if facts["spikes"]:
            spikes = int(facts["spikes"])
            text = f"{spikes} spike{'s' if spikes > 1 else ''}, first"
            yield found("warning", "spikes", text, int(facts["spike_row"]))
        if facts["duplicate_of"] != "":
            text = f"channel {channel!r}: equals channel {facts['duplicate_of']!r} in every row"
            yield Problem("warning", "duplicate", text, None, channel)


def _missing(samples: Samples, channel: Hashable, column: pd.Series) -> Problem:
    """Tell cycles without any value from single missing ones."""
    missing = column.isna().to_numpy()
    n_cycles = len(samples.ids)
    per_cycle = np.bincount(samples.codes[missing] + 1, minlength=n_cycles + 1)
    absent = per_cycle == np.bincount(samples.codes + 1, minlength=n_cycles + 1)
    n_absent = int(absent[1:].sum())
    text = f"channel {channel!r}: no value in {n_absent} of {n_cycles} cycles" if n_absent else ""
    scattered = np.flatnonzero(missing & ~absent[samples.codes + 1])
    if not len(scattered):
        return Problem("warning", "missing", text, None, channel, int(np.argmax(missing)))
    row = int(scattered[0])
    text = f"{text}, and" if n_absent else f"channel {channel!r}:"
    text = f"{text} {len(scattered)} missing values, first {samples.place(row)}"
    cycle = samples.ids[samples.codes[row]] if samples.codes[row] >= 0 else None
    return Problem("warning", "missing", text, cycle, channel, row)
