"""Work in forked children, a few at once: what one does to itself is gone with it."""

from __future__ import annotations

import contextlib
import os
import pickle
import resource
import shutil
import signal
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass
class Child:
    """A child at work."""

    job: Any
    folder: Path
    ends: float


def in_children(
    jobs: Iterable[Any],
    work: Callable[[Any, Path], Any],
    at_once: int,
    wall_limit: float,
) -> Iterator[tuple[Any, Any]]:
    """Each job with what `work` made of it, as they end; None where a child died or was slow."""
    waiting = iter(jobs)
    running: dict[int, Child] = {}
    try:
        while True:
            while len(running) < at_once and (job := next(waiting, None)) is not None:
                folder = Path(tempfile.mkdtemp(prefix="mutant-"))
                running[_start(job, work, folder)] = Child(
                    job, folder, time.monotonic() + wall_limit
                )
            if not running:
                return
            pid, _ = os.waitpid(-1, os.WNOHANG)
            if pid in running:
                child = running.pop(pid)
                yield child.job, _answer(child.folder)
                continue
            _stop(pid for pid, child in running.items() if time.monotonic() > child.ends)
            time.sleep(0.01)
    finally:
        _stop(running)


def _start(job: Any, work: Callable[[Any, Path], Any], folder: Path) -> int:
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        os.setsid()
        said = os.open(folder / "said", os.O_WRONLY | os.O_CREAT)
        os.dup2(said, 1)
        os.dup2(said, 2)
        answer = pickle.dumps(work(job, folder))
        (folder / "answer").write_bytes(answer)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def _answer(folder: Path) -> Any:
    path = folder / "answer"
    answer = pickle.loads(path.read_bytes()) if path.exists() else None
    shutil.rmtree(folder, ignore_errors=True)
    return answer


def _stop(pids: Iterable[int]) -> None:
    for pid in list(pids):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


def seconds_used() -> float:
    """Processor seconds of this process and of the children it has waited for."""
    return sum(os.times()[:4])


def limit_seconds(seconds: float) -> None:
    """End this process when it has used so many processor seconds more."""
    limit = int(sum(os.times()[:2]) + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
