"""The dataset card of a version: Markdown with Hugging Face front matter, the minimum of Data Cards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from captureset.records.taxonomy import Taxonomy

SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
LARGEST = "n>1M"


def text(manifest: Mapping[str, Any], taxonomy: Taxonomy) -> str:
    """Return the card of a version, made from its manifest alone."""
    front = yaml.safe_dump(front_matter(manifest), allow_unicode=True, sort_keys=False)
    return f"---\n{front}---\n\n" + "\n".join(_body(manifest, taxonomy)) + "\n"


def front_matter(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return what Hugging Face reads of a card."""
    export, total = manifest["criteria"]["export"], sum(manifest["counts"]["splits"].values())
    licence: dict[str, Any] = {"license": "other", "license_name": export["license_name"]}
    if export["license_url"]:
        licence["license_link"] = export["license_url"]
    return {
        "pretty_name": manifest["name"],
        **licence,
        "task_categories": ["object-detection"],
        "language": ["ko", "en"],
        "size_categories": [next((name for most, name in SIZES if total < most), LARGEST)],
        "tags": ["captureset", "coco", "yolo"],
        "version": manifest["version"],
    }


def _body(manifest: Mapping[str, Any], taxonomy: Taxonomy) -> Iterator[str]:
    counts, tag, name = manifest["counts"], manifest["tag"], manifest["name"]
    yield f"# {name} {manifest['version']}"
    yield ""
    if "withdrawn" in manifest:
        yield f"> **Withdrawn** on {manifest['withdrawn']['at'][:10]}, do not use: {manifest['withdrawn']['reason']}"
        yield ""
    yield manifest["description"] or "Photos that users of an app took, with bounding boxes."
    yield from ("", "## Use it", "", "```bash")
    yield f"dvc get <repository> data/exports/yolo_format --rev {tag} -o {name}"
    yield f"yolo train data={name}/data.yaml model=yolo11n.pt"
    yield from ("```", "", "## What is in it", "")
    yield from _table(("split", "captures"), sorted(counts["splits"].items()))
    yield ""
    named = [(f"{code} ({taxonomy[code].name})", number) for code, number in sorted(counts["categories"].items())]
    yield from _table(("category", "captures"), named)
    yield from ("", "## How it was made", "")
    yield (
        f"{counts['captures']} captures were in the catalog, {counts['kept']} kept by the filter, {counts['masked']} "
        "masked because they tie frozen splits together."
    )
    yield from ("", "Dropped, by reason (a capture can have several):", "")
    yield from _table(("reason", "captures"), sorted(counts["dropped"].items()))
    yield from ("", "Criteria of the filter:", "", "```yaml")
    yield yaml.safe_dump(manifest["criteria"].get("filter", {}), allow_unicode=True).rstrip("\n")
    yield from ("```", "", "## Labels and their limits", "")
    yield (
        "A label is what the latest feedback of a person says, else the model's answer; silence is not agreement. "
        "Captures that share a photo, session, user or thing stand in one split. Private metadata was taken out of "
        "the photos before they entered the dataset; their pixels are as taken."
    )
    yield from ("", "## Keeping and citing", "")
    yield (
        f"Built from Git commit `{manifest['built_from']}`; `dvc repro` there makes the same bytes. Cite the tag "
        f"`{tag}`. Parent: {manifest['parent'] or 'none, this is the first version'}."
    )


def _table(head: tuple[str, str], rows: list[tuple[str, int]]) -> Iterator[str]:
    yield f"| {head[0]} | {head[1]} |"
    yield "|---|---:|"
    for name, number in rows:
        yield f"| {name} | {number} |"
