"""Padded, chunked, streamed and whole predictions are the same numbers."""

import copy
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

import signalprep as sp
from signalprep.neural import FeedForwardRegressor, RecurrentRegressor

torch = pytest.importorskip("torch", reason="training a network needs torch, which is an extra")


LENGTHS = [40, 1, 17, 2, 90, 1]
MODELS = {
    "gru": RecurrentRegressor("gru", 5),
    "lstm": RecurrentRegressor("lstm", 5, 2, recipe=sp.Recipe(layer_norm=True)),
    "rnn": RecurrentRegressor("rnn", 5, initial_state="zero"),
    "feed-forward": FeedForwardRegressor(
        (6, 5), activation="gelu", recipe=sp.Recipe(layer_norm=True)
    ),
    "feed-forward, tanh": FeedForwardRegressor((6,), activation="tanh"),
}


@pytest.fixture(scope="module")
def log():
    rng = np.random.default_rng(1)
    n = sum(LENGTHS)
    cycle = np.repeat(np.arange(len(LENGTHS)), LENGTHS)
    return sp.as_log(
        rng.normal([5.0, -80.0, 0.1], [1.0, 30.0, 0.01], (n, 3)), cycle=cycle, rate=2.0
    )


@pytest.fixture(scope="module", params=MODELS)
def model(request, log):
    y = log["x0"] * 20.0 + log["x1"]
    estimator = clone(MODELS[request.param]).set_params(recipe__early_stopping=False)
    return estimator.set_params(max_epochs=3, random_state=0).fit(log, y)


def relative(found, wanted):
    return np.abs(found - wanted).max() / np.abs(wanted).max()


def as_trained(model, log, *, padded):
    """Predictions of the torch network in float32: all segments in one batch, or one by one."""
    network = model._network(log.shape[1], 1)
    network.load_state_dict({k: torch.from_numpy(v) for k, v in model.weights_.items()})
    network.eval()
    rows = model.inputs_.forward(log.to_numpy()).astype(np.float32)
    bounds = sp.segments(log)
    parts = [torch.from_numpy(rows[a:b]) for a, b in pairwise(bounds.tolist())]
    with torch.no_grad():
        if padded:
            batch = torch.nn.utils.rnn.pad_sequence(parts, batch_first=True)
            out = network(batch)[0]
            found = [out[k, : len(part)] for k, part in enumerate(parts)]
        else:
            found = [network(part[None])[0][0] for part in parts]
    return model.targets_.backward(torch.cat(found).numpy().astype(float))[:, 0]


def test_the_padded_network_that_was_trained(model, log):
    found = model.predict(log)
    assert relative(as_trained(model, log, padded=True), found) < 1e-6
    assert relative(as_trained(model, log, padded=False), found) < 1e-6


def test_a_cycle_does_not_depend_on_the_others(model, log):
    found = pd.Series(model.predict(log), index=log.index)
    for _, part in log.groupby(level="cycle"):
        np.testing.assert_array_equal(model.predict(part), found[part.index])


def test_threads_change_nothing(model, log):
    other = copy.copy(model)
    other.n_jobs = 2
    np.testing.assert_array_equal(other.predict(log), model.predict(log))


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_chunks_and_single_rows(model, log, data):
    live = sp.stream(model)
    found = []
    for _, part in log.groupby(level="cycle"):
        live.reset()
        first = 0
        while first < len(part):
            n = data.draw(st.integers(1, len(part) - first))
            found.append(live.push(part.iloc[first : first + n]))
            first += n
    np.testing.assert_array_equal(np.concatenate(found), model.predict(log))


def test_a_stream_can_be_copied(model, log):
    part = log.loc[[0]]
    live = sp.stream(model)
    live.push(part.iloc[:20])
    other = copy.deepcopy(live)
    wanted = live.push(part.iloc[20:])
    np.testing.assert_array_equal(other.push(part.iloc[20:]), wanted)


def test_a_pipeline_streams(log):
    y = log["x0"] * 20.0
    model = sp.make_pipeline(
        sp.HampelFilter(5),
        sp.ExponentialFeatures([4]),
        RecurrentRegressor(
            hidden_size=4, max_epochs=2, random_state=0, recipe=sp.Recipe(early_stopping=False)
        ),
    ).fit(log, y)
    part = log.loc[[4]]
    live = sp.stream(model)
    found = np.concatenate([live.push(part.iloc[i : i + 1]) for i in range(len(part))])
    np.testing.assert_allclose(found, model.predict(part), rtol=1e-12)


def test_a_gap_starts_anew(log):
    part = log.loc[[4]]
    holed = part.drop(part.index[30:60])
    y = log["x0"]
    model = RecurrentRegressor(hidden_size=4, max_epochs=2, random_state=0).fit(log, y)
    found = model.predict(holed)
    np.testing.assert_array_equal(found[:30], model.predict(part.iloc[:30]))
    np.testing.assert_array_equal(found[30:], model.predict(part.iloc[60:]))


def test_a_stream_refuses_what_predict_does(model, log):
    live = sp.stream(model)
    with pytest.raises(sp.errors.InvalidLogError, match="channel 'x1', sample 0"):
        live.push([1.0, np.nan, 2.0])
    with pytest.raises(ValueError, match="NaN"):
        model.predict(log.assign(x1=np.nan))
