"""What is said of a value whose interval is too wide."""

from __future__ import annotations

WEAK = "weak: interval so wide that the value says little"
"""As keys of maps, tooltips and texts say it."""


def interval_text(interval: str, weak: bool) -> str:
    """Text of an interval, with the word where the value says little.

    Examples
    --------
    >>> interval_text("5.4–140", weak=True), interval_text("5.4–9.1", weak=False)
    ('5.4–140, weak', '5.4–9.1')
    """
    return f"{interval}, weak" if weak and interval else interval
