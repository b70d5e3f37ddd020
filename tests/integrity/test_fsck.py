from __future__ import annotations

import os
import random
import shutil
import types
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from botocore.exceptions import EndpointConnectionError  # type: ignore[import-untyped]
from typer.testing import CliRunner

from captureset.cli.main import app
from captureset.errors import CapturesetError
from captureset.integrity import copies
from captureset.integrity import fsck as checking
from captureset.integrity import repair as repairing
from captureset.integrity.fsck import Finding, fsck
from captureset.integrity.needed import needed, roots
from captureset.records.rows import Erasure
from captureset.release.remote import lacking, require_everything_there
from captureset.store import erasures, git, pointers
from captureset.store.objects import ObjectStore, md5_of
from captureset.store.repository import Repository
from object_damages import CONTENT, HERE, THERE, flip, objects, oid_of
from released import FIRST, SECOND, cache_folder, remote_folder


def fault_of(kind: str, place: str) -> str:
    """Return the fault a kind of damage must be called."""
    if kind in CONTENT:
        return "damaged"
    return {"delete": "absent" if place == "cache" else "not_on_remote", "extra": "stray", "mode": "writable"}[kind]


def truth(versions: Repository) -> dict[str, tuple[set[str], set[str]]]:
    """Return address to captures and tags, computed from Git and the manifests without the code under test."""
    store, found = ObjectStore(versions.root), dict[str, tuple[set[str], set[str]]]()
    for tag in (FIRST, SECOND):
        for name in git.git(versions.root, "ls-tree", "-r", "--name-only", tag, "data/captures").split():
            if not name.endswith(".dvc"):
                continue
            pointer = pointers.parse(git.git(versions.root, "show", f"{tag}:{name}"), name)
            rows = pointers.rows(store, pointer)
            names = {md5: {pointers.capture_of(relpath)[0]} for relpath, md5 in rows.items()}
            for md5, ids in {**names, pointer.manifest: set().union(*names.values())}.items():
                captures, tags = found.setdefault(md5, (set(), set()))
                captures |= ids
                tags.add(tag)
    return found


def test_what_is_needed_is_what_git_names(versions: Repository) -> None:
    """Every file of every month at every tag, and the stage's output; nothing that stands in Git itself."""
    names = needed(versions, ObjectStore(versions.root))
    assert set(truth(versions)) <= set(names.uses)
    assert names.unreadable == {}
    paths = {root.path for root in roots(versions)}
    assert paths == {"data/images/2024/01", "data/images/2024/02", "data/list"}
    kept = {oid_of(path) for path in objects(cache_folder(versions))}
    assert set(names.uses) <= kept


def test_a_sound_repository_has_no_findings(versions: Repository) -> None:
    """Cache and remote, every byte compared."""
    checked = fsck(versions, remote=True)
    assert (checked.findings, checked.sound, checked.complete) == ((), True, True)
    assert checked.read == checked.listed
    assert checked.needed > 120


@pytest.mark.parametrize("place", ["cache", "remote"])
def test_a_hundred_damages_are_found_named_and_repaired(versions: Repository, place: str) -> None:
    """Each by its address, its captures and its releases; the other copy mends all, and nothing is deleted."""
    folder = cache_folder(versions) if place == "cache" else remote_folder(versions)
    kinds, chance, known = HERE if place == "cache" else THERE, random.Random(7), truth(versions)
    victims = [path for path in objects(folder) if oid_of(path) in known]
    chance.shuffle(victims)
    planted = {}
    for number, path in enumerate(victims[:100]):
        kind = list(kinds)[number % len(kinds)]
        planted[oid_of(path)] = kind
        kinds[kind](path, chance)
    assert len(planted) == 100
    checked = fsck(versions, remote=True)
    found = {finding.oid: finding for finding in checked.findings if finding.fault != "stray"}
    strays = [finding for finding in checked.findings if finding.fault == "stray"]
    assert len(strays) == sum(kind == "extra" for kind in planted.values())
    for oid, kind in planted.items():
        if kind == "extra":
            continue
        captures, tags = known[oid]
        finding = found.pop(oid)
        assert (finding.fault, finding.place) == (fault_of(kind, place), place)
        assert (set(finding.captures), set(finding.releases)) == (captures, tags)
    assert not found
    before = {oid_of(path): path.read_bytes() for path in objects(folder)}
    steps = repairing.plan(versions, checked.findings, absent=True)
    assert {oid_of(path): path.read_bytes() for path in objects(folder)} == before, "a plan changes nothing"
    repairing.carry_out(versions, steps)
    again = fsck(versions, remote=True)
    assert [finding for finding in again.findings if not (place == "remote" and finding.fault == "stray")] == []
    aside = {md5_of(path.read_bytes()) for path in objects(versions.scratch / "aside")}
    gone = {md5_of(data) for data in before.values()} - {md5_of(path.read_bytes()) for path in objects(folder)}
    assert gone <= aside, "bytes that gave way are kept"


def test_what_is_damaged_in_both_places_is_lost_and_named(versions: Repository) -> None:
    """No repair is promised, nothing is changed, a backup is asked for."""
    oid, (captures, tags) = next(item for item in sorted(truth(versions).items()) if not item[0].endswith(".dir"))
    for folder in (cache_folder(versions), remote_folder(versions)):
        flip(folder / oid[:2] / oid[2:], random.Random(1))
    checked = fsck(versions, remote=True)
    assert [(f.place, f.fault, set(f.captures), set(f.releases)) for f in checked.findings] == [
        (place, "damaged", captures, tags) for place in ("cache", "remote")
    ]
    steps = repairing.plan(versions, checked.findings)
    assert {(step.action, "backup" in step.why) for step in steps} == {("none", True)}
    assert repairing.carry_out(versions, steps) == 0


def test_a_lost_object_and_a_lost_manifest_are_named(versions: Repository) -> None:
    """A manifest that no place has: what it lists is unknown, and that is said."""
    names = truth(versions)
    manifest = next(oid for oid in sorted(names) if oid.endswith(".dir"))
    plain = next(oid for oid in sorted(names) if not oid.endswith(".dir"))
    for folder in (cache_folder(versions), remote_folder(versions)):
        for oid in (manifest, plain):
            (folder / oid[:2] / oid[2:]).unlink()
    found = {finding.oid: finding for finding in fsck(versions, remote=True).findings}
    assert (found[manifest].fault, found[plain].fault) == ("lost", "lost")
    assert "data/images/2024/0" in found[manifest].paths[0]


def test_what_the_cache_lacks_is_lost_where_no_remote_could_have_it(versions: Repository) -> None:
    """With a remote that nobody asked it is not said to be there; without any remote the repository is not sound."""
    oid = next(oid for oid in sorted(truth(versions)) if not oid.endswith(".dir"))
    (cache_folder(versions) / oid[:2] / oid[2:]).unlink()
    checked = fsck(versions)
    assert [(finding.oid, finding.fault) for finding in checked.findings] == [(oid, "not_asked")]
    assert checked.sound
    git.dvc(versions.root, "remote", "remove", "storage")
    checked = fsck(versions)
    assert [(finding.oid, finding.fault) for finding in checked.findings] == [(oid, "lost")]
    assert not checked.sound


@pytest.mark.parametrize("gone", ["cache", "remote"])
def test_a_manifest_nobody_could_read_is_damaged_in_any_sample(versions: Repository, gone: str) -> None:
    """The smallest sample does not get to it, yet it was found unreadable on the way; it is named once."""
    manifest = max(oid for oid in truth(versions) if oid.endswith(".dir"))
    folders = {"cache": cache_folder(versions), "remote": remote_folder(versions)}
    (folders.pop(gone) / manifest[:2] / manifest[2:]).unlink()
    (place, folder), *_ = folders.items()
    flip(folder / manifest[:2] / manifest[2:], random.Random(3))
    for share in (0.001, 1.0):
        found = fsck(versions, remote=True, share=share)
        assert [f.place for f in found.findings if (f.oid, f.fault) == (manifest, "damaged")] == [place]
        assert not found.sound


def test_a_clone_that_fetched_nothing_is_sound(versions: Repository) -> None:
    """What the cache of a clone lacks is absent, which is no damage while the remote has it."""
    shutil.rmtree(cache_folder(versions))
    checked = fsck(versions, remote=True)
    assert {finding.fault for finding in checked.findings} == {"absent"}
    assert checked.sound
    assert not cache_folder(versions).exists(), "looking fetches nothing"


def test_a_sample_goes_on_where_the_last_one_ended(versions: Repository) -> None:
    """Every object is compared once a round, whatever the shares, and a suspect is looked at again each time."""
    path = objects(cache_folder(versions))[3]
    flip(path, random.Random(2))
    total = len(objects(cache_folder(versions)))
    compared, runs = 0, 0
    while True:
        checked = fsck(versions, share=0.2)
        compared, runs = compared + checked.read["cache"], runs + 1
        assert [finding.oid for finding in checked.findings] == [oid_of(path)]
        if checked.complete:
            break
    assert runs == 5
    assert compared == total + runs - 1


def test_a_killed_run_goes_on(versions: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a run had compared when it was stopped is not compared again in that round."""
    from captureset.integrity import rounds  # noqa: PLC0415

    monkeypatch.setattr(rounds, "SAVED_EVERY", 10)

    def stop(done: int) -> None:
        if done >= 30:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fsck(versions, progress=stop)
    total = len(objects(cache_folder(versions)))
    checked = fsck(versions)
    assert (checked.read["cache"], checked.complete) == (total - 30, True)
    assert fsck(versions).read["cache"] == total


@pytest.mark.parametrize("target", ["nowhere", "/proc/self/mem"])
@pytest.mark.parametrize("place", ["cache", "remote"])
def test_what_the_disk_cannot_read_is_damaged_and_mended(versions: Repository, place: str, target: str) -> None:
    """A dangling link, a read error (EIO), a manifest or a file: the rest is compared, the other copy mends them."""
    folder, names = cache_folder(versions) if place == "cache" else remote_folder(versions), sorted(truth(versions))
    plain = next(oid for oid in names if not oid.endswith(".dir"))
    manifest = next(oid for oid in names if oid.endswith(".dir"))
    for oid in (plain, manifest):
        path = folder / oid[:2] / oid[2:]
        path.unlink()
        path.symlink_to(target)
    checked = fsck(versions, remote=True)
    assert {f.oid for f in checked.findings if f.fault == "damaged"} == {plain, manifest}
    assert checked.read == checked.listed
    repairing.carry_out(versions, repairing.plan(versions, checked.findings))
    assert fsck(versions, remote=True).findings == ()


def test_a_name_in_git_that_is_no_utf8_stops_nothing(versions: Repository) -> None:
    """A file, a folder with a pointer and a branch named in Latin-1: compared, and named in what can be printed."""
    odd = Path(os.fsdecode(os.fsencode(versions.root) + b"/caf\xe9"))
    odd.mkdir()
    (odd / os.fsdecode(b"caf\xe9.txt")).write_bytes(b"x")
    oid = ObjectStore(versions.root).add(b"photo")
    (odd / "photo.dvc").write_text(f"outs:\n- md5: {oid}\n  hash: md5\n  path: photo\n", encoding="utf-8")
    git.git(versions.root, "add", "--all")
    git.git(versions.root, "commit", "--quiet", "--message", "Latin-1")
    git.git(versions.root, "branch", os.fsdecode(b"caf\xe9"))
    (finding,) = fsck(versions, remote=True).findings
    assert (finding.oid, finding.fault, finding.paths) == (oid, "not_on_remote", ("caf\\udce9/photo",))
    assert "caf\\udce9" in finding.refs


def test_an_etag_that_is_no_md5_of_the_bytes_is_doubted_not_believed(
    versions: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that encrypts with a key (SSE-KMS) lists 32 hex digits of its own; fsck and release read the bytes."""
    real = copies.Remote.listing

    def listing(place: copies.Remote) -> copies.Listing:
        found = real(place)
        etags = {oid: replace(copy, listed_md5=md5_of(oid.encode())) for oid, copy in found.objects.items()}
        return replace(found, objects=etags)

    monkeypatch.setattr(copies.Remote, "listing", listing)
    assert fsck(versions, remote=True).findings == ()
    assert require_everything_there(versions) > 60
    path = max(path for path in objects(remote_folder(versions)) if oid_of(path) in truth(versions))
    flip(path, random.Random(5))
    assert [(f.oid, f.fault) for f in fsck(versions, remote=True).findings] == [(oid_of(path), "damaged")]
    assert list(lacking(versions).paths.values()) == [oid_of(path)]


class Bucket:
    """What a bucket's client does when its server is gone: errors of its own, which are no OSError."""

    protocol = "s3"

    def exists(self, *_: object) -> bool:
        """Fail as s3fs does."""
        raise EndpointConnectionError(endpoint_url="http://localhost:1")

    def open(self, *_: object) -> object:
        """Fail alike."""
        return self.exists()


def test_a_bucket_that_stops_answering_is_told(versions: Repository) -> None:
    """While an object is read or put: one sentence with the object and the remedy, no traceback."""
    remote = copies.remote_of(ObjectStore(versions.root))
    remote.local, remote.odb.fs = False, Bucket()
    oid = "ab" + "c" * 30
    asked: list[Callable[[], object]] = [
        lambda: remote.md5(oid),
        lambda: remote.read(oid),
        lambda: remote.put(oid, b"", versions.scratch),
    ]
    for ask in asked:
        with pytest.raises(CapturesetError, match=rf"object {oid} .*Could not connect.*; check the network"):
            ask()


def test_files_are_put_before_the_lists_that_promise_them(
    versions: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DVC takes a manifest on the remote as a sign that its files are there, also when a repair is cut short."""
    shutil.rmtree(remote_folder(versions))
    put, real = list[str](), copies.Remote.put

    def noted(place: copies.Remote, oid: str, data: bytes, aside: Path) -> None:
        put.append(oid)
        real(place, oid, data, aside)

    monkeypatch.setattr(copies.Remote, "put", noted)
    checked = fsck(versions, remote=True)
    repairing.carry_out(versions, repairing.plan(versions, checked.findings))
    lists = [oid.endswith(".dir") for oid in put]
    assert any(lists)
    assert lists == sorted(lists)


def test_damaged_and_writable_is_mended_by_one_copy(versions: Repository) -> None:
    """The copy is read-only, so nothing is left and the command says so by its exit; what has no copy stays 1."""
    oid = next(oid for oid in sorted(truth(versions)) if not oid.endswith(".dir"))
    path = cache_folder(versions) / oid[:2] / oid[2:]
    flip(path, random.Random(6))
    path.chmod(0o644)
    assert {f.fault for f in fsck(versions).findings} == {"damaged", "writable"}
    command = ["fsck", "--repair", "--apply", "--repo", str(versions.root)]
    assert CliRunner().invoke(app, command).exit_code == 0
    assert fsck(versions, remote=True).findings == ()
    for folder in (cache_folder(versions), remote_folder(versions)):
        flip(folder / oid[:2] / oid[2:], random.Random(6))
    path.chmod(0o644)
    assert CliRunner().invoke(app, command).exit_code == 1


def test_an_output_kept_in_git_is_one_of_its_own_stage(versions: Repository) -> None:
    """Two stages write `m.json`, each in its `wdir`: what the one keeps in Git, the other may keep in the cache."""
    cached = "1" * 32
    (versions.root / "dvc.yaml").write_text(
        "stages:\n"
        "  a: {cmd: c, wdir: x, outs: [m.json]}\n"
        "  b: {cmd: c, wdir: y, metrics: [m.json: {cache: false}]}\n"
        "  c:\n    foreach: [1]\n    do: {cmd: c, metrics: [n.json: {cache: false}]}\n",
        encoding="utf-8",
    )
    (versions.root / "dvc.lock").write_text(
        "schema: '2.0'\nstages:\n"
        f"  a: {{cmd: c, outs: [{{path: m.json, md5: '{cached}'}}]}}\n"
        f"  b: {{cmd: c, outs: [{{path: m.json, md5: '{'2' * 32}'}}]}}\n"
        f"  c@1: {{cmd: c, outs: [{{path: n.json, md5: '{'3' * 32}'}}]}}\n",
        encoding="utf-8",
    )
    oids = {root.oid for root in roots(versions) if "workspace" in root.refs}
    assert oids & {number * 32 for number in "123"} == {cached}


def test_a_place_that_cannot_be_listed_is_refused(versions: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error while listing is no empty place."""

    def broken(_: Path, onerror: Callable[[OSError], None]) -> list[object]:
        onerror(PermissionError(13, "Permission denied", "files/md5/ab"))
        return []

    monkeypatch.setattr(copies, "os", types.SimpleNamespace(walk=broken))
    with pytest.raises(CapturesetError, match="files/md5/ab cannot be listed: Permission denied"):
        fsck(versions)


def test_what_was_erased_is_never_brought_back(versions: Repository) -> None:
    """A person's capture that an old tag still names, gone from one place or both, is no fault and stays gone."""
    oid = next(oid for oid, (names, _) in truth(versions).items() if names == {"c-003"} and not oid.endswith(".dir"))
    erasures.add(versions, Erasure("c-003", "2024-03-01", "asked by its owner"))
    (remote_folder(versions) / oid[:2] / oid[2:]).unlink()
    found = fsck(versions, remote=True)
    assert found.sound
    assert [(one.place, one.oid, one.fault, one.captures) for one in found.findings] == [
        ("remote", oid, "erased", ("c-003",))
    ]
    steps = repairing.plan(versions, found.findings, absent=True)
    assert [(step.action, "erased" in step.why) for step in steps] == [("none", True)]
    (cache_folder(versions) / oid[:2] / oid[2:]).unlink()
    assert [one.fault for one in fsck(versions, remote=True).findings] == ["erased"]


def test_every_fault_is_explained() -> None:
    """A fault that the code can name has its meaning in the table."""
    source = Path(checking.__file__).read_text(encoding="utf-8")
    assert all(f'"{fault}"' in source for fault in checking.FAULTS)
    finding = Finding("cache", "x", "damaged", (), (), (), ())
    lines = checking.summary(checking.Checked((finding,), 1, {"cache": 1}, {"cache": 1}, complete=True))
    assert lines == [f"1 damaged in the cache: {checking.FAULTS['damaged']}"]
