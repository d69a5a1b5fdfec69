"""The one table that the benchmarks print, line by line as results come."""

from __future__ import annotations

__all__ = ["print_header", "print_line"]

COLUMNS = "{:<52} {:<34} {:>7} {:>9} {:>9} {:>7} {:>7}  {}"


def print_header() -> None:
    print(
        COLUMNS.format(
            "work", "peer", "threads", "ours ms", "peer ms", "ratio", "x copy", "memory, note"
        )
    )


def print_line(
    work: str,
    peer: str,
    ours: float,
    theirs: float | None = None,
    *,
    threads: int = 1,
    copy: float | None = None,
    note: str = "-",
) -> None:
    """One line: times in milliseconds, that of the peer and of copying where there is one."""
    print(
        COLUMNS.format(
            work,
            peer,
            threads,
            f"{ours:.1f}" if ours >= 1.0 else f"{ours:.4f}",
            "-" if theirs is None else f"{theirs:.1f}",
            "-" if theirs is None else f"{theirs / ours:.2f}",
            "-" if copy is None else f"{ours / copy:.1f}",
            note,
        ),
        flush=True,
    )
