"""Photos in a folder as DVC keeps them, and shards of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from captureset.engines.crew import Shard
from captureset.engines.settings import WorkerSettings
from captureset.engines.versions import versions
from captureset.pixels.measures import Job
from captureset.store.objects import md5_of
from photos import jpeg


def put(place: Path, data: bytes) -> str:
    """Put bytes where DVC would, and return their address."""
    oid = md5_of(data)
    path = place / oid[:2] / oid[2:]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return oid


def photos(place: Path, count: int) -> list[Job]:
    """Put drawn photos there and return a job for each, by address, with a box."""
    addresses = [put(place, jpeg(48, 32, seed=seed)) for seed in range(count)]
    return [Job(address, ((1.0, 2.0, 30.0, 20.0),), ()) for address in sorted(addresses)]


def shard_of(
    jobs: Sequence[Job],
    place: Path | str,
    module: str = "captureset.engines.worker",
    memory_limit_mb: int = 512,
    time_limit_s: float = 20,
) -> Shard:
    """Return a shard whose bytes are read at one place."""
    return Shard(tuple(jobs), WorkerSettings((str(place),), memory_limit_mb, time_limit_s, module), versions())


def misbehave(folder: Path, habits: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> str:
    """Say which photos do what, for `misbehaving_worker`, and return the name of that module."""
    path = folder / "habits.json"
    path.write_text(json.dumps(habits), encoding="utf-8")
    monkeypatch.setenv("MISBEHAVIOUR", str(path))
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    return "misbehaving_worker"
