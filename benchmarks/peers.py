"""The same work, written with numpy, pandas, scipy and bottleneck as well as we know how.

Each function takes a log and the row borders of its cycles, which cost the peer nothing, and gives
a frame. Signals are taken channel by channel, (channels, samples), which is what a frame holds and
what the peers are fastest on. Coefficients are made beforehand.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import bottleneck as bn
import numpy as np
import pandas as pd
import scipy.signal
from numpy.lib.stride_tricks import sliding_window_view

__all__ = [
    "Decimation",
    "Detrending",
    "Hampel",
    "Pipeline",
    "SavitzkyGolay",
    "clip_outliers",
    "exponential",
    "exponential_names",
]

MAD_TO_STD = 1.4826
ROWS = 2000  # windows a pass: they stay in the cache


def by_cycle(
    log: pd.DataFrame, bounds: np.ndarray, work: Callable[[np.ndarray, np.ndarray], None]
) -> pd.DataFrame:
    """Call ``work(x, out)`` on (channels, samples) of each cycle."""
    values = log.to_numpy().T
    out = np.empty_like(values)
    for first, last in pairwise(bounds):
        work(values[:, first:last], out[:, first:last])
    return frame(out, log.index, log.columns)


def frame(values: np.ndarray, index: pd.Index, columns: object) -> pd.DataFrame:
    return pd.DataFrame(values.T, index=index, columns=columns, copy=False)


class Hampel:
    """Exact Hampel filter: moving medians by bottleneck.

    ``partition``: the first median is ``bottleneck.move_median``, the second is read off windows
    partitioned by numpy. Else both are ``bottleneck.median`` of windows.
    """

    def __init__(self, window: int, causal: bool, partition: bool) -> None:
        self.window = window
        self.causal = causal
        self.partition = partition

    def __call__(self, log: pd.DataFrame, bounds: np.ndarray) -> pd.DataFrame:
        return by_cycle(log, bounds, self.filter)

    def filter(self, x: np.ndarray, out: np.ndarray) -> None:
        w = self.window
        before = w - 1 if self.causal else w // 2
        after = w - 1 - before
        for signal, result in zip(x, out, strict=True):
            n = signal.size
            for first in range(0, max(n - w + 1, 0), ROWS):
                block = signal[first : first + ROWS + w - 1]
                rows = slice(first + before, first + before + block.size - w + 1)
                result[rows] = self._clean(block, signal[rows])
            padded = np.concatenate([np.full(before, np.nan), signal, np.full(after, np.nan)])
            windows = sliding_window_view(padded, w)
            full = n >= w
            for rows in (slice(0, before), slice(n - after, n)) if full else (slice(0, n),):
                self._clean_edge(windows[rows], signal[rows], result[rows])

    def _clean(self, block: np.ndarray, samples: np.ndarray) -> np.ndarray:
        windows = sliding_window_view(block, self.window)
        if self.partition:
            middle = bn.move_median(block, self.window)[self.window - 1 :]
            distances = windows - middle[:, None]
            np.abs(distances, out=distances)
            distances.partition(self.window // 2, axis=1)
            scale = distances[:, self.window // 2]
        else:
            middle = bn.median(windows, axis=1)
            scale = bn.median(np.abs(windows - middle[:, None]), axis=1)
        outlier = np.abs(samples - middle) > 3.0 * MAD_TO_STD * scale
        return np.where(outlier, middle, samples)

    @staticmethod
    def _clean_edge(windows: np.ndarray, samples: np.ndarray, result: np.ndarray) -> None:
        if samples.size == 0:
            return
        middle = bn.nanmedian(windows, axis=1)
        scale = bn.nanmedian(np.abs(windows - middle[:, None]), axis=1)
        outlier = np.abs(samples - middle) > 3.0 * MAD_TO_STD * scale
        result[:] = np.where(outlier, middle, samples)


class SavitzkyGolay:
    """Savitzky-Golay filter of order 3: ``savgol_filter``, ``lfilter`` or ``numpy.convolve``."""

    def __init__(self, window: int, causal: bool, by: str) -> None:
        self.window = window
        self.by = by
        centre = window - 1 if causal else window // 2
        self.taps = scipy.signal.savgol_coeffs(window, 3, pos=centre, use="conv")
        self.edges = np.array([_fit_row(window, 3, pos) for pos in range(window)])
        self.start = np.zeros((window - 1, window - 1))
        for i in range(window - 1):
            self.start[i, : i + 1] = _fit_row(i + 1, min(3, i), i)

    def __call__(self, log: pd.DataFrame, bounds: np.ndarray) -> pd.DataFrame:
        work = {
            "savgol_filter": self.symmetric,
            "convolve": self.symmetric_by_convolve,
            "lfilter": self.causal,
        }
        return by_cycle(log, bounds, work[self.by])

    def symmetric(self, x: np.ndarray, out: np.ndarray) -> None:
        out[:] = scipy.signal.savgol_filter(x, self.window, 3, axis=-1)

    def symmetric_by_convolve(self, x: np.ndarray, out: np.ndarray) -> None:
        k = self.window // 2
        for signal, result in zip(x, out, strict=True):
            result[k:-k] = np.convolve(signal, self.taps, mode="valid")
        out[:, :k] = x[:, : self.window] @ self.edges[:k].T
        out[:, -k:] = x[:, -self.window :] @ self.edges[k + 1 :].T

    def causal(self, x: np.ndarray, out: np.ndarray) -> None:
        out[:] = scipy.signal.lfilter(self.taps, 1.0, x)
        m = min(self.window - 1, x.shape[1])
        out[:, :m] = x[:, :m] @ self.start[:m, :m].T


def _fit_row(n: int, order: int, position: int) -> np.ndarray:
    """Weights of n samples in the value of their least-squares polynomial at a position."""
    points = np.linspace(-1.0, 1.0, n) if n > 1 else np.zeros(1)
    q, _ = np.linalg.qr(np.vander(points, order + 1))
    return q @ q[position]


class Decimation:
    """Every tenth sample behind a low-pass of the given taps, which ends at the sample kept.

    ``edges`` are the filters for the rows where fewer samples are there than taps.
    """

    def __init__(self, factor: int, taps: np.ndarray, edges: np.ndarray, fft: bool) -> None:
        self.factor = factor
        self.taps = taps
        self.edges = edges
        self.fft = fft

    def __call__(self, log: pd.DataFrame, bounds: np.ndarray) -> pd.DataFrame:
        values = log.to_numpy().T
        pieces = [self._cycle(values[:, first:last]) for first, last in pairwise(bounds)]
        rows = [np.arange(first, last, self.factor) for first, last in pairwise(bounds)]
        index = log.index.take(np.concatenate(rows))
        return frame(np.concatenate(pieces, axis=1), index, log.columns)

    def _cycle(self, x: np.ndarray) -> np.ndarray:
        kept = -(-x.shape[1] // self.factor)
        if self.fft:
            out = scipy.signal.fftconvolve(x, self.taps[None], axes=-1)[:, :: self.factor][:, :kept]
        else:
            out = scipy.signal.upfirdn(self.taps, x, down=self.factor, axis=-1)[:, :kept]
        reach = self.edges.shape[1] - 1
        m = min(len(self.edges), kept)
        n = min(reach, x.shape[1])
        out = np.ascontiguousarray(out)
        out[:, :m] = x[:, :n] @ self.edges[:m, :n].T
        return out


class Detrending:
    """Mean or least-squares line of each cycle taken out: by scipy, or written out in numpy."""

    def __init__(self, kind: str, by: str) -> None:
        self.kind = kind
        self.by = by

    def __call__(self, log: pd.DataFrame, bounds: np.ndarray) -> pd.DataFrame:
        return by_cycle(log, bounds, self.by_scipy if self.by == "scipy" else self.by_numpy)

    def by_scipy(self, x: np.ndarray, out: np.ndarray) -> None:
        out[:] = scipy.signal.detrend(x, axis=-1, type=self.kind)

    def by_numpy(self, x: np.ndarray, out: np.ndarray) -> None:
        np.subtract(x, x.mean(axis=1, keepdims=True), out=out)
        if self.kind == "linear":
            time = np.arange(x.shape[1]) - 0.5 * (x.shape[1] - 1)
            slope = out @ time / (time @ time)
            out -= slope[:, None] * time


def clip_outliers(log: pd.DataFrame, method: str) -> pd.DataFrame:
    """Thresholds of each channel from its own rows, and what is beyond them set to them."""
    values = log.to_numpy().T
    out = np.empty_like(values)
    for signal, result in zip(values, out, strict=True):
        if method == "zscore":
            low, high = signal.mean() + np.array([-3.0, 3.0]) * signal.std()
        else:
            q1, q3 = np.percentile(signal, [25, 75])
            low, high = q1 - 1.5 * (q3 - q1), q3 + 1.5 * (q3 - q1)
        np.clip(signal, low, high, out=result)
    return frame(out, log.index, log.columns)


def exponential_names(columns: pd.Index, spans: list[int], statistics: tuple[str, ...]) -> list:
    return [f"{c}_{what}_{span}" for c in columns for span in spans for what in statistics]


def exponential(log: pd.DataFrame, spans: list[int]) -> pd.DataFrame:
    """Means and standard deviations of all spans, by pandas' groupby and ewm."""
    groups = log.groupby(level="cycle", sort=False)
    n = log.shape[1]
    out = np.empty((n * len(spans) * 2, len(log)))
    for k, span in enumerate(spans):
        ewm = groups.ewm(span=span, adjust=False)
        out[2 * k :: 2 * len(spans)] = ewm.mean().to_numpy().T
        out[2 * k + 1 :: 2 * len(spans)] = ewm.std().to_numpy().T
    np.nan_to_num(out, copy=False)  # the first std of a cycle
    return frame(out, log.index, exponential_names(log.columns, spans, ("mean", "std")))


class Pipeline:
    """Limits, causal Hampel, causal Savitzky-Golay, exponential means, z-score, cycle by cycle."""

    def __init__(
        self, limits: tuple[float, float], spans: list[int], mean: np.ndarray, std: np.ndarray
    ) -> None:
        self.limits = limits
        self.hampel = Hampel(11, causal=True, partition=True)
        self.smooth = SavitzkyGolay(11, causal=True, by="lfilter")
        self.spans = spans
        self.mean = mean
        self.std = std

    def __call__(self, log: pd.DataFrame, bounds: np.ndarray) -> pd.DataFrame:
        values = log.to_numpy().T
        n = len(values)
        out = np.empty((n * (1 + len(self.spans)), len(log)))
        for first, last in pairwise(bounds):
            self._cycle(values[:, first:last], out[:, first:last])
        names = [*log.columns, *exponential_names(log.columns, self.spans, ("mean",))]
        return frame(out, log.index, names)

    def _cycle(self, x: np.ndarray, out: np.ndarray) -> None:
        n = len(x)
        cleaned = np.empty_like(x)
        self.hampel.filter(np.clip(x, *self.limits), cleaned)
        smooth = np.empty_like(x)
        self.smooth.causal(cleaned, smooth)
        out[:n] = smooth
        for k, span in enumerate(self.spans):
            alpha = 2.0 / (span + 1.0)
            taps, start = ([alpha], [1.0, alpha - 1.0]), (1.0 - alpha) * smooth[:, :1]
            out[n + k :: len(self.spans)], _ = scipy.signal.lfilter(*taps, smooth, zi=start)
        out -= self.mean[:, None]
        out /= self.std[:, None]
