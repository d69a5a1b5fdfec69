"""Validations: what validate() found of several targets, from one set of fits."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from signalprep import _doors
from signalprep.errors import InvalidParameterError
from signalprep.log import shown
from signalprep.metrics import TaskName
from signalprep.results._judge import check_verdict
from signalprep.results._validation import Validation
from signalprep.results._verdicts import Verdicts

if TYPE_CHECKING:
    from signalprep.quality import LogCheck


class Validations(Mapping[str, Validation]):
    """The errors of a model of several targets on cycles it has not seen: one validation each.

    Made by :func:`signalprep.validate` where `y` has several columns. A mapping from the name of a
    target to its :class:`Validation`, in the order of the columns, each with its own unit, tables
    and intervals; there is no error across targets. What does not depend on the target is shared:
    each fold was fitted once. Columns of an array are named "target 0", "target 1" and so on.

    Attributes
    ----------
    folds, steps, quality, regimes, groups, rate, units, settings
        As in :class:`Validation`, the same for all targets; `quality` is that of the inputs and
        all targets.

    Examples
    --------
    >>> import signalprep as sp
    >>> from sklearn.linear_model import Ridge
    >>> log = sp.datasets.simulate_pmsm(n_cycles=6, rate=0.5, random_state=0)
    >>> X, Y = log.drop(columns=["T_pm", "T_coolant"]), log[["T_pm", "T_coolant"]]
    >>> found = sp.validate(Ridge(), X, Y, n_bootstrap=100)
    >>> list(found), found["T_pm"].target
    (['T_pm', 'T_coolant'], 'T_pm')
    >>> found.verdict({"T_pm": {"rmse": 0.1}, "T_coolant": {"rmse": 1000.0}}).answer
    'fail'
    """

    task: ClassVar[TaskName] = TaskName.SEVERAL_TARGETS

    def __init__(self, by_target: Mapping[str, Validation]) -> None:
        self._by_target = dict(by_target)

    def __getitem__(self, target: str) -> Validation:
        return self._by_target[target]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_target)

    def __len__(self) -> int:
        return len(self._by_target)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in {*dir(Validation), *Validation.__annotations__}:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        raise AttributeError(
            f"Validations hold one Validation a target, which has {name!r}: take it by name, such "
            f"as [{next(iter(self))!r}].{name}"
        )

    @property
    def folds(self) -> pd.DataFrame:
        """One row a fold: cycles, rows and seconds."""
        return self._one.folds

    @property
    def steps(self) -> pd.DataFrame:
        """One row a step of the pipeline: look-ahead, memory and delay."""
        return self._one.steps

    @property
    def quality(self) -> LogCheck:
        """Data quality of the inputs and all targets."""
        return self._one.quality

    @property
    def regimes(self) -> pd.DataFrame | None:
        """Labels of the tested rows; None without regimes."""
        return self._one.regimes

    @property
    def groups(self) -> pd.Series | None:
        """Group of each cycle; None: each is its own."""
        return self._one.groups

    @property
    def rate(self) -> float:
        """Sampling rate of the log in Hz."""
        return self._one.rate

    @property
    def units(self) -> dict[str, str]:
        """Unit of each signal whose unit is known."""
        return self._one.units

    @property
    def settings(self) -> dict[str, Any]:
        """How it was computed: splitter, confidence, resamples, versions.

        What nested cross-validation came to, `inflation`, is a dict by target where it differs.
        """
        each = {target: one.settings.get("inflation", 1.0) for target, one in self.items()}
        known = self._one.settings
        return known if len(set(each.values())) == 1 else known | {"inflation": each}

    @property
    def _one(self) -> Validation:
        return next(iter(self._by_target.values()))

    def __repr__(self) -> str:
        return "\n".join(repr(validation) for validation in self.values())

    def verdict(self, limits: Mapping[str, Mapping[str, Any]], *, strict: bool = False) -> Verdicts:
        """Hold each target against its own limits.

        Parameters
        ----------
        limits : mapping of target to mapping
            The limits of each target as :meth:`Validation.verdict` takes them, in its own unit. A
            target that is not named has no limit and no part in the answer.
        strict : bool, default=False
            Whether cells without evidence make an answer "cannot tell", too.

        Returns
        -------
        verdicts : Verdicts

        Raises
        ------
        InvalidParameterError
            An unknown target, no limit at all, or limits as :meth:`Validation.verdict`.
        """
        first = next(iter(self))
        if not isinstance(limits, Mapping) or not limits:
            raise InvalidParameterError(
                f"limits must map targets to their limits, such as {{{first!r}: {{'rmse': 5.0}}}}; "
                f"got {limits!r}"
            )
        self.check_targets("limits", limits)
        judged = {
            target: validation.verdict(limits[target], strict=strict)
            for target, validation in self.items()
            if target in limits
        }
        return Verdicts(judged, [target for target in self if target not in judged])

    def check_targets(self, name: str, given: Mapping[str, Any]) -> None:
        """Raise InvalidParameterError where something is given for what is no target.

        Parameters
        ----------
        name : str
            What it is called.
        given : mapping
            From target to anything.
        """
        strange = [target for target in given if target not in self]
        if strange:
            raise InvalidParameterError(
                f"{name} must name targets of {', '.join(map(shown, self))}; got "
                f"{shown(strange[0])}"
            )

    def to_html(
        self,
        path: str | os.PathLike[str],
        *,
        limits: Mapping[str, Mapping[str, Any]] | Verdicts | None = None,
        **studies: Mapping[str, Any] | None,
    ) -> None:
        """Write the report: one self-contained HTML page, a section each target.

        Parameters
        ----------
        path : path-like
            File to write; replaced in one step, never left half written.
        limits : mapping or Verdicts, default=None
            As :meth:`verdict` takes them, or its result.
        **studies
            As :meth:`Validation.to_html` takes them, each as a mapping from target to the study of
            this target: ``prices={"T_pm": sp.price_of_leaks(model, X, Y["T_pm"])}``.

        Raises
        ------
        InvalidParameterError
            An unknown target, otherwise as :meth:`Validation.to_html`.
        """
        _doors.report.write_targets(self, path, self._judged(limits), **studies)

    def to_json(
        self,
        path: str | os.PathLike[str],
        *,
        limits: Mapping[str, Mapping[str, Any]] | Verdicts | None = None,
        **studies: Mapping[str, Any] | None,
    ) -> None:
        """Write the numbers of the page as JSON: ``targets`` holds what belongs to each.

        Parameters
        ----------
        path : path-like
            File to write; replaced in one step.
        limits : mapping or Verdicts, default=None
            As :meth:`verdict` takes them, or its result.
        **studies
            As :meth:`to_html` takes them.

        Raises
        ------
        InvalidParameterError
            As :meth:`to_html`.

        See Also
        --------
        signalprep.report.json_schema : What the file holds.
        """
        _doors.report.write_targets_json(self, path, self._judged(limits), **studies)

    def _judged(self, limits: Any) -> Verdicts | None:
        if not isinstance(limits, Verdicts):
            return None if limits is None else self.verdict(limits)
        self.check_targets("limits", limits)
        for target, verdict in limits.items():
            check_verdict(verdict, self[target])
        return limits
