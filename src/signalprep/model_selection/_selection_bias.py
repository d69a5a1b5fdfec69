"""selection_bias: by how much the best of n trials flatters itself."""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from signalprep.errors import InvalidParameterError

__all__ = ["SelectionBias", "SelectionBiasWarning", "selection_bias"]

SPLIT = re.compile(r"split\d+_test_(.+)")
MOST_WAYS = 252


class SelectionBiasWarning(UserWarning):
    """The best score of a search owes more to the choice among trials than its own spread."""


@dataclass(frozen=True)
class SelectionBias:
    """By how much the best score of a search is better than it would be on new cycles.

    Attributes
    ----------
    best_score : float
        As the search reports it; larger is better.
    bias : float
        Its estimated advantage from having been chosen, >= 0, in the unit of the score.
    corrected_score : float
        ``best_score - bias``.
    standard_error : float
        Of the best score, from its spread over the folds.
    n_trials, n_splits : int
        Trials compared, folds of each.
    """

    best_score: float
    bias: float
    corrected_score: float
    standard_error: float
    n_trials: int
    n_splits: int

    def __str__(self) -> str:
        return (
            f"best of {self.n_trials} trials over {self.n_splits} folds: {self.best_score:.4g}, "
            f"of which about {self.bias:.2g} comes from choosing it; "
            f"expect {self.corrected_score:.4g} on new cycles"
        )


def selection_bias(search: Any, *, metric: str = "score") -> SelectionBias:
    """Estimate by how much the best of n trials flatters itself.

    Parameters
    ----------
    search : GridSearchCV, RandomizedSearchCV, HalvingGridSearchCV, BayesianSearchCV or the like
        Fitted: anything with scikit-learn's ``cv_results_``. Trials that did not finish all folds
        are left out, and of a halving search all rounds but the last.
    metric : str, default="score"
        Which metric of a search over several.

    Returns
    -------
    bias : SelectionBias

    Raises
    ------
    InvalidParameterError
        The search holds no such metric, or fewer than two folds.
    sklearn.exceptions.NotFittedError
        It is not fitted.

    Notes
    -----
    The folds are parted into two halves in every way (in 252 ways at most): the trial that is best
    by one half of m of K folds is looked up, and what its mean score there is above its mean on the
    other half is the advantage of a choice by m folds, without bias, whatever the noise of the
    scores. The bias is the mean over the ways, times sqrt(m / K), as a choice by all folds flatters
    itself less. Where all trials are equally good that is right on average; where they differ it is
    cautious. Simulated (2 to 10 folds, 3 to 50 trials, alike or not, folds of unequal noise, heavy
    and light tails) it was 0.85 to 1.6 of the truth on average. Of a single search it is
    uncertain: its standard deviation is some 50 % of it with few folds. A trial that the search
    chose by another rule than the best mean (`refit`) flatters itself less.
    What the whole search is worth on new cycles is seen by putting it into `validate` or
    `cross_validate`, whose test cycles the search then never sees.

    References
    ----------
    R. J. Tibshirani, R. Tibshirani, "A bias correction for the minimum error rate in
    cross-validation", The Annals of Applied Statistics 3(2), 2009, pp. 822-829,
    doi:10.1214/08-AOAS224. They let each fold choose for itself, which falls short by half with 2
    folds, or where one fold is much noisier than the others.

    Examples
    --------
    >>> import signalprep as sp
    >>> from sklearn.linear_model import Ridge
    >>> from sklearn.model_selection import GridSearchCV
    >>> log = sp.datasets.simulate_pmsm(n_cycles=6, rate=0.5, random_state=0)
    >>> X, y = log.drop(columns="T_pm"), log["T_pm"]
    >>> search = GridSearchCV(Ridge(), {"alpha": [1.0, 1e3, 1e5]}, cv=sp.CycleKFold(3)).fit(X, y)
    >>> sp.selection_bias(search).bias >= 0
    True
    """
    check_is_fitted(search, "cv_results_")
    results = search.cv_results_
    names = [name for name in results if (m := SPLIT.fullmatch(name)) and m.group(1) == metric]
    if len(names) < 2:
        known = sorted({m.group(1) for name in results if (m := SPLIT.fullmatch(name))})
        raise InvalidParameterError(
            f"metric must be one that the search holds for two folds or more ({', '.join(known)}); "
            f"got {metric!r}"
        )
    scores = np.stack([np.asarray(results[name], dtype=np.float64) for name in names], axis=1)
    compared = np.isfinite(scores).all(axis=1)
    if "iter" in results:  # halving: the last round compares what the others have left
        compared &= np.asarray(results["iter"]) == np.max(results["iter"])
    if not compared.any():
        raise InvalidParameterError("no trial of the search finished all folds")
    means = np.where(compared, scores.mean(axis=1), -np.inf)
    own = scores[getattr(search, "best_index_", int(np.argmax(means)))]
    n_splits = len(names)
    bias = max(_flattery(scores[compared]), 0.0)
    best = float(own.mean())
    error = float(own.std(ddof=1) / np.sqrt(n_splits))
    n_trials = int(compared.sum())
    return SelectionBias(best, bias, best - bias, error, n_trials, n_splits)


def _flattery(scores: np.ndarray) -> float:
    """By how much the best trial by half of the folds does worse on the others."""
    n_splits = scores.shape[1]
    half = (n_splits + 1) // 2
    chosen_by = _halves(n_splits, half)
    others = scores @ ~chosen_by / (n_splits - half)
    own = scores @ chosen_by / half
    best, way = own.argmax(axis=0), np.arange(chosen_by.shape[1])
    return float(np.mean(own[best, way] - others[best, way])) * math.sqrt(half / n_splits)


def _halves(n_splits: int, half: int) -> np.ndarray:
    """Ways to take `half` of the folds, one a column: all, or as many drawn."""
    if math.comb(n_splits, half) <= MOST_WAYS:
        taken = np.array(list(itertools.combinations(range(n_splits), half)))
    else:
        order = np.random.default_rng(0).random((MOST_WAYS, n_splits)).argsort(axis=1)
        taken = order[:, :half]
    ways = np.zeros((len(taken), n_splits), dtype=bool)
    np.put_along_axis(ways, taken, True, axis=1)
    return ways.T
