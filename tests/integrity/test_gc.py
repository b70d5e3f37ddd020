from __future__ import annotations

import json
import shutil
import types
from collections.abc import Callable
from pathlib import Path

import pytest

from captureset.capture.submit import submit
from captureset.errors import CapturesetError
from captureset.integrity import copies, gc
from captureset.integrity.needed import needed
from captureset.store import git
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository
from deliveries import sidecar
from photos import jpeg
from released import cache_folder, remote_folder


def every_object(folder: Path) -> set[str]:
    """Return the addresses of everything in a cache or remote."""
    return {path.parent.name + path.name for path in folder.rglob("*") if path.is_file()}


def waste(versions: Repository, count: int) -> set[str]:
    """Put objects that nothing names into the cache and return their addresses."""
    store = ObjectStore(versions.root)
    return {store.add(f"unneeded {number}".encode()) for number in range(count)}


def test_only_what_nothing_names_goes(versions: Repository) -> None:
    """A plan changes nothing; carried out, every object of every tag, branch and the workspace is still there."""
    wanted = set(needed(versions, ObjectStore(versions.root)).uses)
    gone = waste(versions, 3)
    plan = gc.plan(versions)
    superseded = every_object(cache_folder(versions)) - wanted - gone
    assert {copy.oid for copy in plan.unneeded} == gone | superseded
    assert gone <= every_object(cache_folder(versions))
    assert gc.carry_out(versions, plan) == len(gone | superseded)
    assert every_object(cache_folder(versions)) == wanted


def test_the_remote_is_collected_apart(versions: Repository) -> None:
    """The cache keeps what goes from the remote."""
    orphan = waste(versions, 1).pop()
    target = remote_folder(versions) / orphan[:2] / orphan[2:]
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(cache_folder(versions) / orphan[:2] / orphan[2:], target)
    plan = gc.plan(versions, remote=True)
    assert [copy.oid for copy in plan.unneeded] == [orphan]
    assert gc.carry_out(versions, plan) == 1
    assert orphan in every_object(cache_folder(versions))
    assert orphan not in every_object(remote_folder(versions))


@pytest.mark.parametrize("where", ["branch", "tag", "stash", "workspace", "detached", "remote_branch"])
def test_whatever_git_can_reach_is_needed(versions: Repository, where: str) -> None:
    """Work on a branch, a tag, in the stash, uncommitted, on a detached HEAD or on a fetched branch keeps its bytes."""
    root = versions.root
    pointer = versions.pointers / "2024-03.dvc"
    store = ObjectStore(root)
    photo = store.add(b"somebody's work")
    manifest = store.add(json.dumps([{"md5": photo, "relpath": "15/x.jpg"}]).encode(), ".dir")
    pointer.write_text(f"outs:\n- path: ../images/2024/03\n  md5: {manifest}\n  nfiles: 1\n", encoding="utf-8")
    if where != "workspace":
        git.git(root, "add", "--all")
    if where == "stash":
        git.git(root, "stash")
    elif where != "workspace":
        git.git(
            root,
            "switch",
            "--quiet",
            "--detach" if where == "detached" else "--create",
            *([] if where == "detached" else ["work"]),
        )
        git.git(root, "commit", "--quiet", "--message", "Work")
    if where in {"branch", "tag", "remote_branch"}:
        if where != "branch":
            reference = "refs/tags/kept" if where == "tag" else "refs/remotes/origin/kept"
            git.git(root, "update-ref", reference, "HEAD")
        git.git(root, "switch", "--quiet", "main")
        if where != "branch":
            git.git(root, "branch", "--quiet", "-D", "work")
    unneeded = {copy.oid for copy in gc.plan(versions, most_share=1).unneeded}
    assert not unneeded & {photo, manifest}


def test_too_much_at_once_is_refused(versions: Repository) -> None:
    """More than a fifth is more likely a mistake than waste; the sentence says how to mean it."""
    count = len(every_object(cache_folder(versions)))
    waste(versions, count // 2)
    with pytest.raises(CapturesetError, match=r"more than 20%.*say --most 0\.\d+"):
        gc.plan(versions)
    assert gc.plan(versions, most_share=0.9).unneeded


def test_an_unreadable_manifest_stops_everything(versions: Repository) -> None:
    """Nobody knows what it lists, so nothing is unneeded for certain."""
    manifest = next(oid for oid in needed(versions, ObjectStore(versions.root)).uses if oid.endswith(".dir"))
    for folder in (cache_folder(versions), remote_folder(versions)):
        (folder / manifest[:2] / manifest[2:]).unlink()
    with pytest.raises(CapturesetError, match="manifests cannot be read, so nobody knows what they need"):
        gc.plan(versions)


@pytest.mark.parametrize("text", ["outs: [", "[]", "5"])
def test_a_pointer_nobody_can_read_stops_everything(versions: Repository, text: str) -> None:
    """A broken file in the workspace is no reason to forget what it named."""
    (versions.pointers / "2024-01.dvc").write_text(text, encoding="utf-8")
    with pytest.raises(CapturesetError, match=r"data/captures/2024-01\.dvc is no YAML mapping"):
        gc.plan(versions)


def test_a_listing_error_stops_everything(versions: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that cannot be read is not an empty folder."""

    def broken(folder: Path, onerror: Callable[[OSError], None]) -> list[object]:
        onerror(PermissionError(13, "Permission denied", f"{folder}/ab"))
        return []

    monkeypatch.setattr(copies, "os", types.SimpleNamespace(walk=broken))
    for remote in (False, True):
        with pytest.raises(CapturesetError, match="/ab cannot be listed: Permission denied"):
            gc.plan(versions, remote=remote)


def test_nothing_goes_while_deliveries_wait(versions: Repository) -> None:
    """A commit under way writes objects before Git names them."""
    waste(versions, 1)
    plan = gc.plan(versions)
    submit(versions, jpeg(64, 48, 1), sidecar("waiting"))
    with pytest.raises(CapturesetError, match="deliveries wait in data/inbox"):
        gc.carry_out(versions, plan)


def test_what_became_needed_after_the_plan_stays(versions: Repository) -> None:
    """A plan is a proposal: it is checked again before anything goes."""
    orphan = waste(versions, 1).pop()
    plan = gc.plan(versions)
    (versions.root / "mine.dvc").write_text(f"outs:\n- path: mine\n  md5: {orphan}\n", encoding="utf-8")
    gc.carry_out(versions, plan)
    assert orphan in every_object(cache_folder(versions))
