"""How the learning rate goes through a training: a factor for each point of it, 0 to 1."""

from __future__ import annotations

import math
from collections.abc import Callable

__all__ = ["SCHEDULES"]

WARM_UP = 0.05  # of the training
RISE = 0.3  # of the training: one-cycle
LEAST = 0.01  # of the learning rate, where it fades
LEAST_OF_CYCLE = 1e-4
RESTARTS = (1.0 / 7.0, 3.0 / 7.0, 1.0)  # each run twice as long as the one before
N_STEPS = 4


def _cosine(done: float, least: float = LEAST) -> float:
    return least + (1.0 - least) * 0.5 * (1.0 + math.cos(math.pi * done))


def _warmup_cosine(done: float) -> float:
    if done < WARM_UP:
        return max(done / WARM_UP, LEAST)
    return _cosine((done - WARM_UP) / (1.0 - WARM_UP))


def _warm_restarts(done: float) -> float:
    begin = 0.0
    for end in RESTARTS:
        if done < end:
            return _cosine((done - begin) / (end - begin))
        begin = end
    return LEAST


def _one_cycle(done: float) -> float:
    if done < RISE:
        return 0.04 + 0.96 * 0.5 * (1.0 - math.cos(math.pi * done / RISE))
    return _cosine((done - RISE) / (1.0 - RISE), LEAST_OF_CYCLE)


SCHEDULES: dict[str, Callable[[float], float]] = {
    "constant": lambda done: 1.0,
    "step": lambda done: 0.3 ** int(N_STEPS * min(done, 1.0 - 1e-9)),
    "exponential": lambda done: LEAST**done,
    "cosine": _cosine,
    "warmup_cosine": _warmup_cosine,
    "warm_restarts": _warm_restarts,
    "one_cycle": _one_cycle,
    "on_plateau": lambda done: 1.0,  # halved by the training itself
}
