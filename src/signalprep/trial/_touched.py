"""What filters do to the test rows: which samples of which channel each flags."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from signalprep.flow import Opaque, Passed, below, is_fitted, passing, walk
from signalprep.preprocessing.outliers import OutlierFilter

__all__ = ["Touched", "touched"]


class Touched(NamedTuple):
    """The rows whose sample of a channel a step flags, by their place among those it was shown."""

    step: str
    channel: Any
    rows: np.ndarray


def touched(fitted: Any, log: pd.DataFrame) -> list[Touched]:
    """What each filter of a fitted estimator flags in a log, in the order in which rows pass.

    Of what holds estimators in a way of its own (votes, stacks, one for each target) those are
    looked into that see its rows as they come, by their numbers.
    """
    left = sum(isinstance(step, OutlierFilter) for _, step in walk(fitted))
    found: list[Touched] = []
    if not left:
        return found
    for one in passing(fitted, log):
        here = list(_of_stage(one))
        found += here
        left -= len({each.step for each in here})
        if left <= 0:
            break
    return found


def _of_stage(one: Passed) -> Iterator[Touched]:
    step = one.stage.estimator
    if isinstance(step, OutlierFilter):
        flags = np.asarray(step.flag(one.given))
        names = list(getattr(step, "feature_names_in_", range(flags.shape[1])))
        for k in step.channels_:
            yield Touched(one.stage.name, names[k], one.rows[np.flatnonzero(flags[:, k])])
        return
    if isinstance(one.stage.node, Opaque):
        yield from _of_held(one, one.stage.node)
    for branch, given in one.stage.branches(one.given):
        if isinstance(given, pd.DataFrame):
            for each in touched(branch.estimator, given):
                name = branch.name if each.step == branch.name else f"{branch.name} > {each.step}"
                yield each._replace(step=name, rows=one.rows[each.rows])


def _of_held(one: Passed, node: Opaque) -> Iterator[Touched]:
    if not isinstance(one.given, pd.DataFrame):
        return
    columns = list(one.given.columns)
    held = [part for part in node.held if is_fitted(part)]
    for number, part in enumerate(held, start=1):
        if list(getattr(part, "feature_names_in_", ())) == columns:
            for each in touched(part, one.given):
                name = below(below(one.stage.name, str(number)), each.step)
                yield each._replace(step=name, rows=one.rows[each.rows])
