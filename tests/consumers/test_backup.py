"""docs/storage.md, typed as it stands: the change to S3, a backup in a second bucket, the day all is lost."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import documented
from captureset.formats import jsontext
from captureset.release.identify import folder_md5, listing
from captureset.store import git
from captureset.store.repository import Repository
from published import Consumer, bucket_of, consumer, publish
from releasing import NAME, TAG
from swift_s3 import S3

pytestmark = [pytest.mark.battery, pytest.mark.usefixtures("as_tester")]

DOCUMENT = "docs/storage.md"
YOLO = "data/exports/yolo_format"
MANIFEST = f"data/metadata/datasets/{NAME}_v0_1_0.json"


@pytest.fixture
def keeper(s3: S3, tmp_path: Path) -> Consumer:
    """The machine of the one who looks after the bytes."""
    return consumer(tmp_path / "keeper", s3)


def promised(root: Path) -> str:
    """Return the md5 of the YOLO export that the manifest names at the tag."""
    manifest: dict[str, Any] = json.loads(git.git(root, "show", f"{TAG}:{MANIFEST}"))
    return str(manifest["exports"][YOLO]["md5"])


def fsck(machine: Consumer, root: Path, *options: str) -> dict[str, Any]:
    """Return what `captureset fsck --json` says, sound or not."""
    program = "from captureset.cli.main import main; main()"
    done = machine.run("-c", program, "fsck", "--json", *options, "--repo", root)
    document: dict[str, Any] = json.loads(done.stdout)
    return {**document, "exit": done.returncode}


def test_two_commands_change_to_s3(released: Repository, keeper: Consumer) -> None:
    """Both are in the document; then Git's newest state gives all over S3, and the old tag does with the address."""
    root = Path(shutil.copytree(released.root, keeper.home / "mine", symlinks=True))
    bucket_of(S3(keeper.credentials["AWS_ENDPOINT_URL"])).mkdir("switched")
    switch, push, *get = documented.commands(DOCUMENT, "S3 in two commands")
    instead = {"my-bucket": "switched", "<repository>": root.as_uri()}
    documented.carry_out([switch, push], root, keeper.environment, instead)
    git.git(root, "commit", "--quiet", "--message", "Keep the bytes on S3", ".dvc/config")
    shutil.rmtree(root / ".dvcstore")
    shutil.rmtree(root / ".dvc" / "cache")
    documented.carry_out(get, keeper.home, keeper.environment, instead)
    assert folder_md5(listing(keeper.home / "waste")) == promised(root)
    keeper.dvc("get", instead["<repository>"], YOLO, "--rev", "main", "-o", "newest")
    assert folder_md5(listing(keeper.home / "newest")) == promised(root)


def test_everything_is_lost_and_comes_back_from_the_backup(built: Path, s3: S3, keeper: Consumer) -> None:
    """The bucket, the producer's clone and every cache are gone; afterwards fsck is content and an old tag is whole."""
    bucket = bucket_of(s3)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in s3.environment.items():
            patch.setenv(name, value)
        world = publish(built, keeper.home, s3, "first")
    bucket.mkdir("second")
    md5 = promised(world.producer)
    instead = {"my-backup/my-dataset": "second/waste", "<repository>": world.git_url}
    add, *daily = documented.commands(DOCUMENT, "A backup")
    documented.carry_out([add], world.producer, keeper.environment, instead)
    git.git(world.producer, "commit", "--quiet", "--message", "A backup", ".dvc/config")
    git.git(world.producer, "push", "--quiet", "origin", "main")
    documented.carry_out(daily, world.producer, keeper.environment, instead)

    require_verified(keeper, world.producer, bucket)

    shutil.rmtree(world.producer)
    shutil.rmtree(keeper.home / "site-cache", ignore_errors=True)
    bucket.rm("first", recursive=True)
    bucket.mkdir("first")
    said = documented.carry_out(documented.commands(DOCUMENT, "Restore"), keeper.home, keeper.environment, instead)
    assert "0 of 0 in the cache" in said[2]  # the first fsck saw the backup alone
    last = fsck(keeper, keeper.home / "restored", "--remote")
    assert (last["exit"], last["findings"]) == (0, [])
    assert last["listed"]["remote"] >= last["needed"] > 100
    stranger = consumer(keeper.home / "stranger", s3)
    stranger.dvc("get", world.git_url, YOLO, "--rev", TAG, "-o", "waste")
    assert folder_md5(listing(stranger.home / "waste")) == md5
    assert jsontext.read(stranger.home / "waste/manifest.json")


def require_verified(keeper: Consumer, root: Path, bucket: Any) -> None:
    """Take one object out of the backup: a push does not see it, fsck does, and its repair brings it back."""
    entry = next(iter(json.loads((cache_path(root, promised(root))).read_bytes())))
    address = f"second/waste/files/md5/{entry['md5'][:2]}/{entry['md5'][2:]}"
    bucket.rm_file(address)
    keeper_push = documented.commands(DOCUMENT, "A backup")[2]
    documented.carry_out([keeper_push], root, keeper.environment, {})
    assert not bucket.exists(address)
    found = fsck(keeper, root, "--at", "backup")
    assert found["exit"] == 1
    assert [(f["oid"], f["fault"], f["releases"]) for f in found["findings"]] == [
        (entry["md5"], "not_on_remote", [TAG])
    ]
    assert fsck(keeper, root, "--remote")["exit"] == 0
    assert fsck(keeper, root, "--at", "backup", "--repair", "--apply")["repaired"] == 1
    assert fsck(keeper, root, "--at", "backup")["findings"] == []


def cache_path(root: Path, md5: str) -> Path:
    """Return where the cache keeps an object."""
    return root / ".dvc/cache/files/md5" / md5[:2] / md5[2:]
