"""Label Studio's and CVAT's files: what is written is what comes back, and what cannot be held is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import reviews
from captureset.errors import CapturesetError
from captureset.formats.exchange import cvat, labelstudio
from captureset.formats.exchange.tasks import NamedBox, Reviewed, Task
from captureset.formats.taxonomy import load_taxonomy
from captureset.records.box import Box, Frame
from captureset.records.taxonomy import Taxonomy

ROOT = Path(__file__).resolve().parents[2]
TAXONOMY: Taxonomy = load_taxonomy(ROOT / "data" / "categories.yaml")
FRAME = Frame(1921, 1077)
SOFA = NamedBox("FURN_SOFA", Box(1828.25, 710.5, 92.0, 104.0))
TABLE = NamedBox("FURN_TABLE", Box(0.0, 0.0, 3.3, 1077.0))
TASKS = (
    Task("c-1", "c-1.jpg", FRAME, (SOFA, TABLE), None),
    Task("c-2", "c-2.png", FRAME, (), "FURN_CHAIR"),
    Task("c-3", "c-3.jpg", FRAME, (), None),
)


def back(path: Path, document: Any, tool: Any = labelstudio) -> Reviewed:
    """Return what the reader of a tool makes of a document."""
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    reviewed: Reviewed = tool.read(path)
    return reviewed


def studio() -> list[dict[str, Any]]:
    """Return the tasks as Label Studio gives them back, submitted unchanged."""
    return reviews.submitted(labelstudio.document(TASKS, TAXONOMY, "/photos/"))


def test_label_studio_tasks_have_what_its_import_wants() -> None:
    """Percent of the photo, its size, the controls of the configuration, the Korean word, the capture's id."""
    task = labelstudio.document(TASKS, TAXONOMY, "/photos/")[0]
    assert task["data"] == {"image": "/photos/c-1.jpg", "capture_id": "c-1"}
    region = task["predictions"][0]["result"][0]
    assert (region["from_name"], region["to_name"], region["type"]) == ("label", "image", "rectanglelabels")
    assert (region["original_width"], region["original_height"]) == (1921, 1077)
    assert region["value"]["rectanglelabels"] == ["소파"]
    assert region["value"]["x"] == pytest.approx(100 * 1828.25 / 1921)
    assert region["value"]["height"] == pytest.approx(100 * 104 / 1077)


def test_label_studio_configuration_knows_every_word_and_control() -> None:
    """The XML names the controls the tasks use and every category, `/` and `·` unharmed."""
    view = ET.fromstring(labelstudio.labels(TAXONOMY))  # noqa: S314 - written by us
    names = [category.name for category in TAXONOMY.categories]
    assert [label.get("value") for label in view.iter("Label")] == names
    assert [choice.get("value") for choice in view.iter("Choice")] == names
    assert {view[0].get("name"), view[1].get("name"), view[2].get("name")} == {"image", "label", "category"}


def test_cvat_labels_know_every_word() -> None:
    """The label set-up and the COCO categories are the same list."""
    names = [category["name"] for category in cvat.document(TASKS, TAXONOMY)["categories"]]
    assert [label["name"] for label in cvat.labels(TAXONOMY)] == names == [c.name for c in TAXONOMY.categories]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(1, 9000), st.integers(1, 9000), st.lists(st.floats(0, 1, allow_subnormal=False), min_size=4, max_size=4)
)
def test_label_studio_percents_come_back_within_a_hundredth_pixel(
    tmp_path: Path, width: int, height: int, shares: list[float]
) -> None:
    """Any box in any frame is within 0.01 px after the round trip."""
    left, top = shares[0] * width, shares[1] * height
    box = Box(left, top, (width - left) * shares[2], (height - top) * shares[3])
    task = Task("c", "c.jpg", Frame(width, height), (NamedBox("FURN_SOFA", box),), None)
    document = reviews.submitted(labelstudio.document([task], TAXONOMY, ""))
    (found,) = back(tmp_path / "t.json", document).tasks
    assert found.boxes[0].box.xyxy_px == pytest.approx(box.xyxy_px, abs=0.01)


def test_label_studio_comes_back_as_it_went(tmp_path: Path) -> None:
    """Boxes, the category of a photo without boxes, and a photo with neither."""
    found = back(tmp_path / "t.json", studio())
    assert [(task.capture_id, task.category) for task in found.tasks] == [("c-1", None), ("c-2", "의자"), ("c-3", None)]
    assert [box.category for box in found.tasks[0].boxes] == ["소파", "거실장/테이블/서랍장"]
    assert found.tasks[0].frame == FRAME
    assert found.untouched == 0


def test_cvat_comes_back_as_it_went(tmp_path: Path) -> None:
    """Ids from file names, also below a folder; boxes exactly."""
    document = cvat.document(TASKS, TAXONOMY)
    document["images"][0]["file_name"] = "photos\\c-1.jpg"
    found = back(tmp_path / "c.json", document, cvat)
    assert [task.capture_id for task in found.tasks] == ["c-1", "c-2", "c-3"]
    assert [box.box for box in found.tasks[0].boxes] == [SOFA.box, TABLE.box]
    assert not found.tells_category


def test_silence_is_not_agreement(tmp_path: Path) -> None:
    """A task nobody submitted, or that was skipped, says nothing; an empty annotation says the photo is empty."""
    tasks = studio()
    tasks[0]["annotations"] = []
    tasks[1]["annotations"][0]["was_cancelled"] = True
    found = back(tmp_path / "t.json", tasks)
    assert ([task.capture_id for task in found.tasks], found.untouched) == (["c-3"], 2)


def test_of_two_annotations_the_ground_truth_holds(tmp_path: Path) -> None:
    """Two people's annotations are refused until one is marked."""
    tasks = studio()
    tasks[0]["annotations"].append({"result": []})
    with pytest.raises(CapturesetError, match="the task of c-1 has 2 annotations; mark one"):
        back(tmp_path / "t.json", tasks)
    tasks[0]["annotations"][1]["ground_truth"] = True
    assert back(tmp_path / "t.json", tasks).tasks[0].boxes == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"type": "polygonlabels"}, "the task of c-1 holds a 'polygonlabels', which is no upright box"),
        ({"image_rotation": 90}, "a box of c-1 is turned"),
        ({"value": None}, "a region of c-1 has no `value`"),
        ({"original_width": 0}, "a box of c-1 lacks"),
        ({"value.rotation": 12.5}, "a box of c-1 is turned"),
        ({"value.x": "7"}, "a box of c-1 lacks"),
        ({"value.rectanglelabels": []}, "has the rectanglelabels [], where one word is due"),
        ({"value.rectanglelabels": ["소파", "의자"]}, "where one word is due"),
    ],
)
def test_a_region_that_is_no_upright_box_is_refused_by_name(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    """Nothing is quietly turned into a plain box."""
    tasks = studio()
    region = reviews.result_of(tasks, "c-1")[0]
    for key, value in change.items():
        inner, _, last = key.rpartition(".")
        (region[inner] if inner else region)[last] = value
    with pytest.raises(CapturesetError) as refused:
        back(tmp_path / "t.json", tasks)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"tasks": []}, "is no list of tasks"),
        ([{"image": "x.jpg", "label": []}], "tasks[0] has no `capture_id`"),
        ([3], "tasks[0] has no `capture_id`"),
        ([{"data": {"capture_id": "c"}, "annotations": {"result": []}}], "the annotations of c are no list"),
        ([{"data": {"capture_id": "c"}, "annotations": [{"result": [1]}]}], "the annotations of c are no list"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, document: Any, said: str) -> None:
    """JSON-MIN and other strangers end in a sentence."""
    with pytest.raises(CapturesetError) as refused:
        back(tmp_path / "t.json", document)
    assert said in str(refused.value)


def test_every_fault_of_a_coco_file_is_named(tmp_path: Path) -> None:
    """A turned box, a crowd, an unknown image, a nameless image, an image twice: all in one sentence."""
    document = cvat.document(TASKS, TAXONOMY)
    document["annotations"][0]["attributes"] = {"rotation": 30.0}
    document["annotations"][1]["iscrowd"] = 1
    document["annotations"].append({"id": 9, "image_id": 77, "category_id": 1, "bbox": [0, 0, 1, 1]})
    document["images"] += [{"id": 8}, document["images"][0]]
    with pytest.raises(CapturesetError) as refused:
        back(tmp_path / "c.json", document, cvat)
    for said in ("turned box", "crowd", "image_id 77", "images[3] has no id", "the image id 1 stands twice"):
        assert said in str(refused.value)
