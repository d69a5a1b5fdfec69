"""BayesianSearchCV: search parameters by Optuna, with whole cycles held out."""

from __future__ import annotations

import copy
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any, Self

import numpy as np
from joblib import effective_n_jobs
from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone
from sklearn.exceptions import FitFailedWarning
from sklearn.metrics import check_scoring
from sklearn.model_selection import (
    GroupKFold,
    GroupShuffleSplit,
    LeaveOneGroupOut,
    LeavePGroupsOut,
    StratifiedGroupKFold,
    check_cv,
    cross_validate,
)
from sklearn.utils import assert_all_finite, check_random_state, get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from signalprep._base import Stored
from signalprep._progress import track
from signalprep.errors import InvalidParameterError
from signalprep.flow import Handed, handed_to_best, tree
from signalprep.log import is_log
from signalprep.metrics import TaskName, task_of
from signalprep.model_selection._cycle_k_fold import CycleKFold
from signalprep.model_selection._search_space import SearchSpace
from signalprep.model_selection._search_trials import SearchTrial, results_of, train_scores_of
from signalprep.model_selection._selection_bias import SelectionBiasWarning, selection_bias

__all__ = ["BayesianSearchCV"]

LARGEST_SEED = 2**31 - 1
GROUPED = (GroupKFold, GroupShuffleSplit, LeaveOneGroupOut, LeavePGroupsOut, StratifiedGroupKFold)


def _has(method: str) -> Any:
    def found(search: BayesianSearchCV) -> bool:
        getattr(getattr(search, "best_estimator_", search.estimator), method)
        return True

    return available_if(found)


class BayesianSearchCV(Stored, MetaEstimatorMixin, BaseEstimator):
    """Search parameters where earlier trials did well, and give up bad trials early.

    As scikit-learn's `RandomizedSearchCV` outside; inside, Optuna's tree-structured Parzen
    estimator proposes the parameters, and a trial whose mean over the folds has been worse than the
    median of the trials before, at its best so far, is not finished. On a log, whole cycles are
    held out.

    Parameters
    ----------
    estimator : estimator
        Cloned for every fit.
    param_distributions : dict of {str: list or distribution}
        Lists of choices, frozen distributions of ``scipy.stats`` (searched by quantile:
        `loguniform` for what spans decades), or ``optuna.distributions``.
    n_trials : int, default=30
    timeout : float or None, default=None
        Seconds after which no trial is begun.
    cv : int, splitter or iterable, default=None
        None is ``CycleKFold(5)`` for a log and scikit-learn's 5-fold split for anything else.
    scoring : str, callable or None, default=None
        One metric, larger is better; None is the estimator's own score.
    refit : bool, default=True
        Whether to fit the best parameters on everything.
    sampler : optuna sampler or None, default=None
        What proposes parameters, used as a copy with its own seed; None is the tree-structured
        Parzen estimator. It sees a list as the places of its entries, and a distribution of
        ``scipy.stats`` as its quantiles, from 0 to 1.
    pruner : "median", optuna pruner or None, default="median"
        What gives up trials between folds, used as a copy; None finishes all.
    n_startup_trials : int, default=10
        Trials drawn at random, and not given up, before the default sampler and pruner learn from
        them.
    n_jobs : int or None, default=None
        Processes over the folds of a trial. Trials are given up between as many folds.
    random_state : int, RandomState instance or None, default=None
        Seed of the default sampler.
    error_score : "raise" or float, default="raise"
        What becomes of a trial whose fit fails: the error is raised, or it scores so; nan leaves it
        out, with a warning.
    return_train_score : bool, default=False
        Whether to score the training cycles of each fold, too: far better there than on the test
        cycles, a trial has learned them by heart.
    progress : bool or None, default=None
        Whether to show a bar over the trials once two seconds have passed; None: on a terminal.

    Attributes
    ----------
    cv_results_ : dict of ndarray
        As `GridSearchCV` gives it, and ``pruned``: whether the trial was given up. Its folds that
        were not run are NaN, its mean is that of the others, and it ranks behind finished ones.
    best_params_, best_score_, best_index_, best_estimator_, refit_time_, scorer_, n_splits_
        As of `GridSearchCV`.
    study_ : optuna.study.Study
        With the numbers that the sampler drew.

    Raises
    ------
    ImportError
        Optuna is not installed (``pip install "signalprep[search]"``).
    InvalidParameterError
        A parameter out of its range; no trial was finished; `cv` asks for groups, and `fit` was
        given none.

    Warns
    -----
    SelectionBiasWarning
        The advantage that the best trial has from being chosen (`selection_bias`) is larger than
        the standard error of its score.

    Notes
    -----
    ``best_score_`` is the best of many, so it flatters: put the search into
    :func:`~signalprep.validate`, whose test cycles it never sees, for a number to report.
    Optuna's own ``OptunaSearchCV`` prunes only estimators with ``partial_fit``, within a fit.

    References
    ----------
    T. Akiba et al., "Optuna: a next-generation hyperparameter optimization framework", KDD 2019,
    doi:10.1145/3292500.3330701.

    Examples
    --------
    >>> import signalprep as sp
    >>> from scipy.stats import loguniform
    >>> from sklearn.linear_model import Ridge
    >>> log = sp.datasets.simulate_pmsm(n_cycles=6, rate=0.5, random_state=0)
    >>> X, y = log.drop(columns="T_pm"), log["T_pm"]
    >>> search = sp.BayesianSearchCV(
    ...     Ridge(), {"alpha": loguniform(1e-2, 1e6)}, n_trials=5, cv=3, random_state=0
    ... )
    >>> 1e-2 < search.fit(X, y).best_params_["alpha"] < 1e6
    True
    """

    def __init__(
        self,
        estimator: Any,
        param_distributions: Mapping[str, Any],
        *,
        n_trials: int = 30,
        timeout: float | None = None,
        cv: Any = None,
        scoring: Any = None,
        refit: bool = True,
        sampler: Any = None,
        pruner: Any = "median",
        n_startup_trials: int = 10,
        n_jobs: int | None = None,
        random_state: Any = None,
        error_score: Any = "raise",
        return_train_score: bool = False,
        progress: bool | None = None,
    ) -> None:
        self.estimator = estimator
        self.param_distributions = param_distributions
        self.n_trials = n_trials
        self.timeout = timeout
        self.cv = cv
        self.scoring = scoring
        self.refit = refit
        self.sampler = sampler
        self.pruner = pruner
        self.n_startup_trials = n_startup_trials
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.error_score = error_score
        self.return_train_score = return_train_score
        self.progress = progress

    def fit(self, X: Any, y: Any = None, groups: Any = None) -> Self:
        """Search, and fit the best parameters on everything.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_features)
            A log, or rows.
        y : Series or array of shape (n_samples,) or (n_samples, n_targets), default=None
        groups : array of shape (n_samples,), default=None
            For splitters that ask for them.

        Returns
        -------
        self : the fitted search
        """
        optuna = _import_optuna()
        self._check_parameters()
        if y is None and get_tags(self.estimator).target_tags.required:
            raise InvalidParameterError(
                f"{type(self.estimator).__name__} requires y to be passed, but the target y is None"
            )
        if y is not None and np.asarray(y).dtype.kind == "f":
            assert_all_finite(y, input_name="y")
        space = SearchSpace(self.param_distributions)
        self.scorer_ = check_scoring(self.estimator, scoring=self.scoring)
        folds = self._folds(X, y, groups)
        self.n_splits_ = len(folds)
        with _quiet(optuna):
            self.study_ = optuna.create_study(
                direction="maximize", sampler=self._sampler(optuna), pruner=self._pruner(optuna)
            )
            trials = list(self._trials(space, folds, X, y))
        if not trials:
            raise InvalidParameterError(
                f"timeout={self.timeout!r} s was over before the first trial"
            )
        self.cv_results_ = results_of(trials, self.n_splits_)
        if self.return_train_score:
            self.cv_results_ |= train_scores_of(trials, self.n_splits_)
        self._choose()
        self._warn_of_bias()
        if self.refit:
            begin = time.perf_counter()
            best = clone(self.estimator).set_params(**clone(self.best_params_, safe=False))
            self.best_estimator_ = best.fit(X) if y is None else best.fit(X, y)
            self.refit_time_ = time.perf_counter() - begin
            if hasattr(self.best_estimator_, "feature_names_in_"):
                self.feature_names_in_ = self.best_estimator_.feature_names_in_
        return self

    def _check_parameters(self) -> None:
        for name in ("n_trials", "n_startup_trials"):
            value = getattr(self, name)
            whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
            if not whole or value < 1:
                raise InvalidParameterError(f"{name} must be an int of at least 1; got {value!r}")
        if self.timeout is not None and not self.timeout > 0:
            raise InvalidParameterError(f"timeout must be above 0 s or None; got {self.timeout!r}")
        if not isinstance(self.refit, (bool, np.bool_)):
            raise InvalidParameterError(f"refit must be True or False; got {self.refit!r}")

    def _folds(self, X: Any, y: Any, groups: Any) -> list[Any]:
        cv = CycleKFold(5) if self.cv is None and is_log(X) else self.cv
        if is_log(X) and isinstance(cv, (int, np.integer)):
            cv = CycleKFold(int(cv))
        classify = task_of(self.estimator) is TaskName.CLASSIFICATION
        splitter = check_cv(cv, y, classifier=classify)
        if groups is None and isinstance(splitter, GROUPED):
            raise InvalidParameterError(
                f"cv={splitter!r} asks for groups: give them to fit or, where the search is fitted "
                "by validate or another search, use a CycleKFold, which reads the cycles from the "
                "index (and what belongs together from its parameter together)"
            )
        return list(splitter.split(X, y, groups))

    def _sampler(self, optuna: ModuleType) -> Any:
        if self.sampler is not None:
            ends = (optuna.samplers.GridSampler, optuna.samplers.BruteForceSampler)
            proposes = isinstance(self.sampler, optuna.samplers.BaseSampler)
            if not proposes or isinstance(self.sampler, ends):
                raise InvalidParameterError(
                    "sampler must be a sampler of optuna that never ends, or None (GridSearchCV "
                    f"tries all of a grid); got {self.sampler!r}"
                )
            return copy.deepcopy(self.sampler)
        seed = int(check_random_state(self.random_state).randint(LARGEST_SEED))
        return optuna.samplers.TPESampler(n_startup_trials=int(self.n_startup_trials), seed=seed)

    def _pruner(self, optuna: ModuleType) -> Any:
        if self.pruner is None:
            return optuna.pruners.NopPruner()
        if self.pruner == "median":
            return optuna.pruners.MedianPruner(n_startup_trials=int(self.n_startup_trials))
        if isinstance(self.pruner, optuna.pruners.BasePruner):
            return copy.deepcopy(self.pruner)
        raise InvalidParameterError(
            f"pruner must be 'median', a pruner of optuna or None; got {self.pruner!r}"
        )

    def _trials(
        self, space: SearchSpace, folds: list[Any], X: Any, y: Any
    ) -> Iterator[SearchTrial]:
        begin = time.monotonic()
        for _ in track(range(self.n_trials), self.n_trials, "searching", self.progress):
            if self.timeout is not None and time.monotonic() - begin >= self.timeout:
                return
            trial = self.study_.ask(space.distributions())
            parameters = space.parameters(trial.params)
            yield self._try(trial, parameters, folds, X, y)

    def _try(
        self, trial: Any, parameters: dict[str, Any], folds: list[Any], X: Any, y: Any
    ) -> SearchTrial:
        """Score a trial fold by fold, until it is over or given up."""
        from optuna.trial import TrialState

        found = SearchTrial(parameters)
        model = clone(self.estimator).set_params(**clone(parameters, safe=False))
        step = max(int(effective_n_jobs(self.n_jobs)), 1)
        for first in range(0, len(folds), step):
            found.add(self._score(model, folds[first : first + step], X, y))
            mean = float(np.mean(found.scores))
            if not np.isfinite(mean):
                self.study_.tell(trial, state=TrialState.FAIL)
                found.scores += [np.nan] * (len(folds) - len(found.scores))
                return found
            trial.report(mean, step=len(found.scores))
            if len(found.scores) < len(folds) and trial.should_prune():
                self.study_.tell(trial, state=TrialState.PRUNED)
                found.pruned = True
                return found
        self.study_.tell(trial, mean)
        return found

    def _score(self, model: Any, folds: list[Any], X: Any, y: Any) -> dict[str, Any]:
        """Scores and times of the folds; the error score where no fit succeeds."""
        try:
            return cross_validate(
                model,
                X,
                y,
                cv=folds,
                scoring=self.scorer_,
                n_jobs=self.n_jobs,
                error_score=self.error_score,
                return_train_score=self.return_train_score,
            )
        except ValueError as error:
            if self.error_score == "raise" or "fits failed" not in str(error):
                raise
            warnings.warn(
                f"a trial was left out, its fits failed: {error}", FitFailedWarning, stacklevel=5
            )
            score = np.full(len(folds), float(self.error_score))
            none = np.zeros(len(folds))
            scores = {"test_score": score, "train_score": score}
            return scores | {"fit_time": none, "score_time": none}

    def _choose(self) -> None:
        results = self.cv_results_
        usable = ~results["pruned"] & np.isfinite(results["mean_test_score"])
        if not usable.any():
            raise InvalidParameterError(
                "no trial of the search was finished with a finite score; see error_score='raise'"
            )
        ranked = np.where(usable, results["mean_test_score"], -np.inf)
        self.best_index_ = int(np.argmax(ranked))
        self.best_score_ = float(results["mean_test_score"][self.best_index_])
        self.best_params_ = results["params"][self.best_index_]

    def _warn_of_bias(self) -> None:
        if self.n_splits_ < 2:
            return
        found = selection_bias(self)
        if found.n_trials > 1 and found.bias > found.standard_error:
            warnings.warn(
                f"{found}. Put the search into validate for a number to report",
                SelectionBiasWarning,
                stacklevel=3,
            )

    def score(self, X: Any, y: Any = None) -> float:
        """Score of the best estimator, by the search's own metric.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_features)
        y : Series or array of shape (n_samples,), default=None
        """
        check_is_fitted(self, "best_estimator_")
        scored = (X,) if y is None else (X, y)
        return float(self.scorer_(self.best_estimator_, *scored))

    @_has("predict")
    def predict(self, X: Any) -> Any:
        """Predict by the best estimator.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_features)

        Returns
        -------
        y : ndarray
            As the estimator gives it.
        """
        check_is_fitted(self, "best_estimator_")
        return self.best_estimator_.predict(X)

    @_has("predict_proba")
    def predict_proba(self, X: Any) -> Any:
        """Probabilities of the classes by the best estimator.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_features)

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
            As the estimator gives it.
        """
        check_is_fitted(self, "best_estimator_")
        return self.best_estimator_.predict_proba(X)

    @_has("predict_log_proba")
    def predict_log_proba(self, X: Any) -> Any:
        """Logarithms of the probabilities of the classes by the best estimator.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_features)

        Returns
        -------
        log_probabilities : ndarray of shape (n_samples, n_classes)
            As the estimator gives it.
        """
        check_is_fitted(self, "best_estimator_")
        return self.best_estimator_.predict_log_proba(X)

    @_has("decision_function")
    def decision_function(self, X: Any) -> Any:
        """Decision function of the best estimator.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_features)

        Returns
        -------
        decision : ndarray
            As the estimator gives it.
        """
        check_is_fitted(self, "best_estimator_")
        return self.best_estimator_.decision_function(X)

    @_has("transform")
    def transform(self, X: Any) -> Any:
        """Transform by the best estimator.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_features)

        Returns
        -------
        X_out : DataFrame or ndarray
            As the estimator gives it.
        """
        check_is_fitted(self, "best_estimator_")
        return self.best_estimator_.transform(X)

    @property
    def classes_(self) -> Any:
        """Classes of the best estimator."""
        return self.best_estimator_.classes_

    @property
    def n_features_in_(self) -> int:
        """Features of the best estimator."""
        return int(self.best_estimator_.n_features_in_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        inner = get_tags(self.estimator)
        tags.estimator_type = inner.estimator_type
        tags.classifier_tags = inner.classifier_tags
        tags.regressor_tags = inner.regressor_tags
        tags.target_tags = inner.target_tags
        tags.input_tags.pairwise = inner.input_tags.pairwise
        tags.input_tags.sparse = inner.input_tags.sparse
        tags.input_tags.allow_nan = inner.input_tags.allow_nan
        return tags


@tree.register
def _(estimator: BayesianSearchCV) -> Handed:
    return handed_to_best(estimator, keeps_cycles=True)


def _import_optuna() -> ModuleType:
    try:
        import optuna
    except ImportError as error:
        raise ImportError(
            'BayesianSearchCV needs Optuna: pip install "signalprep[search]"'
        ) from error
    return optuna


@contextmanager
def _quiet(optuna: ModuleType) -> Iterator[None]:
    """Optuna's messages on every trial switched off, and what they were in the end."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)
