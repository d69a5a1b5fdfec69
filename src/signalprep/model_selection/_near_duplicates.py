"""group_near_duplicates: cycles that are the same drive recorded again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log import (
    check_index,
    cycle_bounds,
    cycles,
    is_log,
    locate,
    sample_time,
    shown,
    time_in_seconds,
    why_no_log,
)
from signalprep.model_selection._drive_candidates import ALL_PAIRS, candidates
from signalprep.model_selection._drive_match import (
    Match,
    coarse,
    fft_length,
    level_of,
    match,
    moves,
    searched_channels,
)
from signalprep.model_selection._same_rows import same_rows

__all__ = ["NearDuplicates", "group_near_duplicates"]

AGREEING = 2  # channels that must be alike beyond chance, where there are so many
MOST_MISSING = 0.5  # part of a cycle's samples without which a channel is left out


@dataclass(frozen=True)
class NearDuplicates:
    """Cycles that are the same drive, and how alike they are.

    Attributes
    ----------
    groups : Series
        Group of each cycle, indexed by cycle id: the id of the group's first cycle. Every splitter
        of signalprep takes it as `together`.
    pairs : DataFrame
        A row for each pair found, most alike first: `cycle` and `other`; `similarity`; `lag`, the
        seconds by which `other` begins after `cycle` does in the same drive; `overlap`, the seconds
        that both hold; `same`, "drive" for a copy, "course" where the same course or programme was
        driven again; `n_channels` that were compared.
    unjudged : Index
        Cycles that are too short, or in which too little moves, to be told from others.
    """

    groups: pd.Series
    pairs: pd.DataFrame
    unjudged: pd.Index

    def of_rows(self, log: pd.DataFrame | pd.Series | pd.Index) -> np.ndarray:
        """Group of each row: the ``groups`` argument of scikit-learn's splitters.

        Parameters
        ----------
        log : DataFrame, Series or Index
            A log, or the index of one, with cycles that were compared.

        Returns
        -------
        groups : ndarray of int of shape (n_samples,)
            A number for each group.
        """
        places = self.groups.index.get_indexer(cycles(log))
        if (places < 0).any():
            unknown = cycles(log)[int(np.argmax(places < 0))]
            raise InvalidLogError(f"log must hold cycles that were compared; got {shown(unknown)}")
        numbers = pd.factorize(self.groups)[0]
        return np.repeat(numbers[places], np.diff(cycle_bounds(log)))


def group_near_duplicates(
    log: pd.DataFrame,
    *,
    threshold: float = 0.8,
    min_overlap: float = 0.5,
    columns: Sequence[Hashable] | None = None,
) -> NearDuplicates:
    """Find cycles that are the same drive recorded again, or the same course, and group them.

    A copy in the test is a leak that no splitter sees: the ids differ. Copies are found although
    they start later, are cut, have other gains and offsets, or carry noise.

    Parameters
    ----------
    log : DataFrame
        Indexed by (cycle, time). Channels may have missing values and gaps, which are filled by
        straight lines; a channel that misses more than half of a cycle is left out there. Columns
        without numbers are left out.
    threshold : float, default=0.8
        Similarity in (0, 1] from which two cycles are a pair, if two channels (or the only one) are
        also more alike than chance makes them. As a rule copies have 0.9 and more.
        Temperatures or elevation alone tell less than speed, torque or currents: they may be alike
        in other drives, or drown in noise in a copy.
    min_overlap : float, default=0.5
        Part of the shorter cycle, in (0, 1], that the longer one must hold.
    columns : list of column names, default=None
        Channels to compare; None is all.

    Returns
    -------
    found : NearDuplicates
        `groups`, `pairs`, `unjudged`.

    Raises
    ------
    InvalidLogError
        `log` is no log, has no column of numbers, or an infinite value.
    InvalidParameterError
        `threshold`, `min_overlap` or `columns` cannot work.

    Notes
    -----
    Each channel is averaged over blocks, some 500 to 1000 of the shorter cycle, and the moving mean
    over 32 blocks is taken away. The cross-correlation, normalised over the overlap, gives the lag,
    which is then refined to a sample. The similarity is the upper quartile, over the channels that
    keep moving, of the correlation at that lag. A record that repeats itself (a sine, a test
    sequence over and over) is like any other of its kind at many lags; there, a pair counts only
    if it differs by less than a quarter as much as the record differs from itself, shifted.

    By chance two cycles are the more alike the more lags and pairs are searched and the fewer
    blocks of their own a channel has: of short or stop-and-go drives one or two channels may reach
    0.95. What chance reaches in one search of a hundred is not counted (Fisher's transformation,
    with the length that is left for correlated values). So noisy copies of short drives are missed.
    A pair is the same drive if each channel of one is the other's but for a line and rounding, or
    but for noise without shape about the same level that one of them has and the other has not;
    otherwise it is the same course: a programme run again has noise of its own in each run.

    Signals that only oscillate faster than the blocks, such as phase currents, average out: compare
    d and q currents, or amplitudes. Clocks that run at different rates are not matched.

    Cost: linear in rows, and for each pair of cycles and channel (16 at most search the lag) one
    FFT over the blocks. Of more than 100 cycles only pairs are compared in which windows of 64
    blocks meet at one lag, found by their signs on random planes; 2,000 cycles take about two times
    as long as 1,000. Memory: a copy of the log in float64.

    Examples
    --------
    >>> import pandas as pd, signalprep as sp
    >>> log = sp.datasets.simulate_pmsm(n_cycles=3, rate=2.0, random_state=0)
    >>> first = sp.cycles(log)[0]
    >>> again = pd.concat({"again": log.loc[first].iloc[200:]}, names=["cycle"])
    >>> found = sp.group_near_duplicates(pd.concat([log, again]))
    >>> found.pairs[["cycle", "other", "lag"]]
                cycle  other    lag
    0  cycle_01_city  again  100.0
    """
    names = _checked(log, threshold, min_overlap, columns)
    ids = cycles(log)
    dt = sample_time(log) if np.diff(cycle_bounds(log)).max() > 1 else 1.0
    sums = _running_sums(log[names], dt)
    n_agreeing = min(AGREEING, len(names))
    judged = [k for k, table in enumerate(sums) if moves(table, n_agreeing)]
    found = _matches(sums, judged, min_overlap, n_agreeing)
    kept = [(a, b, pair) for a, b, pair in found if pair.similarity >= threshold]
    known = {(a, b) for a, b, _ in kept}
    exact = same_rows(log[names], min_overlap)
    kept += [(a, b, pair) for (a, b), pair in exact.items() if (a, b) not in known]
    judged = np.union1d(judged, [cycle for pair in exact for cycle in pair]).tolist()
    kept.sort(key=lambda entry: (-entry[2].similarity, entry[0], entry[1]))
    first, second = [a for a, _, _ in kept], [b for _, b, _ in kept]
    links = coo_array((np.ones(len(kept)), (first, second)), shape=(len(ids), len(ids)))
    component = connected_components(links, directed=False)[1]
    firsts = np.unique(component, return_index=True)[1]
    pairs = pd.DataFrame(
        {
            "cycle": ids[np.array(first, dtype=np.intp)],
            "other": ids[np.array(second, dtype=np.intp)],
            "similarity": np.array([pair.similarity for _, _, pair in kept]),
            "lag": np.array([pair.lag * dt for _, _, pair in kept]),
            "overlap": np.array([pair.overlap * dt for _, _, pair in kept]),
            "same": np.array(["drive" if pair.copy else "course" for _, _, pair in kept], object),
            "n_channels": np.array([pair.n_channels for _, _, pair in kept], dtype=np.int64),
        }
    )
    groups = pd.Series(ids[firsts[component]], index=ids.rename("cycle"), name="group")
    return NearDuplicates(groups, pairs, ids[np.setdiff1d(np.arange(len(ids)), judged)])


def _checked(
    log: pd.DataFrame, threshold: float, min_overlap: float, columns: Sequence[Hashable] | None
) -> list[Hashable]:
    """Columns to compare."""
    if not (isinstance(log, pd.DataFrame) and is_log(log)):
        raise InvalidLogError(
            f"log must be a DataFrame indexed by (cycle, time); {why_no_log(log, 'log')}"
        )
    check_index(log.index)
    for name, value in (("threshold", threshold), ("min_overlap", min_overlap)):
        if not 0 < value <= 1:
            raise InvalidParameterError(f"{name} must lie in (0, 1]; got {value!r}")
    if not log.columns.is_unique:
        twice = log.columns[log.columns.duplicated()][0]
        raise InvalidLogError(f"column names must be unique; {twice!r} occurs more than once")
    wanted = list(log.columns) if columns is None else list(columns)
    for column in wanted:
        if column not in log.columns:
            raise InvalidParameterError(
                f"columns must name columns of the log ({', '.join(map(repr, log.columns))}); "
                f"got {column!r}"
            )
    numeric = [name for name in wanted if pd.api.types.is_numeric_dtype(log[name].dtype)]
    if not numeric:
        raise InvalidLogError("the log needs a column of numbers to compare; got none")
    return numeric


def _running_sums(log: pd.DataFrame, dt: float) -> list[np.ndarray]:
    """Running sums of each cycle on an even time grid, (channels, samples + 1)."""
    bounds = cycle_bounds(log)
    index = log.index
    assert isinstance(index, pd.MultiIndex)
    seconds = time_in_seconds(index)
    levels = _levels(log)
    out = []
    for first, last in pairwise(bounds.tolist()):
        values = log.iloc[first:last].to_numpy(dtype=np.float64, na_value=np.nan).T
        infinite = np.isinf(values)
        if infinite.any():
            channel, row = np.argwhere(infinite)[0].tolist()
            raise InvalidLogError(
                f"column {log.columns[channel]!r} must hold finite values or NaN; got "
                f"{values[channel, row]} at {locate(log.index, first + row)}"
            )
        place = np.rint((seconds[first:last] - seconds[first]) / dt).astype(np.int64)
        out.append(_summed(values, place, levels))
    return out


def _levels(log: pd.DataFrame) -> np.ndarray:
    """Mean of each channel where it is known: sums from there on lose few digits."""
    means = []
    for k in range(log.shape[1]):
        values = log.iloc[:, k].to_numpy(dtype=np.float64, na_value=np.nan)
        known = values[np.isfinite(values)]
        means.append(float(known.mean()) if len(known) else 0.0)
    return np.array(means)


def _summed(values: np.ndarray, place: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Running sums of channels placed on a grid; what is missing lies on straight lines."""
    n = int(place[-1]) + 1
    sums = np.zeros((len(values), n + 1))
    whole = n == values.shape[1]
    for signal, total, level in zip(values, sums, levels, strict=True):
        known = ~np.isnan(signal)
        if known.sum() < (1 - MOST_MISSING) * n or not known.any():
            continue
        filled = signal
        if not (whole and known.all()):
            filled = np.interp(np.arange(n), place[known], signal[known])
        np.cumsum(filled - level, out=total[1:])
    return sums


def _matches(
    sums: list[np.ndarray], judged: list[int], min_overlap: float, n_agreeing: int
) -> list[tuple[int, int, Match]]:
    """The best lag of each pair of cycles that may be alike."""
    lengths = [table.shape[1] - 1 for table in sums]
    pairs_of_level: dict[int, list[tuple[int, int]]] = defaultdict(list)
    few = len(judged) <= ALL_PAIRS
    for a, b in combinations(judged, 2) if few else candidates(sums, judged):
        shorter, longer = sorted((lengths[a], lengths[b]))
        pairs_of_level[level_of(shorter, longer)].append((a, b))
    n_pairs = len(judged) * (len(judged) - 1) // 2
    found = []
    for level, pairs in pairs_of_level.items():
        used = sorted({cycle for pair in pairs for cycle in pair})
        n_fft = fft_length(max(lengths[cycle] for cycle in used) >> level)
        searched = searched_channels([sums[cycle] for cycle in used], level)
        blocks = {c: coarse(sums[c], searched, level, n_fft, min_overlap) for c in used}
        for a, b in pairs:
            both = sums[a], sums[b], blocks[a], blocks[b]
            best = match(*both, level, n_fft, min_overlap, n_pairs, n_agreeing)
            if best is not None:
                found.append((a, b, best))
    return found
