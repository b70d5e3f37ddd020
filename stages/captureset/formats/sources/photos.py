"""The photos below one or more folders, found by the names a source gives them, however it spells them."""

from __future__ import annotations

import functools
import posixpath
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from captureset.errors import CapturesetError
from captureset.formats.sources.dataset import PHOTO_SUFFIXES, source_name
from captureset.formats.sources.fates import DirtError, Fates


@dataclass(frozen=True, slots=True)
class Found:
    """A photo, its name as `source_name` gives it, and the code of the spelling that led to it, None for its own."""

    path: Path
    name: str
    code: str | None = None


def composed(name: str) -> str:
    """Return a name with its letters composed (NFC)."""
    return unicodedata.normalize("NFC", name)


def suffix_folded(name: str) -> str:
    """Return a composed name with its suffix in lower case."""
    stem, dot, suffix = composed(name).rpartition(".")
    return stem + dot + suffix.lower()


def suffix_less(name: str) -> str:
    """Return a composed name without the suffix of a photo."""
    path = PurePosixPath(composed(name))
    return str(path.with_suffix("")) if path.suffix.lower() in PHOTO_SUFFIXES else str(path)


# From the finest to the coarsest: what two spellings of one photo may differ in.
SPELLINGS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("name_unicode", composed),
    ("name_suffix", suffix_folded),
    ("name_suffix", suffix_less),
    ("name_case", lambda name: suffix_folded(name).casefold()),
    ("name_folder", lambda name: posixpath.basename(suffix_folded(name))),
)


class PhotoFolders:
    """The photos below some folders.

    A name also finds the photo that is spelt otherwise (`SPELLINGS`), if there is just one.
    """

    def __init__(self, *roots: Path) -> None:
        missing = [root for root in roots if not root.is_dir()]
        if missing:
            raise CapturesetError(f"{missing[0]} is no folder; give the folder of the photos with --images.")
        self.roots = roots

    def find_all(self, names: Iterable[str]) -> dict[str, Found | DirtError]:
        """Return the photo of each name, or why there is none.

        Names of different folders that lead to one photo by its file name alone lead nowhere: nobody knows whose it is.
        """
        results = {name: self._attempt(name) for name in names}
        claims: dict[Path, list[str]] = defaultdict(list)
        for name, found in results.items():
            if isinstance(found, Found):
                claims[found.path].append(name)
        for rivals in (names for names in claims.values() if len(names) > 1):
            for name in rivals:
                found = results[name]
                if isinstance(found, Found) and found.code == "name_folder":
                    results[name] = DirtError("photo_ambiguous", f"and {len(rivals) - 1} more lead to {found.name}")
        return results

    def find(self, name: str) -> Found:
        """Return the photo of a name.

        Raises:
            DirtError: `photo_missing`, `photo_ambiguous` or `outside_folder`.
        """
        slashed = name.replace("\\", "/")
        tidy = posixpath.normpath(slashed)
        for spelling, code in ((tidy, None), (posixpath.normpath(unquote(slashed)), "name_percent_encoded")):
            if exact := self._exact(spelling):
                return replace(exact, code="name_backslashes" if slashed != name and code is None else code)
        for spelling in (tidy, unquote(tidy)):
            if alike := self._alike(spelling):
                return alike
        fault = fault_of(self.roots[0], below(self.roots[0], tidy)) or "does not exist in"
        code = "outside_folder" if fault.startswith("lies") else "photo_missing"
        raise DirtError(code, f"{fault} {' or '.join(map(str, self.roots))}")

    def left_out(self, used: Iterable[Path], because: str) -> tuple[str, ...]:
        """Return a note on the photos that are in the folders but not in the source, if there are any."""
        left = sum(1 for photo in {photo.path for photo in self._photos} - set(used))
        return (f"{left} photos of {self.roots[0].name} {because} and were left out",) if left else ()

    def _attempt(self, name: str) -> Found | DirtError:
        try:
            return self.find(name)
        except DirtError as error:
            return error

    def _exact(self, name: str) -> Found | None:
        for root in self.roots if not name.startswith(("/", "../")) else ():
            path = below(root, name)
            if not fault_of(root, path):
                return Found(path, source_name(path, root))
        return None

    def _alike(self, name: str) -> Found | None:
        for place, (code, folded) in enumerate(SPELLINGS):
            candidates = self._indexes[place].get(folded(name), [])
            if len(candidates) > 1:
                shown = ", ".join(candidate.name for candidate in candidates[:3])
                raise DirtError("photo_ambiguous", f"could be any of {len(candidates)} photos ({shown})")
            if candidates:
                return replace(candidates[0], code=code)
        return None

    @functools.cached_property
    def _photos(self) -> list[Found]:
        """All photos below the folders, each once, none of them hidden."""
        found: dict[Path, Found] = {}
        for root in self.roots:
            for path in sorted(root.rglob("*")):
                name = source_name(path, root)
                hidden = any(part.startswith(".") for part in name.split("/"))
                if path.suffix.lower() in PHOTO_SUFFIXES and not hidden and not fault_of(root, path):
                    found.setdefault(path, Found(path, name))
        return list(found.values())

    @functools.cached_property
    def _indexes(self) -> list[dict[str, list[Found]]]:
        indexes: list[dict[str, list[Found]]] = [defaultdict(list) for _ in SPELLINGS]
        for index, (_, folded) in zip(indexes, SPELLINGS, strict=True):
            for photo in self._photos:
                index[folded(photo.name)].append(photo)
        return indexes


def note_spelling(found: Found, name: str, fates: Fates) -> None:
    """Note a photo that was found by another spelling of its name."""
    if found.code:
        fates.add(found.code, f"the image {name!r}", f"was found as {found.name}", found.name)


def below(folder: Path, name: str) -> Path:
    """Return where a name leads from a folder, perhaps out of it."""
    return folder / Path(*Path(name.replace("\\", "/")).parts)


def fault_of(folder: Path, path: Path) -> str | None:
    """Return why a path is no file below a folder, as part of a sentence, or None."""
    try:
        if not path.resolve().is_relative_to(folder.resolve()):
            return "lies outside"
        return None if path.is_file() else "does not exist in"
    except (OSError, ValueError, RuntimeError):  # too long, a NUL byte, a ring of links
        return "does not exist in"
