"""Jobs and rows as lines, and finished shards on disk."""

from __future__ import annotations

from pathlib import Path

from captureset.engines.answers import FinishedShards, jobs_from, jobs_line, measured_from, measured_line
from captureset.pixels.measures import Job, Measured, failed, measure
from photos import encoded, jpeg, picture

FILES = {"a": jpeg(48, 32, 1), "b": jpeg(48, 32, 2), "t": encoded(picture(48, 32, 1).convert("RGBA"), "PNG")}
JOBS = [Job("a", ((0.1, 1 / 3, 20.0, 1e-9),), ("t",)), Job("b", (), ())]


def rows() -> list[Measured]:
    """Return the rows of both photos."""
    return [measure(job, FILES.__getitem__) for job in JOBS]


def test_jobs_and_rows_come_back_as_they_were() -> None:
    """Every float to its last bit, every None, every key that a table is looked up by."""
    assert jobs_from(jobs_line(JOBS)) == JOBS
    for each in [*rows(), *(failed(job, "schade: 깨짐\n") for job in JOBS)]:
        assert measured_from(measured_line(each)) == each
        assert "\n" not in measured_line(each)


def test_a_finished_shard_is_found_again(tmp_path: Path) -> None:
    """What was saved is loaded, twice the same is one file, and no file is no rows."""
    shards = FinishedShards(tmp_path / "scratch" / "measure-1")
    assert list(shards.load()) == []
    shards.save(rows()[:1])
    shards.save(rows()[1:])
    shards.save(rows()[1:])
    assert sorted(shards.load(), key=lambda each: each.photo.image_md5) == rows()
    assert len(list(shards.folder.iterdir())) == 2


def test_a_torn_or_foreign_shard_is_measured_again(tmp_path: Path) -> None:
    """A shard that a power cut emptied, half a one, and one of other columns do not stop the stage."""
    shards = FinishedShards(tmp_path)
    shards.save(rows())
    whole = next(tmp_path.glob("*.jsonl")).read_text(encoding="utf-8")
    (tmp_path / "0.jsonl").touch()
    (tmp_path / "1.jsonl").write_text(whole[:-20], encoding="utf-8")
    (tmp_path / "2.jsonl").write_text("[[1, 2], [], []]\n", encoding="utf-8")
    (tmp_path / ".3.partial").write_text(whole, encoding="utf-8")
    assert list(shards.load()) == rows()
