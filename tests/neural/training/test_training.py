"""What a training does, and how it ends."""

import re
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
from scipy.signal import lfilter
from sklearn.exceptions import NotFittedError

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError, TrainingDivergedError
from signalprep.neural import FeedForwardRegressor, Recipe, RecurrentRegressor
from signalprep.neural.training import _training as training
from signalprep.neural.training._batches import Chunks, Rows, Segment
from signalprep.neural.training._schedules import SCHEDULES
from small_networks import small

torch = pytest.importorskip("torch", reason="training a network needs torch, which is an extra")


BOTH = pytest.mark.parametrize("kind", [RecurrentRegressor, FeedForwardRegressor])


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    cycle = np.repeat(np.arange(8), 60)
    log = sp.as_log(rng.normal(size=(480, 3)), cycle=cycle, rate=2.0)
    return log, log["x0"] * 3.0 + 0.1 * log["x1"] + 20.0


@BOTH
@pytest.mark.parametrize("optimizer", ["adamw", "adam", "sgd", "rmsprop"])
def test_optimizers_learn(data, kind, optimizer):
    X, y = data
    rate = {"sgd": 5e-2, "rmsprop": 1e-2}.get(optimizer, 3e-2)
    model = small(kind, optimizer=optimizer, max_epochs=12, learning_rate=rate, batch_size=8)
    model.fit(X, y)
    loss = model.history_["training_loss"]
    assert loss.iloc[-1] < 0.6 * loss.iloc[0]


@BOTH
@pytest.mark.parametrize("loss", ["squared_error", "absolute_error", "huber", "quantile"])
def test_losses_learn(data, kind, loss):
    X, y = data
    model = small(kind, loss=loss, max_epochs=12, learning_rate=3e-2, batch_size=8).fit(X, y)
    assert model.history_["training_loss"].iloc[-1] < 0.75 * model.history_["training_loss"].iloc[0]


def test_a_quantile_lies_where_it_should():
    rng = np.random.default_rng(0)
    log = sp.as_log(rng.normal(size=(3000, 1)), cycle=np.repeat(np.arange(10), 300), rate=1.0)
    y = log["x0"] + rng.normal(size=3000)
    shares = []
    for quantile in (0.1, 0.9):
        model = small(
            FeedForwardRegressor,
            loss="quantile",
            quantile=quantile,
            max_epochs=20,
            learning_rate=1e-2,
        ).fit(log, y)
        shares.append(float(np.mean(y <= model.predict(log))))
    assert 0.05 < shares[0] < 0.15
    assert 0.85 < shares[1] < 0.95


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_stay_within_bounds(name):
    factors = [SCHEDULES[name](done) for done in np.linspace(0.0, 1.0, 201)]
    assert max(factors) <= 1.0 + 1e-12
    assert min(factors) > 0.0
    assert max(factors) > 0.9
    if name not in ("constant", "on_plateau"):
        assert factors[-1] <= 0.03


def test_the_learning_rate_goes_down_on_a_plateau(data):
    X, y = data
    noise = pd.Series(np.random.default_rng(5).normal(size=len(y)), index=y.index)
    model = small(schedule="on_plateau", patience=3, max_epochs=30, learning_rate=0.03)
    rates = model.fit(X, noise).history_["learning_rate"]
    assert rates.iloc[0] == 0.03
    assert rates.iloc[-1] < 0.03
    assert set(np.round(np.log2(0.03 / rates)).tolist()) == set(np.log2(0.03 / rates).tolist())


@BOTH
def test_early_stopping_keeps_the_best_on_held_out_cycles(data, kind):
    X, y = data
    noise = pd.Series(np.random.default_rng(5).normal(size=len(y)), index=y.index)
    model = small(kind, max_epochs=60, patience=4, learning_rate=0.05, batch_size=8).fit(X, noise)
    history = model.history_
    assert model.n_iter_ == len(history) < 60
    assert model.best_epoch_ == history["validation_loss"].idxmin() + 1 == model.n_iter_ - 4
    assert len(model.validation_cycles_) == 1
    assert set(model.training_cycles_) | set(model.validation_cycles_) == set(range(8))
    assert not set(model.training_cycles_) & set(model.validation_cycles_)
    held = X.index.get_level_values("cycle").isin(model.validation_cycles_)
    scaled = (model.predict(X[held]) - noise[held]) / model.targets_.scale
    assert np.mean(scaled**2) == pytest.approx(history["validation_loss"].min(), rel=1e-4)


def test_scales_come_from_training_cycles(data):
    X, y = data
    model = small(FeedForwardRegressor).fit(X, y)
    training_rows = X.index.get_level_values("cycle").isin(model.training_cycles_)
    np.testing.assert_allclose(model.inputs_.mean, X[training_rows].mean())
    np.testing.assert_allclose(model.targets_.scale, [y[training_rows].std(ddof=0)])


@BOTH
def test_one_cycle_holds_out_its_end(data, kind):
    X, y = data
    model = small(kind).fit(X.loc[[3]], y.loc[[3]])
    assert model.training_cycles_.tolist() == [3]
    assert len(model.validation_cycles_) == 0
    assert model.history_["validation_loss"].notna().all()
    alone = small(kind, early_stopping=False).fit(X.loc[[3]], y.loc[[3]])
    assert alone.history_["validation_loss"].isna().all()
    assert alone.best_epoch_ == alone.n_iter_ == 4


@BOTH
def test_seeds(data, kind):
    X, y = data
    state = torch.get_rng_state()
    threads = torch.get_num_threads()
    first = small(kind, dropout=0.2, input_noise=0.1).fit(X, y).predict(X)
    again = small(kind, dropout=0.2, input_noise=0.1).fit(X, y).predict(X)
    other = small(kind, dropout=0.2, input_noise=0.1, random_state=1).fit(X, y).predict(X)
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 1e-3
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_num_threads() == threads


@BOTH
def test_a_constant_target_is_predicted(data, kind):
    X, y = data
    found = small(kind).fit(X, y * 0.0 + 41.5).predict(X)
    np.testing.assert_array_equal(found, 41.5)


@BOTH
def test_a_constant_channel_says_nothing(data, kind):
    X, y = data
    model = small(kind).fit(X.assign(still=7.0), y)
    found = model.predict(X.assign(still=7.0))
    np.testing.assert_array_equal(model.predict(X.assign(still=1e6)), found)


@BOTH
def test_divergence_is_an_error(data, kind):
    X, y = data
    wild = small(kind, optimizer="sgd", learning_rate=1e9, gradient_clip=None, schedule="constant")
    with pytest.raises(
        TrainingDivergedError, match=r"diverged in epoch \d+: .*learning rate of 1e"
    ):
        wild.fit(X, y)


@pytest.mark.parametrize("early_stopping", [False, True])
def test_divergence_in_the_last_step_is_an_error(data, early_stopping):
    X, y = data
    wild = small(
        FeedForwardRegressor, optimizer="sgd", learning_rate=1e30, gradient_clip=None,
        schedule="constant", max_epochs=1, batch_size=10_000, early_stopping=early_stopping,
    )  # fmt: skip
    with pytest.raises(TrainingDivergedError, match="diverged in epoch 1"):
        wild.fit(X, y * 1.0)


def test_a_fit_that_fails_leaves_the_fitted_model_alone(data):
    X, y = data
    model = small().fit(X, y)
    before = model.predict(X)
    model.set_params(
        learning_rate=1e12,
        recipe=Recipe(optimizer="sgd", gradient_clip=None, schedule="constant"),
    )
    with pytest.raises(TrainingDivergedError):
        model.fit(X * 50.0 + 3.0, y * 9.0)
    np.testing.assert_array_equal(model.predict(X), before)


def test_fits_in_threads_are_as_alone(data):
    X, y = data
    alone = small(dropout=0.2).fit(X, y).predict(X)
    with ThreadPoolExecutor(4) as pool:
        fits = [pool.submit(lambda: small(dropout=0.2).fit(X, y).predict(X)) for _ in range(6)]
        for fit in fits:
            np.testing.assert_array_equal(fit.result(), alone)


def test_partial_fit_takes_another_order_each_time(data):
    X, y = data
    orders = []

    class Noted(FeedForwardRegressor):
        def _data(self, parts):
            rows = super()._data(parts)
            return type(
                "Spy", (), {"epoch": lambda _, rng: self._note(rows, rng), "whole": rows.whole}
            )()

        def _note(self, rows, rng):
            batches = list(rows.epoch(rng))
            orders.append(batches[0].x[0, 0])
            return iter(batches)

    model = Noted((4,), random_state=0)
    for _ in range(4):
        model.partial_fit(X, y)
    assert len(set(orders)) > 2


def test_memory_does_not_shrink(data):
    X, y = data
    model = small().fit(X, y)
    assert model.memory_ == 59
    assert model.partial_fit(X.iloc[:10], y.iloc[:10]).memory_ == 59


def test_few_rows_of_one_cycle(data):
    X, y = data
    model = small(validation_fraction=0.9).fit(X.iloc[:3], y.iloc[:3])
    assert np.isfinite(model.predict(X)).all()


@BOTH
@pytest.mark.parametrize("where", ["X", "y"])
def test_missing_values_are_an_error(data, kind, where):
    X, y = data
    broken = {"X": X, "y": y}
    broken[where] = broken[where].copy()
    broken[where].iloc[100] = np.nan
    with pytest.raises(ValueError, match=f"Input {where} contains NaN"):
        small(kind).fit(**broken)


@BOTH
def test_interrupting_keeps_the_best_so_far(data, kind, monkeypatch):
    X, y = data
    epochs = []
    true_epoch = training._epoch

    def interrupted(*args):
        epochs.append(len(epochs))
        if len(epochs) == 4:
            raise KeyboardInterrupt
        return true_epoch(*args)

    monkeypatch.setattr(training, "_epoch", interrupted)
    with pytest.warns(UserWarning, match="interrupted in epoch 4 of 9"):
        model = small(kind, max_epochs=9).fit(X, y)
    assert model.n_iter_ == 3
    assert np.isfinite(model.predict(X)).all()
    monkeypatch.setattr(training, "_epoch", true_epoch)
    whole = small(kind, max_epochs=9).fit(X, y)
    assert whole.n_iter_ == 9


def test_interrupting_before_the_first_epoch_is_over_is_an_interruption(data, monkeypatch):
    def interrupted(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(training, "_epoch", interrupted)
    with pytest.raises(KeyboardInterrupt):
        small().fit(*data)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_a_device_that_is_not_there(data):
    with pytest.raises(InvalidParameterError, match="needs a CUDA device"):
        small(device="cuda").fit(*data)
    assert small(device="auto").fit(*data).n_iter_ == 4


@BOTH
def test_warm_start_and_partial_fit_go_on(data, kind):
    X, y = data
    model = small(kind, warm_start=True, early_stopping=False).fit(X, y)
    before = model.history_["training_loss"].iloc[-1]
    mean = model.inputs_.mean.copy()
    model.fit(X.iloc[:240], y.iloc[:240])
    assert model.history_["epoch"].tolist() == list(range(1, 9))
    np.testing.assert_array_equal(model.inputs_.mean, mean)
    model.partial_fit(X, y)
    assert model.n_iter_ == 9
    assert model.history_["training_loss"].iloc[-1] < before
    fresh = small(kind).partial_fit(X, y)
    assert fresh.n_iter_ == 1
    with pytest.raises(InvalidLogError, match="targets of the fit before"):
        fresh.partial_fit(X, pd.concat([y, y], axis=1))


def test_rare_cells_weigh_more(data):
    X, _ = data
    rare = (X["x2"] > 1.6).to_numpy()
    y = pd.Series(np.where(rare, 10.0, 0.0), index=X.index)
    errors = {}
    for balance in (0.0, 1.0):
        model = small(
            FeedForwardRegressor,
            hidden_layer_sizes=(),
            regimes={"x2": [-10.0, 1.6, 10.0]},
            regime_balance=balance,
            max_epochs=40,
            batch_size=16,
            learning_rate=2e-2,
            early_stopping=False,
        ).fit(X, y)
        errors[balance] = np.abs(model.predict(X) - y)[rare].mean()
    assert errors[1.0] < 0.7 * errors[0.0]


def test_warm_up_rows_are_left_out_of_the_loss(data):
    X, _ = data
    early = np.asarray(X.index.get_level_values("time") < 10.0)
    y = pd.Series(np.where(early, 1e3, X["x0"]), index=X.index)
    model = small(warm_up="10s", max_epochs=60, learning_rate=0.02, early_stopping=False)
    model.fit(X, y)
    assert model.warm_up_ == 20
    late = model.predict(X)[~early]
    other = y.where(~early, -50.0)
    np.testing.assert_array_equal(late.shape, model.fit(X, other).predict(X)[~early].shape)
    only_early = small(warm_up=60, early_stopping=False)
    with pytest.raises(InvalidParameterError, match="warm_up leaves no row"):
        only_early.fit(X, y)


def test_durations(data):
    X, y = data
    model = small(sequence_length="8s", warm_up="1s").fit(X, y)
    assert (model.sequence_length_, model.warm_up_) == (16, 2)
    with pytest.raises(InvalidParameterError, match="needs a log with a time axis"):
        small(sequence_length="8s").fit(X.to_numpy(), y.to_numpy())


@pytest.mark.parametrize(
    ("kind", "parameters", "message"),
    [
        (
            RecurrentRegressor,
            {"cell": "gruu"},
            "cell must be one of 'rnn', 'gru', 'lstm'; got 'gruu'",
        ),
        (RecurrentRegressor, {"hidden_size": 0}, "hidden_size must be an int of at least 1; got 0"),
        (RecurrentRegressor, {"num_layers": 1.5}, "num_layers must be an int of at least 1"),
        (RecurrentRegressor, {"late_starts": 1.5}, "late_starts must be a number in [0, 1]"),
        (RecurrentRegressor, {"initial_state": "ones"}, "initial_state must be one of"),
        (FeedForwardRegressor, {"hidden_layer_sizes": 3}, "must be a sequence of ints; got 3"),
        (FeedForwardRegressor, {"activation": "elu"}, "activation must be one of"),
        (FeedForwardRegressor, {"loss": "mse"}, "loss must be one of"),
        (FeedForwardRegressor, {"optimizer": "lion"}, "optimizer must be one of"),
        (FeedForwardRegressor, {"schedule": None}, "schedule must be one of"),
        (FeedForwardRegressor, {"dropout": 1.0}, "dropout must be a number in [0, 1); got 1.0"),
        (FeedForwardRegressor, {"quantile": 1.0}, "quantile must be a number in (0, 1); got 1.0"),
        (FeedForwardRegressor, {"learning_rate": 0}, "learning_rate must be a number above 0"),
        (
            FeedForwardRegressor,
            {"weight_decay": -1.0},
            "weight_decay must be a number of at least 0",
        ),
        (
            FeedForwardRegressor,
            {"gradient_clip": 0},
            "gradient_clip must be a number above 0 or None",
        ),
        (FeedForwardRegressor, {"layer_norm": "yes"}, "layer_norm must be True or False"),
        (FeedForwardRegressor, {"scale_inputs": "yes"}, "scale_inputs must be True or False"),
        (FeedForwardRegressor, {"device": "cpu:zz"}, "device must be 'cpu', 'cuda' or 'auto'"),
        (FeedForwardRegressor, {"device": "tpu"}, "device must be 'cpu', 'cuda' or 'auto'"),
        (FeedForwardRegressor, {"regimes": [1, 2]}, "regimes must be a RegimeBinner"),
    ],
)
def test_parameters_out_of_range(data, kind, parameters, message):
    with pytest.raises(InvalidParameterError, match=re.escape(message)):
        small(kind, **parameters).fit(*data)


def test_unfitted():
    with pytest.raises(NotFittedError):
        small().predict(np.zeros((3, 2)))


def make(lengths, seed=0):
    rng = np.random.default_rng(seed)
    return [
        Segment(
            rng.normal(size=(n, 2)).astype("f4"), rng.normal(size=(n, 1)).astype("f4"),
            np.ones(n, "f4"),
        )
        for n in lengths
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
def test_an_epoch_of_chunks_holds_every_row_once_and_in_order(seed):
    segments = make([7, 1, 30, 12, 5, 64])
    seen = {tuple(segment.x[0]): [] for segment in segments}
    running, done = [], 0.0
    for batch in Chunks(segments, 2, 8).epoch(np.random.default_rng(seed)):
        if batch.fresh:
            running = [tuple(row[0]) for row in batch.x]
        assert batch.x.shape[1] <= 8
        assert done < batch.done <= 1.0 + 1e-12
        done = batch.done
        for k, first in enumerate(running):
            seen[first].append(batch.x[k][batch.weight[k] > 0])
            assert (batch.x[k][batch.weight[k] == 0] == 0).all()
    assert done == pytest.approx(1.0)
    for segment in segments:
        np.testing.assert_array_equal(np.concatenate(seen[tuple(segment.x[0])]), segment.x)


def test_late_starts_leave_out_the_rows_before_and_warm_up():
    segments = make([40, 30, 1])
    chunks = Chunks(segments, 3, 200, late_starts=1.0, warm_up=2)
    starts = set()
    for seed in range(20):
        (batch,) = chunks.epoch(np.random.default_rng(seed))
        for x, weight in zip(batch.x, batch.weight, strict=True):
            segment, row = next(
                (one, k)
                for one in segments
                for k in range(len(one))
                if np.array_equal(one.x[k], x[0])
            )
            n = len(segment) - row
            np.testing.assert_array_equal(x[:n], segment.x[row:])
            if len(segment) == 1:
                assert (row, weight[0]) == (0, 1.0)
            else:
                assert 1 <= row <= len(segment) // 2
                np.testing.assert_array_equal(weight[:4], [0.0, 0.0, 1.0, 1.0])
                starts.add(row)
    assert len(starts) > 10
    assert sum(batch.x.shape[1] for batch in chunks.whole()) == 40


def test_what_follows_a_gap_is_learned_from_late_starts():
    rng = np.random.default_rng(0)
    parts = []
    for k in range(30):
        power = np.r_[0.0, rng.uniform(0.5, 1.5, 79)]  # every cycle begins at rest
        heat = lfilter([0.05], [1.0, -0.95], power) * 40.0
        parts.append(pd.DataFrame({"power": power, "skin": 0.5 * heat, "heat": heat, "cycle": k}))
    frame = pd.concat(parts, ignore_index=True)
    log = sp.as_log(frame, cycle="cycle", rate=1.0)
    X, y = log[["power", "skin"]], log["heat"]
    later = np.asarray(X.index.get_level_values("time") >= 40.0)
    errors = {}
    for late in (0.0, 0.5):
        model = small(
            late_starts=late, hidden_size=8, max_epochs=25, learning_rate=0.05, early_stopping=False
        ).fit(X, y)
        errors[late] = np.sqrt(np.mean((model.predict(X[later]) - y[later]) ** 2))
    assert errors[0.5] < 0.7 * errors[0.0]


def test_an_epoch_of_rows_holds_every_row_once():
    segments = make([7, 1, 30])
    batches = list(Rows(segments, 8).epoch(np.random.default_rng(0)))
    rows = np.concatenate([batch.x for batch in batches])
    every = np.concatenate([segment.x for segment in segments])
    assert [len(batch.x) for batch in batches] == [8, 8, 8, 8, 6]
    np.testing.assert_array_equal(np.sort(rows[:, 0]), np.sort(every[:, 0]))
    assert not np.array_equal(rows, every)
