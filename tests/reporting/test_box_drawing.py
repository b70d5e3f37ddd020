"""Boxes on a photo: where they belong, names readable and inside the photo."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

import report_world
import rows
from captureset.records.box import Box, iou
from captureset.records.rows import AnnotationRow, CaptureRow
from captureset.reporting.box_drawing import BoxDrawing

SIDE = 200
COLOURS = {"FURN_SOFA": "#1f6fb5", "FURN_TABLE": "#b5501b"}


def drawing(capture: CaptureRow, *boxes: AnnotationRow) -> ET.Element:
    """The drawing of a capture as a tree."""
    taxonomy = report_world.dataset([]).taxonomy
    made = BoxDrawing(taxonomy, COLOURS, SIDE).picture(capture, boxes, "data:image/jpeg;base64,")
    return ET.fromstring(made)  # noqa: S314 - made here


def place(node: ET.Element) -> Box:
    """Where a rectangle or picture stands."""
    return Box(*(float(node.attrib[key]) for key in ("x", "y", "width", "height")))


def outlines(tree: ET.Element) -> list[ET.Element]:
    """The boxes drawn."""
    return [node for node in tree if node.attrib.get("class") == "box"]


def name_plates(tree: ET.Element) -> list[Box]:
    """The coloured plates names stand on."""
    return [place(node) for node in tree if "fill" in node.attrib]


@pytest.mark.parametrize(
    ("size", "box", "photo", "drawn"),
    [
        ((800, 400), (100.0, 50.0, 200.0, 100.0), (0, 50, 200, 100), (25, 62.5, 50, 25)),
        ((400, 800), (100.0, 50.0, 200.0, 100.0), (50, 0, 100, 200), (75, 12.5, 50, 25)),
        ((100, 50), (10.0, 5.0, 20.0, 10.0), (0, 50, 200, 100), (20, 60, 40, 20)),
    ],
)
def test_boxes_lie_where_they_lie_on_the_upright_photo(
    size: tuple[int, int], box: tuple[float, float, float, float], photo: tuple[float, ...], drawn: tuple[float, ...]
) -> None:
    """Photo and box are scaled and centred alike, lying, standing and when the photo is enlarged."""
    capture = rows.capture(width_px=size[0], height_px=size[1])
    tree = drawing(capture, rows.annotation(xywh_px=box))
    image = next(node for node in tree if node.tag == "image")
    assert place(image).xywh_px == photo
    assert place(outlines(tree)[0]).xywh_px == drawn


def test_a_persons_box_is_solid_and_a_models_dashed() -> None:
    """Who vouches for a box can be seen, and its title says it with pixels and confidence."""
    tree = drawing(
        rows.capture(), rows.annotation(origin="person"), rows.annotation(position=1, origin="model", confidence=0.5)
    )
    solid, dashed = outlines(tree)
    assert "stroke-dasharray" not in solid.attrib
    assert "stroke-dasharray" in dashed.attrib
    assert dashed[0].text == "소파 (FURN_SOFA, Sofa): 30 x 40 px at 10, 20; model, confidence 0.50 of 1"


def test_names_never_leave_the_photo_or_hide_each_other() -> None:
    """Boxes in corners and on top of each other: every name inside the photo, none over another."""
    corners = [(0.0, 0.0), (760.0, 0.0), (0.0, 560.0), (760.0, 560.0), (380.0, 280.0), (385.0, 285.0)]
    boxes = [rows.annotation(xywh_px=(x, y, 40.0, 40.0)) for x, y in corners]
    tree = drawing(rows.capture(), *boxes)
    plates = name_plates(tree)
    photo = place(next(node for node in tree if node.tag == "image"))
    assert len(plates) >= 5
    for number, plate in enumerate(plates):
        assert plate.x_px >= photo.x_px - 0.01
        assert plate.x_px + plate.w_px <= photo.x_px + photo.w_px + 0.01
        assert photo.y_px - 0.01 <= plate.y_px <= photo.y_px + photo.h_px - plate.h_px + 0.01
        assert all(iou(plate, other) < 0.01 for other in plates[:number])


def test_a_crowd_of_boxes_keeps_all_boxes_though_not_all_names() -> None:
    """Forty boxes in one place are drawn, with as many names as there is room for."""
    boxes = [rows.annotation(position=n, xywh_px=(300.0 + n, 300.0, 50.0, 50.0)) for n in range(40)]
    tree = drawing(rows.capture(), *boxes)
    assert len(outlines(tree)) == 40
    assert 1 <= len(name_plates(tree)) < 40


def test_a_small_box_lies_above_a_large_one() -> None:
    """So its title can be reached with the pointer."""
    small, large = (100.0, 100.0, 20.0, 20.0), (0.0, 0.0, 700.0, 500.0)
    tree = drawing(rows.capture(), rows.annotation(xywh_px=small), rows.annotation(position=1, xywh_px=large))
    assert [place(node).w_px for node in outlines(tree)] == [175.0, 5.0]


def test_a_reader_who_cannot_see_hears_what_is_shown() -> None:
    """The drawing's label has the id and the English names."""
    assert drawing(rows.capture("cap-1"), rows.annotation("cap-1")).attrib["aria-label"] == "cap-1: Sofa"
    assert drawing(rows.capture("cap-1")).attrib["aria-label"] == "cap-1: no box"
