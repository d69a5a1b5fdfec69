"""The steps of a fitted pipeline in words and claims."""

from __future__ import annotations

import copy
from collections.abc import Hashable
from typing import Any, NamedTuple

import pandas as pd

from signalprep.flow import Reach, Step, steps_of, walk
from signalprep.preprocessing import HampelFilter

SHOWN = 8  # channels whose learned floors are told one by one


class StepReach(NamedTuple):
    """Name, words, reach and learned noise floors (lowest, highest) of one step."""

    step: str
    estimator: str
    reach: Reach
    floors: dict[Hashable, tuple[float, float]]


def told_steps(estimator: Any) -> list[StepReach]:
    """One entry a step of a fitted estimator, those inside others by the names that lead there."""
    return [
        StepReach(step.name, _words(step), step.reach, _floors(step))
        for step in steps_of(estimator)
    ]


def steps_table(folds: list[list[StepReach]], ahead: int = 0) -> pd.DataFrame:
    """One row a step with the largest claims over the folds, and a last row with their sum.

    A log that looks `ahead` by itself comes before them. Learned noise floors stand beside the
    words of the step, from the lowest fold to the highest.
    """
    rows: list[tuple[Any, ...]] = []
    if ahead:
        rows.append(("log", "read with interpolate='linear'", ahead, 0, 0))
    every = [step for fold in folds for step in fold]
    for name in dict.fromkeys(step.step for step in every):
        same = [step for step in every if step.step == name]
        widest = same[0].reach
        for other in same[1:]:
            widest = widest.beside(other.reach)
        words = same[0].estimator + _floor_words(_joined([one.floors for one in same]))
        rows.append((name, words, *widest))
    table = pd.DataFrame(rows, columns=["step", "estimator", "lookahead", "memory", "delay"])
    claims = table[["lookahead", "memory", "delay"]].sum()
    table.loc[len(table)] = ["pipeline", "", *claims]
    return table


class _Below:
    """Stands for an estimator whose steps are told further down."""

    def __repr__(self) -> str:
        return "..."


def _words(step: Step) -> str:
    """Repr in one line."""
    shown = step.node.estimator
    if step.told_below:
        shown = copy.copy(shown)
        setattr(shown, step.told_below, _Below())
    return " ".join(repr(shown).split())


def _floors(step: Step) -> dict[Hashable, tuple[float, float]]:
    """Least scales that Hampel filters in a step have learned, by channel."""
    parts = () if step.around else walk(step.node.estimator)
    found = [
        {channel: (floor, floor) for channel, floor in part.steps_.items()}
        for _, part in parts
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
