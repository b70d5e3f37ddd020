"""The feedback road from end to end: real commits, real photos, the catalog before and after."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import reviews
from captureset.capture import exclude, inbox
from captureset.capture.commit import commit
from captureset.capture.corrections import Speaker
from captureset.capture.review import Wish, write
from captureset.capture.submit import submit, submit_feedback
from captureset.capture.taking_back import Taken, take
from captureset.catalog import current
from captureset.errors import CapturesetError
from captureset.formats.exchange import cvat, labelstudio
from captureset.store.repository import Repository
from deliveries import EVENING, box, feedback, sidecar
from photos import jpeg, png

ROOT = Path(__file__).resolve().parents[2]
AT = Speaker("2024-02-01T09:00:00+09:00")
READERS = {"labelstudio": labelstudio.read, "cvat": cvat.read}
TOOLS = sorted(READERS)


@pytest.fixture
def filled(git_repository: Repository) -> Repository:
    """Captures of every kind of label, one turned by EXIF, one rejected, one set aside."""
    shutil.copy(ROOT / "params.yaml", git_repository.root / "params.yaml")
    boxes = [box("FURN_SOFA", [8.3, 6.1, 16.7, 12.9], 32, 24), box("FURN_TABLE", [0, 0, 7, 7])]
    turned = {"boxes": [box("APPL_TV", [5, 10, 20, 40], 48, 64)]}
    submit(git_repository, jpeg(64, 48, 1), sidecar("boxes", EVENING, model={"confidence": 0.9, "boxes": boxes}))
    submit(git_repository, jpeg(64, 48, 2, exif_orientation=6), sidecar("turned", model=turned))
    submit(git_repository, png(64, 48, 3), sidecar("named", model={"category": "FURN_BED"}))
    submit(git_repository, jpeg(64, 48, 4), sidecar("nothing"))
    submit(git_repository, jpeg(64, 48, 5), sidecar("empty", label={"reviewed": True, "empty": True}))
    submit(git_repository, jpeg(64, 48, 6), sidecar("rejected"))
    submit(git_repository, jpeg(64, 48, 7), sidecar("aside"))
    submit_feedback(git_repository, "rejected", feedback("f-1", "rejected", "reject"))
    assert commit(git_repository).refusals == ()
    exclude.exclude(git_repository, "aside", "shows a face")
    return git_repository


def sent(repository: Repository, tool: str, **more: Any) -> Any:
    """Return what goes to a tool, every capture that may."""
    out = repository.root.parent / f"{tool}.json"
    write(repository, Wish(tool, out, unreviewed_only=False, **more))
    document = json.loads(out.read_text(encoding="utf-8"))
    return reviews.submitted(document) if tool == "labelstudio" else document


def taken(repository: Repository, tool: str, document: Any, speaker: Speaker = AT, **more: Any) -> Taken:
    """Return what a file that comes back did."""
    path = repository.root.parent / "검수 결과.json"
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return take(repository, READERS[tool](path), speaker, **more)


def states(repository: Repository) -> dict[str, tuple[str, str]]:
    """Return review state and label kind of every capture."""
    return {row.capture_id: (row.review_state, row.label_kind) for row in current(repository.root).captures}


def placed(repository: Repository, capture_id: str) -> list[tuple[Any, ...]]:
    """Return category and corners of a capture's boxes in the catalog."""
    rows = [row for row in current(repository.root).annotations if row.capture_id == capture_id]
    return [(row.category, row.x_px, row.y_px, row.w_px, row.h_px) for row in rows]


@pytest.mark.parametrize("tool", TOOLS)
def test_unchanged_is_confirmed(filled: Repository, tool: str) -> None:
    """Every label that stood is confirmed and not a number of it moves; a photo nobody had labelled is empty now."""
    before = {name: placed(filled, name) for name in ("boxes", "turned")}
    done = taken(filled, tool, sent(filled, tool))
    assert done == Taken(confirmed=4, corrected=0, emptied=1, already_in=0, untouched=0, new=True)
    assert commit(filled).refusals == ()
    assert {name: placed(filled, name) for name in before} == before
    assert states(filled) == {
        "boxes": ("confirmed", "boxes"),
        "turned": ("confirmed", "boxes"),
        "named": ("confirmed", "category"),
        "nothing": ("corrected", "empty"),
        "empty": ("confirmed", "empty"),
        "rejected": ("rejected", "none"),
        "aside": ("unreviewed", "none"),
    }


def change_in_label_studio(tasks: Any) -> None:
    """Rename and move, remove, empty, draw, name otherwise."""
    first = reviews.result_of(tasks, "boxes")
    first[0]["value"] |= {"rectanglelabels": ["의자"], "x": 25.0}
    del first[1]
    reviews.result_of(tasks, "turned").clear()
    value = {"x": 50, "y": 50, "width": 25, "height": 50, "rotation": 0, "rectanglelabels": ["침대/매트리스"]}
    size = {"original_width": 64, "original_height": 48}
    reviews.result_of(tasks, "nothing").append({"type": "rectanglelabels", "value": value, **size})
    reviews.result_of(tasks, "named")[0]["value"]["choices"] = ["책상"]


def change_in_cvat(document: Any) -> None:
    """Do the same where the format can hold it."""
    chair = next(entry["id"] for entry in document["categories"] if entry["name"] == "의자")
    bed = next(entry["id"] for entry in document["categories"] if entry["name"] == "침대/매트리스")
    moved, removed = reviews.annotations_of(document, "boxes")
    moved["category_id"], moved["bbox"][0] = chair, 16.0
    (emptied,) = reviews.annotations_of(document, "turned")
    drawn_in = next(image["id"] for image in document["images"] if image["file_name"] == "nothing.jpg")
    kept = [entry for entry in document["annotations"] if entry["id"] not in {removed["id"], emptied["id"]}]
    drawn = {"id": 99, "image_id": drawn_in, "category_id": bed, "bbox": [32.0, 24.0, 16.0, 24.0], "iscrowd": 0}
    document["annotations"] = [*kept, {**drawn, "attributes": {"occluded": False, "rotation": 0.0}}]


@pytest.mark.parametrize("tool", TOOLS)
def test_what_a_person_changed_is_what_the_catalog_says(filled: Repository, tool: str) -> None:
    """Renamed, moved, removed, emptied and added boxes reach the final label through a real commit."""
    document = sent(filled, tool)
    (change_in_label_studio if tool == "labelstudio" else change_in_cvat)(document)
    done = taken(filled, tool, document)
    studio = tool == "labelstudio"
    assert (done.confirmed, done.corrected, done.emptied) == ((1, 3, 1) if studio else (2, 2, 1))
    commit(filled)
    (chair,), (bed,) = placed(filled, "boxes"), placed(filled, "nothing")
    assert chair[0] == "FURN_CHAIR"
    assert chair[1:] == pytest.approx((16.0, 12.2, 33.4, 25.8), abs=0.01)
    assert bed == ("FURN_BED", 32.0, 24.0, 16.0, 24.0)
    after = states(filled)
    assert (after["boxes"], after["turned"]) == (("corrected", "boxes"), ("corrected", "empty"))
    assert after["named"] == ("corrected" if studio else "confirmed", "category")
    named = next(row.category for row in current(filled.root).captures if row.capture_id == "named")
    assert named == ("FURN_DESK" if studio else "FURN_BED")


@pytest.mark.parametrize("tool", TOOLS)
def test_twice_changes_nothing(filled: Repository, tool: str) -> None:
    """Before the commit, after it, and from a copy in another order: the same words are in already."""
    document = sent(filled, tool)
    (change_in_label_studio if tool == "labelstudio" else change_in_cvat)(document)
    taken(filled, tool, document)
    again = Taken(confirmed=0, corrected=0, emptied=0, already_in=5, untouched=0, new=False)
    assert taken(filled, tool, document) == again
    commit(filled)
    (document if tool == "labelstudio" else document["images"]).reverse()
    assert taken(filled, tool, document) == again
    assert not inbox.waiting(filled)
    assert commit(filled).commit is None


def test_one_fault_and_nothing_comes_in(filled: Repository) -> None:
    """An unknown capture is named and the other four captures' words stay out too."""
    tasks = sent(filled, "labelstudio")
    tasks[0]["data"]["capture_id"] = "a-stranger"
    with pytest.raises(CapturesetError, match="no committed capture is called 'a-stranger'"):
        taken(filled, "labelstudio", tasks)
    assert list(filled.inbox.rglob("*")) == []


def test_a_dry_run_counts_and_writes_nothing(filled: Repository) -> None:
    """What would come in is counted; the inbox stays empty."""
    done = taken(filled, "cvat", sent(filled, "cvat"), dry_run=True)
    assert (done.confirmed, done.emptied, done.new) == (4, 1, False)
    assert list(filled.inbox.rglob("*")) == []


def test_feedback_that_waits_comes_first(filled: Repository) -> None:
    """A comparison with a label that is about to change is refused until the commit."""
    tasks, other = sent(filled, "labelstudio"), box("FURN_CHAIR", [1, 1, 5, 5])
    submit_feedback(filled, "boxes", feedback("f-2", "boxes", "correct", boxes=[other]))
    with pytest.raises(CapturesetError, match="other feedback on boxes waits in the inbox; run `captureset commit`"):
        taken(filled, "labelstudio", tasks)
    commit(filled)
    assert taken(filled, "labelstudio", tasks).corrected == 1


@pytest.mark.parametrize("tool", TOOLS)
def test_photos_go_out_upright_under_the_names_in_the_file(filled: Repository, tool: str) -> None:
    """A photo turned by EXIF is turned in its pixels, has the size its boxes are told in, and no orientation left."""
    folder = filled.root.parent / "사진 폴더"
    document = sent(filled, tool, images=folder)
    studio = tool == "labelstudio"
    names = (
        [Path(t["data"]["image"]).name for t in document] if studio else [i["file_name"] for i in document["images"]]
    )
    assert sorted(names) == sorted(path.name for path in folder.iterdir())
    with Image.open(io.BytesIO((folder / "turned.jpg").read_bytes())) as image:
        assert (image.size, image.getexif().get(0x0112, 1)) == ((48, 64), 1)
    if studio:
        assert document[0]["data"]["image"].startswith("/data/local-files/?d=%EC%82%AC%EC%A7%84%20%ED%8F%B4%EB%8D%94/")
        (region,) = reviews.result_of(document, "turned")
        assert (region["original_width"], region["original_height"]) == (48, 64)


def test_the_oldest_unreviewed_go_first(filled: Repository) -> None:
    """By default what a person has judged stays here; a limit keeps the oldest; rejected and set aside never go."""
    out = filled.root.parent / "tasks.json"

    def ids(**more: Any) -> list[str]:
        write(filled, Wish("labelstudio", out, **more))
        return [task["data"]["capture_id"] for task in json.loads(out.read_text(encoding="utf-8"))]

    assert ids() == ["named", "nothing", "turned", "boxes"]
    assert ids(limit=2) == ["named", "nothing"]
    assert ids(unreviewed_only=False, limit=1) == ["empty"]


def test_a_folder_that_is_not_there_is_named(filled: Repository) -> None:
    """Writing where nothing can be written is one sentence."""
    with pytest.raises(CapturesetError, match="cannot be written: No such file"):
        write(filled, Wish("cvat", filled.root / "no" / "such" / "tasks.json"))
