"""The guards against a real S3 store: what only a listing with ETags can see, and what only a server can refuse."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import gc_states
import swift_s3
from captureset.errors import CapturesetError
from captureset.integrity import copies, gc
from captureset.integrity import repair as repairing
from captureset.integrity.fsck import fsck
from captureset.integrity.needed import needed
from captureset.store import git
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository

BUCKET = "captures"
AT_ONCE = gc.Rules(grace_days=0)


@pytest.fixture(scope="module")
def on_s3(two_versions: Path, s3: swift_s3.S3, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repository]:
    """Two versions whose remote is a bucket, everything pushed there; every test leaves it sound."""
    root = Path(shutil.copytree(two_versions, tmp_path_factory.mktemp("bucket") / "versions", symlinks=True))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in s3.environment.items():
            patch.setenv(name, value)
        bucket_of(s3).mkdir(BUCKET)
        git.dvc(root, "remote", "modify", "--local", "storage", "url", f"s3://{BUCKET}/data")
        git.dvc(root, "push", "--quiet", "--all-tags")
        yield Repository(root)


def bucket_of(s3: swift_s3.S3) -> Any:
    """Return the server as a client of its own sees it, with nothing remembered."""
    from s3fs import S3FileSystem  # noqa: PLC0415 - comes with dvc-s3

    return S3FileSystem(
        key=s3.key, secret=s3.secret, client_kwargs={"endpoint_url": s3.endpoint}, use_listings_cache=False
    )


def soon_s() -> float:
    """Return a moment by which everything was written, also by a server that rounds its seconds up."""
    return time.time() + 60


def remote(repository: Repository) -> Any:
    """Return the DVC remote's object database."""
    return ObjectStore(repository.root).remote


def damage(odb: Any, oid: str, kind: str, chance: random.Random, others: list[str]) -> None:
    """Damage one object in the bucket."""
    files, address = odb.fs.fs, odb.oid_to_path(oid)
    data = bytearray(files.cat_file(address))
    if kind == "flip":
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    elif kind == "truncate":
        data = data[: chance.randrange(len(data))]
    elif kind == "zero":
        data[len(data) // 2 :] = bytes(len(data) - len(data) // 2)
    elif kind == "swap":
        data = bytearray(files.cat_file(odb.oid_to_path(chance.choice(others))))
    elif kind == "extra":
        address += ".orig"
    if kind == "delete":
        files.rm_file(address)
    else:
        files.pipe_file(address, bytes(data))


def test_a_hundred_damages_in_the_bucket_are_found_and_repaired(on_s3: Repository) -> None:
    """By one listing and its ETags; DVC's own commands see none of them but what is gone."""
    odb, chance = remote(on_s3), random.Random(11)
    oids = sorted(needed(on_s3, ObjectStore(on_s3.root)).uses)
    victims = chance.sample(oids, 100)
    others = sorted(set(oids) - set(victims))
    kinds = ("flip", "truncate", "zero", "swap", "delete", "extra")
    planted = {oid: kinds[number % len(kinds)] for number, oid in enumerate(victims)}
    for oid, kind in planted.items():
        damage(odb, oid, kind, chance, others)
    assert "in sync" in git.dvc(on_s3.root, "status", "--cloud", "data/captures/2024-01.dvc")
    checked = fsck(on_s3, remote=True)
    there = {(f.oid, f.fault) for f in checked.findings if f.place == "remote" and f.fault != "stray"}
    assert there == {
        (oid, "not_on_remote" if kind == "delete" else "damaged") for oid, kind in planted.items() if kind != "extra"
    }
    strays = [finding for finding in checked.findings if finding.fault == "stray"]
    assert len(strays) == sum(kind == "extra" for kind in planted.values())
    assert all(finding.releases and finding.paths for finding in checked.findings if finding.fault != "stray")
    repairing.carry_out(on_s3, repairing.plan(on_s3, checked.findings))
    left = fsck(on_s3, remote=True).findings
    assert sorted(finding.oid for finding in left) == sorted(finding.oid for finding in strays)
    for stray in strays:
        odb.fs.fs.rm_file(f"{odb.path}/{stray.oid}")


def test_a_damaged_cache_comes_back_from_the_bucket(on_s3: Repository) -> None:
    """The other direction."""
    store = ObjectStore(on_s3.root)
    oid = sorted(needed(on_s3, store).uses)[5]
    path = store.cache_path(oid)
    before = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(before[:-1])
    path.chmod(0o444)
    checked = fsck(on_s3)
    assert [(finding.place, finding.oid, finding.fault) for finding in checked.findings] == [("cache", oid, "damaged")]
    repairing.carry_out(on_s3, repairing.plan(on_s3, checked.findings))
    assert path.read_bytes() == before
    assert fsck(on_s3, remote=True).findings == ()


def test_only_waste_goes_from_the_bucket(on_s3: Repository) -> None:
    """What nothing names is removed there, the rest stays."""
    odb = remote(on_s3)
    orphan = "0123456789abcdef0123456789abcdef"
    odb.fs.fs.pipe_file(odb.oid_to_path(orphan), b"waste")
    plan = gc.plan(on_s3, remote=True, rules=AT_ONCE, now_s=soon_s())
    assert [copy.oid for copy in plan.unneeded] == [orphan]
    assert gc.carry_out(on_s3, plan) == 1
    assert {f.fault for f in fsck(on_s3, remote=True).findings} == set()


STATES = ("branch", "staged part of a stash", "reflog of HEAD", "uncommitted in another worktree")


def test_what_git_still_has_stays_in_the_bucket(on_s3: Repository, tmp_path: Path) -> None:
    """Work that a few representative states name is kept there, and goes when nothing names it."""
    root = Path(shutil.copytree(on_s3.root, tmp_path / "states", symlinks=True))
    repository, odb = Repository(root), remote(on_s3)
    gc_states.begin(repository)
    works = {name: gc_states.work(repository, f"s3-{number}") for number, name in enumerate((*STATES, "nothing"))}
    for name, mine in works.items():
        for oid in mine.oids:
            odb.fs.fs.pipe_file(odb.oid_to_path(oid), ObjectStore(root).read(oid))
        if name in STATES:
            gc_states.KEPT[name](repository, mine)
    assert not {copy.oid for copy in gc.plan(repository, remote=True).unneeded} & works["nothing"].oids, "it is young"
    plan = gc.plan(repository, remote=True, rules=AT_ONCE, now_s=soon_s())
    assert {copy.oid for copy in plan.unneeded} == works["nothing"].oids
    gc_states.at_origin(repository, works["nothing"])
    with pytest.raises(CapturesetError, match="origin has 1 branches or tags"):
        gc.carry_out(repository, plan)
    git.git(root, "remote", "remove", "origin")
    assert gc.carry_out(repository, plan) == len(works["nothing"].oids)
    for oid in set().union(*(works[name].oids for name in STATES)):
        odb.delete(oid)


def failing(patch: pytest.MonkeyPatch, operations: str, when: Callable[[dict[str, Any]], bool]) -> None:
    """Let a request of the real client fail when its parameters say so; listings come in pages of forty."""
    from aiobotocore.client import AioBaseClient  # type: ignore[import-untyped]  # noqa: PLC0415 - comes with dvc-s3

    real = AioBaseClient._make_api_call

    async def call(self: Any, operation: str, params: dict[str, Any]) -> Any:
        if operation.startswith("List"):
            params = {**params, "MaxKeys": 40}
        if operation.startswith(operations) and when(params):
            raise PermissionError("the token has expired")
        return await real(self, operation, params)

    patch.setattr(AioBaseClient, "_make_api_call", call)


def test_a_listing_that_breaks_off_is_no_listing(on_s3: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first pages came, a later one did not: fsck and gc refuse."""
    pages: list[bool] = []

    def second(params: dict[str, Any]) -> bool:
        pages.append("ContinuationToken" in params)
        return pages[-1]

    failing(monkeypatch, "ListObjects", second)
    for look in (lambda: fsck(on_s3, remote=True), lambda: gc.plan(on_s3, remote=True)):
        pages.clear()
        with pytest.raises(CapturesetError, match="cannot be listed: .*the token has expired; "):
            look()
        assert pages[:2] == [False, True]


def test_a_removal_that_breaks_off_is_told(on_s3: Repository) -> None:
    """What is gone by then was unneeded, and the next run goes on."""
    odb, orphans = remote(on_s3), [f"0123456789abcdef0123456789abcde{number}" for number in range(3)]
    for oid in orphans:
        odb.fs.fs.pipe_file(odb.oid_to_path(oid), b"waste")
    plan = gc.plan(on_s3, remote=True, rules=AT_ONCE, now_s=soon_s())
    asked: list[dict[str, Any]] = []

    def not_the_first(params: dict[str, Any]) -> bool:
        asked.append(params)
        return len(asked) > 1

    with pytest.MonkeyPatch.context() as patch:
        failing(patch, "DeleteObject", not_the_first)
        with pytest.raises(CapturesetError, match="1 of 3 objects were removed, then the remote said: .*run gc again"):
            gc.carry_out(on_s3, plan)
    again = gc.plan(on_s3, remote=True, rules=AT_ONCE, now_s=soon_s())
    assert [copy.oid for copy in again.unneeded] == orphans[1:]
    assert gc.carry_out(on_s3, again) == len(orphans) - 1


def test_bad_credentials_are_a_refusal_not_an_empty_bucket(on_s3: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """A listing that fails stops fsck and gc."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    from s3fs import S3FileSystem  # noqa: PLC0415 - comes with dvc-s3

    S3FileSystem.clear_instance_cache()
    for look in (lambda: fsck(on_s3, remote=True), lambda: gc.plan(on_s3, remote=True)):
        with pytest.raises(CapturesetError, match="cannot be listed: .*signature"):
            look()
    S3FileSystem.clear_instance_cache()


def test_an_etag_that_is_no_md5_is_read() -> None:
    """Objects put in several pieces have an ETag with a dash; their bytes are read instead."""
    etag = '"5d41402abc4b2a76b9719d911017c592-3"'
    found = copies.listing_of({"ab/" + "c" * 30: {"size": 5, "ETag": etag}}.items())
    assert found.objects["ab" + "c" * 30].listed_md5 is None
