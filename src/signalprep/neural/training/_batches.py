"""What a network is trained on: segments of scaled rows, cut into batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

__all__ = ["Batch", "Chunks", "Rows", "Segment"]


@dataclass(frozen=True)
class Segment:
    """Rows of one segment, float32: inputs (n, n_inputs), targets (n, n_targets), weights (n,)."""

    x: np.ndarray
    y: np.ndarray
    weight: np.ndarray

    def __len__(self) -> int:
        return len(self.x)


class Batch(NamedTuple):
    """Inputs, targets and weights of one step of the optimizer.

    Rows (batch, ...) or sequences (batch, length, ...), padded with zeros of weight 0. `fresh`
    tells that the sequences begin here; else they go on from the batch before. `done` is how much
    of the epoch is over after it.
    """

    x: np.ndarray
    y: np.ndarray
    weight: np.ndarray
    fresh: bool
    done: float


@dataclass(frozen=True)
class Rows:
    """Batches of single rows in random order."""

    segments: Sequence[Segment]
    batch_size: int

    def epoch(self, rng: np.random.Generator) -> Iterator[Batch]:
        """All rows once."""
        x = np.concatenate([segment.x for segment in self.segments])
        y = np.concatenate([segment.y for segment in self.segments])
        weight = np.concatenate([segment.weight for segment in self.segments])
        order = rng.permutation(len(x))
        for first in range(0, len(x), self.batch_size):
            rows = order[first : first + self.batch_size]
            done = min(1.0, (first + self.batch_size) / len(x))
            yield Batch(x[rows], y[rows], weight[rows], True, done)

    def whole(self) -> Iterator[Batch]:
        """All rows once, in order, in large batches."""
        for segment in self.segments:
            yield Batch(segment.x, segment.y, segment.weight, True, 1.0)


@dataclass(frozen=True)
class Chunks:
    """Batches of whole segments side by side, cut into chunks through which the state is carried.

    The first chunk of an epoch has a random length, so that borders fall elsewhere each time.
    Segments of a batch are of about the same length: they are sorted within random groups. A share
    of them, ``late_starts``, begins at a random row of its first half instead of at the first one;
    the `warm_up` rows after it are left out, too.
    """

    segments: Sequence[Segment]
    batch_size: int
    length: int
    late_starts: float = 0.0
    warm_up: int = 0

    def epoch(self, rng: np.random.Generator) -> Iterator[Batch]:
        """All segments once."""
        every = [self._start(segment, rng) for segment in self.segments]
        order = rng.permutation(len(every))
        group = 4 * self.batch_size
        groups = [order[k : k + group] for k in range(0, len(order), group)]
        order = np.concatenate([sorted(rows, key=lambda k: len(every[k])) for rows in groups])
        batches = [order[k : k + self.batch_size] for k in range(0, len(order), self.batch_size)]
        passed, total = 0, sum(len(segment) for segment in every)
        for k in rng.permutation(len(batches)):
            chosen = [every[i] for i in batches[k]]
            first = int(rng.integers((self.length + 1) // 2, self.length, endpoint=True))
            rows = sum(len(segment) for segment in chosen)
            for batch in _cut(chosen, first, self.length):
                yield batch._replace(done=(passed + batch.done * rows) / total)
            passed += rows

    def _start(self, segment: Segment, rng: np.random.Generator) -> Segment:
        """The segment, or what follows a random row of it."""
        if self.late_starts == 0.0 or rng.random() >= self.late_starts or len(segment) < 2:
            return segment
        first = int(rng.integers(1, len(segment) // 2, endpoint=True))
        weight = segment.weight[first:].copy()
        weight[: self.warm_up] = 0.0
        return Segment(segment.x[first:], segment.y[first:], weight)

    def whole(self) -> Iterator[Batch]:
        """All segments once, in order."""
        order = sorted(range(len(self.segments)), key=lambda k: len(self.segments[k]))
        for first in range(0, len(order), self.batch_size):
            chosen = [self.segments[k] for k in order[first : first + self.batch_size]]
            yield from _cut(chosen, self.length, self.length)


def _cut(segments: Sequence[Segment], first: int, length: int) -> Iterator[Batch]:
    longest = max(len(segment) for segment in segments)
    begin, end = 0, min(first, longest)
    while begin < longest:
        shape = (len(segments), end - begin)
        x = np.zeros((*shape, segments[0].x.shape[1]), dtype=np.float32)
        y = np.zeros((*shape, segments[0].y.shape[1]), dtype=np.float32)
        weight = np.zeros(shape, dtype=np.float32)
        for k, segment in enumerate(segments):
            n = max(min(len(segment), end) - begin, 0)
            x[k, :n] = segment.x[begin : begin + n]
            y[k, :n] = segment.y[begin : begin + n]
            weight[k, :n] = segment.weight[begin : begin + n]
        yield Batch(x, y, weight, begin == 0, end / longest)
        begin, end = end, min(end + length, longest)
