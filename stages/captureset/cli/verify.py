"""`captureset verify`: the gate, on any COCO or YOLO folder, ours or not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from captureset.cli import console
from captureset.cli.console import JsonOption
from captureset.errors import CapturesetError
from captureset.formats import jsontext

if TYPE_CHECKING:
    from captureset.verification.proving import Proof

INSTALL = (
    "`captureset verify` reads images and arrays; install what it needs with `pip install 'captureset[pipeline]'`."
)


def verify(
    place: Annotated[
        Path, typer.Argument(metavar="DIR", help="A COCO or YOLO folder, a COCO JSON, a data.yaml, or data/exports.")
    ],
    report: Annotated[Path | None, typer.Option(help="Also write everything that was found to this JSON file.")] = None,
    min_side: Annotated[float, typer.Option(help="Shortest side a box may have, pixels (a stranger's folder).")] = 1.0,
    tolerance: Annotated[float, typer.Option(help="Largest error of a box edge, pixels (a stranger's folder).")] = 0.01,
    as_json: JsonOption = False,
) -> None:
    """Prove that a dataset folder is what trainers take it for: 31 rules, exit 1 on any doubt.

    Every rule that a folder alone allows, on anybody's COCO or YOLO folder; all of them on data/exports inside the
    repository that wrote it.

    Example: `captureset verify downloads/my_dataset --report verify.json`
    """
    try:
        with console.progress(f"verifying {place}", None):
            found = _proof(place, min_side, tolerance)
    except ModuleNotFoundError as error:
        raise CapturesetError(f"{error.name} is not installed: {INSTALL}") from None
    if report is not None:
        jsontext.write(report, found.document())
    console.answer("\n".join(_lines(found)), found.document(), as_json=as_json)
    if found.gate.verdict != "passed":
        raise typer.Exit(1)


def _proof(place: Path, min_side: float, tolerance: float) -> Proof:
    from captureset import verify as stage  # noqa: PLC0415 - needs the extra `pipeline`
    from captureset.inspection.check import stale_stages  # noqa: PLC0415
    from captureset.store.repository import Repository  # noqa: PLC0415
    from captureset.verification.case import Policy  # noqa: PLC0415
    from captureset.verification.proving import require_any, verify_folder  # noqa: PLC0415

    root, kinds = _exports_at(place)
    if root is None:
        return verify_folder(place, Policy(tolerance, min_side))
    found = stage.proof(root, kinds, lambda: sorted(stale_stages(Repository(root))))
    require_any(found)
    return found


def _exports_at(place: Path) -> tuple[Path | None, list[str]]:
    """Return the repository and the exports a place stands for, none for a stranger's folder."""
    from captureset.exporting.layouts import LAYOUTS  # noqa: PLC0415 - needs the extra `pipeline`

    here = place.resolve()
    for root in (here, *here.parents):
        if (root / "data/categories.yaml").is_file() and (root / "dvc.yaml").is_file():
            folders = {kind: (root / layout.folder).resolve() for kind, layout in LAYOUTS.items()}
            kinds = [kind for kind, folder in folders.items() if here in {folder, *folder.parents}]
            return (root, kinds) if kinds else (None, [])
    return None, []


def _lines(found: Proof) -> Iterator[str]:
    """Give the summary a person reads."""
    by_subject: dict[str, Counter[str]] = {}
    for check in found.gate.checks:
        by_subject.setdefault(check.subject, Counter())[check.status] += 1
    for subject, numbers in by_subject.items():
        said = ", ".join(f"{numbers[status]} {status.replace('_', ' ')}" for status in numbers)
        yield f"{subject}: {said}"
        for check in found.gate.checks:
            if check.subject == subject and check.status != "passed":
                yield from _told(check)
    yield from (f"{subject}: switched off in params.yaml" for subject in found.switched_off)
    yield f"verdict: {found.gate.verdict}"


def _told(check: object) -> Iterator[str]:
    from captureset.verification.gate import FAILED, Check  # noqa: PLC0415 - needs the extra `pipeline`

    if not isinstance(check, Check):
        return
    head = f"{check.rule.number:>2} {check.rule.name}"
    if check.status == FAILED:
        more = f" (and {check.fault_count - 1} more)" if check.fault_count > 1 else ""
        yield f"  failed          {head}: {check.sentence(check.faults[0])}{more}"
    else:
        yield f"  not applicable  {head}: {check.why}"
