"""Month pointers: data/captures/2024-01.dvc names a manifest, the manifest names every file of the month.

`dvc add` is never called: adding a folder that is not wholly checked out replaces its rows. Here rows are only
ever added to the manifest that stands in the pointer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from captureset.errors import CapturesetError
from captureset.formats import jsontext, yamltext
from captureset.store.objects import ObjectStore

MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Pointer:
    """One month: its manifest's address and how many files it lists."""

    month: str
    manifest: str
    files: int


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file whose bytes are in the object store."""

    md5: str
    size_bytes: int


def month_folder(month: str) -> str:
    """Return the folder of a month below data/images: 2024-01 gives 2024/01."""
    return month.replace("-", "/")


def parse(text: str, source: str) -> Pointer:
    """Return the pointer in the text of a .dvc file.

    Raises:
        CapturesetError: it is no pointer to data/images/<year>/<month>.
    """
    month = Path(source).stem
    try:
        document = yamltext.parse(text)
        (out,) = document["outs"]
        if MONTH.fullmatch(month) and out["path"] == f"../images/{month_folder(month)}":
            return Pointer(month, str(out.get("md5", "")), int(out.get("nfiles", 0)))
    except (yaml.YAMLError, KeyError, TypeError, ValueError):
        pass
    raise CapturesetError(
        f"{source} is no month pointer (one `outs` entry with path ../images/<year>/<month>); "
        f"restore it with `git checkout -- {source}`."
    )


def read(folder: Path) -> list[Pointer]:
    """Return every month pointer in a folder, by month.

    Raises:
        CapturesetError: the folder holds something that is no month pointer.
    """
    paths = sorted(path for path in folder.glob("*") if not path.name.startswith("."))  # .gitkeep, unfinished writes
    for path in paths:
        if path.suffix != ".dvc":
            raise CapturesetError(f"{path} is no month pointer; data/captures holds nothing else, move it away.")
    return [parse(path.read_text(encoding="utf-8"), str(path)) for path in paths]


def rows(store: ObjectStore, pointer: Pointer) -> dict[str, str]:
    """Return the manifest of a month: path below the month's folder (`15/<name>`) to md5.

    Raises:
        MissingObjectError: neither cache nor remote has the manifest.
    """
    if not pointer.manifest:
        return {}  # a stub written by hand starts a month
    listing: list[dict[str, Any]] = json.loads(store.read(pointer.manifest))
    return {entry["relpath"]: entry["md5"] for entry in listing}


def manifest_bytes(entries: Mapping[str, str]) -> bytes:
    """Return a manifest as DVC itself writes it: sorted by path, keys sorted, default separators."""
    listing = [{"md5": md5, "relpath": relpath} for relpath, md5 in sorted(entries.items())]
    return json.dumps(listing, sort_keys=True).encode()


def append(store: ObjectStore, folder: Path, month: str, new: Mapping[str, StoredFile]) -> Path:
    """Add rows to a month and return its pointer's path; the old rows are all still there.

    Args:
        store: holds the objects the rows name, and takes the new manifest.
        folder: data/captures.
        month: 2024-01.
        new: path below the month's folder (`15/<name>`) to what stands there.

    Raises:
        CapturesetError: a row exists with other bytes; nothing is written.
    """
    path = folder / f"{month}.dvc"
    text = path.read_text(encoding="utf-8") if path.exists() else stub(month)
    old = rows(store, parse(text, str(path)))
    for relpath in sorted(old.keys() & new.keys()):
        if old[relpath] != new[relpath].md5:
            raise CapturesetError(
                f"{path} already lists {relpath} with other bytes ({old[relpath]}, not {new[relpath].md5}); "
                "a committed file never changes, give the capture another id."
            )
    added = {relpath: file for relpath, file in new.items() if relpath not in old}
    if added:
        merged = {**old, **{relpath: file.md5 for relpath, file in added.items()}}
        known = size_of(text)
        size = None if known is None else known + sum(file.size_bytes for file in added.values())
        folder.mkdir(parents=True, exist_ok=True)
        grown = with_rows(store, text, merged, size)
        store.flush()  # a pointer never names what a power cut could take
        jsontext.write_text(path, grown)
    return path


def stub(month: str) -> str:
    """Return the text of a pointer to a month without files."""
    return yaml.safe_dump({"outs": [{"path": f"../images/{month_folder(month)}"}]})


def size_of(text: str) -> int | None:
    """Return the bytes of all files of a month as its pointer says, None where nobody knows."""
    out = yamltext.parse(text)["outs"][0]
    return None if "md5" in out and "size" not in out else int(out.get("size", 0))


def with_rows(store: ObjectStore, text: str, entries: Mapping[str, str], size_bytes: int | None) -> str:
    """Return the text of a pointer with these rows instead of its own; what else a person wrote in it stays.

    Args:
        store: takes the new manifest.
        text: the pointer.
        entries: path below the month's folder to md5.
        size_bytes: of all files together; None, when that cannot be known, leaves it out.
    """
    document: Any = yamltext.parse(text)
    out = document["outs"][0]
    manifest = store.add(manifest_bytes(entries), suffix=".dir")
    out.update(md5=manifest, size=size_bytes, nfiles=len(entries), hash="md5")
    if size_bytes is None:
        del out["size"]
    return yaml.safe_dump(document, sort_keys=False)


def require_grown(
    store: ObjectStore, folder: Path, committed: Mapping[str, str | None], erased: Container[str] = ()
) -> None:
    """Return when month pointers still list all that the last commit listed; DVC may have shrunk one unasked.

    Args:
        store: has the manifests.
        folder: data/captures.
        committed: name of a changed pointer to its text in the last commit, None where it is new.
        erased: captures whose rows may be gone: they have a tombstone.

    Raises:
        CapturesetError: a row is gone or has other bytes.
    """
    for name, text in sorted(committed.items()):
        path = folder / name
        old = rows(store, parse(text, str(path))) if text else {}
        new = rows(store, parse(path.read_text(encoding="utf-8"), str(path))) if path.exists() else {}
        changed = (relpath for relpath, md5 in old.items() if new.get(relpath) != md5)
        lost = sorted(path for path in changed if path in new or capture_of(path)[0] not in erased)
        if lost:
            raise CapturesetError(
                f"{path} no longer lists {len(lost)} of {len(old)} committed files as they were ({lost[0]} first); "
                f"restore it with `git checkout -- {path}`, then commit again."
            )


def capture_of(relpath: str) -> tuple[str, str]:
    """Return capture id and part (`photo`, `twin`, `sidecar` or `feedback`) of a manifest path."""
    name = relpath.rpartition("/")[2]
    stem, dot, rest = name.partition(".")
    if rest.startswith("feedback."):
        return stem, "feedback"
    if dot and rest == "json":
        return stem, "sidecar"
    return (stem.removesuffix("_nobg"), "twin") if stem.endswith("_nobg") else (stem, "photo")
