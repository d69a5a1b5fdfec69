"""Training and prediction of a recurrent network against a plain torch loop, skorch and torch.

The same GRU (32 units, 10 inputs), the same padded batches in chunks, the same optimizer, one
thread. Rows a second of training, medians over rounds in which every contender runs once; "ratio"
is ours over the peer's: above 1 we are faster. The loop by hand has no checks, no history, no
clipping statistics and no held-out cycles; skorch gets one chunk a sample without carried state,
since it knows none. Prediction: `predict` and `stream` against torch's GRU over whole cycles, and
against stepping torch row by row.

    python benchmarks/neural_training.py
    python benchmarks/neural_training.py --quick
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
import torch
from skorch import NeuralNetRegressor
from torch import nn

import signalprep as sp
from signalprep.neural import RecurrentRegressor

CHUNK, BATCH, UNITS, CHANNELS, EPOCHS = 256, 16, 32, 10, 3


class Plain(nn.Module):
    """The network as one would write it."""

    def __init__(self) -> None:
        super().__init__()
        self.gru = nn.GRU(CHANNELS, UNITS, batch_first=True)
        self.start = nn.Linear(CHANNELS, UNITS)
        self.out = nn.Linear(UNITS, 1)
        self.direct = nn.Linear(CHANNELS, 1, bias=False)

    def forward(self, x: torch.Tensor, h: torch.Tensor | None = None, carry: bool = False):
        h = torch.tanh(self.start(x[:, 0]))[None] if h is None else h
        y, h = self.gru(x, h)
        y = self.out(y) + self.direct(x)
        return (y, h) if carry else y


def by_hand(x: torch.Tensor, y: torch.Tensor) -> Callable[[], None]:
    """Epochs over (cycles, rows, channels) with carried state."""

    def run() -> None:
        torch.manual_seed(0)
        network = Plain()
        optimizer = torch.optim.AdamW(network.parameters(), lr=5e-3, weight_decay=1e-4)
        for _ in range(EPOCHS):
            for rows in torch.randperm(len(x)).split(BATCH):
                h = None
                for first in range(0, x.shape[1], CHUNK):
                    part = slice(first, first + CHUNK)
                    found, h = network(x[rows, part], h, carry=True)
                    h = h.detach()
                    loss = ((found - y[rows, part]) ** 2).mean()
                    optimizer.zero_grad()
                    loss.backward()
                    nn.utils.clip_grad_norm_(network.parameters(), 1.0)
                    optimizer.step()

    return run


def by_skorch(x: torch.Tensor, y: torch.Tensor) -> Callable[[], None]:
    """Chunks as samples."""
    chunks = x.reshape(-1, CHUNK, CHANNELS).numpy(), y.reshape(-1, CHUNK, 1).numpy()

    def run() -> None:
        torch.manual_seed(0)
        NeuralNetRegressor(
            Plain,
            max_epochs=EPOCHS,
            batch_size=BATCH,
            optimizer=torch.optim.AdamW,
            lr=5e-3,
            train_split=None,
            verbose=0,
        ).fit(*chunks)

    return run


def report(name: str, runs: dict[str, Callable[[], object]], rows: int, rounds: int) -> None:
    taken: dict[str, list[float]] = {key: [] for key in runs}
    for run in runs.values():
        run()
    for _ in range(rounds):
        for key, run in runs.items():
            begin = time.perf_counter()
            run()
            taken[key].append(time.perf_counter() - begin)
    rate = {key: rows / statistics.median(times) for key, times in taken.items()}
    for key in runs:
        print(
            f"{name:<10} {key:<34} {rate[key]:>12,.0f} rows/s  ratio {rate['ours'] / rate[key]:.2f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="few rows and rounds, to try")
    options = parser.parse_args()
    torch.set_num_threads(1)
    n_cycles, n_rows = (32, 1024) if options.quick else (128, 2048)
    rounds = 3 if options.quick else 5
    rng = np.random.default_rng(0)
    values = rng.normal(size=(n_cycles, n_rows, CHANNELS)).astype(np.float32)
    target = np.cumsum(values[..., :1], axis=1).astype(np.float32) / 30.0
    x, y = torch.from_numpy(values), torch.from_numpy(target)
    cycle = np.repeat(np.arange(n_cycles), n_rows)
    log = sp.as_log(values.reshape(-1, CHANNELS).astype(float), cycle=cycle, rate=1.0)
    truth = target.reshape(-1).astype(float)
    ours = RecurrentRegressor(
        hidden_size=UNITS,
        sequence_length=CHUNK,
        max_epochs=EPOCHS,
        recipe=sp.Recipe(batch_size=BATCH, early_stopping=False),
        random_state=0,
        progress=False,
    )
    training = {
        "ours": lambda: ours.fit(log, truth),
        "torch loop by hand": by_hand(x, y),
        "skorch, chunks without carried state": by_skorch(x, y),
    }
    report("training", training, EPOCHS * len(log), rounds)

    network = Plain().eval()
    live = sp.stream(ours)
    some = log.to_numpy()[:2000]

    def in_torch() -> None:
        with torch.no_grad():
            network(x)

    def stepping() -> None:
        with torch.no_grad():
            h = None
            for row in some.astype(np.float32):
                _, h = network(torch.from_numpy(row)[None, None], h, carry=True)

    def pushing() -> None:
        live.reset()
        for row in some:
            live.push(row)

    report(
        "predict",
        {"ours": lambda: ours.predict(log), "torch, whole cycles": in_torch},
        len(log),
        rounds,
    )
    report("one by one", {"ours": pushing, "torch, row by row": stepping}, len(some), rounds)


if __name__ == "__main__":
    main()
