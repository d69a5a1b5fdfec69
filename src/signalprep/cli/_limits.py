"""Limits of a verdict, read from words."""

from __future__ import annotations

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

    limits: dict[str, float] = {}
    for part in split_all(texts):
        name, _, value = (piece.strip() for piece in part.partition("="))
        try:
            number = float(value)
        except ValueError as error:
            raise InvalidParameterError(
                f"--limit must look like 'rmse=5,p95=10'; got {part!r}"
            ) from error
        if name in limits:
            raise InvalidParameterError(f"--limit must name a metric once; {name!r} is twice")
        limits[name] = number
    if limits:
        check_limits(limits)
    return limits
