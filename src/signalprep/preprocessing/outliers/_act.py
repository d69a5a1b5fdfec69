"""What is done about the samples that a judge flags, and how far that reaches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from signalprep._base import PlanRun, lay_out
from signalprep._kernels._blocks import run_blocks
from signalprep._kernels._chosen_channels import chosen
from signalprep._kernels._replace import interpolate_flagged, longest_flagged_run
from signalprep.errors import InvalidParameterError

__all__ = ["ACTIONS", "DRAWN", "act", "check_action", "longest_run", "without_result"]

DRAWN = "interpolate"  # looks ahead, so no kernel does it
ACTIONS = ("hold", "nan", "clip", DRAWN, "keep")


def check_action(action: str, actions: Sequence[str] = ACTIONS) -> None:
    """Raise unless `action` is one of `actions`."""
    if action not in actions:
        raise InvalidParameterError(
            f"action must be one of {', '.join(map(repr, actions))}; got {action!r}"
        )


def act(run: PlanRun, n_jobs: int, last_resort: str) -> np.ndarray:
    """All channels of the output. Straight lines, which no kernel draws, are drawn here.

    They join the good samples on both sides. In a segment without a good sample, what
    ``last_resort`` puts there.
    """
    if run.plan.act != DRAWN:
        return run.outputs()
    bounds = run.signals.bounds

    def draw(x: np.ndarray, out: np.ndarray, flags: np.ndarray) -> None:
        mask = flags if flags.size else np.empty(x.shape, dtype=np.uint8)
        run.fill(x, out, mask)
        found = out.copy()  # NaN where a window gives NaN, so nothing is drawn from there
        run_blocks(interpolate_flagged, bounds, len(x), n_jobs, found, bounds, out, mask)
        alone = (mask != 0) & np.isnan(out)
        if alone.any():
            instead = np.empty_like(out)
            run.fill(x, instead, mask, last_resort)
            out[alone] = instead[alone]

    return lay_out(run.plan, run.values, draw)


def without_result(run: PlanRun) -> np.ndarray:
    """Samples that no other may be replaced by: flagged, missing, or without a result."""
    x = chosen(run.values, run.plan.channels)
    out = np.empty_like(x)
    run.fill(x, out, np.empty((len(x), 0), dtype=np.uint8), "nan")
    return np.isnan(out)


def longest_run(bad: np.ndarray, bounds: np.ndarray) -> int:
    """Most samples in a row, within a segment, that are bad in some channel."""
    return int(longest_flagged_run(bad, bounds).max(initial=0))
