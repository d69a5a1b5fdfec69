"""Standardiser: channels to zero mean and unit spread, by what the training rows say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from signalprep._base import Stored
from signalprep.errors import InvalidLogError

__all__ = ["Standardiser"]

CONSTANT = 1e-12  # of the largest size: a spread below it is rounding


@dataclass(frozen=True)
class Standardiser(Stored):
    """Mean and spread of each channel; a constant one has spread 0 and is left out.

    Attributes
    ----------
    mean, scale : ndarray of shape (n_channels,)
    """

    mean: np.ndarray
    scale: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray) -> Standardiser:
        """That of rows (n_rows, n_channels).

        Raises
        ------
        InvalidLogError
            Values so large that their squares are none.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            mean = values.mean(axis=0)
            scale = values.std(axis=0)
        if not (np.isfinite(mean) & np.isfinite(scale)).all():
            raise InvalidLogError(
                f"inputs and targets must be of a size whose squares are finite numbers; "
                f"got {np.abs(values).max():.3g}"
            )
        scale[scale <= CONSTANT * np.abs(values).max(axis=0)] = 0.0
        return cls(mean, scale)

    @classmethod
    def none(cls, n_channels: int) -> Standardiser:
        """One that changes nothing."""
        return cls(np.zeros(n_channels), np.ones(n_channels))

    def forward(self, values: np.ndarray) -> np.ndarray:
        """Scaled rows; 0 for a constant channel, whatever it holds."""
        factor = np.divide(1.0, self.scale, out=np.zeros_like(self.scale), where=self.scale > 0)
        return (values - self.mean) * factor

    def backward(self, values: np.ndarray) -> np.ndarray:
        """Rows in their own units again."""
        return values * self.scale + self.mean
