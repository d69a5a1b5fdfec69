"""Steps that hold statistics of test rows: fitted before, or with numbers computed on all rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, clone

from signalprep.flow import Chain, Stage, frozen_in, passing, tree, walk
from signalprep.leaks._disturb import column
from signalprep.leaks._finding import Finding
from signalprep.leaks._held import held_by, numbers_of
from signalprep.leaks._stages import Trace, opening
from signalprep.leaks._statistics import moments, statistics
from signalprep.log import cycles
from signalprep.model_selection import listed
from signalprep.trial import Case, fitted_on

SAME = 1e-9
MOST_NUMBERS = 2000


class Given(NamedTuple):
    """A stage, what goes into it of the whole log, and where in the log these rows stand."""

    stage: Stage
    data: Any
    rows: np.ndarray

    def own(self, chosen: np.ndarray) -> np.ndarray:
        """Positions, among its own rows, of rows of the log."""
        whole = np.array_equal(self.rows, np.arange(len(self.rows)))
        return chosen if whole else np.flatnonzero(np.isin(self.rows, chosen))


def statistics_findings(case: Case, trace: Trace) -> Iterator[Finding]:
    """Steps fitted before the folds, and numbers in steps that are statistics of all rows."""
    yield from _beyond_their_rows(case, trace)
    told: set[int] = set()
    for one in passing(trace.fitted, case.X):
        for stage, given in list(one.stage.branches(one.given)) or [(one.stage, one.given)]:
            here = Given(stage, given, one.rows)
            yield from _given_parts(case, here, told)
            yield from _held_numbers(case, here)


def _beyond_their_rows(case: Case, trace: Trace) -> Iterator[Finding]:
    """Parts that were given training rows and say that they have learned from others, too."""
    tested = cycles(case.X.iloc[case.whole[0][1]])
    before = {path for path, _ in fitted_on(case.estimator, tested)}
    for path, shared in fitted_on(trace.fitted, tested):
        if path not in before:
            yield Finding(
                "leak",
                "test_statistics",
                path,
                "",
                float(len(shared)),
                "test cycles",
                f"{path}, fitted on the training cycles of a fold, has learned from "
                f"{listed(shared)}, which the fold tests.",
            )


def _given_parts(case: Case, here: Given, told: set[int]) -> Iterator[Finding]:
    """Fitted estimators that were put into the step: frozen, or inside a function."""
    stage = here.stage
    for path, part in _fitted_before(stage.estimator):
        if id(part) in told:
            continue  # of the step inside that holds it
        told.add(id(part))
        learned = "feature_selection" if hasattr(part, "get_support") else "test_statistics"
        shared = _tested_by_memory(case, part)
        if shared is not None:
            if len(shared):
                yield _of_tested(stage, path, learned, shared)
            continue
        whole = Given(stage, case.X, np.arange(len(case.X)))
        rows = _fitted_rows(case, part, here) or _fitted_rows(case, part, whole)
        if rows == "training":
            continue
        known = rows == "all"
        words = (
            "its numbers are those of a fit on all rows, test rows among them"
            if known
            else "it does not remember on which cycles, so test cycles may be among them"
        )
        yield Finding(
            "leak" if known else "warning",
            learned,
            stage.name,
            "",
            1.0 if known else np.nan,
            "share of test cycles",
            f"{path} in step {stage.name!r} was fitted before the folds, and {words}.",
        )


def _of_tested(stage: Stage, path: str, kind: str, shared: pd.Index) -> Finding:
    return Finding(
        "leak",
        kind,
        stage.name,
        "",
        float(len(shared)),
        "test cycles",
        f"{path} in step {stage.name!r} was fitted on {listed(shared)}, which the folds test.",
    )


def _fitted_before(step: Any) -> Iterator[tuple[str, BaseEstimator]]:
    for _, part in walk(step):
        frozen = frozen_in(tree(part))
        if frozen is not None:
            yield f"{type(part).__name__}({type(frozen).__name__})", frozen
            return
        for value in part.get_params(deep=False).values():
            if isinstance(value, (BaseEstimator, list, tuple)):
                continue  # walked through, or fitted by the step
            for _, held in held_by(value):
                if isinstance(held, BaseEstimator) and _fitted_values(held):
                    yield type(held).__name__, held


def _tested_by_memory(case: Case, part: BaseEstimator) -> pd.Index | None:
    """Cycles it was fitted on that are tested; None when it does not remember any."""
    if not any(hasattr(inner, "cycles_") for _, inner in walk(part)):
        return None
    found = pd.Index([])
    for train, test in case.whole:
        del train
        tested = cycles(case.X.iloc[test])
        for _, shared in fitted_on(part, tested):
            found = found.union(shared, sort=False) if len(found) else shared
    return found


def _fitted_rows(case: Case, part: BaseEstimator, here: Given) -> str:
    """Rows that a new fit of the part must have for its numbers: "all", "training" or ""."""
    own = _fitted_values(part)
    for words, chosen in _candidates(case):
        rows = here.own(chosen)
        given = here.data.iloc[rows] if isinstance(here.data, pd.DataFrame) else here.data[rows]
        named = isinstance(given, pd.DataFrame)
        target = case.y.iloc[here.rows[rows]]
        try:
            again = clone(part).fit(given, target)
            if _same_values(own, _fitted_values(again)):
                return words
            if named:
                again = clone(part).fit(given.to_numpy(), target)
                if _same_values(own, _fitted_values(again)):
                    return words
        except (ValueError, TypeError, LookupError):
            return ""  # fitted on something else: other columns, no target
    return ""


def _candidates(case: Case) -> Iterator[tuple[str, np.ndarray]]:
    if len(case.whole) == 1:
        yield "training", case.whole[0][0]
    tested = np.concatenate([test for _, test in case.whole])
    trained = np.concatenate([train for train, _ in case.whole])
    yield "all", np.arange(len(case.X))
    if len(np.union1d(tested, trained)) < len(case.X):
        yield "all", np.union1d(tested, trained)


def _fitted_values(part: Any) -> dict[str, np.ndarray]:
    """Numbers that an estimator learned, by attribute, those of the parts of a pipeline too."""
    node = tree(part)
    if isinstance(node, Chain):
        return {
            f"{name}.{key}": value
            for name, step in node.steps
            for key, value in _fitted_values(step.estimator).items()
        }
    found = {}
    for name, value in vars(part).items():
        if name.endswith("_") and not name.endswith("__") and name != "n_features_in_":
            numbers = numbers_of(value) if not isinstance(value, (str, dict)) else np.empty(0)
            if len(numbers):
                found[name] = numbers
    return found


def _same_values(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
    return (
        bool(one)
        and one.keys() == other.keys()
        and all(
            one[name].shape == other[name].shape
            and np.allclose(one[name], other[name], rtol=1e-6, atol=1e-12)
            for name in one
        )
    )


def _held_numbers(case: Case, here: Given) -> Iterator[Finding]:
    """Numbers in parameters, functions and attributes that are statistics of all rows."""
    stage, data = here.stage, here.data
    given, learned = _numbers_in(stage.estimator)
    if not len(given) and not learned:
        return
    channels = dict(_known_channels(data, here.own(case.whole[0][0])))
    limits = {k: statistics(trained) for k, (_, trained) in channels.items() if len(given)}
    averages = {k: moments(trained) for k, (_, trained) in channels.items()}
    given = _unexplained(given, limits)
    for k, (known, _) in channels.items():
        name = str(data.columns[k]) if isinstance(data, pd.DataFrame) else f"column {k}"
        found = _matches(given, statistics(known), limits[k]) if len(given) else None
        if not found:
            held = _unexplained(_of_column(learned, k, data.shape[1]), averages)
            found = _matches(held, moments(known), averages[k])
        if found:
            what, value, honest = found
            yield Finding(
                "leak",
                "test_statistics",
                stage.name,
                name,
                abs(value - honest) / (float(channels[k][1].std()) or 1.0),
                "spreads of the channel",
                f"{opening(stage)} holds {value:.6g}, which is the {what} of {name!r} "
                f"over all rows, test rows among them (training rows of fold 0: {honest:.6g}).",
            )
            return


def _known_channels(
    data: Any, train: np.ndarray
) -> Iterator[tuple[int, tuple[np.ndarray, np.ndarray]]]:
    """Places of channels that move, with the values known over all rows and in training rows."""
    for k in range(data.shape[1]):
        values = column(data, k)
        if values.dtype.kind not in "fiu":
            continue
        values = values.astype(np.float64)
        known = values[np.isfinite(values)]
        trained = values[train][np.isfinite(values[train])]
        if len(known) >= 10 and len(trained) >= 10 and np.ptp(known) > 0:
            yield k, (known, trained)


def _numbers_in(step: Any) -> tuple[np.ndarray, list[np.ndarray]]:
    """Numbers of many digits given to a step, and the arrays it has as attributes."""
    if not isinstance(step, BaseEstimator):
        return np.empty(0), []
    given = [
        numbers_of(value)
        for parameter in _own_parameters(step)
        for _, value in held_by(parameter)
        if not isinstance(value, BaseEstimator)
    ]
    learned = [
        np.asarray(value, dtype=np.float64)
        for name, value in vars(step).items()
        if name.endswith("_")
        and isinstance(value, (float, np.floating, np.ndarray, pd.Series))
        and len(numbers_of(value))
    ]
    return _long(given), learned


def _of_column(learned: list[np.ndarray], k: int, n_columns: int) -> np.ndarray:
    """Numbers that may be of one column: of arrays with an entry for each, that entry alone.

    By chance a mean of one channel in training is that of another one over all rows.
    """
    parts = [a[..., k] if a.ndim and a.shape[-1] == n_columns else a for a in learned]
    return _long([numbers_of(part) for part in parts])


def _unexplained(numbers: np.ndarray, of_training: dict[int, dict[str, float]]) -> np.ndarray:
    """Those that are no statistic of any channel's training rows."""
    honest = np.sort([value for one in of_training.values() for value in one.values()])
    if not len(numbers) or not len(honest):
        return numbers
    place = np.searchsorted(honest, numbers).clip(1, len(honest) - 1)
    nearest = np.minimum(np.abs(numbers - honest[place - 1]), np.abs(numbers - honest[place]))
    return numbers[nearest > SAME * np.abs(numbers)]


def _own_parameters(step: BaseEstimator) -> Iterator[Any]:
    """Values of parameters, those of a part that is not fitted, such as a recipe, among them."""
    for value in step.get_params(deep=False).values():
        if isinstance(value, BaseEstimator) and not hasattr(value, "fit"):
            yield from _own_parameters(value)
        else:
            yield value


def _long(parts: list[np.ndarray]) -> np.ndarray:
    numbers = np.unique(np.concatenate([*parts, np.empty(0)]))[:MOST_NUMBERS]
    digits = [len(f"{abs(v):.12e}".split("e")[0].replace(".", "").strip("0")) for v in numbers]
    return numbers[np.array(digits, dtype=int) >= 6] if len(numbers) else numbers


def _matches(
    numbers: np.ndarray, whole: dict[str, float], own: dict[str, float]
) -> tuple[str, float, float] | None:
    """A number that is a statistic of all rows and not the same of the training rows."""
    if not len(numbers):
        return None
    for name, value in whole.items():
        trained = own.get(name, np.nan)
        if not abs(trained - value) > 1e3 * SAME * abs(value):
            continue
        if np.any(np.abs(numbers - value) <= SAME * abs(value)):
            return name, value, trained
    return None
