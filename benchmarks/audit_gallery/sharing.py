"""Leaks by the split: rows of one drive, or one drive twice, on both sides."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    HistGradientBoostingRegressor,
    RandomForestRegressor,
    StackingRegressor,
)
from sklearn.linear_model import LassoCV, LogisticRegression, Ridge, RidgeCV
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    PredefinedSplit,
    RepeatedKFold,
    ShuffleSplit,
    StratifiedKFold,
    TimeSeriesSplit,
    train_test_split,
)
from sklearn.neighbors import KNeighborsRegressor
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

import signalprep as sp

from .case import Shown, leaky, show
from .worlds import Log, battery, buildings, engines, faults, join, motor, trips


def ridge() -> object:
    """What most start with."""
    return make_pipeline(StandardScaler(), Ridge())


@leaky("cycles share", where="motor temperature notebooks: KFold(shuffle=True)")
def shuffled_kfold() -> Shown:
    X, y = motor()
    cv = KFold(5, shuffle=True, random_state=0)
    return show(RandomForestRegressor(10, random_state=0), X, y, cv=cv)


@leaky("cycles share", where="battery notebooks: KFold(5) over rows in order")
def kfold_in_order() -> Shown:
    X, y = battery()
    return show(ridge(), X, y, cv=KFold(5))


@leaky("cycles share", where="anywhere: ShuffleSplit")
def shuffle_split() -> Shown:
    X, y = battery()
    return show(ridge(), X, y, cv=ShuffleSplit(3, test_size=0.2, random_state=0))


@leaky("cycles share", where="nearly every notebook: train_test_split of rows")
def one_random_split() -> Shown:
    X, y = motor()
    parts = train_test_split(np.arange(len(X)), test_size=0.3, random_state=42)
    return show(KNeighborsRegressor(), X, y, cv=[tuple(parts)])


@leaky("cycles share", where="fault notebooks: StratifiedKFold on labels")
def stratified_rows() -> Shown:
    X, y = faults()
    cv = StratifiedKFold(4, shuffle=True, random_state=1)
    return show(make_pipeline(StandardScaler(), LogisticRegression()), X, y, cv=cv)


@leaky("cycles share", where="forecasting habits: TimeSeriesSplit over all rows")
def time_series_split_of_rows() -> Shown:
    X, y = engines()
    return show(ridge(), X, y, cv=TimeSeriesSplit(4))


@leaky("cycles share", where="repeated cross-validation of rows")
def repeated_kfold() -> Shown:
    X, y = trips()
    return show(ridge(), X, y, cv=RepeatedKFold(n_splits=3, n_repeats=2, random_state=0))


@leaky("cycles share", where="groups that are windows, not drives")
def group_kfold_by_window() -> Shown:
    X, y = motor()
    windows = np.arange(len(X)) // 30
    return show(ridge(), X, y, cv=list(GroupKFold(5).split(X, y, windows)))


@leaky("cycles share", where="the last fifth of each drive is the test")
def end_of_each_drive() -> Shown:
    X, y = motor()
    place = X.groupby(level="cycle").cumcount() / X.groupby(level="cycle").transform("size")
    return show(ridge(), X, y, cv=PredefinedSplit(np.where(place > 0.8, 0, -1)))


@leaky("cycles share", where="every tenth row is the test")
def every_tenth_row() -> Shown:
    X, y = buildings()
    rows = np.arange(len(X))
    return show(ridge(), X, y, cv=[(rows[rows % 10 != 0], rows[rows % 10 == 0])])


@leaky("cycles share", where="groups of half a drive: one file a day, drives over midnight")
def group_by_half_drives() -> Shown:
    X, y = battery()
    place = X.groupby(level="cycle").cumcount().to_numpy()
    number = X.groupby(level="cycle", sort=False).ngroup().to_numpy()
    cv = list(GroupKFold(4).split(X, y, number * 2 + (place > 70)))
    return show(ridge(), X, y, cv=cv)


def _with(log: Log, more: dict[str, pd.DataFrame], step: float) -> Log:
    """A log with further cycles."""
    X, y = log
    whole = X.assign(target=y)
    pieces = {str(name): piece.droplevel("cycle") for name, piece in whole.groupby(level="cycle")}
    joined = join({**pieces, **more}, step)
    return joined.drop(columns="target"), joined["target"]


def _cycle(log: Log, name: str) -> pd.DataFrame:
    X, y = log
    return pd.DataFrame(X.assign(target=y).loc[name])


@leaky("same drive twice", where="a file copied under another name")
def file_twice() -> Shown:
    X, y = _with(battery(), {"copy": _cycle(battery(), "cell_3")}, 10.0)
    return show(ridge(), X, y)


@leaky("same drive twice", where="the same recording exported again with fewer digits")
def exported_again() -> Shown:
    X, y = _with(battery(), {"export": _cycle(battery(), "cell_2").round(2)}, 10.0)
    return show(ridge(), X, y)


@leaky("same drive twice", where="a cropped copy of a recording")
def cropped_copy() -> Shown:
    piece = _cycle(motor(), str(motor()[0].index[0][0])).iloc[30:]
    X, y = _with(motor(), {"cropped": piece}, 4.0)
    return show(ridge(), X, y)


@leaky("same drive twice", where="augmentation before the split: noise on copies")
def noisy_copies() -> Shown:
    X, y = trips(8)
    rng = np.random.default_rng(0)
    noise = 0.02 * X.std().to_numpy() * rng.normal(size=X.shape)
    twins = (X + noise).assign(target=y)
    more = {f"aug_{name}": part.droplevel("cycle") for name, part in twins.groupby(level="cycle")}
    X, y = _with((X, y), more, 1.0)
    return show(RandomForestRegressor(10, random_state=0), X, y, cv=KFold(4, shuffle=False))


@leaky("same drive twice", where="augmentation before the split, whole cycles dealt out")
def noisy_copies_in_cycle_folds() -> Shown:
    X, y = trips(8)
    rng = np.random.default_rng(0)
    noise = 0.02 * X.std().to_numpy() * rng.normal(size=X.shape)
    twins = (X + noise).assign(target=y)
    more = {f"aug_{name}": part.droplevel("cycle") for name, part in twins.groupby(level="cycle")}
    X, y = _with((X, y), more, 1.0)
    cv = sp.CycleKFold(4, shuffle=True, random_state=0)
    return show(RandomForestRegressor(10, random_state=0), X, y, cv=cv)


@leaky("same drive twice", where="augmentation before the split: inputs scaled by a few percent")
def scaled_copies() -> Shown:
    whole = _cycle(battery(), "cell_1")
    louder = whole.assign(current=whole["current"] * 1.03, voltage=whole["voltage"] * 0.98)
    X, y = _with(battery(), {"louder": louder}, 10.0)
    return show(ridge(), X, y)


@leaky("resample overlapping windows", where="windows of 120 rows every 60, each its own sample")
def overlapping_windows() -> Shown:
    long = _cycle(battery(1, seed=3), "cell_0")
    X, y = battery(3, seed=5)
    whole = pd.concat([long, _cycle((X, y), "cell_0"), _cycle((X, y), "cell_1")])
    pieces = {f"w{k}": whole.iloc[k : k + 100] for k in range(0, len(whole) - 100, 50)}
    joined = join(pieces, 10.0)
    return show(ridge(), joined.drop(columns="target"), joined["target"])


@leaky("cycles share", where="one long recording cut into pieces, clock kept")
def pieces_by_the_clock() -> Shown:
    X, y = motor(1)
    rows = np.arange(len(X))
    index = pd.MultiIndex.from_arrays(
        [[f"piece_{k}" for k in rows // 25], X.index.get_level_values("time")],
        names=["cycle", "time"],
    )
    return show(ridge(), X.set_axis(index), y.set_axis(index))


@leaky("cycles share", where="one long recording cut into pieces, time starting anew")
def pieces_without_clock() -> Shown:
    rng = np.random.default_rng(0)
    load = np.cumsum(rng.normal(size=960)) / 5
    frame = pd.DataFrame({"load": load, "coolant": 40 + np.cumsum(rng.normal(size=960)) / 10})
    frame["target"] = 50 + np.convolve(load, np.exp(-np.arange(200) / 60) / 20)[:960]
    pieces = {f"piece_{k}": frame.iloc[k * 120 : (k + 1) * 120] for k in range(8)}
    joined = join(pieces, 1.0)
    return show(ridge(), joined.drop(columns="target"), joined["target"])


@leaky("same drive twice", where="downsampled by two, both phases kept as drives")
def both_phases() -> Shown:
    X, y = motor(5)
    whole = X.assign(target=y)
    pieces = {}
    for name, piece in whole.groupby(level="cycle"):
        flat = piece.droplevel("cycle")
        pieces[f"{name}_even"], pieces[f"{name}_odd"] = flat.iloc[::2], flat.iloc[1::2]
    joined = join(pieces, 8.0)
    cv = sp.CycleKFold(5, shuffle=True, random_state=1)
    return show(ridge(), joined.drop(columns="target"), joined["target"], cv=cv)


@leaky("same drive twice", where="mixup before the split: the mean of two drives as a third")
def mixed_drives() -> Shown:
    first, second = _cycle(battery(), "cell_0"), _cycle(battery(), "cell_1")
    n = min(len(first), len(second))
    mean = (first.iloc[:n].to_numpy() + second.iloc[:n].to_numpy()) / 2
    X, y = _with(battery(), {"mixed": pd.DataFrame(mean, columns=first.columns)}, 10.0)
    return show(ridge(), X, y)


@leaky("oversampling before the split", where="fault notebooks: minority rows repeated")
def oversampled_rows() -> Shown:
    X, y = faults()
    whole = X.assign(target=y)
    rng = np.random.default_rng(0)
    rare = whole[whole["target"] == 1]
    extra = rare.iloc[rng.integers(0, len(rare), 240)].droplevel("cycle")
    more = {"more_1": extra.iloc[:120], "more_2": extra.iloc[120:]}
    X, y = _with((X, y), more, 1.0)
    return show(DecisionTreeClassifier(max_depth=6), X, y.astype(int))


@leaky("inner folds of rows", where="GridSearchCV(cv=5) in a pipeline", least="warning")
def grid_search_over_rows() -> Shown:
    X, y = motor(6)
    inner = KFold(3, shuffle=True, random_state=0)
    return show(GridSearchCV(ridge(), {"ridge__alpha": [0.1, 10]}, cv=inner), X, y)


@leaky("early stopping on random rows", where="boosters' early stopping", least="warning")
def boosting_stopped_on_rows() -> Shown:
    X, y = motor(6)
    model = HistGradientBoostingRegressor(max_iter=15, early_stopping=True, random_state=0)
    return show(model, X, y)


@leaky("early stopping on random rows", where="MLPRegressor(early_stopping=True)", least="warning")
def network_stopped_on_rows() -> Shown:
    X, y = trips()
    net = MLPRegressor(hidden_layer_sizes=(8,), early_stopping=True, max_iter=30, random_state=0)
    return show(make_pipeline(StandardScaler(), net), X, y)


@leaky("stacking with folds of rows", where="Kaggle ensembles", least="warning")
def stacking_over_rows() -> Shown:
    X, y = trips()
    tree = DecisionTreeRegressor(max_depth=5, random_state=0)
    return show(StackingRegressor([("tree", tree), ("ridge", ridge())], cv=5), X, y)


@leaky("inner folds of rows", where="RidgeCV(cv=5)", least="warning")
def ridge_cv_over_rows() -> Shown:
    X, y = engines()
    return show(make_pipeline(StandardScaler(), RidgeCV([0.1, 1, 10], cv=5)), X, y)


@leaky("inner folds of rows", where="LassoCV", least="warning")
def lasso_cv_over_rows() -> Shown:
    X, y = battery()
    return show(make_pipeline(StandardScaler(), LassoCV(cv=3)), X, y)


@leaky("calibrated on rows of the same drives", where="CalibratedClassifierCV", least="warning")
def calibrated_over_rows() -> Shown:
    X, y = faults()
    return show(CalibratedClassifierCV(LogisticRegression(max_iter=300), cv=3), X, y)
