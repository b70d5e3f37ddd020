"""The command that turns labelled photos into a threshold."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from captureset.cli import console
from captureset.cli.console import JsonOption, RepoOption, counted
from captureset.errors import CapturesetError
from captureset.formats import jsontext

if TYPE_CHECKING:
    from captureset.calibration.calibrate import Calibration
    from captureset.calibration.roc import Roc

ENOUGH = 50  # photos of a label, below which a threshold is a guess


class Number(StrEnum):
    """Columns of the measurements that are lower when a photo is blurred."""

    P99 = "sharpness_p99"
    MLV = "sharpness_mlv"
    VARIANCE = "laplacian_variance"


def calibrate(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="SOURCE",
            help="A folder that has sharp/ and blurred/, or a CSV file with `label` (sharp or blurred) and `path` or "
            "`capture_id`.",
        ),
    ],
    number: Annotated[Number, typer.Option(help="Which number of the measurements.")] = Number.P99,
    roc: Annotated[Path | None, typer.Option(metavar="FILE.svg", help="Draw the ROC curve there.")] = None,
    repo: RepoOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say from which sharpness on photos count as blurred, from about 200 that a person called sharp or blurred.

    Example: `captureset calibrate labelled --roc roc.svg`, with the photos in labelled/sharp and labelled/blurred
    """
    from captureset.calibration.calibrate import calibrate as judge  # noqa: PLC0415 - needs the extra `pipeline`
    from captureset.calibration.chart import roc_svg  # noqa: PLC0415
    from captureset.calibration.labelled import read_labelled  # noqa: PLC0415

    found = judge(read_labelled(source, _root(repo)), number.value)
    if roc is not None:
        jsontext.write_text(roc, roc_svg(found))
    console.answer("\n".join(_lines(found)), _document(found), as_json=as_json)


def _root(repo: Path | None) -> Path | None:
    """Return the repository around, None outside of any: files need none."""
    try:
        return console.found(repo).root
    except CapturesetError:
        if repo is not None:
            raise
        return None


def _lines(found: Calibration) -> list[str]:
    curves = [("all sizes", found.overall), *found.by_size]
    lines = [f"by {found.number}, blurred is what lies below the threshold"]
    lines += [f"{title:20} {_said(curve)}" for title, curve in curves]
    if min(found.overall.sharp, found.overall.blurred) < ENOUGH:
        lines.append(f"Few photos: with fewer than {ENOUGH} of a kind the threshold is a guess.")
    if found.unreadable:
        lines.append(f"Left out, unreadable: {', '.join(found.unreadable)}.")
    if found.number == Number.P99:
        cut = f"{found.overall.best.threshold:g}"
        lines.append(f"Next: quality.blurred_below: {cut} (and blurred_below_small) in params.yaml, then dvc repro")
    return lines


def _said(curve: Roc) -> str:
    best = curve.best
    return (
        f"threshold {best.threshold:g} finds {best.true_positive_rate:.1%} of {curve.blurred} blurred, calls "
        f"{best.false_positive_rate:.1%} of {counted(curve.sharp, 'sharp photo')} blurred; AUC {curve.auc:.4f}"
    )


def _document(found: Calibration) -> dict[str, Any]:
    return {
        "number": found.number,
        **_numbers(found.overall),
        "by_size": {title: _numbers(curve) for title, curve in found.by_size},
        "unreadable": list(found.unreadable),
        "roc": [[p.threshold, p.true_positive_rate, p.false_positive_rate] for p in found.overall.points],
    }


def _numbers(curve: Roc) -> dict[str, float]:
    best = curve.best
    return {
        "threshold": best.threshold,
        "auc": curve.auc,
        "true_positive_rate": best.true_positive_rate,
        "false_positive_rate": best.false_positive_rate,
        "sharp": curve.sharp,
        "blurred": curve.blurred,
    }
