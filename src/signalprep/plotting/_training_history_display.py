"""TrainingHistoryDisplay: how a training went, epoch by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from signalprep.errors import InvalidParameterError
from signalprep.flow import before_model

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE, ORANGE, GREY = "#1d4ed8", "#b45309", "#6b7280"
STYLES: dict[str, dict[str, Any]] = {
    "validation_loss": {"color": BLUE, "label": "held-out cycles"},
    "training_loss": {"color": ORANGE, "linestyle": "--", "label": "training cycles"},
}


class TrainingHistoryDisplay:
    """Loss of training and held-out cycles over the epochs; learning rate and gradient below.

    The epoch whose weights are kept is marked. Make one with :meth:`from_estimator`.

    Parameters
    ----------
    history : DataFrame
        As ``history_`` of a network.
    best_epoch : int
        The epoch whose weights are kept.

    Attributes
    ----------
    figure_ : Figure
        What was drawn on.
    axes_ : ndarray of three Axes
        Loss; learning rate, and on the same place the gradient's norm.
    lines_ : dict of str to Line2D
        By the columns of the history, and "best" of the mark.

    Examples
    --------
    >>> import pandas as pd, signalprep as sp
    >>> history = pd.DataFrame({"epoch": [1, 2, 3], "training_loss": [1.0, 0.5, 0.4],
    ...                         "validation_loss": [1.1, 0.7, 0.8], "learning_rate": 0.01,
    ...                         "gradient_norm": [2.0, 1.0, 0.5]})
    >>> display = sp.TrainingHistoryDisplay(history, best_epoch=2).plot()
    >>> display.lines_["best"].get_label()
    'kept: epoch 2'
    """

    figure_: Any
    axes_: np.ndarray
    lines_: dict[str, Any]

    def __init__(self, history: pd.DataFrame, best_epoch: int) -> None:
        self.history = history
        self.best_epoch = best_epoch

    @classmethod
    def from_estimator(
        cls, estimator: Any, *, axes: Sequence[Axes] | None = None
    ) -> TrainingHistoryDisplay:
        """Draw how a network was trained.

        Parameters
        ----------
        estimator : fitted network, or Pipeline or AtRate that ends in one
            With ``history_`` and ``best_epoch_``.
        axes : sequence of two Axes, default=None
            Where to draw loss and learning rate; None: a new figure.

        Returns
        -------
        display : TrainingHistoryDisplay

        Raises
        ------
        NotFittedError
            The network is not fitted.
        """
        network = before_model(estimator).model
        check_is_fitted(network, ["history_", "best_epoch_"])
        return cls(network.history_, network.best_epoch_).plot(axes)

    def plot(self, axes: Sequence[Axes] | None = None) -> TrainingHistoryDisplay:
        """Draw the lines.

        Parameters
        ----------
        axes : sequence of two Axes, default=None
            Where to draw loss and learning rate; None: a new figure.

        Returns
        -------
        self : TrainingHistoryDisplay

        Raises
        ------
        InvalidParameterError
            Not two axes.
        """
        import matplotlib.pyplot as plt

        if axes is None:
            self.figure_, found = plt.subplots(
                2,
                1,
                figsize=(6.4, 5.2),
                sharex=True,
                height_ratios=(2.0, 1.0),
                layout="constrained",
            )
            loss, rate = found
        else:
            places = np.array(axes, dtype=object).ravel()
            if len(places) != 2:
                raise InvalidParameterError(f"axes must be two Axes; got {len(places)}")
            loss, rate = places
            self.figure_ = loss.figure
        self.lines_ = {}
        self._draw_loss(loss)
        self.axes_ = np.array([loss, rate, self._draw_rate(rate)], dtype=object)
        return self

    def _draw_loss(self, ax: Axes) -> None:
        epoch = self.history["epoch"]
        positive = True
        for name, style in STYLES.items():
            values = self.history[name]
            if values.notna().any():
                (self.lines_[name],) = ax.plot(epoch, values, **style)
                positive = positive and bool((values.dropna() > 0.0).all())
        watched = "validation_loss" if "validation_loss" in self.lines_ else "training_loss"
        kept = self.history.loc[epoch == self.best_epoch, watched]
        (self.lines_["best"],) = ax.plot(
            np.full(len(kept), self.best_epoch),
            kept,
            "o",
            color="#111827",
            mfc="none",
            label=f"kept: epoch {self.best_epoch}",
        )
        if positive:
            ax.set_yscale("log")
        ax.set_ylabel("loss (scaled target)")
        ax.spines[["top", "right"]].set_visible(False)
        ax.legend(frameon=False)

    def _draw_rate(self, ax: Axes) -> Any:
        from matplotlib.ticker import MaxNLocator

        norm = ax.twinx()
        for place, name, colour, line in (
            (ax, "learning_rate", BLUE, "-"),
            (norm, "gradient_norm", GREY, ":"),
        ):
            (self.lines_[name],) = place.plot(
                self.history["epoch"], self.history[name], color=colour, linestyle=line
            )
            place.set_ylabel(name.replace("_", " "), color=colour)
            place.tick_params(axis="y", colors=colour)
            place.set_ylim(bottom=0.0)
            place.spines["top"].set_visible(False)
        ax.set_xlabel("epoch")
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        return norm
