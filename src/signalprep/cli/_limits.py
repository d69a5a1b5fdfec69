"""Limits of a verdict, and of a loss, read from words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from signalprep.cli._comma_lists import split_all
from signalprep.errors import InvalidParameterError


def parse_limits(texts: list[str]) -> dict[str, float]:
    """Read "rmse=5,p95=10" or "accuracy=0.9" into the limits of a verdict.

    Examples
    --------
    >>> parse_limits(["rmse=5, p95=10", "bias=1.5"])
    {'rmse': 5.0, 'p95': 10.0, 'bias': 1.5}
    """
    from signalprep.results import check_limits

    limits = _parsed(texts, float, "rmse=5,p95=10")
    if limits:
        check_limits(limits)
    return limits


def parse_loss_limits(texts: list[str]) -> dict[str, Any]:
    """Read "rmse=5%,p95=0.2" into the limits of a loss.

    Examples
    --------
    >>> parse_loss_limits(["rmse=5%", "p95=0.2"])
    {'rmse': '5 %', 'p95': 0.2}
    """
    from signalprep.results import check_loss_limits

    limits = _parsed(texts, _number_or_share, "rmse=5%,p95=0.2")
    return check_loss_limits(limits) if limits else {}


def _number_or_share(text: str) -> float | str:
    return text if text.endswith("%") else float(text)


def _parsed(texts: list[str], read: Callable[[str], Any], example: str) -> dict[str, Any]:
    limits: dict[str, Any] = {}
    for part in split_all(texts):
        name, _, value = (piece.strip() for piece in part.partition("="))
        try:
            limit = read(value)
        except ValueError as error:
            raise InvalidParameterError(
                f"--limit must look like {example!r}; got {part!r}"
            ) from error
        if name in limits:
            raise InvalidParameterError(f"--limit must name a metric once; {name!r} is twice")
        limits[name] = limit
    return limits
