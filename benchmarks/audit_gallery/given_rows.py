"""Leaks by steps that learn from the rows they are given, test rows among them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin, TransformerMixin, clone
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from .case import Shown, leaky, show
from .looking_ahead import behind, boosted
from .worlds import battery, buildings, engines, faults, motor, trips


@leaky("fitted on test rows", where="scaler.fit_transform(X_test)")
def scaler_fitted_anew() -> Shown:
    class FitTransformScaler(TransformerMixin, BaseEstimator):
        def fit(self, X: Any, y: Any = None) -> FitTransformScaler:
            return self

        def transform(self, X: Any) -> np.ndarray:
            return np.asarray(StandardScaler().fit_transform(X))

    return show(make_pipeline(FitTransformScaler(), Ridge()), *motor())


@leaky("fitted on test rows", where="(X - X.mean()) / X.std() in a function")
def z_score_in_a_function() -> Shown:
    step = FunctionTransformer(lambda X: (X - X.mean()) / X.std())
    return show(make_pipeline(step, Ridge()), *battery())


@leaky("fitted on test rows", where="fillna(X.mean()) in a function")
def filled_by_mean_of_given_rows() -> Shown:
    X, y = trips()
    X = X.mask(np.random.default_rng(0).random(X.shape) < 0.1)
    return show(behind(lambda X: X.fillna(X.mean())), X, y)


@leaky("fitted on test rows", where="rank(pct=True) over the rows given")
def ranks_of_given_rows() -> Shown:
    return show(behind(lambda X: X.rank(pct=True)), *engines())


@leaky("fitted on test rows", where="KMeans.fit_predict in a function")
def clusters_of_given_rows() -> Shown:
    def clustered(X: pd.DataFrame) -> pd.DataFrame:
        return X.assign(cluster=KMeans(3, n_init=1, random_state=0).fit_predict(X))

    return show(behind(clustered, boosted()), *trips())


@leaky("fitted on test rows", where="PCA.fit_transform of the test set")
def components_of_given_rows() -> Shown:
    step = FunctionTransformer(lambda X: PCA(3).fit_transform(X - X.mean()))
    return show(make_pipeline(step, Ridge()), *engines())


@leaky("fitted on test rows", where="np.percentile limits of the rows given")
def cut_at_percentiles_of_given_rows() -> Shown:
    def cut(X: pd.DataFrame) -> pd.DataFrame:
        low, high = np.percentile(X, [2, 98], axis=0)
        return X.clip(low, high, axis=1)

    return show(behind(cut), *motor())


@leaky("fitted on test rows", where="pd.qcut in a function")
def quantile_bins_of_given_rows() -> Shown:
    def binned(X: pd.DataFrame) -> pd.DataFrame:
        return X.assign(band=pd.qcut(X["outdoor"], 4, labels=False, duplicates="drop"))

    return show(behind(binned, boosted()), *buildings())


@leaky("fitted on test rows", where="divided by the largest value of the file")
def divided_by_maximum() -> Shown:
    return show(behind(lambda X: X / X.abs().max()), *battery())


@leaky("fitted on test rows", where="outliers set by the z-score of the rows given")
def outliers_of_given_rows() -> Shown:
    def cleaned(X: pd.DataFrame) -> pd.DataFrame:
        far = ((X - X.mean()) / X.std()).abs() > 2
        return X.mask(far, X.median(), axis=1)

    return show(behind(cleaned), *motor())


class DomainShift(RegressorMixin, BaseEstimator):
    """Inputs moved so that their mean is that of the training rows; then a model."""

    def __init__(self, estimator: Any = None) -> None:
        self.estimator = estimator

    def fit(self, X: Any, y: Any) -> DomainShift:
        self.mean_ = np.asarray(X).mean(axis=0)
        self.estimator_ = clone(self.estimator).fit(np.asarray(X), y)
        return self

    def predict(self, X: Any) -> np.ndarray:
        values = np.asarray(X)
        return np.asarray(self.estimator_.predict(values - values.mean(axis=0) + self.mean_))


@leaky("fitted on test rows", where="domain adaptation on the test set")
def mean_moved_to_training() -> Shown:
    return show(DomainShift(make_pipeline(StandardScaler(), Ridge())), *buildings())


class SelfTraining(BaseEstimator):
    """A classifier that is fitted again on its own labels of the test rows."""

    def __init__(self, estimator: Any = None) -> None:
        self.estimator = estimator

    def fit(self, X: Any, y: Any) -> SelfTraining:
        self.X_, self.y_ = np.asarray(X), np.asarray(y)
        self.estimator_ = clone(self.estimator).fit(self.X_, self.y_)
        self.classes_ = self.estimator_.classes_
        return self

    def predict(self, X: Any) -> np.ndarray:
        values = np.asarray(X)
        guess = self.estimator_.predict(values)
        both = np.vstack([self.X_, values]), np.concatenate([self.y_, guess])
        return np.asarray(clone(self.estimator).fit(*both).predict(values))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.estimator_type = "classifier"
        tags.target_tags.required = True
        return tags


@leaky("fitted on test rows", where="pseudo-labelling")
def pseudo_labels() -> Shown:
    return show(SelfTraining(LogisticRegression(max_iter=200)), *faults())
