"""A case: what is shown to the audit, and what it should say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Shown = dict[str, Any]
Build = Callable[[], Shown]

CASES: dict[str, Case] = {}


@dataclass(frozen=True)
class Case:
    """One thing that people do.

    `least` is the severity that must be reached: "leak" where the tested error is too small,
    "warning" where only a choice inside of training is, or a row sees another drive's past.
    `trace` says whether anything that the audit is shown differs from honest work.
    """

    name: str
    build: Build
    where: str
    leak: str | None
    trace: bool = True
    least: str = "leak"

    @property
    def gallery(self) -> str:
        """Which of the galleries the case is of."""
        if self.build.__module__.endswith(".third"):
            return "third"
        return "second" if ".second." in self.build.__module__ else "first"

    @property
    def expected(self) -> str:
        """What the audit should say, in one word."""
        if self.leak is None:
            return "clean"
        return self.least if self.trace else "unseen"


def _keep(case: Case) -> None:
    if case.name in CASES:
        raise ValueError(f"two cases are named {case.name!r}")
    CASES[case.name] = case


def leaky(
    leak: str, *, where: str, trace: bool = True, least: str = "leak"
) -> Callable[[Build], Build]:
    """Register a function that gives the arguments of the audit for something leaky."""

    def register(build: Build) -> Build:
        _keep(Case(build.__name__, build, where, leak, trace, least))
        return build

    return register


def clean(*, where: str) -> Callable[[Build], Build]:
    """Register a function that gives the arguments of the audit for honest work."""

    def register(build: Build) -> Build:
        _keep(Case(build.__name__, build, where, None))
        return build

    return register


def show(estimator: Any, X: Any, y: Any, **options: Any) -> Shown:
    """The arguments of the audit."""
    return {"estimator": estimator, "X": X, "y": y, **options}
