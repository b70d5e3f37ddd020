"""The engine of one machine: threads, each of which watches a child process."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def results(fn: Callable[[Item], Result], items: Sequence[Item], workers: int) -> Iterator[Result]:
    """Give `fn` of every item, each as soon as it is done.

    Args:
        fn: what is done with an item.
        items: what there is to do.
        workers: how many at once; 0 takes one per core.
    """
    pool = ThreadPoolExecutor(workers or cores())
    try:
        for future in as_completed([pool.submit(fn, item) for item in items]):
            yield future.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
