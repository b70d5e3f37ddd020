"""The ROC curve as an SVG picture."""

from __future__ import annotations

from captureset.calibration.calibrate import Calibration
from captureset.calibration.roc import Point

SIDE_PX, RIM_PX = 400, 50

TEMPLATE = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {full} {full}">
<style>text {{ font: 13px sans-serif }}</style>
<rect width="{full}" height="{full}" fill="white"/>
<rect x="{rim}" y="{rim}" width="{side}" height="{side}" fill="none" stroke="#888"/>
<line x1="{rim}" y1="{end}" x2="{end}" y2="{rim}" stroke="#bbb" stroke-dasharray="4 4"/>
<polyline fill="none" stroke="#1f5fa8" stroke-width="2" points="{curve}"/>
<circle cx="{best_x}" cy="{best_y}" r="5" fill="#c0392b"/>
<text x="{rim}" y="{title_y}">{number}: AUC {auc:.3f}, best threshold {threshold:.4g} (red)</text>
<text x="{rim}" y="{below}">sharp photos called blurred, 0 to 1 ({sharp} photos)</text>
<text transform="translate({beside} {end}) rotate(-90)">blurred photos found, 0 to 1 ({blurred} photos)</text>
</svg>
"""


def roc_svg(found: Calibration) -> str:
    """Return the curve over all sizes, its best point marked."""
    curve, best = found.overall, found.overall.best
    best_x, best_y = _place(best)
    end = RIM_PX + SIDE_PX
    return TEMPLATE.format(
        full=SIDE_PX + 2 * RIM_PX,
        rim=RIM_PX,
        side=SIDE_PX,
        end=end,
        curve=" ".join(f"{x},{y}" for x, y in map(_place, curve.points)),
        best_x=best_x,
        best_y=best_y,
        title_y=RIM_PX - 15,
        below=end + 25,
        beside=RIM_PX - 15,
        number=found.number,
        auc=curve.auc,
        threshold=best.threshold,
        sharp=curve.sharp,
        blurred=curve.blurred,
    )


def _place(point: Point) -> tuple[float, float]:
    """Return where a point stands in the picture."""
    return (
        round(RIM_PX + SIDE_PX * point.false_positive_rate, 2),
        round(RIM_PX + SIDE_PX * (1 - point.true_positive_rate), 2),
    )
