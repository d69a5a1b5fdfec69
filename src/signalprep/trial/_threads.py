"""One thread of OpenMP for each fit, so that n_jobs says how many cores are taken."""

from __future__ import annotations

from contextlib import AbstractContextManager

from threadpoolctl import threadpool_limits

__all__ = ["one_thread"]


def one_thread() -> AbstractContextManager[object]:
    """Hold OpenMP to one thread in this process while the context lasts.

    Gradient boosting, among others, opens a team of as many threads as there are cores for every
    tree, whatever n_jobs says, and the threads spin while they wait for each other: on two cores
    that were busy with other work a learning curve took 185 s with teams of two and 6 s without.
    BLAS keeps its threads, which alter how sums are rounded. A worker of joblib holds threads to
    its own share of the cores by itself.
    """
    return threadpool_limits(limits=1, user_api="openmp")
