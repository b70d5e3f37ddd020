"""The Dask engine: real schedulers and workers on loopback, the same tables as the engine of one machine."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import s3fs
from photo_store import misbehave, put

import swift_s3
from captureset import measure
from captureset.engines import cluster, local
from captureset.engines.settings import KILLED, WorkerSettings
from captureset.errors import CapturesetError
from captureset.formats import tables
from captureset.records.rows import AnnotationRow, CaptureRow, MeasurementRow
from captureset.store import git
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository
from photos import encoded, jpeg, picture
from pipeline import ROOT, change_params, environment
from rows import annotation, capture

SLOWEST_START_S = 60


@pytest.fixture
def catalogued(git_repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository with 40 photos in its remote alone, a box and a twin for some, and their catalog; we are in it."""
    root = git_repository.root
    monkeypatch.chdir(root)
    for name in ("params.yaml", "schemas"):
        (root / name).symlink_to(ROOT / name) if name == "schemas" else (root / name).write_bytes(
            (ROOT / name).read_bytes()
        )
    place = Path(ObjectStore(root).remote_place())
    twin = put(place, encoded(picture(48, 32, 1).convert("RGBA"), "PNG"))
    captures = [
        capture(f"c{n}", image_md5=put(place, jpeg(48, 32, seed=n)), twin_md5=twin if n % 4 else None)
        for n in range(40)
    ]
    folder = root / "data" / "catalog"
    folder.mkdir()
    tables.write(folder / "captures.parquet", CaptureRow, captures)
    tables.write(folder / "annotations.parquet", AnnotationRow, [annotation(f"c{n}") for n in range(0, 40, 3)])
    change_params(root, measure__shard_size=4, measure__workers=2)
    return git_repository


def measured(root: Path, engine: str) -> dict[str, bytes]:
    """Run the stage by an engine and return its tables."""
    change_params(root, measure__engine=engine)
    measure.main()
    return {name: (root / "data" / "measure" / name).read_bytes() for name in measure.TABLES}


@contextlib.contextmanager
def dask(folder: Path, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a scheduler or a worker, as an operator would on each machine, in a folder of its own."""
    folder.mkdir()
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{command[0]}", *command[1:], "--host", "127.0.0.1"],
            cwd=folder,
            env=environment(ROOT) | {"PYTHONPATH": f"{ROOT / 'stages'}:{Path(__file__).parent}"},
            stdout=log,
            stderr=log,
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(20)


def wait_for(done: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + SLOWEST_START_S
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_cluster_that_loses_a_worker_makes_the_same_tables(
    catalogued: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two workers that know the remote only, one killed over its shard, a photo that is poison: the local tables."""
    root = catalogued.root
    addresses = sorted(row.image_md5 for row in tables.read(root / "data/catalog/captures.parquet", CaptureRow))
    habits = {addresses[13]: "kill_parent_once", addresses[30]: "die"}
    module = misbehave(tmp_path, habits, monkeypatch)

    def misbehaving(places: tuple[str, ...], memory_limit_mb: int, time_limit_s: float) -> WorkerSettings:
        return WorkerSettings(places, memory_limit_mb, time_limit_s, module)

    monkeypatch.setattr(measure, "WorkerSettings", misbehaving)

    file = str(tmp_path / "scheduler.json")
    with contextlib.ExitStack() as stack:
        stack.enter_context(
            dask(tmp_path / "s", "scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", file)
        )
        wait_for(Path(file).exists)
        options = ("--scheduler-file", file, "--nthreads", "1", "--no-nanny", "--no-dashboard")
        workers = [stack.enter_context(dask(tmp_path / name, "worker", *options)) for name in ("w1", "w2")]
        monkeypatch.setenv(cluster.SCHEDULER, cluster_address(file))
        elsewhere = measured(root, "dask")
        assert sorted(worker.poll() is None for worker in workers) == [False, True]
    killed = int((tmp_path / "habits.killed").read_text(encoding="ascii"))
    assert killed in {worker.pid for worker in workers}
    assert not list((root / ".dvc" / "cache").rglob("*-*")), "the parent fetched photos itself"

    here = measured(root, "local")
    assert elsewhere == here
    rows = tables.read(root / "data/measure/measurements.parquet", MeasurementRow)
    assert {row.image_md5: row.failure for row in rows if row.failure} == {addresses[30]: KILLED}
    assert len(rows) == 40


def cluster_address(file: str) -> str:
    """Return the address a scheduler wrote down."""
    from captureset.formats import jsontext  # noqa: PLC0415

    return str(jsontext.read(Path(file))["address"])


def test_workers_read_from_s3(catalogued: Repository, s3: swift_s3.S3, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the remote in a bucket, workers need its URL and the usual variables; the tables are the local ones."""
    root = catalogued.root
    here = measured(root, "local")
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv(cluster.SCHEDULER, raising=False)
    folder = Path(ObjectStore(root).remote_place())
    files = s3fs.S3FileSystem()
    files.mkdir("photos")
    files.put(str(folder), "photos/store/files/md5", recursive=True)
    git.dvc(root, "remote", "modify", "--local", "storage", "url", "s3://photos/store")
    for path in (folder.parents[1], root / ".dvc/cache"):
        shutil.rmtree(path, ignore_errors=True)
    assert ObjectStore(root).remote_place() == "s3://photos/store/files/md5"
    assert measured(root, "dask") == here


def test_without_an_address_a_cluster_is_started_here(catalogued: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """`engine: dask` alone works, on this machine, and makes the same tables."""
    monkeypatch.delenv(cluster.SCHEDULER, raising=False)
    assert measured(catalogued.root, "dask") == measured(catalogued.root, "local")


def test_a_photo_that_is_not_pushed_is_refused(catalogued: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers read from the remote; what it lacks stops the stage, which says where and what to do."""
    monkeypatch.delenv(cluster.SCHEDULER, raising=False)
    place = Path(ObjectStore(catalogued.root).remote_place())
    next(path for path in sorted(place.rglob("*")) if path.is_file()).unlink()
    change_params(catalogued.root, measure__engine="dask")
    with pytest.raises(CapturesetError, match="cannot be read: .* lacks it; run `dvc push`, then try again"):
        measure.main()
    assert not (catalogued.root / "data" / "measure").exists()


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong address is said with the variable it came from."""
    monkeypatch.setattr(cluster, "PATIENCE_S", 0.5)
    monkeypatch.setenv(cluster.SCHEDULER, "tcp://127.0.0.1:9")
    with pytest.raises(
        CapturesetError, match="no Dask scheduler answers at tcp://127.0.0.1:9 .CAPTURESET_DASK_SCHEDULER"
    ):
        list(cluster.results(len, ["abc"], 1))


def test_without_distributed_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has not installed the extra is told how."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(CapturesetError, match="run `uv sync --extra cluster`, or say local"):
        list(cluster.results(len, ["abc"], 1))


def test_the_local_engine_gives_every_result_and_the_first_error() -> None:
    """All results, in any order; an error in one stops the rest."""
    assert sorted(local.results(len, ["a", "bb", "ccc"], 2)) == [1, 2, 3]
    with pytest.raises(TypeError):
        list(local.results(len, ["a", 7], 1))  # type: ignore[arg-type]
