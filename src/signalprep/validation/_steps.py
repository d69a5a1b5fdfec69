"""The steps of a fitted pipeline in words and claims."""

from __future__ import annotations

from typing import Any, NamedTuple

import pandas as pd
from sklearn.pipeline import Pipeline

from signalprep.compose import AtRate, Reach, reach


class StepReach(NamedTuple):
    """Name, words and reach of one step."""

    step: str
    estimator: str
    reach: Reach


def steps_of(estimator: Any) -> list[StepReach]:
    """One entry a step of a fitted pipeline; a single estimator is one step."""
    if isinstance(estimator, Pipeline):
        return [
            StepReach(name, _words(step), reach(step))
            for name, step in estimator.steps
            if step is not None and step != "passthrough"
        ]
    return [StepReach(type(estimator).__name__.lower(), _words(estimator), reach(estimator))]


def steps_table(folds: list[list[StepReach]], ahead: int = 0) -> pd.DataFrame:
    """One row a step with the largest claims over the folds, and a last row with their sum.

    A log that looks `ahead` by itself comes before them.
    """
    rows: list[tuple[Any, ...]] = []
    if ahead:
        rows.append(("log", "read with interpolate='linear'", ahead, 0, 0))
    for same in zip(*folds, strict=True):
        widest = same[0].reach
        for other in same[1:]:
            widest = widest.beside(other.reach)
        rows.append((same[0].step, same[0].estimator, *widest))
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
