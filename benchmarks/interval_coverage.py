"""How often a 95 % interval holds the true error: resampling cycles against resampling rows.

The errors of a simulated drive cycle follow an AR(1) process around an offset of their own, as the
errors of a model do that knows the cycle only in part. The truth is known, so each interval either
holds it or not. Both kinds of interval come from the same function, `regime_metrics`: every data
set is one cell, and for the second kind every row counts as a cycle of its own.

    python benchmarks/interval_coverage.py
    python benchmarks/interval_coverage.py --cycles 12 24 --data-sets 4000
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.signal import lfilter
from scipy.stats import norm

from signalprep.metrics import regime_metrics

METRICS = ("bias", "mae", "rmse", "p95")
BATCH = 50  # data sets that share their resampled cycles


@dataclass(frozen=True)
class ErrorModel:
    """Errors of a cycle: offset + AR(1), both normal."""

    bias: float = 0.3
    offset_std: float = 0.5
    noise_std: float = 1.0
    correlation: float = 0.95
    shortest: int = 60
    longest: int = 180

    def simulate(
        self, n_data_sets: int, n_cycles: int, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Errors of shape (n_data_sets, n_rows) and the cycle of each row."""
        lengths = rng.integers(self.shortest, self.longest, size=n_cycles, endpoint=True)
        drive = rng.normal(size=(n_data_sets, n_cycles, lengths.max()))
        drive[..., 1:] *= np.sqrt(1.0 - self.correlation**2)  # stationary from the first row
        noise = self.noise_std * lfilter([1.0], [1.0, -self.correlation], drive, axis=-1)
        offset = rng.normal(self.bias, self.offset_std, size=(n_data_sets, n_cycles, 1))
        kept = np.arange(lengths.max()) < lengths[:, None]
        return (offset + noise)[:, kept], np.repeat(np.arange(n_cycles), lengths)

    def true_metrics(self) -> dict[str, float]:
        """Bias, MAE, RMSE and p95 of the normal distribution of an error."""
        m, s = self.bias, float(np.hypot(self.offset_std, self.noise_std))
        mae = s * np.sqrt(2 / np.pi) * np.exp(-(m**2) / (2 * s**2)) + m * (1 - 2 * norm.cdf(-m / s))

        def excess(x: float) -> float:
            return float(norm.cdf((x - m) / s) - norm.cdf((-x - m) / s)) - 0.95

        return {
            "bias": m,
            "mae": float(mae),
            "rmse": float(np.hypot(m, s)),
            "p95": float(brentq(excess, 0.0, abs(m) + 10 * s)),
        }


def coverage(
    model: ErrorModel, n_cycles: int, n_data_sets: int, seed: int, *, expand: bool, by: str
) -> dict[str, float]:
    """Share of data sets whose interval holds the truth, for each metric.

    `by` is "cycle" or "row": what is resampled.
    """
    truth = model.true_metrics()
    hits = dict.fromkeys(METRICS, 0)
    for start in range(0, n_data_sets, BATCH):
        size = min(BATCH, n_data_sets - start)
        rng = np.random.default_rng([seed, n_cycles, start])
        errors, cycle = model.simulate(size, n_cycles, rng)
        units = cycle if by == "cycle" else np.arange(len(cycle))
        table = regime_metrics(
            np.zeros(errors.size),
            errors.ravel(),
            np.repeat(np.arange(size), len(cycle)),
            np.tile(units, size),
            expand=expand,
            random_state=rng,
        )
        for name in METRICS:
            low, high = table[f"{name}_low"], table[f"{name}_high"]
            hits[name] += int(((low <= truth[name]) & (truth[name] <= high)).sum())
    return {name: count / n_data_sets for name, count in hits.items()}


def coverage_table(model: ErrorModel, options: argparse.Namespace) -> pd.DataFrame:
    """Coverage of each kind of interval for each number of cycles, in percent."""
    kinds = [
        ("cycles", options.data_sets, {"expand": True, "by": "cycle"}),
        ("cycles, plain percentiles", options.data_sets, {"expand": False, "by": "cycle"}),
        ("rows", options.data_sets_by_row, {"expand": False, "by": "row"}),
    ]
    results = []
    for n_cycles in options.cycles:
        for label, n_data_sets, kind in kinds:
            shares = coverage(model, n_cycles, n_data_sets, options.seed, **kind)
            results.append(
                {"n_cycles": n_cycles, "resampled": label, "data_sets": n_data_sets}
                | {name: f"{100 * share:.1f}" for name, share in shares.items()}
            )
    return pd.DataFrame(results)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cycles", type=int, nargs="+", default=[8, 24, 69])
    parser.add_argument("--data-sets", type=int, default=2000)
    parser.add_argument("--data-sets-by-row", type=int, default=100, help="rows are slow to draw")
    parser.add_argument("--offset-std", type=float, nargs="+", default=[0.0, 0.5])
    parser.add_argument("--correlation", type=float, default=ErrorModel.correlation)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for offset_std in options.offset_std:
        model = ErrorModel(offset_std=offset_std, correlation=options.correlation)
        print(f"Coverage of nominal 95 % intervals, in percent; {model}")
        print(coverage_table(model, options).to_string(index=False), end="\n\n", flush=True)
    noise = 196 * np.sqrt(0.95 * 0.05 / np.array([options.data_sets, options.data_sets_by_row]))
    print(f"A true 95 % shows as 95 +- {noise[0]:.1f} (cycles), 95 +- {noise[1]:.1f} (rows).")


if __name__ == "__main__":
    main()
