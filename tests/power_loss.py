"""A disk that loses power: every state in which it may come back, after every system call.

What POSIX promises and no more: a file that was not synced may be empty, cut off, full of zeros, or old; a name that
was added, removed or changed since its folder was synced may be there or not, each by itself; one link or rename
happens wholly or not at all.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from syscalls import Call

PAGE = 4096
State = Mapping[Path, bytes]  # files by path, as a machine finds them after the power comes back


@dataclass(frozen=True, slots=True)
class File:
    """Bytes of a file: as written, and as they are on disk for good."""

    written: bytes = b""
    safe: bytes = b""

    def contents(self) -> list[bytes]:
        """Return what may be found in it after a power loss."""
        if self.written == self.safe:
            return [self.written]
        size, pages = len(self.written), len(self.written) // PAGE
        cuts = sorted({0, 1, PAGE, pages // 2 * PAGE, pages * PAGE, size - 1, size} & set(range(size + 1)))
        torn = [self.written[:cut] for cut in cuts]
        torn += [bytes(size), bytes(min(PAGE, size)) + self.written[PAGE:]]
        torn += [self.written[: pages // 2 * PAGE] + bytes(size - pages // 2 * PAGE)]
        return list(dict.fromkeys([self.safe, *torn]))


@dataclass(frozen=True, slots=True)
class Change:
    """A change of names that is not on disk yet: what goes and what comes (a number of a file, None for a folder)."""

    folder: Path
    gone: Path | None = None
    come: Path | None = None
    number: int | None = None

    def apply(self, names: dict[Path, int | None]) -> None:
        """Make the change."""
        if self.gone:
            names.pop(self.gone, None)
        if self.come:
            names[self.come] = self.number


@dataclass(frozen=True)
class Disk:
    """What is on disk for good and what is not yet; each call gives a new one."""

    root: Path
    files: tuple[File, ...] = ()
    names: Mapping[Path, int | None] = field(default_factory=dict)  # on disk for good
    changes: tuple[Change, ...] = ()  # not yet, in order
    nameless: Mapping[tuple[int, Path], int] = field(default_factory=dict)  # by process, as strace shows them
    said: bytes = b""  # what the process has told the world

    @classmethod
    def of(cls, root: Path) -> Disk:
        """Return a real folder as it is, all of it on disk for good."""
        disk = cls(root)
        names: dict[Path, int | None] = {root: None}
        for path in sorted(root.rglob("*")):
            if path.is_file():
                names[path] = len(disk.files)
                disk = replace(disk, files=(*disk.files, File(path.read_bytes(), path.read_bytes())))
            else:
                names[path] = None
        return replace(disk, names=names)

    def now(self) -> dict[Path, int | None]:
        """Return the names as running processes see them."""
        names = dict(self.names)
        for change in self.changes:
            change.apply(names)
        return names

    def key(self) -> object:
        """Return what tells one disk from another."""
        return self.files, tuple(sorted(self.names.items())), self.changes, tuple(self.nameless), self.said

    def after(self, call: Call) -> Disk:
        """Return the disk after a call."""
        step = STEPS.get(call.name)
        if step is None:
            raise NotImplementedError(call.name)  # refuse, never skip
        return step(self, call)

    def states(self) -> Iterator[State]:
        """Give every state a machine may find if the power goes now."""
        for kept in itertools.product((False, True), repeat=len(self.changes)):
            names = dict(self.names)
            for change in itertools.compress(self.changes, kept):
                change.apply(names)
            found = {path: number for path, number in names.items() if number is not None}
            there = [path for path in sorted(found) if all(above in names for above in _above(path, self.root))]
            choices = [self.files[found[path]].contents() for path in there]
            for contents in itertools.product(*choices):
                yield dict(zip(there, contents, strict=True))

    def unsafe(self) -> set[Path]:
        """Return the paths whose name or bytes a power loss may take."""
        names = self.now()
        dirty = {path for path, number in names.items() if number is not None and self._dirty(number)}
        return dirty | {path for change in self.changes for path in (change.gone, change.come) if path}

    def _dirty(self, number: int) -> bool:
        return self.files[number].written != self.files[number].safe

    def find(self, call: Call, path: Path) -> int | None:
        """Return the number of a file that a call is about, None for a folder or a path outside."""
        return self.nameless.get((call.process, path), self.now().get(path))

    def changed(self, *changes: Change) -> Disk:
        """Return the disk with changes of names that are not on disk yet."""
        return replace(self, changes=(*self.changes, *changes))

    def with_file(self, number: int, file: File) -> Disk:
        """Return the disk with one file changed."""
        return replace(self, files=(*self.files[:number], file, *self.files[number + 1 :]))


def _above(path: Path, root: Path) -> list[Path]:
    return [folder for folder in path.parents if folder == root or root in folder.parents]


def _inside(disk: Disk, path: Path) -> bool:
    return disk.root in path.parents


def _path(disk: Disk, call: Call, folder: int | None, name: int) -> Path:
    """Return a path among the arguments, made absolute by the folder it is relative to: one given, or the root."""
    above = disk.root if folder is None else Path(os.fsdecode(call.arguments[folder]))
    return Path(os.path.normpath(above / os.fsdecode(call.arguments[name])))


def _opened(disk: Disk, call: Call) -> Disk:
    flags, path = call.arguments[2].decode(), _path(disk, call, 0, 1)
    if "O_TMPFILE" in flags and (_inside(disk, path) or path == disk.root):
        shown = Path(os.fsdecode(call.result))
        return replace(
            disk, files=(*disk.files, File()), nameless={**disk.nameless, (call.process, shown): len(disk.files)}
        )
    if not _inside(disk, path):
        return disk
    number = disk.find(call, path)
    if number is None and "O_CREAT" in flags:
        made = replace(disk, files=(*disk.files, File()))
        return made.changed(Change(path.parent, None, path, len(disk.files)))
    if number is not None and "O_TRUNC" in flags:
        return disk.with_file(number, replace(disk.files[number], written=b""))
    return disk


def _written(disk: Disk, call: Call) -> Disk:
    path, data = Path(os.fsdecode(call.arguments[0])), call.arguments[1]
    number = disk.find(call, path)
    if number is not None:
        file = disk.files[number]
        at = int(call.arguments[3]) if call.name == "pwrite64" else len(file.written)
        written = file.written[:at].ljust(at, b"\0") + data + file.written[at + len(data) :]
        return disk.with_file(number, replace(file, written=written))
    return replace(disk, said=disk.said + data) if call.arguments[0].startswith(b"pipe:") else disk


def _cut(disk: Disk, call: Call) -> Disk:
    number = disk.find(call, Path(os.fsdecode(call.arguments[0])))
    if number is None:
        return disk
    size = int(call.arguments[1])
    return disk.with_file(number, replace(disk.files[number], written=disk.files[number].written[:size]))


def _synced(disk: Disk, call: Call) -> Disk:
    path = Path(os.fsdecode(call.arguments[0]))
    number = disk.find(call, path)
    if number is not None:
        return disk.with_file(number, replace(disk.files[number], safe=disk.files[number].written))
    names = dict(disk.names)
    for change in disk.changes:
        if change.folder == path:
            change.apply(names)
    return replace(disk, names=names, changes=tuple(one for one in disk.changes if one.folder != path))


def _all_synced(disk: Disk, _: Call) -> Disk:
    files = tuple(replace(file, safe=file.written) for file in disk.files)
    return replace(disk, files=files, names=disk.now(), changes=())


def _linked(disk: Disk, call: Call) -> Disk:
    if call.name == "link":
        source, target = _path(disk, call, None, 0), _path(disk, call, None, 1)
    else:  # the descriptor of the file itself goes before what /proc calls it
        shown = Path(os.fsdecode(call.arguments[0]))
        source, target = (
            (shown if (call.process, shown) in disk.nameless else _path(disk, call, 0, 1)),
            _path(disk, call, 2, 3),
        )
    return disk.changed(Change(target.parent, None, target, disk.find(call, source))) if _inside(disk, target) else disk


def _renamed(disk: Disk, call: Call) -> Disk:
    old, new = (
        (_path(disk, call, None, 0), _path(disk, call, None, 1))
        if call.name == "rename"
        else (
            _path(disk, call, 0, 1),
            _path(disk, call, 2, 3),
        )
    )
    return disk.changed(Change(new.parent, old, new, disk.find(call, old))) if _inside(disk, new) else disk


def _removed(disk: Disk, call: Call) -> Disk:
    path = _path(disk, call, 0, 1) if call.name == "unlinkat" else _path(disk, call, None, 0)
    return disk.changed(Change(path.parent, path)) if _inside(disk, path) else disk


def _folder_made(disk: Disk, call: Call) -> Disk:
    path = _path(disk, call, 0, 1) if call.name == "mkdirat" else _path(disk, call, None, 0)
    return disk.changed(Change(path.parent, None, path)) if _inside(disk, path) else disk


STEPS = {
    **dict.fromkeys(("open", "openat"), _opened),
    **dict.fromkeys(("write", "pwrite64"), _written),
    **dict.fromkeys(("fsync", "fdatasync"), _synced),
    **dict.fromkeys(("sync", "syncfs"), _all_synced),
    **dict.fromkeys(("link", "linkat"), _linked),
    **dict.fromkeys(("rename", "renameat", "renameat2"), _renamed),
    **dict.fromkeys(("unlink", "unlinkat", "rmdir"), _removed),
    **dict.fromkeys(("mkdir", "mkdirat"), _folder_made),
    "ftruncate": _cut,
}


Places = tuple[int, ...]  # how many of its calls each writer has made


def disks(disk: Disk, *writers: Sequence[Call], possible: Callable[[Places], bool] = lambda _: True) -> Iterator[Disk]:
    """Give the disk after every call of every possible interleaving of the writers, each different one once."""
    seen: set[object] = set()
    waiting = [(disk, (0,) * len(writers))]
    while waiting:
        here, places = waiting.pop()
        key = (here.key(), places)
        if key in seen:
            continue
        seen.add(key)
        yield here
        for number, calls in enumerate(writers):
            if places[number] < len(calls):
                there = (*places[:number], places[number] + 1, *places[number + 1 :])
                if possible(there):
                    waiting.append((here.after(calls[places[number]]), there))
