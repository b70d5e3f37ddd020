"""A photo that kills, hangs or bloats its process costs that photo, by name, and never the run."""

from __future__ import annotations

import os
import struct
import threading
import time
import zlib
from pathlib import Path

import pytest
from photo_store import misbehave, photos, put, shard_of

from captureset.engines import local
from captureset.engines.crew import Crew, Shard
from captureset.engines.process import Child
from captureset.engines.settings import KILLED, TOO_LONG, TOO_MUCH_MEMORY, WorkerSettings
from captureset.errors import CapturesetError, MissingObjectError
from captureset.pixels.measures import Job, failed, measure
from captureset.store.reader import ObjectReader
from photos import encoded, jpeg, picture
from planted import chunk


def test_a_child_measures_as_this_process_does(tmp_path: Path) -> None:
    """Every number, box and mask comes through the pipe as it is; a cut-off photo too."""
    twin = put(tmp_path, encoded(picture(48, 32, 3).convert("RGBA"), "PNG"))
    jobs = [*photos(tmp_path, 5), Job(put(tmp_path, jpeg(48, 32)[:200]), ((0.5, 1 / 3, 7.0, 9.0),), (twin,))]
    jobs.append(Job(put(tmp_path, jpeg(48, 32, 77)), (), (twin,)))
    with Crew() as crew:
        assert crew.measure(shard_of(jobs, tmp_path)) == [
            measure(job, ObjectReader([str(tmp_path)]).read) for job in jobs
        ]


def test_of_120_photos_three_bad_ones_are_named_and_117_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A poison, a spinning, a hanging and a bloating photo have rows that say so; all others have their numbers."""
    jobs = photos(tmp_path, 121)
    addresses = [job.image_md5 for job in jobs]
    bad = {addresses[7]: KILLED, addresses[50]: TOO_LONG, addresses[51]: TOO_LONG, addresses[120]: TOO_MUCH_MEMORY}
    habits = dict(zip(bad, ("die", "hang", "spin", "bloat"), strict=True))
    module = misbehave(tmp_path, habits, monkeypatch)
    with Crew() as crew:
        shards = [shard_of(jobs[at : at + 25], tmp_path, module, 256, 0.4) for at in range(0, 121, 25)]
        rows = [measured for shard in local.results(crew.measure, shards, 2) for measured in shard]
    found = {measured.photo.image_md5: measured for measured in rows}
    assert sorted(found) == addresses
    assert {name: each.photo.failure for name, each in found.items() if each.photo.failure} == bad
    assert all(found[job.image_md5] == failed(job, bad[job.image_md5]) for job in jobs if job.image_md5 in bad)


def test_a_photo_that_dies_once_is_not_to_blame(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its second try is in a fresh process; then it is measured like any other."""
    jobs = photos(tmp_path, 4)
    module = misbehave(tmp_path, {jobs[2].image_md5: "die_once"}, monkeypatch)
    with Crew() as crew:
        rows = crew.measure(shard_of(jobs, tmp_path, module))
    assert (tmp_path / "habits.died").exists()
    assert [row.photo.failure for row in rows] == [None] * 4


def test_what_a_library_prints_is_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers have a channel of their own."""
    jobs = photos(tmp_path, 2)
    module = misbehave(tmp_path, {jobs[0].image_md5: "chat"}, monkeypatch)
    with Crew() as crew:
        assert [row.photo.failure for row in crew.measure(shard_of(jobs, tmp_path, module))] == [None, None]


def test_a_real_bomb_wants_too_much_memory(tmp_path: Path) -> None:
    """An 81-megapixel PNG of 100 kB is within what intake lets in, and more than this limit allows."""
    side = 9000
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(b"\0" * (side * 4 + 1)) for _ in range(side)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    assert len(bomb) < 500_000
    jobs = [Job(put(tmp_path, bomb), (), ()), *photos(tmp_path, 1)]
    with Crew() as crew:
        tight = [row.photo.failure for row in crew.measure(shard_of(jobs, tmp_path, memory_limit_mb=200))]
        wide = [row.photo.failure for row in crew.measure(shard_of(jobs, tmp_path, memory_limit_mb=1024))]
    assert (tight, wide) == ([TOO_MUCH_MEMORY, None], [None, None])


def test_a_child_that_cannot_start_stops_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken installation is no fault of a thousand photos: it is said once, with its own last words."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    sentence = "no measuring process can be started: ImportError: libjpeg.so.9: cannot open shared object file; "
    with Crew() as crew, pytest.raises(CapturesetError, match=sentence):
        crew.measure(shard_of(photos(tmp_path, 2), tmp_path, "broken_worker"))


def test_missing_and_damaged_bytes_are_no_failure_of_a_photo(tmp_path: Path) -> None:
    """Bytes that cannot be read stop the run with their address; the crew goes on afterwards."""
    jobs = photos(tmp_path, 3)
    path = tmp_path / jobs[1].image_md5[:2] / jobs[1].image_md5[2:]
    whole = path.read_bytes()
    with Crew() as crew:
        path.write_bytes(whole[:-1])
        with pytest.raises(MissingObjectError, match=f"object {jobs[1].image_md5} cannot be read: in .* it is damaged"):
            crew.measure(shard_of(jobs, tmp_path))
        path.unlink()
        with pytest.raises(
            MissingObjectError, match=f"{jobs[1].image_md5} cannot be read: .* lacks it; run `dvc push`"
        ):
            crew.measure(shard_of(jobs, tmp_path))
        path.write_bytes(whole)
        assert len(crew.measure(shard_of(jobs, tmp_path))) == 3


def test_one_child_serves_many_shards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread keeps its child, since a start costs as much as many photos; another setting starts another."""
    jobs = photos(tmp_path, 2)
    started: list[WorkerSettings] = []
    real = Crew._started

    def counted(self: Crew, settings: WorkerSettings) -> Child:
        started.append(settings)
        return real(self, settings)

    monkeypatch.setattr(Crew, "_started", counted)
    with Crew() as crew:
        for _ in range(3):
            crew.measure(shard_of(jobs, tmp_path))
        crew.measure(shard_of(jobs, tmp_path, time_limit_s=19))
    assert len(started) == 2


def test_a_stopped_run_leaves_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dismissed in the middle, children are gone at once and threads start no new ones."""
    jobs = photos(tmp_path, 2)
    module = misbehave(tmp_path, {job.image_md5: "hang" for job in jobs}, monkeypatch)
    said: list[str] = []
    crew = Crew()

    def work() -> None:
        try:
            crew.measure(shard_of(jobs, tmp_path, module))
        except CapturesetError as error:
            said.append(str(error))

    thread = threading.Thread(target=work)
    thread.start()
    while not crew._all or not crew._all[0]._started:
        time.sleep(0.01)
    crew.dismiss()
    thread.join(10)
    assert not thread.is_alive()
    assert said == ["measuring was stopped; run the same command again to go on."]
    for child in crew._all:
        with pytest.raises(ProcessLookupError):
            os.kill(child._process.pid, 0)


def test_another_version_is_refused(tmp_path: Path) -> None:
    """A machine with other code or another decoder does not measure, and says what differs."""
    plain = shard_of(photos(tmp_path, 1), tmp_path)
    other = Shard(plain.jobs, plain.settings, plain.versions.replace('"metric": ', '"metric": 9'))
    with (
        Crew() as crew,
        pytest.raises(CapturesetError, match="a worker has metric \\d+ instead of 9\\d+, so its numbers"),
    ):
        crew.measure(other)
