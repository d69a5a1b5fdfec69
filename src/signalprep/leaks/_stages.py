"""What the audit says of a step, and the steps on whose way through an estimator it looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from signalprep.flow import Passed, Stage, frozen_in, passing
from signalprep.leaks._changes import Change
from signalprep.log import cycle_bounds, is_log


@dataclass(frozen=True)
class Trace:
    """A few cycles on their way through a fitted estimator.

    Attributes
    ----------
    fitted : estimator
    log : DataFrame
        The cycles as they came.
    passed : list of Passed
        The stages that do something, in the order in which rows pass them.
    """

    fitted: Any
    log: pd.DataFrame
    passed: list[Passed]

    @classmethod
    def of(cls, fitted: Any, log: pd.DataFrame) -> Trace:
        """The log on its way through a fitted estimator, to the end."""
        passed = [one for one in passing(fitted, log) if one.stage.apply is not None]
        for one in passed:
            len(one.out)  # where it cannot be made, this raises
        return cls(fitted, log, passed)

    def bounds(self, k: int) -> np.ndarray:
        """Cycle borders of what goes into stage `k`."""
        return cycle_bounds(self.log.index[self.passed[k].rows])

    def channel(self, k: int, change: Change) -> str:
        """Name of the column of stage `k` that changed most."""
        return names_of(self.passed[k].stage, self.passed[k].out)[change.column]

    def lost_by(self) -> int | None:
        """The first stage whose output has no cycle borders although its input had them."""
        for k, one in enumerate(self.passed):
            kept = is_log(one.out) and one.out.index.equals(one.given.index)
            if not kept and not one.stage.final:
                return k
        return None


def words(stage: Stage) -> str:
    """Name and class, for a sentence."""
    frozen = frozen_in(stage.node)
    step = stage.estimator if frozen is None else frozen
    function = getattr(step, "func", None)
    inner = getattr(function, "__name__", "") if function is not None else ""
    what = f"{type(step).__name__} of {inner}" if inner else type(step).__name__
    return f"step {stage.name!r} ({what})"


def opening(stage: Stage) -> str:
    """The same at the start of a sentence."""
    return f"S{words(stage)[1:]}"


def names_of(stage: Stage, output: Any) -> list[str]:
    """Names of the columns that a step gives."""
    if isinstance(output, pd.DataFrame):
        return [str(name) for name in output.columns]
    if stage.final:
        return ["prediction"] * output.shape[1]
    names = getattr(stage.estimator, "get_feature_names_out", None)
    if names is not None:
        try:
            return [str(name) for name in names()]
        except (ValueError, AttributeError):  # scikit-learn's words for "not known"
            pass
    return [f"column {k}" for k in range(output.shape[1])]
