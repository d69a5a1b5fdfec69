"""How often a 95 % interval holds the true error: resampling cycles against resampling rows.

The errors of a simulated drive cycle follow an AR(1) process around an offset of their own, as the
errors of a model do that knows the cycle only in part. The truth is known, so each interval either
holds it or not. The measured value moves in the same way, for R2. All kinds of interval come from
the same function, `regime_metrics`: every data set is one cell, and to resample rows every row
counts as a cycle of its own.

    python benchmarks/interval_coverage.py
    python benchmarks/interval_coverage.py --cycles 12 24 --data-sets 4000
    python benchmarks/interval_coverage.py --degrees 5 --scale-std 0.4
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.signal import lfilter
from scipy.special import ndtr, ndtri, stdtrit

from signalprep.metrics import regime_metrics

METRICS = ("bias", "mae", "rmse", "p95", "r2")
BATCH = 50  # data sets that share their resampled cycles
SAMPLE = 4_000_000  # errors from which the true metrics are taken


@dataclass(frozen=True)
class ErrorModel:
    """Errors of a cycle: offset + scale of the cycle times AR(1); measured values: offset + AR(1).

    Offsets are normal, scales log-normal, and an AR(1) is normal at first: with `degrees` it is
    then mapped, value by value, onto a Student distribution of unit variance.
    """

    bias: float = 0.3
    offset_std: float = 0.5
    noise_std: float = 1.0
    correlation: float = 0.95
    shortest: int = 60
    longest: int = 180
    degrees: float = np.inf
    scale_std: float = 0.0
    truth_offset_std: float = 1.0
    truth_std: float = 2.0

    def simulate(
        self, n_data_sets: int, n_cycles: int, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Errors and true values of shape (n_data_sets, n_rows), and the cycle of each row."""
        lengths = rng.integers(self.shortest, self.longest, size=n_cycles, endpoint=True)
        kept = np.arange(lengths.max()) < lengths[:, None]
        of_cycle = (n_data_sets, n_cycles, 1)

        def ar1(rng: np.random.Generator) -> np.ndarray:
            drive = rng.normal(size=(n_data_sets, *kept.shape))
            drive[..., 1:] *= np.sqrt(1.0 - self.correlation**2)  # stationary from the first row
            return lfilter([1.0], [1.0, -self.correlation], drive, axis=-1)

        (other,) = rng.spawn(1)
        noise = self.noise(ar1(rng))
        errors = rng.normal(self.bias, self.offset_std, size=of_cycle) + noise
        if self.scale_std > 0:
            errors += np.expm1(self.scale_std * rng.normal(size=of_cycle)) * noise
        truth = self.truth_std * ar1(other)
        truth += other.normal(0.0, self.truth_offset_std, size=of_cycle)
        return errors[:, kept], truth[:, kept], np.repeat(np.arange(n_cycles), lengths)

    def noise(self, normal: np.ndarray) -> np.ndarray:
        """Noise of the wanted distribution from standard normal values."""
        if np.isinf(self.degrees):
            return self.noise_std * normal
        unit = np.sqrt(1.0 - 2.0 / self.degrees)
        return self.noise_std * unit * stdtrit(self.degrees, ndtr(normal))

    def true_metrics(self) -> dict[str, float]:
        """Metrics of the distributions of an error and a true value, from a large sample."""
        rng = np.random.default_rng(0)
        levels = (np.arange(SAMPLE) + 0.5) / SAMPLE
        offset, scale, noise = (ndtri(rng.permutation(levels)) for _ in range(3))
        error = self.bias + self.offset_std * offset
        error += np.exp(self.scale_std * scale) * self.noise(noise)
        size = np.abs(error)
        square = float(np.mean(error**2))
        return {
            "bias": self.bias,
            "mae": float(size.mean()),
            "rmse": square**0.5,
            "p95": float(np.quantile(size, 0.95)),
            "r2": 1.0 - square / (self.truth_offset_std**2 + self.truth_std**2),
        }


def coverage(
    model: ErrorModel, n_cycles: int, n_data_sets: int, seed: int, *, interval: str, by: str
) -> dict[str, float]:
    """Share of data sets whose interval holds the truth, for each metric.

    `by` is "cycle" or "row": what is resampled.
    """
    truth = model.true_metrics()
    hits = dict.fromkeys(METRICS, 0)
    for start in range(0, n_data_sets, BATCH):
        size = min(BATCH, n_data_sets - start)
        rng = np.random.default_rng([seed, n_cycles, start])
        errors, measured, cycle = model.simulate(size, n_cycles, rng)
        units = cycle if by == "cycle" else np.arange(len(cycle))
        table = regime_metrics(
            measured.ravel(),
            (measured + errors).ravel(),
            np.repeat(np.arange(size), len(cycle)),
            np.tile(units, size),
            interval=interval,
            random_state=rng,
        )
        for name in METRICS:
            low, high = table[f"{name}_low"], table[f"{name}_high"]
            hits[name] += int(((low <= truth[name]) & (truth[name] <= high)).sum())
    return {name: count / n_data_sets for name, count in hits.items()}


def coverage_table(model: ErrorModel, options: argparse.Namespace) -> pd.DataFrame:
    """Coverage of each kind of interval for each number of cycles, in percent."""
    kinds = [
        ("cycles", options.data_sets, {"interval": "studentized", "by": "cycle"}),
        ("cycles, plain percentiles", options.data_sets, {"interval": "percentile", "by": "cycle"}),
        ("rows", options.data_sets_by_row, {"interval": "percentile", "by": "row"}),
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
    parser.add_argument("--degrees", type=float, default=np.inf, help="of the Student noise")
    parser.add_argument("--scale-std", type=float, default=0.0, help="of the log of cycles' scales")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for offset_std in options.offset_std:
        model = ErrorModel(
            offset_std=offset_std,
            correlation=options.correlation,
            degrees=options.degrees,
            scale_std=options.scale_std,
        )
        print(f"Coverage of nominal 95 % intervals, in percent; {model}")
        print(coverage_table(model, options).to_string(index=False), end="\n\n", flush=True)
    noise = 196 * np.sqrt(0.95 * 0.05 / np.array([options.data_sets, options.data_sets_by_row]))
    print(f"A true 95 % shows as 95 +- {noise[0]:.1f} (cycles), 95 +- {noise[1]:.1f} (rows).")


if __name__ == "__main__":
    main()
