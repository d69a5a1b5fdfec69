"""The steps of a fitted pipeline in words and claims."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, NamedTuple

import pandas as pd
from sklearn.pipeline import Pipeline

from signalprep.compose import AtRate
from signalprep.flow import Reach, reach, walk
from signalprep.preprocessing import HampelFilter

SHOWN = 8  # channels whose learned floors are told one by one


class StepReach(NamedTuple):
    """Name, words, reach and learned noise floors (lowest, highest) of one step."""

    step: str
    estimator: str
    reach: Reach
    floors: dict[Hashable, tuple[float, float]]


def steps_of(estimator: Any) -> list[StepReach]:
    """One entry a step of a fitted pipeline; a single estimator is one step."""
    if isinstance(estimator, Pipeline):
        return [
            StepReach(name, _words(step), reach(step), _floors(step))
            for name, step in estimator.steps
            if step is not None and step != "passthrough"
        ]
    name = type(estimator).__name__.lower()
    return [StepReach(name, _words(estimator), reach(estimator), _floors(estimator))]


def steps_table(folds: list[list[StepReach]], ahead: int = 0) -> pd.DataFrame:
    """One row a step with the largest claims over the folds, and a last row with their sum.

    A log that looks `ahead` by itself comes before them. Learned noise floors stand beside the
    words of the step, from the lowest fold to the highest.
    """
    rows: list[tuple[Any, ...]] = []
    if ahead:
        rows.append(("log", "read with interpolate='linear'", ahead, 0, 0))
    for same in zip(*folds, strict=True):
        widest = same[0].reach
        for other in same[1:]:
            widest = widest.beside(other.reach)
        words = same[0].estimator + _floor_words(_joined([one.floors for one in same]))
        rows.append((same[0].step, words, *widest))
    table = pd.DataFrame(rows, columns=["step", "estimator", "lookahead", "memory", "delay"])
    claims = table[["lookahead", "memory", "delay"]].sum()
    table.loc[len(table)] = ["pipeline", "", *claims]
    return table


def _words(step: Any) -> str:
    """Repr in one line."""
    inner = getattr(step, "estimator_", None)
    if isinstance(step, AtRate) and inner is not None:
        return f"AtRate(factor={step.factor}): {' > '.join(s.estimator for s in steps_of(inner))}"
    return " ".join(repr(step).split())


def _floors(step: Any) -> dict[Hashable, tuple[float, float]]:
    """Least scales that Hampel filters in a step have learned, by channel."""
    found = [
        {channel: (floor, floor) for channel, floor in part.steps_.items()}
        for _, part in walk(step)
        if isinstance(part, HampelFilter) and hasattr(part, "min_scale_")
    ]
    return _joined(found)


def _joined(
    floors: list[dict[Hashable, tuple[float, float]]],
) -> dict[Hashable, tuple[float, float]]:
    """The lowest and the highest floor of each channel."""
    joined: dict[Hashable, tuple[float, float]] = {}
    for some in floors:
        for channel, (low, high) in some.items():
            known = joined.get(channel, (low, high))
            joined[channel] = (min(low, known[0]), max(high, known[1]))
    return joined


def _floor_words(floors: dict[Hashable, tuple[float, float]]) -> str:
    """Such as ": min_scale 0.1 (step) for i_d, i_q; 0 (no step) for T_m"."""
    together: dict[str, list[str]] = {}
    for channel, (low, high) in list(floors.items())[:SHOWN]:
        value = f"{low:.4g}" if f"{low:.4g}" == f"{high:.4g}" else f"{low:.4g} to {high:.4g}"
        together.setdefault(f"{value} ({'step' if high > 0 else 'no step'})", []).append(
            str(channel)
        )
    if not together:
        return ""
    words = "; ".join(f"{value} for {', '.join(names)}" for value, names in together.items())
    left = len(floors) - SHOWN
    return f": min_scale {words}" + (f"; {left} more channels" if left > 0 else "")
