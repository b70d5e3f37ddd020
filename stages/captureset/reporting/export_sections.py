"""Where the kept captures went: splits, exports, and what the gates found in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from captureset.reporting import charts, counts
from captureset.reporting.charts import parts_of
from captureset.reporting.dataset import Dataset, ExportFacts
from captureset.reporting.head_section import balance_codes
from captureset.reporting.markup import Markup, joined, tag
from captureset.reporting.tables_html import Column, table
from captureset.reporting.wording import (
    CHANGE_MEANS,
    LEFT_OUT_BECAUSE,
    NOTHING,
    RULE_MEANS,
    counted,
    meaning,
    number,
    percent,
)
from captureset.splits.minimisation import SPLITS


def split_section(dataset: Dataset) -> Markup:
    """Return the size of each split against the share it should have."""
    balance = dataset.balance
    if not dataset.splits:
        return tag("p", "No capture is kept, so there is nothing to split.", class_="muted")
    whole = sum(balance["captures"].values())
    heads = [
        Column("split"),
        *(Column(head, "num") for head in ("captures", f"of {number(whole)}", "wanted", "off by")),
    ]
    rules = counts.most_common(row.rule for row in dataset.splits.values())
    placed = "; ".join(f"{counted(n, 'capture')} {RULE_MEANS.get(rule, rule)}" for rule, n in rules)
    return joined(
        charts.stacked_bar(parts_of({split: balance["captures"][split] for split in SPLITS}), whole, "capture"),
        table(heads, [_split_row(split, balance, dataset.parameters["split"], whole) for split in SPLITS]),
        tag("p", f"{counted(balance['groups'], 'group')} that are never divided. {placed}."),
        _too_small(dataset),
        _masked(balance["masked"]),
    )


def _split_row(split: str, balance: Mapping[str, Any], settings: Mapping[str, Any], whole: int) -> list[object]:
    named = joined(charts.swatch(f"c-{split}"), tag("b", split))
    captures = balance["captures"][split]
    wanted = f"{100 * settings[f'{split}_ratio']:g} %"
    off = f"{balance['deviation_pp'][split]:+.1f} pp" if whole else NOTHING
    return [named, number(captures), percent(captures, whole), wanted, off]


def _too_small(dataset: Dataset) -> Markup:
    codes = balance_codes(dataset)
    if not codes:
        return tag("p", "Every category occurs in every split.")
    names = ", ".join(f"{dataset.taxonomy[code].name} {code}" for code in codes)
    return tag("p", f"{counted(len(codes), 'category')} too small to stand in every split: {names}.")


def _masked(masked: Mapping[str, int]) -> Markup | None:
    items = [
        tag("li", tag("code", code), f" {counted(masked[code], 'capture')}. {meaning(code, LEFT_OUT_BECAUSE)}")
        for code in sorted(masked)
    ]
    return joined(tag("p", "Masked, so kept but not exported:"), tag("ul", *items)) if items else None


def export_section(dataset: Dataset) -> Markup:
    """Return images and boxes of each format by split, and what each leaves out."""
    heads = [Column("format"), Column("images", "num"), *(Column(split, "num sub") for split in SPLITS)]
    heads += [Column("boxes", "num"), *(Column(split, "num sub") for split in SPLITS)]
    heads += [Column("without a box", "num"), Column("left out", "num")]
    return joined(
        table(heads, [_export_row(export) for export in dataset.exports]),
        *(_left_out(export) for export in dataset.exports),
        *(_changes(export) for export in dataset.exports),
    )


def _export_row(export: ExportFacts) -> list[object]:
    name = tag("b", export.name)
    if not export.enabled:
        return [joined(name, tag("span", "switched off in params.yaml", class_="muted under")), *[NOTHING] * 10]
    images, boxes = ([number(found[split]) for split in SPLITS] for found in (export.images, export.boxes))
    bare = number(sum(export.without_boxes.values()))
    return [
        *(name, number(export.image_count), *images, number(export.box_count), *boxes),
        *(bare, number(export.left_out_count)),
    ]


def _left_out(export: ExportFacts) -> Markup | None:
    items = [
        tag(
            "li",
            tag("code", code),
            f" {counted(len(names), 'capture')}. {meaning(code, LEFT_OUT_BECAUSE)} ",
            tag("span", "such as ", ", ".join(names[: counts.EXAMPLES]), class_="muted"),
        )
        for code, names in export.left_out.items()
    ]
    return joined(tag("h3", f"What {export.name} leaves out"), tag("ul", *items)) if items else None


def _changes(export: ExportFacts) -> Markup | None:
    if not export.changes:
        return None
    said = "; ".join(f"{number(n)} {CHANGE_MEANS.get(code, code)}" for code, n in export.changes.items())
    return tag("p", f"Images of {export.name} that were written anew: {said}. All others keep their bytes.")


def gate_section(dataset: Dataset) -> Markup:
    """Return what verify checked and what the trainer saw."""
    gates = dataset.gates
    seen = [
        [split, number(gates.images_seen[split]), number(gates.labels_seen.get(split, 0))]
        for split in sorted(gates.images_seen, key=_split_order)
    ]
    heads = [Column("split"), Column("images", "num"), Column("boxes", "num")]
    return tag(
        "div",
        tag("div", tag("h3", "verify: every export read back like a stranger's"), *_checks(dataset)),
        tag(
            "div",
            tag("h3", "smoke-train: what the trainer saw"),
            table(heads, seen),
            tag("p", f"The loss {'was always finite' if gates.finite else 'was not always finite'}"),
            tag("p", f"The loss {'fell' if gates.fell else 'did not fall'}"),
        ),
        class_="columns two",
    )


def _split_order(split: str) -> tuple[int, str]:
    return (SPLITS.index(split) if split in SPLITS else len(SPLITS)), split


def _checks(dataset: Dataset) -> Iterator[Markup]:
    checks = dataset.gates.checks
    if not checks:
        yield tag("p", "No check has run.", class_="muted")
        return
    order = {"failed": 0, "passed": 1}
    ranked = sorted(checks, key=lambda c: (order.get(c.status, 2), c.subject, c.check))
    rows = [
        [tag("code", c.check), c.subject, tag("span", c.status.replace("_", " "), class_=f"v-{c.status}"), c.detail]
        for c in ranked
    ]
    heads = [Column("check"), Column("of"), Column("result"), Column("found", "muted")]
    yield table(heads, rows, css="checks")
