"""The trials of a search, and their table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.stats import rankdata

__all__ = ["SearchTrial", "results_of", "train_scores_of"]


class SearchTrial:
    """One set of parameters, the scores and times of the folds it has been through."""

    def __init__(self, parameters: dict[str, Any]) -> None:
        self.parameters = parameters
        self.scores: list[float] = []
        self.train_scores: list[float] = []
        self.times: dict[str, list[float]] = {"fit_time": [], "score_time": []}
        self.pruned = False

    def add(self, found: Mapping[str, Any]) -> None:
        self.scores += found["test_score"].tolist()
        if "train_score" in found:
            self.train_scores += found["train_score"].tolist()
        for name, values in self.times.items():
            values += found[name].tolist()


def results_of(trials: list[SearchTrial], n_splits: int) -> dict[str, Any]:
    """The table of trials in scikit-learn's form."""
    results: dict[str, Any] = {}
    for name in ("fit_time", "score_time"):
        results[f"mean_{name}"] = np.array([np.mean(trial.times[name]) for trial in trials])
        results[f"std_{name}"] = np.array([np.std(trial.times[name]) for trial in trials])
    for name in trials[0].parameters if trials else ():
        column = np.ma.MaskedArray(np.empty(len(trials), dtype=object), mask=False)
        for k, trial in enumerate(trials):
            column[k] = trial.parameters[name]
        results[f"param_{name}"] = column
    results["params"] = [trial.parameters for trial in trials]
    scores = np.full((len(trials), n_splits), np.nan)
    for row, trial in zip(scores, trials, strict=True):
        row[: len(trial.scores)] = trial.scores
    for k in range(n_splits):
        results[f"split{k}_test_score"] = scores[:, k]
    pruned = np.array([trial.pruned for trial in trials], dtype=bool)
    mean = np.array([np.mean(trial.scores) for trial in trials])
    results["mean_test_score"] = mean
    results["std_test_score"] = np.array([np.std(trial.scores) for trial in trials])
    results["rank_test_score"] = _ranks(mean, pruned)
    results["pruned"] = pruned
    return results


def train_scores_of(trials: list[SearchTrial], n_splits: int) -> dict[str, Any]:
    """The columns of the training cycles, NaN where a fold was not run."""
    scores = np.full((len(trials), n_splits), np.nan)
    for row, trial in zip(scores, trials, strict=True):
        row[: len(trial.train_scores)] = trial.train_scores
    results: dict[str, Any] = {f"split{k}_train_score": scores[:, k] for k in range(n_splits)}
    results["mean_train_score"] = np.array([np.mean(trial.train_scores) for trial in trials])
    results["std_train_score"] = np.array([np.std(trial.train_scores) for trial in trials])
    return results


def _ranks(mean: np.ndarray, pruned: np.ndarray) -> np.ndarray:
    """1 for the best; trials given up behind the finished ones, failed ones last."""
    group = np.where(np.isfinite(mean), np.where(pruned, 1, 0), 2)
    ranks = np.zeros(len(mean), dtype=np.int32)
    before = 0
    for k in range(3):
        chosen = group == k
        ranks[chosen] = before + rankdata(-np.where(k < 2, mean[chosen], 0.0), method="min")
        before += int(chosen.sum())
    return ranks
