"""diagnose: cold start, memory and spread of the errors on unseen cycles."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtr

from signalprep.errors import InvalidParameterError
from signalprep.log import cycle_bounds, time_in_seconds
from signalprep.metrics import TaskName, effective_samples, regime_metrics
from signalprep.results._cold_start import cold_start
from signalprep.results._diagnosis import Diagnosis
from signalprep.results._validation import Validation

DOUBLINGS = 7
MOST_LAGS = 400
SIGNIFICANT = 0.01


def diagnose(validation: Validation, *, n_quantiles: int = 10) -> Diagnosis:
    """Look for a cold start, for memory in the errors and for a spread that changes.

    Parameters
    ----------
    validation : Validation
        Of any regressor; only its predictions are read.
    n_quantiles : int, default=10
        Intervals of the prediction, at least 2, each with as many rows.

    Returns
    -------
    diagnosis : Diagnosis

    Raises
    ------
    InvalidParameterError
        `n_quantiles` below 2, or a validation of a classifier, or of one prediction a cycle.

    Notes
    -----
    Cold start: a model with memory (exponential features, recurrent) starts each cycle without it,
    and so does a thermal state that nothing measures. The first tenth of each cycle is compared
    with the second half of the same cycle, both by its own length: with u and v their mean squared
    errors as shares of the cycle's, the ratio is the root of mean(u) over mean(v), its interval
    Fieller's, and a cold start is shown where the whole interval lies above 1 (a t test of u - v,
    paired by cycle; groups of cycles count as one). Errors twice as large at the start were found
    in 87 % of simulated cases with 8 cycles, in all with 24; with no cold start one was shown in 1
    to 4 %. "Not shown" is no proof that there is none: the interval says how large it may be.

    Autocorrelation: by statsmodels, for each cycle about its own mean up to a quarter of the
    longest cycle, mean over cycles weighted by rows; errors that stay alike for long are what a
    model with more memory could still explain.

    Spread: squared errors regressed on the prediction, and on its square (White), each tested with
    a standard error that leaves out one cycle at a time, since rows of a cycle are no independent
    samples; the p-value is the smaller one, doubled (Bonferroni). Where the
    validation lets every cycle count the same, so do the tables, the autocorrelation and this test;
    ``n_effective`` counts rows.

    References
    ----------
    H. White, "A heteroskedasticity-consistent covariance matrix estimator and a direct test for
    heteroskedasticity", Econometrica 48(4), 1980, pp. 817-838, doi:10.2307/1912934.

    Examples
    --------
    >>> import signalprep as sp
    >>> from sklearn.linear_model import Ridge
    >>> log = sp.datasets.simulate_pmsm(n_cycles=6, rate=1.0, random_state=0)
    >>> X, y = log.drop(columns="T_pm"), log["T_pm"]
    >>> diagnosis = sp.diagnose(sp.validate(Ridge(), X, y, n_bootstrap=100))
    >>> diagnosis.autocorrelation_time > 10.0
    True
    """
    if isinstance(n_quantiles, bool) or not isinstance(n_quantiles, int) or n_quantiles < 2:
        raise InvalidParameterError(f"n_quantiles must be an int of at least 2; got {n_quantiles}")
    if validation.task is TaskName.CLASSIFICATION:
        raise InvalidParameterError(
            "diagnose is for regressors; got the validation of a classifier, whose errors have no "
            "size"
        )
    if validation.task is TaskName.SEVERAL_TARGETS:
        raise InvalidParameterError(
            "diagnose takes the validation of one target; got Validations of several: pass one, "
            "such as validation['T_pm']"
        )
    found = validation.predictions
    if not (validation.by_cycle["n"] > 1).any():
        raise InvalidParameterError(
            "diagnose looks at how errors go on in time; every cycle has one prediction here: pass "
            "a validation of rows (decide='row')"
        )
    truth, prediction = found["truth"], found["prediction"]
    age = _seconds_since_start(found)
    options: dict[str, Any] = {
        "confidence": validation.confidence,
        "min_cycles": validation.min_cycles,
        "groups": validation.groups,
        "weight": validation.weight,
    }
    group = _group_of_cycle(validation)
    cold = cold_start(truth, prediction, age, group, **options)
    correlation = _autocorrelation(prediction - truth, validation.rate, validation.weight)
    worth = effective_samples(truth, prediction).astype(np.float64).loc["overall"].to_dict()
    spread = _by_prediction(truth, prediction, n_quantiles, options)
    sizes = np.diff(cycle_bounds(found))
    counts = np.repeat(1.0 / sizes, sizes) if validation.weight == "cycle" else None
    p_value = _spread_test(truth, prediction, np.repeat(group, sizes), counts)
    unit = validation.error_unit
    seconds = worth["autocorrelation_time"] / validation.rate
    return Diagnosis(
        cold_start=_by_age(truth, prediction, age, options),
        start=cold.start,
        settled=cold.settled,
        is_cold=cold.is_shown,
        start_ratio=cold.ratio,
        start_ratio_low=cold.low,
        start_ratio_high=cold.high,
        autocorrelation=correlation,
        autocorrelation_time=seconds,
        n_effective=worth["n_effective"],
        spread=spread,
        spread_p_value=p_value,
        findings=[
            cold.words(unit),
            _memory_words(seconds, worth),
            _spread_words(spread, p_value, unit),
        ],
        target=validation.target,
        unit=unit,
    )


def _group_of_cycle(validation: Validation) -> np.ndarray:
    """Number of what is drawn as a whole with each tested cycle: itself, or its group."""
    found = validation.predictions
    cycles = found.index.get_level_values(0)[cycle_bounds(found)[:-1]]
    if validation.groups is None:
        return np.arange(len(cycles))
    return np.asarray(pd.factorize(validation.groups.loc[cycles].to_numpy())[0])


def _seconds_since_start(found: pd.DataFrame) -> np.ndarray:
    seconds = time_in_seconds(found.index)  # type: ignore[arg-type]
    bounds = cycle_bounds(found)
    return seconds - np.repeat(seconds[bounds[:-1]], np.diff(bounds))


def _by_age(
    truth: pd.Series, prediction: pd.Series, age: np.ndarray, options: dict[str, Any]
) -> pd.DataFrame:
    """Errors in intervals of time since the start that double."""
    longest = float(age.max())
    edges = np.concatenate([[0.0], longest / 2.0 ** np.arange(DOUBLINGS - 1, -1, -1)])
    code = np.clip(np.searchsorted(edges, age, side="right") - 1, 0, DOUBLINGS - 1)
    labels = [f"{low:.3g}-{high:.3g} s" for low, high in pairwise(edges)]
    table = _errors_by(truth, prediction, code, labels, "time since start", options)
    middle = np.array([(low + high) / 2 for low, high in pairwise(edges)])
    return table.assign(seconds=middle[table["code"]]).drop(columns="code")


def _by_prediction(
    truth: pd.Series, prediction: pd.Series, n_quantiles: int, options: dict[str, Any]
) -> pd.DataFrame:
    """Errors in intervals of the prediction with as many rows each."""
    values = prediction.to_numpy()
    edges = np.unique(np.quantile(values, np.linspace(0, 1, n_quantiles + 1)))
    if len(edges) < 2:
        edges = np.array([edges[0], edges[0]])
    n = len(edges) - 1
    code = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, n - 1)
    labels = [f"{low:.4g} to {high:.4g}" for low, high in pairwise(edges)]
    labels = [f"{label} ({k + 1})" for k, label in enumerate(labels)]
    table = _errors_by(truth, prediction, code, labels, "prediction", options)
    middle = np.array([(low + high) / 2 for low, high in pairwise(edges)])
    return table.assign(prediction=middle[table["code"]]).drop(columns="code")


def _errors_by(
    truth: pd.Series,
    prediction: pd.Series,
    code: np.ndarray,
    labels: list[str],
    name: str,
    options: dict[str, Any],
) -> pd.DataFrame:
    parts = pd.Series(
        pd.Categorical.from_codes(code, dtype=pd.CategoricalDtype(labels, ordered=True)),
        truth.index,
        name=name,
    )
    table = regime_metrics(truth, prediction, parts, **options)
    table = table[table["n"] > 0]
    place = {label: k for k, label in enumerate(labels)}
    return table.assign(code=[place[label] for label in table.index])


def _autocorrelation(error: pd.Series, rate: float, weight: str) -> pd.Series:
    """Mean over cycles of the errors' autocorrelation, by lag in seconds."""
    from statsmodels.tsa.stattools import acf

    bounds = cycle_bounds(error)
    longest = int(np.diff(bounds).max())
    n_lags = max(1, longest // 4)
    total, counted = np.zeros(n_lags + 1), np.zeros(n_lags + 1)
    values = error.to_numpy()
    for first, last in pairwise(bounds):
        own = values[first:last]
        if len(own) < 3 or np.ptp(own) == 0:
            continue
        found = acf(own, nlags=min(n_lags, len(own) - 1), fft=True)
        counts = 1 if weight == "cycle" else len(own)
        total[: len(found)] += counts * found
        counted[: len(found)] += counts
    known = counted > 0
    lag = np.arange(n_lags + 1)[known]
    kept = np.unique(np.linspace(0, len(lag) - 1, MOST_LAGS).astype(int)) if len(lag) else lag
    series = pd.Series(total[known] / counted[known], lag / rate, name="autocorrelation")
    series.index.name = "lag_seconds"
    return series.iloc[kept]


def _spread_test(
    truth: pd.Series, prediction: pd.Series, group: np.ndarray, counts: np.ndarray | None = None
) -> float:
    """P-value of a squared error that depends on the prediction; NaN where it cannot be told.

    `counts` is what each row counts for; None: one.
    """
    values = prediction.to_numpy()
    size, degrees = values.std(), int(group.max())
    square = (values - truth.to_numpy()) ** 2
    if size == 0 or degrees < 2 or np.ptp(square) == 0:
        return float("nan")
    scaled = (values - np.average(values, weights=counts)) / size
    p_values = []
    for term in (scaled, scaled**2):
        slope, error = _slope(term, square / square.mean(), group, counts)
        p_values.append(2.0 * float(stdtr(degrees, -abs(slope) / error)) if error else np.nan)
    return min(1.0, 2.0 * float(np.min(p_values)))


def _slope(
    x: np.ndarray, y: np.ndarray, group: np.ndarray, counts: np.ndarray | None
) -> tuple[float, float]:
    """Slope of y over x, and its standard error when groups are left out one at a time."""
    terms = (np.ones_like(x), x, y, x * x, x * y)
    weighed = terms if counts is None else [counts * term for term in terms]
    of_group = np.stack([np.bincount(group, term) for term in weighed])
    total = of_group.sum(axis=1, keepdims=True)
    n, sum_x, sum_y, sum_xx, sum_xy = np.concatenate([total, total - of_group], axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        slopes = (n * sum_xy - sum_x * sum_y) / (n * sum_xx - sum_x**2)
    n_groups = of_group.shape[1]
    squares = float(np.sum((slopes[1:] - slopes[0]) ** 2))
    return float(slopes[0]), float(np.sqrt((n_groups - 1) / n_groups * squares))


def _memory_words(seconds: float, worth: dict[Any, float]) -> str:
    if np.isnan(seconds):
        return "errors do not change, so nothing tells for how long they stay alike"
    return (
        f"errors stay alike for about {seconds:.3g} s: {worth['n']:.0f} rows are worth "
        f"{worth['n_effective']:.0f} independent ones"
    )


def _spread_words(spread: pd.DataFrame, p_value: float, unit: str) -> str:
    unit = f" {unit}" if unit else ""
    low, high = spread["rmse"].min(), spread["rmse"].max()
    numbers = f"RMSE {low:.3g} to {high:.3g}{unit} over the range of the prediction"
    if np.isnan(p_value):
        return f"spread: cannot be tested; {numbers}"
    if p_value < SIGNIFICANT:
        return f"the spread changes with the prediction (p = {p_value:.2g}): {numbers}"
    return f"no change of the spread with the prediction is shown (p = {p_value:.2g}): {numbers}"
