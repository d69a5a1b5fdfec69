"""Vote: how the predictions of a cycle's rows become one decision."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log import cycle_bounds, locate
from signalprep.trial._task import Task

DECISIONS = ("row", "cycle")


@dataclass(frozen=True)
class Vote:
    """One decision a cycle, standing in the last row of it.

    Attributes
    ----------
    how : str or callable
        One of the task's votes, or what makes one value of the predictions of a cycle's rows.
    task : Task
        What is decided.
    """

    how: Any
    task: Task

    @property
    def words(self) -> str:
        """Its name."""
        name = self.how if isinstance(self.how, str) else getattr(self.how, "__name__", "<lambda>")
        return "a function" if name == "<lambda>" else str(name)

    def decide(
        self, prediction: np.ndarray, probability: pd.DataFrame | None, bounds: np.ndarray
    ) -> tuple[np.ndarray, pd.DataFrame | None]:
        """Decision of each cycle, and the mean of the probabilities where the vote is known."""
        slices = [slice(*ends) for ends in pairwise(bounds)]
        if callable(self.how):
            return np.array([self._own(prediction[rows]) for rows in slices]), None
        if probability is None:
            return np.array([self.task.vote(self.how, prediction[rows]) for rows in slices]), None
        means = pd.DataFrame(
            [probability.iloc[rows].mean() for rows in slices], columns=probability.columns
        )
        found = [
            self.task.vote(self.how, prediction[rows], mean)
            for rows, (_, mean) in zip(slices, means.iterrows(), strict=True)
        ]
        return np.array(found), means

    def _own(self, rows: np.ndarray) -> Any:
        """What a function makes of the rows of a cycle, of each target."""
        if rows.ndim > 1:
            return [self._own(target) for target in rows.T]
        found = self.how(rows)
        if np.ndim(found) != 0:
            raise InvalidParameterError(
                f"vote must make one value of the predictions of a cycle; {self.words} gave shape "
                f"{np.shape(found)}"
            )
        return found


def vote_for(decide: str, vote: Any, task: Task, estimator: Any) -> Vote | None:
    """The vote that is asked for, checked before any fit; None where each row is by itself."""
    if decide not in DECISIONS:
        choices = ", ".join(map(repr, DECISIONS))
        raise InvalidParameterError(f"decide must be one of {choices}; got {decide!r}")
    if not callable(vote) and vote not in task.votes:
        choices = ", ".join(map(repr, task.votes))
        raise InvalidParameterError(
            f"vote must be one of {choices} for {task.name}, or a function that makes one value of "
            f"the predictions of a cycle; got {vote!r}"
        )
    if decide == "row":
        if vote != "mean":
            raise InvalidParameterError(
                f"vote={vote!r} makes one decision a cycle: pass decide='cycle' too"
            )
        return None
    if hasattr(estimator, "predict_interval"):
        raise InvalidParameterError(
            f"{type(estimator).__name__} gives the interval of a row, not of a decision: pass "
            "decide='row', or the estimator that it holds"
        )
    task.check_vote(vote, estimator)
    return Vote(vote, task)


def check_one_truth(y: Any) -> None:
    """Raise InvalidLogError where a cycle has more than one truth to decide about."""
    bounds = cycle_bounds(y)
    values = y.to_numpy()
    first = np.repeat(values[bounds[:-1]], np.diff(bounds), axis=0)
    differs = (values != first).reshape(len(y), -1).any(axis=1)
    if differs.any():
        row = int(np.argmax(differs))
        raise InvalidLogError(
            f"decide='cycle' needs one truth a cycle; y changes at {locate(y.index, row)}: pass "
            "one value a cycle, by their ids, or decide='row'"
        )


def most_common_cell(labels: pd.DataFrame) -> pd.DataFrame:
    """At each row the cell that most rows of its cycle lie in, of several the first."""
    bounds = cycle_bounds(labels)
    codes, _ = pd.factorize(pd.MultiIndex.from_frame(labels))
    rows = [
        start + int(np.argmax(codes[start:stop] == np.bincount(codes[start:stop]).argmax()))
        for start, stop in pairwise(bounds)
    ]
    common = labels.iloc[np.repeat(rows, np.diff(bounds))]
    return common.set_axis(labels.index, axis=0)


def mostly(flags: np.ndarray, index: pd.Index) -> np.ndarray:
    """Whether more than half of the rows of each cycle are flagged."""
    bounds = cycle_bounds(index)
    return np.add.reduceat(flags, bounds[:-1], dtype=np.int64) * 2 > np.diff(bounds)
