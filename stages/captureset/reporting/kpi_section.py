"""The four figures against their targets."""

from __future__ import annotations

from collections.abc import Iterable

from captureset.reporting.gauges import gauge
from captureset.reporting.kpis import Kpi
from captureset.reporting.markup import Markup, tag
from captureset.reporting.wording import NOTHING, number, percent

VERDICTS = {True: ("reached", "ok"), False: ("missed", "bad"), None: ("nothing to judge yet", "none")}


def kpi_section(found: Iterable[Kpi]) -> Markup:
    """Return one tile for each figure: what it is, its target, and whether it is reached."""
    return tag("div", *(_tile(kpi) for kpi in found), class_="tiles kpis")


def _tile(kpi: Kpi) -> Markup:
    verdict, look = VERDICTS[kpi.met]
    figure = number(kpi.count) if kpi.whole is None else percent(kpi.count, kpi.whole)
    of = f" ({number(kpi.count)} of {number(kpi.whole)})" if kpi.whole else ""
    return tag(
        "div",
        tag("h3", f"{kpi.means[:1].upper()}{kpi.means[1:]}"),
        tag("p", NOTHING if kpi.value is None else figure, class_="figure"),
        tag("p", f"{wanted(kpi)}{of}", class_="muted"),
        gauge(*_bar(kpi)),
        tag("p", tag("span", verdict, class_=f"verdict {look}")),
        class_="tile",
    )


def wanted(kpi: Kpi) -> str:
    """Return the target in words."""
    return (
        f"wanted: at least {number(int(kpi.target))}" if kpi.whole is None else f"wanted: over {100 * kpi.target:g} %"
    )


def _bar(kpi: Kpi) -> tuple[float | None, str, None, float | None]:
    """Return how full the bar is and where its target stands; a count's bar is full at its target."""
    said = f"{kpi.means}: {kpi.count}, {wanted(kpi)}"
    if kpi.whole is None:
        return (min(kpi.count / kpi.target, 1.0) if kpi.target else 1.0), said, None, None
    return kpi.value, said, None, kpi.target
