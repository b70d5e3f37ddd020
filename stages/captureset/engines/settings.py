"""What parent and child agree on."""

from __future__ import annotations

from dataclasses import dataclass

READY = "ready"
MEMORY_EXIT = 77  # the child's exit code when memory ran out
PATIENCE = 10  # a photo may take so many times its processor time: a hang that burns nothing ends too

KILLED = "it kills the process that decodes it"
TOO_LONG = "it takes longer than measure.time_limit_s allows"
TOO_MUCH_MEMORY = "it wants more memory than measure.memory_limit_mb allows"
# Facts of a machine and its limits as much as of the photo: such rows are not remembered, the next run tries again.
# They name no number, so that two machines with the same verdict write the same bytes.
NOT_REMEMBERED = frozenset({KILLED, TOO_LONG, TOO_MUCH_MEMORY})


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """What a child process is started with."""

    places: tuple[str, ...]  # where objects are read, in this order: folders or URLs `files/md5`
    memory_limit_mb: int  # for one photo, on top of the program itself
    time_limit_s: float  # of processor time, for one photo
    module: str = "captureset.engines.worker"
