"""Usual mistakes in the inputs and targets of a network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from signalprep.neural.checks._finding import Finding

__all__ = ["input_findings", "target_findings"]

CONSTANT = 1e-12  # of the largest size: a spread below it is rounding
WILD = 20.0  # standard deviations
TRIMMED = (0.1, 99.9)  # percentiles between which the deviation is taken
HUGE, TINY = 1e8, 1e-8  # in the target's unit
SAME = 1.0 - 1e-10  # correlation of duplicates
LEAK = 0.9999
SHORTEST = 20  # rows of a segment that can show a counter
EVEN = 1e-6  # of the mean step: a smaller scatter of steps is that of a counter


def target_findings(target: np.ndarray, names: Sequence[str]) -> Iterator[Finding]:
    """What is wrong with targets (n_rows, n_targets)."""
    for values, name in zip(target.T, names, strict=True):
        largest = float(np.abs(values).max())
        if _is_constant(values):
            yield Finding("the target is constant", name, float(values[0]), "check the column of y")
            continue
        spread = float(values.std())
        if largest > HUGE or spread < TINY:
            size = largest if largest > HUGE else spread
            yield Finding(
                "the target is of an extreme size",
                name,
                size,
                "check its unit, and for codes that stand for missing values; the network scales "
                "it, but not what is not a measurement",
            )
        wild = _largest_deviation(values)
        if wild > WILD:
            yield Finding(
                "the target has outliers (largest in standard deviations)",
                name,
                wild,
                'take them out (HampelFilter, PhysicalLimits), or recipe=Recipe(loss="huber")',
            )


def input_findings(
    rows: np.ndarray,
    target: np.ndarray,
    bounds: np.ndarray,
    names: Sequence[str],
    targets: Sequence[str],
    scaled: bool,
) -> Iterator[Finding]:
    """What is wrong with inputs (n_rows, n_inputs) of segments between `bounds`."""
    moving = [k for k in range(rows.shape[1]) if not _is_constant(rows[:, k])]
    for k, name in enumerate(names):
        if k not in moving:
            yield Finding("the input is constant", name, float(rows[0, k]), "leave it out")
    for k in moving:
        yield from _alone(rows[:, k], bounds, names[k], scaled)
    with_y = [k for k in range(target.shape[1]) if not _is_constant(target[:, k])]
    x, y = _unit(rows[:, moving]), _unit(target[:, with_y])
    like_target = x.T @ y
    for i, j in np.argwhere(np.abs(like_target) > LEAK):
        yield Finding(
            f"the target {targets[with_y[j]]!r} is among the inputs (correlation)",
            names[moving[i]],
            float(like_target[i, j]),
            "leave it out, unless it is measured where the model will run",
        )
    alike = np.triu(np.abs(x.T @ x) > SAME, 1)
    for i, j in np.argwhere(alike):
        yield Finding(
            f"the input says the same as {names[moving[i]]!r} (correlation)",
            names[moving[j]],
            float(x[:, i] @ x[:, j]),
            "leave one of them out",
        )


def _alone(values: np.ndarray, bounds: np.ndarray, name: str, scaled: bool) -> Iterator[Finding]:
    """Findings about one input that is not constant."""
    wild = _largest_deviation(values)
    if wild > WILD:
        yield Finding(
            "the input has outliers (largest in standard deviations)",
            name,
            wild,
            "take them out (HampelFilter, PhysicalLimits): they flatten all other values",
        )
    size = float(np.sqrt(np.mean(values**2)))
    if not scaled and not 0.1 <= size <= 10.0:
        yield Finding(
            "the input is not scaled (root mean square)",
            name,
            size,
            "recipe=Recipe(scale_inputs=True), or a Scaler before the network",
        )
    kind, step = _counter(values, bounds)
    if kind:
        yield Finding(
            kind,
            name,
            step,
            "leave it out: it tells the rows, or cycles, apart and goes on where no training was",
        )


def _counter(values: np.ndarray, bounds: np.ndarray) -> tuple[str, float]:
    """What kind of counter it is, or none, and its mean step."""
    parts = [values[a:b] for a, b in pairwise(bounds.tolist())]
    if len(parts) > 2 and all(np.ptp(part) == 0.0 for part in parts):
        steps = np.diff([part[0] for part in parts])
        return ("the input counts cycles (step)", float(steps.mean())) if _even(steps) else ("", 0)
    steps_of = [np.diff(part) for part in parts if len(part) >= SHORTEST]
    if not steps_of:
        return "", 0.0
    steps = np.concatenate(steps_of)
    if _even(steps):
        return "the input is a clock or counts rows (step)", float(steps.mean())
    if (steps > 0.0).all() or (steps < 0.0).all():
        return "the input only rises, or falls, within every cycle (mean step)", float(steps.mean())
    return "", 0.0


def _even(steps: np.ndarray) -> bool:
    mean = abs(float(steps.mean()))
    return mean > 0.0 and float(steps.std()) <= EVEN * mean


def _is_constant(values: np.ndarray) -> bool:
    return bool(values.std() <= CONSTANT * np.abs(values).max())


def _largest_deviation(values: np.ndarray) -> float:
    """Largest distance from the middle, in standard deviations of all but the outermost rows."""
    low, high = np.percentile(values, TRIMMED)
    inner = values[(values >= low) & (values <= high)]
    spread = inner.std() if np.ptp(inner) > 0.0 else values.std()
    return float(np.abs(values - inner.mean()).max() / spread)


def _unit(columns: np.ndarray) -> np.ndarray:
    """Columns of mean 0 and length 1."""
    centred = columns - columns.mean(axis=0)
    return centred / np.sqrt((centred**2).sum(axis=0))
