"""Memberships: how much each row belongs to the cells beside a border of the operating map."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product

import numpy as np

from signalprep.errors import InvalidParameterError
from signalprep.regimes import RegimeBinner


class SoftCells:
    """Cells of a fitted RegimeBinner whose borders may be soft.

    Parameters
    ----------
    edges : list of ndarray
        Edges of each binned column.
    softness : float
        Width of the blend at a border, as a share of the narrower interval beside it.
    """

    def __init__(self, edges: list[np.ndarray], softness: float) -> None:
        self.edges = edges
        self.softness = softness
        self.shape = tuple(len(one) + 2 for one in edges)  # below, intervals, above, missing
        if math.prod(self.shape) >= 2**62:
            raise InvalidParameterError(
                f"regimes must span fewer than 2**62 cells; got {math.prod(self.shape):.3g} "
                f"of {len(edges)} columns"
            )

    @classmethod
    def of(cls, binner: RegimeBinner, softness: float) -> SoftCells:
        """Cells of a fitted binner."""
        return cls(list(binner.edges_.values()), softness)

    def corners(
        self, codes: np.ndarray, values: np.ndarray
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Cells that rows belong to, and how much; the weights of a row sum to one.

        Parameters
        ----------
        codes : ndarray of int of shape (n_rows, n_columns)
            Position of each row's interval, as RegimeBinner gives it.
        values : ndarray of shape (n_rows, n_columns)
            The binned signals.

        Yields
        ------
        cell, weight : ndarray of shape (n_rows,)
            Number of the joint cell, and its weight, which may be zero.
        """
        sides = [
            self._sides(edges, codes[:, k], values[:, k]) for k, edges in enumerate(self.edges)
        ]
        soft = [side if side[1][1].any() else side[:1] for side in sides]
        for chosen in product(*soft):
            weight = np.prod([weight for _, weight in chosen], axis=0)
            if weight.any():
                yield np.ravel_multi_index(tuple(code for code, _ in chosen), self.shape), weight

    def _sides(
        self, edges: np.ndarray, code: np.ndarray, value: np.ndarray
    ) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
        """Own interval and the one across the nearest border, each with its weight."""
        nearest = self._nearest_border(edges, code, value)
        zone = self.softness / 2.0 * _narrower(edges)[nearest]
        distance = np.where(np.isnan(value), np.inf, np.abs(value - edges[nearest]))
        inside = distance < zone
        away = np.zeros(len(code))
        away[inside] = 0.5 * (1.0 - distance[inside] / zone[inside])
        across = np.where(code > nearest, nearest, nearest + 1)
        return (code, 1.0 - away), (np.where(inside, across, code), away)

    @staticmethod
    def _nearest_border(edges: np.ndarray, code: np.ndarray, value: np.ndarray) -> np.ndarray:
        lower = np.clip(code - 1, 0, len(edges) - 1)
        upper = np.clip(code, 0, len(edges) - 1)
        is_lower = np.abs(value - edges[lower]) <= np.abs(value - edges[upper])
        return np.where(is_lower, lower, upper)


def _narrower(edges: np.ndarray) -> np.ndarray:
    """Width of the narrower interval beside each edge."""
    width = np.diff(edges)
    return np.minimum(np.append(width[:1], width), np.append(width, width[-1:]))
