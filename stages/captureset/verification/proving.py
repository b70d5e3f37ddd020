"""The gate run over a folder, or over the exports of a repository with everything that stands behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from captureset.errors import CapturesetError
from captureset.exporting import selecting
from captureset.exporting.layouts import LAYOUTS
from captureset.exporting.selecting import Tables
from captureset.exporting.settings import ExportParams
from captureset.exporting.writing import Read, Selection, select, write_export
from captureset.formats import jsontext
from captureset.formats.exports.items import Naming
from captureset.formats.exports.places import files_below
from captureset.verification.case import Case, Fault, Origin, Policy
from captureset.verification.gate import Gate
from captureset.verification.opening import READERS, manifest_of, opened
from captureset.verification.sources import Told
from captureset.verification.truth import truth_of


@dataclass(frozen=True, slots=True)
class Background:
    """What a repository knows: its tables, what was told, how to read bytes, and what the pipeline says of itself."""

    rows: Tables
    settings: ExportParams
    naming: Naming
    told: dict[str, Told]
    read: Read
    status: Callable[[], list[str]] | None


@dataclass(slots=True)
class Proof:
    """What the gate found, what is in the folders, and which exports are switched off."""

    gate: Gate
    counts: dict[str, Any]
    switched_off: list[str]

    def document(self) -> dict[str, Any]:
        """Return verify.json."""
        return {
            "verdict": self.gate.verdict,
            "checks": [check.document() for check in self.gate.checks],
            "counts": self.counts,
            "switched_off": self.switched_off,
        }


def verify_folder(place: Path, policy: Policy) -> Proof:
    """Return every rule that a folder alone allows, asked of a folder or of the one document named.

    Raises:
        CapturesetError: there is nothing there to verify.
    """
    proof = Proof(Gate(), {}, [])
    for reading in opened(place):
        subject = reading.kind if place.is_file() or manifest_of(place) is None else place.name
        case = Case(reading, policy, manifest_of(place) if place.is_dir() else None)
        proof.gate.prove(case, subject)
        proof.counts[subject] = _counted(case)
    return proof


def verify_exports(root: Path, kinds: Iterable[str], policy: Policy, known: Background) -> Proof:
    """Return all rules asked of the exports below the root of a repository.

    Raises:
        CapturesetError: an export is not there.
    """
    proof = Proof(Gate(), {}, [])
    for kind in kinds:
        subject = LAYOUTS[kind].folder.removeprefix("data/exports/")
        case = case_of(root, kind, policy, known)
        if case is None or case.manifest is None:
            proof.switched_off.append(subject)
        else:
            proof.gate.prove(case, subject)
            proof.counts[subject] = case.manifest["counts"]
    return proof


def case_of(root: Path, kind: str, policy: Policy, known: Background) -> Case | None:
    """Return one export of a repository with what stands behind it, None when it is switched off."""
    layout = LAYOUTS[kind]
    folder = root / layout.folder
    manifest = jsontext.read(folder / "manifest.json")
    if not manifest["enabled"]:
        return None
    chosen = select(known.rows, kind, known.settings, known.naming, known.read)
    truth = truth_of(layout, selecting.placed(known.rows), chosen, known.naming, known.told)
    origin = Origin(truth, lambda: again(folder, kind, chosen, known), known.status)
    return Case(READERS[kind](folder), policy, manifest, origin)


def again(folder: Path, kind: str, chosen: Selection, known: Background) -> Iterator[Fault]:
    """Give the files that come out differently when an export is written again, and those nobody wrote."""
    written, different = list[str](), list[str]()

    def compare(path: str, data: bytes) -> None:
        written.append(path)
        if not (folder / path).is_file() or (folder / path).read_bytes() != data:
            different.append(path)

    write_export(compare, kind, chosen, known.read, known.settings, known.naming)
    yield from (Fault(path, "", "comes out differently") for path in sorted(different))
    yield from (Fault(path, "", "nobody wrote it") for path in sorted(set(files_below(folder)) - set(written)))


def _counted(case: Case) -> dict[str, Any]:
    return {
        split: {
            "images": len(images),
            "boxes": sum(len(image.boxes) for image in images),
            "without_boxes": sum(not image.boxes for image in images),
        }
        for split, images in case.splits.items()
    }


def require_any(proof: Proof) -> None:
    """Return when something was verified.

    Raises:
        CapturesetError: every export is switched off.
    """
    if not proof.gate.checks:
        raise CapturesetError("no export is switched on, so nothing was verified; set one in params.yaml, export.")
