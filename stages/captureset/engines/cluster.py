"""The engine of many machines: Dask's own scheduler hands shards to its workers, and again when one is lost."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from captureset.engines.local import cores
from captureset.errors import CapturesetError

if TYPE_CHECKING:
    from distributed import Client

SCHEDULER = "CAPTURESET_DASK_SCHEDULER"
PATIENCE_S = 30  # for the scheduler to answer

Item = TypeVar("Item")
Result = TypeVar("Result")


def results(fn: Callable[[Item], Result], items: Sequence[Item], workers: int) -> Iterator[Result]:
    """Give `fn` of every item, each as soon as it is done, by the cluster whose address the environment names.

    Without CAPTURESET_DASK_SCHEDULER a cluster of this machine alone is started for as long as it takes.

    Args:
        fn: a function at the top of a module, which workers import.
        items: what there is to do.
        workers: of a cluster started here; 0 takes one per core.

    Raises:
        CapturesetError: distributed is not installed, no scheduler answers, or a shard lost its worker again and again.
    """
    try:
        from distributed import as_completed  # noqa: PLC0415 - in the extra `cluster`
        from distributed.scheduler import KilledWorker  # noqa: PLC0415
    except ImportError:
        raise CapturesetError(
            "measure.engine is dask, but distributed is not installed; run `uv sync --extra cluster`, or say local."
        ) from None
    with _client(workers) as client:
        try:
            futures = client.map(fn, items, pure=False)
            for _, result in as_completed(futures, loop=client.loop, with_results=True):
                yield result
        except KilledWorker as error:
            raise CapturesetError(f"the Dask cluster gave up: {error}; look at its workers' logs.") from None


@contextlib.contextmanager
def _client(workers: int) -> Iterator[Client]:
    from distributed import Client, LocalCluster  # noqa: PLC0415

    address = os.environ.get(SCHEDULER)
    with contextlib.ExitStack() as stack:
        place: Any = address or stack.enter_context(
            LocalCluster(
                n_workers=workers or cores(), threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
            )
        )
        try:
            client = stack.enter_context(Client(place, timeout=PATIENCE_S, set_as_default=False))
        except (OSError, ValueError) as error:
            raise CapturesetError(
                f"no Dask scheduler answers at {address} ({SCHEDULER}): {error}; start one."
            ) from None
        yield client
