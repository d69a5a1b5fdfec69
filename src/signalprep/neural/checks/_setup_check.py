"""check_setup: the usual mistakes, named before a training is paid for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from signalprep.log import cycles, is_log
from signalprep.neural.checks._data_findings import input_findings, target_findings
from signalprep.neural.checks._finding import Finding
from signalprep.neural.checks._last_network import new_network
from signalprep.neural.checks._recipe_findings import (
    length_findings,
    loss_findings,
    penalty_findings,
    recipe_findings,
)

__all__ = ["SetupCheck", "check_setup"]


@dataclass(frozen=True, repr=False)
class SetupCheck:
    """What a look at a network's parameters and data found.

    Made by :func:`signalprep.neural.check_setup`.

    Attributes
    ----------
    findings : DataFrame, one row a finding
        ``what`` is wrong; ``where``: the column, or the parameter as ``set_params`` takes it;
        ``size``: the number it shows in; ``remedy``.
    """

    findings: pd.DataFrame

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return self.findings.empty

    def __repr__(self) -> str:
        if self.ok:
            return "SetupCheck: nothing found"
        n = len(self.findings)
        lines = [f"SetupCheck: {n} finding{'s' if n > 1 else ''}"]
        for row in self.findings.itertuples(index=False):
            lines.append(f"  {row.where}: {row.what}; got {row.size:.4g}. Remedy: {row.remedy}")
        return "\n".join(lines)


def check_setup(estimator: Any, X: Any, y: Any) -> SetupCheck:
    """Look for the usual mistakes in a network's data and parameters. Nothing is trained.

    Named are

    - targets that are constant, of an extreme size, or have outliers;
    - inputs that are constant, the same as another, not scaled where the recipe has
      ``scale_inputs=False``, have outliers beyond 20 standard deviations, are the target itself, a
      clock, a counter of rows or cycles, or only ever rise;
    - a loss that is another one in disguise;
    - dropout, noise or penalties that drown what is to be learned, a limit that stops every step;
    - a learning rate out of the usual range of the optimizer, a batch larger than the data, fewer
      than 100 steps in all, too few cycles to hold some out;
    - chunks longer than every segment, or below a tenth of the rows over which the target
      remembers (its integrated autocorrelation time); a warm-up that leaves nothing.

    Parameters
    ----------
    estimator : RecurrentRegressor, FeedForwardRegressor, or Pipeline or AtRate with one at its end
        Not changed; the steps before the network are cloned and fitted.
    X : DataFrame or array of shape (n_samples, n_channels)
        A log, as for ``fit``.
    y : Series, DataFrame or array of shape (n_samples,) or (n_samples, n_targets)
        The target at each row.

    Returns
    -------
    check : SetupCheck

    Raises
    ------
    InvalidParameterError
        A parameter that ``fit`` would refuse; an estimator that is no network.
    InvalidLogError
        `y` carries another index than `X`.
    ValueError
        NaN or infinity in `X` or `y`.

    Notes
    -----
    A finding is a reason to look, not a proof: an ambient temperature may well rise in every
    cycle. Standard deviations for outliers are those of the rows between the 0.1 and 99.9 %
    quantile. torch is not needed. Cost: the correlations of all inputs, n_samples n_channels^2.

    Examples
    --------
    >>> import signalprep as sp
    >>> log = sp.datasets.simulate_pmsm(n_cycles=8, rate=0.5, random_state=0)
    >>> model = sp.neural.FeedForwardRegressor(recipe=sp.Recipe(loss="huber", huber_delta=50.0))
    >>> check = sp.neural.check_setup(model, log, log["T_pm"])
    >>> check.findings["where"].tolist()
    ['recipe__huber_delta', 'T_pm']
    """
    network, X, y = new_network(estimator, X, y)
    network._check()
    recipe = network._recipe()
    rows, target, bounds = network._read(X, y, reset=True)
    inputs = [str(n) for n in getattr(network, "feature_names_in_", _numbered("x", rows.shape[1]))]
    if isinstance(y, pd.DataFrame):
        targets = [str(name) for name in y.columns]
    elif getattr(y, "name", None) is not None:
        targets = [str(y.name)]
    else:
        targets = _numbered("y", target.shape[1])
    found: list[Finding] = [
        *target_findings(target, targets),
        *loss_findings(recipe),
        *penalty_findings(recipe),
        *input_findings(rows, target, bounds, inputs, targets, bool(recipe.scale_inputs)),
        *recipe_findings(network, bounds, len(cycles(X)) if is_log(X) else 1),
        *length_findings(network, target, bounds),
    ]
    return SetupCheck(pd.DataFrame(found, columns=list(Finding._fields)))


def _numbered(letter: str, n: int) -> list[str]:
    return [f"{letter}{k}" for k in range(n)]
