"""torch, imported where a network is trained, and run without leaving a trace."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from signalprep.errors import InvalidParameterError

__all__ = ["check_device", "import_torch", "on_its_own"]

DEVICE = re.compile(r"cpu|auto|cuda(:\d+)?")
SEEDED = threading.Lock()  # torch has one seed for the whole process: one training at a time


def import_torch() -> ModuleType:
    """torch; raise ImportError with the way to install it where it is absent."""
    try:
        import torch
    except ImportError as error:
        raise ImportError(
            'training a network needs torch: pip install "signalprep[neural]"'
        ) from error
    return torch


def check_device(name: str) -> str:
    """The device meant by "cpu", "cuda", "cuda:1" or "auto"."""
    torch = import_torch()
    if not isinstance(name, str) or not DEVICE.fullmatch(name):
        raise InvalidParameterError(f"device must be 'cpu', 'cuda' or 'auto'; got {name!r}")
    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if name.startswith("cuda") and not torch.cuda.is_available():
        raise InvalidParameterError(
            f"device={name!r} needs a CUDA device, and torch sees none; 'auto' takes what is there"
        )
    return name


@contextmanager
def on_its_own(seed: int, n_threads: int, device: str) -> Iterator[None]:
    """Seed torch and set its threads, which are those of the process; one thread at a time.

    What they were comes back in the end.
    """
    torch = import_torch()
    devices = [torch.device(device)] if device.startswith("cuda") else []
    with SEEDED, torch.random.fork_rng(devices=devices):
        threads = torch.get_num_threads()
        torch.manual_seed(seed)
        torch.set_num_threads(n_threads)
        try:
            yield
        finally:
            torch.set_num_threads(threads)
