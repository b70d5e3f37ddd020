from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from captureset.comparison.difference import difference
from captureset.comparison.snapshot import SeenBox, SeenCapture, SeenFeedback, SeenQuality, SeenSplit, Snapshot
from captureset.formats.taxonomy import load_taxonomy
from captureset.reporting.difference_page import page
from photos import jpeg

ROOT = Path(__file__).resolve().parents[2]
TAXONOMY = load_taxonomy(ROOT / "data" / "categories.yaml")
HOSTILE = "<script>alert(1)</script>"


def version(revision: str, names: tuple[str, ...], x_px: float, said: tuple[str, ...] = ()) -> Snapshot:
    """Return a version in which every capture has one sofa at this place."""
    return Snapshot(
        revision,
        {n: SeenCapture(n, n, 640, 480, "boxes", "person", "FURN_SOFA", "corrected") for n in names},
        {n: (SeenBox(n, "FURN_SOFA", x_px, 100.0, 80.0, 60.0, "person"),) for n in names},
        {names[0]: tuple(SeenFeedback(names[0], s, "2024-01-01T00:00:00Z", "correct") for s in said)},
        {n: SeenQuality(n, 0.8, "high") for n in names},
        {n: SeenSplit(n, "train", None) for n in names},
        {"FURN_SOFA": 2},
    )


def drawn(old: Snapshot, new: Snapshot) -> tuple[str, list[str]]:
    """Return the page of a difference, and the addresses whose bytes it asked for."""
    asked: list[str] = []

    def read(oid: str) -> bytes:
        asked.append(oid)
        return jpeg(640, 480, 3)

    return page(difference(old, new), old, new, TAXONOMY, read), asked


def test_every_changed_label_is_shown_before_and_after() -> None:
    """Two pictures of one part of the photo, who said so, and the level; unchanged captures are not fetched."""
    old, new = version("v1", ("a", "b", "c"), 100.0), version("v2", ("a", "b", "c", "n"), 100.0, ("fb-1",))
    new = replace(new, boxes={**new.boxes, "a": (replace(new.boxes["a"][0], x_px=130.0),)})
    html, asked = drawn(old, new)
    assert asked == ["a", "n"]
    assert html.count("<svg") == 3
    assert "removed FURN_SOFA; added FURN_SOFA" in html, "boxes this far apart are two things"
    assert "fb-1" in html
    assert "A major change" in html


def test_a_page_is_self_contained_and_escaped() -> None:
    """No script, nothing from the network, whatever a capture is called."""
    html, _ = drawn(version("v1", ("a",), 100.0), version("v2", ("a", HOSTILE), 110.0))
    assert HOSTILE not in html
    assert "<script" not in html
    assert "default-src &#x27;none&#x27;" in html
    assert "moved FURN_SOFA (IoU 0.78)" in html


def test_two_equal_versions_say_so() -> None:
    """Nothing is drawn and nothing fetched."""
    html, asked = drawn(version("v1", ("a",), 100.0), version("v2", ("a",), 100.0))
    assert (asked, "No label changed." in html, "No capture was added." in html) == ([], True, True)
