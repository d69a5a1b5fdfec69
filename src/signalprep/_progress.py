"""A progress bar that shows only when the work takes longer than two seconds."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")

PATIENCE = 2.0


def track(
    items: Iterable[Item], total: int, description: str, show: bool | None = None
) -> Iterator[Item]:
    """Iterate over `items`, with a bar on stderr once two seconds have passed.

    Parameters
    ----------
    items : iterable
        The work; each item is given on as it comes.
    total : int
        Number of items.
    description : str
        What is being done.
    show : bool, default=None
        Whether to show a bar. None shows it on a terminal or in a notebook.

    Yields
    ------
    item
    """
    if show is False:
        yield from items
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True, force_terminal=show or None)
    if show is None and not (console.is_terminal or console.is_jupyter):
        yield from items
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    bar = Progress(*columns, console=console, transient=True)
    task = bar.add_task(description, total=total)
    timer = threading.Timer(PATIENCE, bar.start)
    timer.daemon = True
    timer.start()
    try:
        for item in items:
            yield item
            bar.advance(task)
    finally:
        timer.cancel()
        timer.join()
        bar.stop()
