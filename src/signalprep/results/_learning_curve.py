"""LearningCurve: the error against the number of training cycles, as tables and a picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from signalprep import _doors
from signalprep.metrics import WEIGHTS
from signalprep.wording import decimals_for

WORDS = {
    "overfit": "a simpler model does better on unseen cycles: regularise, or take fewer features",
    "underfit": "a more flexible model does better on unseen cycles with the same features",
    "more cycles would help": "the error on unseen cycles still falls with the number of cycles",
    "irreducible": "neither a simpler nor a more flexible model nor more cycles of this kind would "
    "help: look at the inputs, the features and the sensors",
    "underpowered": "too few cycles to tell whether another model or more cycles would help: the "
    "intervals leave room for either",
}


@dataclass(frozen=True)
class LearningCurve:
    """Errors against the number of training cycles, and the verdict drawn from them.

    Made by :func:`signalprep.cycle_learning_curve`.

    Attributes
    ----------
    table : DataFrame
        One row a number of training cycles: ``train`` and ``test``, the RMSE on training and on
        unseen cycles, mean over the repeats, and ``train_std``, ``test_std`` over the repeats.
    references : DataFrame
        RMSE on unseen cycles with all training cycles: of the model, of a "simpler" and of a "more
        flexible" one behind the same steps, and of the model with "half of the cycles";
        ``difference`` to the model's and ``low``, ``high``, its 95 % interval over cycles.
    verdict : {"overfit", "underfit", "more cycles would help", "irreducible", "underpowered"}
        What the numbers say.
    gain : float
        By how much the error fell, relatively, from half of the training cycles to all.
    target, unit : str
        Name of the target and unit of its errors.
    note : str
        What the other models lack that this one has; "" where they stand behind the same steps.
    settings : dict
        How it was computed.
    """

    table: pd.DataFrame
    references: pd.DataFrame
    verdict: str
    gain: float
    target: str
    unit: str = ""
    note: str = ""
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """What the verdict says."""
        return WORDS[self.verdict]

    def __repr__(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        last = self.table.iloc[-1]
        said = WEIGHTS[str(self.settings.get("weight", "row"))]
        most, own = decimals_for(self.references["rmse"], 5), self.references["rmse"].iloc[0]

        def text(value: float) -> str:
            """No more digits of a difference than the errors bear: rounding is none."""
            return f"{round(float(value), most) + 0.0:.3g}"

        def against(row: pd.Series) -> str:
            ends = [text(row[name]) for name in ("difference", "low", "high")]
            if set(ends) == {"0"}:
                return "as the model, but for rounding"
            return f"minus {own:.4g}, the model's: {ends[0]}, {ends[1]} to {ends[2]}"

        return "\n".join(
            [
                f"LearningCurve of {self.target!r}: {self.verdict} ({self.sentence})"
                f"{said and f'; {said}'}",
                f"  {self.table.index[-1]} training cycles: RMSE {last['train']:.4g}{unit} on "
                f"them, {last['test']:.4g}{unit} on unseen ones",
                *(
                    f"  {name}: {row['rmse']:.4g}{unit} ({against(row)})"
                    for name, row in self.references.iloc[1:].iterrows()
                ),
                *([f"  note: {self.note}"] if self.note else []),
            ]
        )

    def plot(self, *, ax: Any = None) -> _doors.plotting.LearningCurveDisplay:
        """Draw both errors against the number of training cycles.

        Parameters
        ----------
        ax : Axes, default=None
            Where to draw; None: a new figure.

        Returns
        -------
        display : LearningCurveDisplay
        """
        return _doors.plotting.LearningCurveDisplay(
            self.table, self.references, unit=self.unit
        ).plot(ax)
