"""Deal units of rows out to folds so that each fold gets its share of every stratum."""

from __future__ import annotations

import numpy as np

__all__ = ["deal", "imbalance"]

MOST_REFINED = 2048  # units that may still change folds after the first deal
SWEEPS = 30
FEW_UNITS = 256  # up to here the best of several first deals is taken
STARTS = 8
NEARLY = 1.05  # of deals that cost this much more at most, the largest deviation decides
WORTH = 1e-2  # part of the cost that a sweep must gain for another one to follow
ROUNDING = 1e-12  # of the units' squared lengths: a smaller change is none


def deal(
    counts: np.ndarray,
    shares: np.ndarray,
    rng: np.random.RandomState | None = None,
) -> np.ndarray:
    """Fold of each unit, balanced in rows and in strata.

    With p[f, s] the part of the rows of stratum s that fold f holds, and s = 0 all rows, this
    minimises sum over f of (1 / t[f]) * sum over s of w[s] * (p[f, s] - t[f])**2, where t are the
    wanted shares, w[0] = 1 and the strata share a weight of 1 in equal parts. Units are dealt out
    largest first, each where it costs least, and then moved or swapped between folds as long as
    that helps.

    Parameters
    ----------
    counts : int array of shape (n_units, n_strata)
        Rows of each unit in each stratum; every unit has a row.
    shares : float array of shape (n_folds,)
        Wanted part of the rows of each fold; they sum to 1. No fold stays empty.
    rng : RandomState, default=None
        Source of the first deal; None gives the one that follows from `counts` alone.

    Returns
    -------
    folds : int64 array of shape (n_units,)
    """
    points = _points(counts)
    norms = np.einsum("ij,ij->i", points, points)
    start = np.random.RandomState(0) if rng is None else rng
    n_starts = STARTS if len(points) <= FEW_UNITS else 1
    found = []
    for k in range(n_starts):
        plain = rng is None and k == 0
        keys = norms if plain else norms * start.uniform(0.5, 2.0, len(norms))
        folds = _largest_first(points, np.argsort(-keys, kind="stable"), shares)
        _refine(points, folds, shares, start)
        found.append((*_quality(points, folds, shares), folds))
    dearest = NEARLY * min(cost for cost, _, _ in found)
    return min((deal for deal in found if deal[0] <= dearest), key=lambda deal: deal[1])[2]


def imbalance(counts: np.ndarray, folds: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Largest deviation of a fold's part of each stratum from the wanted share.

    Parameters
    ----------
    counts : int array of shape (n_units, n_strata)
    folds : int array of shape (n_units,)
    shares : float array of shape (n_folds,)

    Returns
    -------
    deviation : float array of shape (n_strata,)
        0 for a stratum without rows.
    """
    total = counts.sum(axis=0)
    held = np.stack([counts[folds == f].sum(axis=0) for f in range(len(shares))])
    wanted = shares[:, None] * (total > 0)
    return np.abs(held / np.maximum(total, 1) - wanted).max(axis=0)


def _points(counts: np.ndarray) -> np.ndarray:
    """Units as vectors: their part of all rows, and of each stratum, weighted."""
    rows = counts.sum(axis=1, keepdims=True) / counts.sum()
    total = counts.sum(axis=0)
    seen = counts[:, total > 0]
    strata = seen / total[total > 0] / np.sqrt(seen.shape[1])
    return np.concatenate([rows, strata], axis=1)


def _quality(points: np.ndarray, folds: np.ndarray, shares: np.ndarray) -> tuple[float, float]:
    """Cost, and the largest deviation of a stratum's part; rounded, so that ties are ties."""
    excess = _excess(points, folds, shares)
    largest = float(np.abs(excess[:, 1:] / points[:, 1:].sum(axis=0)).max())
    return float(np.sum(excess**2 / shares[:, None])), round(largest, 9)


def _excess(points: np.ndarray, folds: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """What each fold holds beyond its share, (n_folds, n_strata + 1)."""
    held = np.zeros((len(shares), points.shape[1]))
    np.add.at(held, folds, points)
    return held - shares[:, None] * points.sum(axis=0)


def _largest_first(points: np.ndarray, order: np.ndarray, shares: np.ndarray) -> np.ndarray:
    folds = np.empty(len(points), dtype=np.int64)
    excess = -shares[:, None] * points.sum(axis=0)
    free = len(shares)
    empty = np.ones(len(shares), dtype=bool)
    for k, unit in enumerate(order.tolist()):
        point = points[unit]
        cost = (2.0 * (excess @ point) + point @ point) / shares
        if free == len(order) - k:  # as many units left as folds without any
            cost[~empty] = np.inf
        folds[unit] = fold = int(np.argmin(cost))
        excess[fold] += point
        free -= int(empty[fold])
        empty[fold] = False
    return folds


def _refine(
    points: np.ndarray, folds: np.ndarray, shares: np.ndarray, rng: np.random.RandomState
) -> None:
    """Move and swap units between folds, in place, as long as a sweep over them pays."""
    n = len(points)
    chosen = np.arange(n) if n <= MOST_REFINED else np.sort(rng.permutation(n)[:MOST_REFINED])
    exchange = _Exchange(points, folds, shares, chosen)
    cost = float(np.sum(_excess(points, folds, shares) ** 2 / shares[:, None]))
    for _ in range(SWEEPS):
        gained = sum(exchange.improve(unit) for unit in range(len(chosen)))
        cost -= gained
        if gained <= WORTH * cost:
            break
    folds[chosen] = exchange.own


class _Exchange:
    """Moves and swaps of units, and what they gain.

    With g[f, u] the product of the excess of fold f and unit u, q[u] its squared length and
    w = 1 / t, taking u from fold a to fold b changes the cost by
    w[b] (2 g[b, u] + q[u]) - w[a] (2 g[a, u] - q[u]). For a swap u and q are of the difference.
    """

    def __init__(
        self, points: np.ndarray, folds: np.ndarray, shares: np.ndarray, chosen: np.ndarray
    ) -> None:
        moved = points[chosen]
        self.gram = moved @ moved.T
        self.norms = np.einsum("ii->i", self.gram).copy()
        self.weights = 1.0 / shares
        self.products = 2.0 * self.weights[:, None] * (_excess(points, folds, shares) @ moved.T)
        self.own = folds[chosen]
        self.kept = self.products[self.own, np.arange(len(chosen))]  # products with their own fold
        self.sizes = np.bincount(folds, minlength=len(shares))
        self.least = ROUNDING * float(self.norms.sum())

    def improve(self, unit: int) -> float:
        """Make the best move or swap of one unit, if any helps; gives what it gained."""
        a, q = int(self.own[unit]), self.norms[unit]
        to = self.products[:, unit]
        leave = self.weights[a] * q - to[a]
        moved = to + self.weights * q + leave
        moved[a] = 0.0
        target = int(np.argmin(moved)) if self.sizes[a] > 1 else a
        distance = self.norms + q
        distance -= 2.0 * self.gram[unit]
        swapped = (to - to[a])[self.own]
        swapped += self.products[a]
        swapped -= self.kept
        swapped += distance * (self.weights + self.weights[a])[self.own]
        swapped[self.own == a] = 0.0
        partner = int(np.argmin(swapped))
        change = min(moved[target], swapped[partner])
        if change > -self.least:
            return 0.0
        if swapped[partner] < moved[target]:
            target = int(self.own[partner])
            self.own[partner] = a
            step = self.gram[unit] - self.gram[partner]
        else:
            step = self.gram[unit]
            self.sizes[[a, target]] += (-1, 1)
        self.own[unit] = target
        for fold, sign in ((a, -2.0), (target, 2.0)):
            self.products[fold] += sign * self.weights[fold] * step
            mine = self.own == fold
            self.kept[mine] = self.products[fold, mine]
        return -float(change)
