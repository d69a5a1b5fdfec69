"""on_clock: the last valid sample of each channel at each row, and nothing else."""

import numpy as np
import pandas as pd
import pytest

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log import Channel, on_clock

SEEDS = range(40)


def recording(rng, n_channels=5):
    """Channels of several rates, jittery or not, with gaps, invalid and missing samples."""
    channels = []
    for k in range(n_channels):
        n = int(rng.integers(1, 60))
        step = rng.choice([0.01, 0.013, 0.05, 0.2])
        times = rng.uniform(0, 1) + step * np.arange(n)
        times += rng.choice([0.0, 0.4]) * step * rng.uniform(-1, 1, n)
        times[n // 2 :] += rng.choice([0.0, 0.0, 3.0])
        values = rng.choice([rng.normal(size=n), rng.integers(0, 9, n).astype(float)])
        values[rng.random(n) < rng.choice([0.0, 0.1])] = np.nan
        valid = None if rng.random() < 0.5 else rng.random(n) < 0.8
        kind = "number" if rng.random() < 0.5 else "state"
        channels.append(Channel(f"c{k}", times, values, valid, kind=kind))
    return [c for c in channels if c.valid is None or (c.valid & ~np.isnan(c.values)).any()]


def valid(channel):
    known = ~np.isnan(channel.values)
    return known if channel.valid is None else known & channel.valid


def limit(channel, step):
    times = channel.times[valid(channel)]
    return max(3 * np.median(np.diff(times)) if len(times) > 1 else 0.0, step)


def expected(channel, times, limit):
    """By pandas: the row's time and the sample's, each with half the tolerance to spare."""
    known = valid(channel)
    samples = pd.DataFrame({"t": channel.times[known], "v": channel.values[known]})
    samples["stamp"] = samples["t"]
    rows = pd.DataFrame({"t": times + 1e-9})
    return pd.merge_asof(rows, samples, on="t", direction="backward", tolerance=limit + 2e-9)


def usable(channels):
    return any(valid(c).any() for c in channels)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("how", ["rate", "clock"])
@pytest.mark.parametrize("hold", ["auto", 0.3, None])
def test_each_row_has_the_last_valid_sample(seed, how, hold):
    rng = np.random.default_rng(seed)
    channels = recording(rng)
    named = max(channels, key=lambda c: valid(c).sum())
    if not usable(channels) or valid(named).sum() < 2:
        return
    by = {"rate": 100.0} if how == "rate" else {"clock": named.name}
    clocked = (
        on_clock(channels, hold=hold, ages=True, **by, reduce="mean" if how == "x" else None)
        if how == "rate"
        else on_clock([c for c in channels if fits(c, named)], hold=hold, ages=True, **by)
    )
    step = 0.01 if how == "rate" else np.median(np.diff(named.times[valid(named)]))
    for channel in channels:
        if channel.name not in clocked.columns:
            continue
        allowed = {"auto": limit(channel, step), None: 1e9}.get(hold, hold)
        oracle = expected(channel, clocked.times, allowed)
        np.testing.assert_array_equal(clocked.columns[channel.name], oracle["v"])
        age = clocked.columns[f"{channel.name}.age"]
        fresh = oracle["v"].notna()
        np.testing.assert_allclose(age[fresh], (clocked.times - oracle["stamp"])[fresh], atol=2e-9)
        assert (age[fresh] >= 0).all() and (age[fresh] <= allowed + 1e-8).all()


def fits(channel, clock):
    own = channel.times[valid(channel)]
    step = np.median(np.diff(clock.times[valid(clock)]))
    return len(own) < 2 or 2 * np.median(np.diff(own)) >= step
