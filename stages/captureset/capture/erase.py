"""A person's right: a capture leaves every later version, its bytes leave this clone, its id never comes in again.

Tombstone first, then the month pointers, one Git commit, then the bytes: killed anywhere, the same call finishes.
What other places still hold is listed with the command that removes it.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from captureset.capture.lock import alone
from captureset.capture.quarantine import REASON
from captureset.errors import CapturesetError, MissingObjectError
from captureset.formats import jsontext
from captureset.records.rows import Erasure
from captureset.store import erasures, git, pointers
from captureset.store.objects import ObjectStore
from captureset.store.pointers import Pointer
from captureset.store.repository import Repository

OWN_PATHS = ("data/captures", erasures.LEDGER)


@dataclass(frozen=True, slots=True)
class Remaining:
    """A place that still holds bytes of an erased capture, and the command that removes them."""

    place: str
    command: str


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did; `commit` is None when Git had nothing to record, or a merge is under way."""

    capture_id: str
    files: tuple[str, ...]  # month/day/name, that the last commit still listed
    objects: tuple[str, ...]  # removed from the local cache
    deliveries: tuple[str, ...]  # removed from inbox and quarantine
    commit: str | None
    remaining: tuple[Remaining, ...]


def erase(repository: Repository, capture_id: str, reason: str = "", today: str | None = None) -> Erased:
    """Erase a capture: photo, twin, sidecar and feedback. For a capture erased before, finish what is left of that.

    Args:
        repository: where.
        capture_id: the capture.
        reason: why, in words; stands in Git for ever, so no name and no address belongs there.
        today: UTC day of the tombstone, now by default.

    Raises:
        CapturesetError: the reason is empty, nobody knows the capture, or `captureset commit` is running.
    """
    git.require_identity(repository.root)
    with alone(repository):
        store = ObjectStore(repository.root)
        _require_sense(repository, store, capture_id, reason)
        if capture_id not in erasures.ids(repository):
            day = today or datetime.now(UTC).strftime("%Y-%m-%d")
            erasures.add(repository, Erasure(capture_id, day, " ".join(reason.split())))
        files = _leave_months(repository, store, capture_id)
        made = _commit(repository, capture_id)
        files |= files_before(repository, store, capture_id)
        kept = _used_elsewhere(repository, store, capture_id)
        removed = [md5 for md5 in sorted(set(files.values())) if md5 not in kept and store.discard(md5)]
        deliveries = _remove_deliveries(repository, capture_id) + _remove_checked_out(repository, files)
    remaining = tuple(_remaining(repository, store, capture_id, set(files.values()) - kept))
    return Erased(capture_id, tuple(sorted(files)), tuple(removed), tuple(deliveries), made, remaining)


def _require_sense(repository: Repository, store: ObjectStore, capture_id: str, reason: str) -> None:
    if capture_id in erasures.ids(repository):
        return
    if not reason.strip():
        raise CapturesetError(f"capture {capture_id} needs a reason to be erased; give one with --reason.")
    listed = any(_files(store, pointer, capture_id) for pointer in pointers.read(repository.pointers))
    if not listed and not _deliveries(repository, capture_id):
        raise CapturesetError(f"capture {capture_id!r} is not here, neither committed nor waiting; check its id.")


def _files(store: ObjectStore, pointer: Pointer, capture_id: str) -> dict[str, str]:
    """Return the rows of a capture in one month, feedback included."""
    found = pointers.rows(store, pointer).items()
    return {path: md5 for path, md5 in found if pointers.capture_of(path)[0] == capture_id}


def _leave_months(repository: Repository, store: ObjectStore, capture_id: str) -> dict[str, str]:
    """Write every month that lists the capture anew, without it; return the rows taken out."""
    removed: dict[str, str] = {}
    for pointer in pointers.read(repository.pointers):
        gone = _files(store, pointer, capture_id)
        if gone:
            path = repository.pointers / f"{pointer.month}.dvc"
            text = path.read_text(encoding="utf-8")
            left = {relpath: md5 for relpath, md5 in pointers.rows(store, pointer).items() if relpath not in gone}
            sizes = [pointers.size_of(text), *map(store.size_bytes, gone.values())]
            known = [size for size in sizes if size is not None]
            size = known[0] - sum(known[1:]) if len(known) == len(sizes) else None
            jsontext.write_text(path, pointers.with_rows(store, text, left, size))
            removed |= {f"{pointer.month}/{relpath}": md5 for relpath, md5 in gone.items()}
    return removed


def _commit(repository: Repository, capture_id: str) -> str | None:
    """Commit exactly the tombstone and the pointers; while a merge is under way, stage them for its commit."""
    changed = git.changed_paths(repository.root, *OWN_PATHS)
    if not changed:
        return None
    if git.merging(repository.root):
        git.git(repository.root, "add", "--", *changed)
        return None
    return git.commit_paths(repository.root, changed, f"Erase capture {capture_id}")


def files_before(repository: Repository, store: ObjectStore, capture_id: str) -> dict[str, str]:
    """Return the files the capture had when its erasure was committed, `month/day/name` to md5, from Git's history.

    So another clone, which only pulled the tombstone, knows too what its own cache must lose.
    """
    found: dict[str, str] = {}
    for commit in _erasing_commits(repository, capture_id):
        for pointer in pointers_at(repository, f"{commit}^"):
            rows = _files_if_known(store, pointer, capture_id)
            found |= {f"{pointer.month}/{path}": md5 for path, md5 in rows.items()}
    return found


def _erasing_commits(repository: Repository, capture_id: str) -> list[str]:
    """Return the commits that took files of a capture away: the tombstone's, and later ones of the same name."""
    log = ("log", "--all", "--no-merges", "--min-parents=1", "--format=%H")
    tombstone = git.git(repository.root, *log, f"-S{capture_id},", "--", erasures.LEDGER).split()
    named = git.git(repository.root, *log, "--fixed-strings", f"--grep=Erase capture {capture_id}").split()
    return sorted({*tombstone, *named})


def _files_if_known(store: ObjectStore, pointer: Pointer, capture_id: str) -> dict[str, str]:
    try:
        return _files(store, pointer, capture_id)
    except MissingObjectError:
        return {}  # that old month is nowhere any more


def _used_elsewhere(repository: Repository, store: ObjectStore, capture_id: str) -> set[str]:
    """Return the bytes that other captures use, in the folder and at the head of any branch or tag."""
    used: set[str] = set()
    known = {pointer.manifest: pointer for pointer in pointers.read(repository.pointers)}
    for revision in git.git(repository.root, "for-each-ref", "--format=%(objectname)").split():
        known |= {pointer.manifest: pointer for pointer in pointers_at(repository, revision)}
    for pointer in known.values():
        try:
            rows = pointers.rows(store, pointer)
        except MissingObjectError:
            continue  # a branch or version whose month is not here: neither are its photos
        used |= {md5 for path, md5 in rows.items() if pointers.capture_of(path)[0] != capture_id}
    return used


def pointers_at(repository: Repository, revision: str) -> list[Pointer]:
    """Return the month pointers of a revision."""
    names = git.git(repository.root, "ls-tree", "-r", "--name-only", "-z", revision, "--", "data/captures/").split("\0")
    texts = {name: git.committed_text(repository.root, name, revision) for name in names if name.endswith(".dvc")}
    return [pointers.parse(text, name) for name, text in texts.items() if text]


def _deliveries(repository: Repository, capture_id: str) -> list[Path]:
    """Return what waits in the inbox or stands in quarantine for a capture, reasons included."""
    folders = (repository.inbox, repository.quarantine)
    names = (f"{capture_id}.capture", f"{capture_id}.feedback.")
    return sorted(
        path
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and (path.name.startswith(names[1]) or path.name.partition(".capture")[0] == capture_id)
    )


def _remove_deliveries(repository: Repository, capture_id: str) -> list[str]:
    found = _deliveries(repository, capture_id)
    for path in found:
        path.unlink(missing_ok=True)
    return [str(path.relative_to(repository.root)) for path in found if not path.name.endswith(REASON)]


def _remove_checked_out(repository: Repository, files: dict[str, str]) -> list[str]:
    names = [f"data/images/{file.replace('-', '/', 1)}" for file in sorted(files)]
    found = [name for name in names if (repository.root / name).exists()]
    for name in found:
        (repository.root / name).unlink()
    return found


def _remaining(repository: Repository, store: ObjectStore, capture_id: str, oids: set[str]) -> Iterator[Remaining]:
    """Give the places this clone cannot or may not clean by itself, with their commands."""
    if not oids:
        return
    if (repository.root / "dvc.lock").exists():
        yield Remaining("the outputs of the last build", "dvc repro, then commit dvc.lock and data with git")
        yield Remaining("older builds in the local cache", "captureset gc --grace 0 --apply")
    for tag in _releases(repository, store, capture_id):
        yield Remaining(f"the version {tag}", f"git tag --delete {tag} && git push --delete origin {tag}")
    for address in filter(None, map(store.remote_address, sorted(oids))):
        yield Remaining("the DVC remote", _removal(address))
    yield Remaining("the cache of every other clone", f"git pull && captureset erase {capture_id}")


def _removal(address: str) -> str:
    """Return the command that removes exactly one object; `dvc gc --cloud` would take other people's branches too."""
    if address.startswith("s3://"):
        return f"aws s3 rm {shlex.quote(address)}"
    return f"rm -f {shlex.quote(address)}" if address.startswith("/") else f"delete {address}"


def _releases(repository: Repository, store: ObjectStore, capture_id: str) -> Iterator[str]:
    for tag in git.git(repository.root, "tag", "--list").split():
        if any(_files_if_known(store, pointer, capture_id) for pointer in pointers_at(repository, f"refs/tags/{tag}")):
            yield tag
