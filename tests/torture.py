"""The torture set: what broke real exporters, as a stranger's COCO folder and as captures of ours."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from PIL import Image, ImageDraw

from captureset import catalog, export, filter, measure, quality, split  # noqa: A004 - a stage's name
from captureset.capture.commit import commit
from captureset.capture.submit import submit, submit_feedback
from captureset.exporting.layouts import LAYOUTS
from captureset.store.repository import Repository
from deep_pngs import deep_png
from photos import encoded, jpeg, picture
from pipeline import begin, change_params, save

WIDTH, HEIGHT = 320, 240
LARGE = (1920, 1080)
Boxes = list[tuple[int, list[float]]]  # category id of the source, left, top, width, height

CATEGORIES = {
    3: "canapé",
    7: 'a, "b": c',
    42: "소파",
    50: "no",
    51: "007",
    52: "1e3",
    53: "의자/책상",
    60: "never used",
}
PLAIN: Boxes = [(3, [40, 30, 120, 100])]


@dataclass(frozen=True, slots=True)
class Picture:
    """One photo of the set: its name at the source, its boxes in upright pixels, which of them no reader may keep."""

    name: str
    data: bytes
    boxes: Boxes
    size: tuple[int, int] = (WIDTH, HEIGHT)
    wrong: Boxes = field(default_factory=list)  # what stands at the source in their place
    crowd: bool = False


def pictures() -> list[Picture]:
    """Return the set, always the same."""
    rgb = [picture(WIDTH, HEIGHT, seed) for seed in range(40)]
    return [
        Picture("camA/0001.jpg", jpeg(WIDTH, HEIGHT, 1), PLAIN),
        Picture("camB/0001.jpg", jpeg(WIDTH, HEIGHT, 2), [(42, [10.5, 20.25, 60, 70.5])]),
        Picture("same.jpg", jpeg(WIDTH, HEIGHT, 3), PLAIN),
        Picture("same.png", encoded(rgb[4], "PNG"), [(7, [0, 0, WIDTH, HEIGHT])]),
        Picture(
            "portrait.jpg", jpeg(WIDTH, HEIGHT, 5, exif_orientation=6), [(42, [20, 40, 180, 250])], (HEIGHT, WIDTH)
        ),
        Picture("empty.jpg", jpeg(WIDTH, HEIGHT, 6), []),
        Picture("crowd.jpg", jpeg(WIDTH, HEIGHT, 7), [], crowd=True),
        Picture("zero.jpg", jpeg(WIDTH, HEIGHT, 8), [(3, [50, 50, 40, 40])], wrong=[(3, [50, 50, 0, 40])]),
        Picture("below.jpg", jpeg(WIDTH, HEIGHT, 9), [(7, [0, 10, 55, 40])], wrong=[(7, [-5, 10, 60, 40])]),
        Picture("beyond.jpg", jpeg(WIDTH, HEIGHT, 10), [(42, [300, 10, 20, 40])], wrong=[(42, [300, 10, 60, 40])]),
        Picture("duplicate.jpg", jpeg(WIDTH, HEIGHT, 11), PLAIN, wrong=[*PLAIN, *PLAIN]),
        Picture("a.b.c.jpg", jpeg(WIDTH, HEIGHT, 12), PLAIN),
        Picture("소파 사진 é.jpg", jpeg(WIDTH, HEIGHT, 13), [(42, [30, 30, 100, 100]), (3, [150, 50, 80, 80])]),
        Picture("names.jpg", jpeg(WIDTH, HEIGHT, 14), [(n, [n, n, 60, 60]) for n in (50, 51, 52, 53)]),
        Picture("grey.jpg", encoded(rgb[15].convert("L"), "JPEG"), [(50, [10, 10, 90, 90])]),
        Picture("cmyk.jpg", encoded(rgb[16].convert("CMYK"), "JPEG"), [(51, [10, 10, 90, 90])]),
        Picture("alpha.png", encoded(rgb[17].convert("RGBA"), "PNG"), [(52, [10, 10, 90, 90])]),
        Picture("deep.png", deep_png(WIDTH, HEIGHT), [(53, [10, 10, 90, 90])]),
        Picture("tail.jpg", jpeg(WIDTH, HEIGHT, 19) + b"trailing bytes", PLAIN),
        Picture("edge.jpg", jpeg(*LARGE, 20), [(42, [1828, 710, 92, 104])], LARGE),
        *(Picture(f"more{n}.jpg", jpeg(WIDTH, HEIGHT, n), [(3, [n, n, 100, 90])]) for n in range(21, 33)),
    ]


def write_coco(folder: Path) -> Path:
    """Write the set as a stranger's COCO folder, dirt and all, and return its JSON file."""
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for number, item in enumerate(pictures(), start=1):
        path = folder / "images" / item.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(item.data)
        width, height = item.size
        images.append({"id": number, "file_name": item.name, "width": width, "height": height})
        for category, bbox in item.wrong or item.boxes:
            annotations.append(_annotation(len(annotations) + 1, number, category, bbox))
        if item.crowd:
            whole = {"size": [height, width], "counts": [0, width * height]}
            row = _annotation(len(annotations) + 1, number, 3, [0, 0, width, height])
            annotations.append({**row, "iscrowd": 1, "segmentation": whole})
    categories = [{"id": number, "name": name, "supercategory": "thing"} for number, name in CATEGORIES.items()]
    document = {"info": {}, "licenses": [], "images": images, "annotations": annotations, "categories": categories}
    path = folder / "annotations.json"
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path


def _annotation(number: int, image: int, category: int, bbox: list[float]) -> dict[str, Any]:
    ids = {"id": number, "image_id": image, "category_id": category}
    return {**ids, "bbox": bbox, "area": bbox[2] * bbox[3], "iscrowd": 0, "segmentation": []}


def taxonomy() -> str:
    """Return data/categories.yaml with the set's categories, their names as they are."""
    rows = [
        {"id": n, "code": code(source), "name": name, "name_en": f"{name} (en)", "supercategory": "THING"}
        for n, (source, name) in enumerate(CATEGORIES.items(), start=1)
    ]
    mains = [{"code": "THING", "name": "물건", "name_en": "Thing"}]
    return yaml.safe_dump({"schema_version": 1, "supercategories": mains, "categories": rows}, allow_unicode=True)


def code(source: int) -> str:
    """Return our code for a category of the source."""
    return f"THING_{source}"


def capture_id(name: str) -> str:
    """Return the id under which a photo comes in; two are numbers, as file names of cameras are."""
    numbers = {"camA/0001.jpg": "0001", "camB/0001.jpg": "2"}
    return (
        numbers.get(name) or "t-" + "".join(c if c.isascii() and c.isalnum() else "-" for c in name).strip("-").lower()
    )


def sidecar(item: Picture, boxes: Boxes, scale: int = 1) -> dict[str, Any]:
    """Return a sidecar in which a person drew these boxes; `scale` measures them in a larger frame."""
    frame = {"width_px": item.size[0] * scale, "height_px": item.size[1] * scale}
    drawn = [{"category": code(c), "xywh_px": [v * scale for v in place], "frame": frame} for c, place in boxes]
    return {
        "schema_version": 1,
        "capture_id": capture_id(item.name),
        "captured_at": "2024-01-15T03:20:00Z",
        "source": {"kind": "import", "name": "torture", "original_name": item.name},
        "label": {"reviewed": True, "boxes": drawn} if drawn else {"reviewed": True, "empty": True},
    }


def unlooked(item: Picture) -> dict[str, Any]:
    """Return a sidecar in which nobody says anything: what is left of a crowd that no box can say."""
    return {key: value for key, value in sidecar(item, []).items() if key != "label"}


def feedback(name: str, number: int, boxes: Boxes, item: Picture) -> dict[str, Any]:
    """Return a person's correction; a higher number was given later."""
    return {
        "schema_version": 1,
        "feedback_id": f"fb-{number}",
        "capture_id": name,
        "given_at": f"2024-01-2{number}T00:00:00Z",
        "verdict": "correct",
        "boxes": sidecar(item, boxes)["label"]["boxes"],
    }


def twin(item: Picture) -> bytes:
    """Return the photo with everything but its first box cleared, that box's corners rounded off."""
    (_, (x, y, w, h)) = item.boxes[0]
    alpha = Image.new("L", item.size)
    ImageDraw.Draw(alpha).rounded_rectangle((x, y, x + w - 1, y + h - 1), 20, fill=255)
    image = picture(*item.size, 1)
    image.putalpha(alpha)
    return encoded(image, "PNG")


def deliver(repository: Repository) -> None:
    """Hand the set in: mended where the source is wrong, one frame twice as large, twins, a label corrected twice."""
    for number, item in enumerate(pictures()):
        document = unlooked(item) if item.crowd else sidecar(item, item.boxes, scale=2 if number % 3 == 0 else 1)
        cut = twin(item) if item.name.startswith("more") and number % 2 else None
        submit(repository, item.data, document, cut)
    for item in pictures():
        if item.name == "a.b.c.jpg":
            for number, boxes in ((2, [(42, [5.0, 6.0, 70.0, 80.0])]), (1, [(7, [1.0, 1.0, 9.0, 9.0])])):
                submit_feedback(repository, capture_id(item.name), feedback(capture_id(item.name), number, boxes, item))
    done = commit(repository)
    assert (done.captures, done.refusals) == (len(pictures()), ())


def begun(root: Path, **changes: Any) -> Repository:
    """Return a repository that holds the set, every format switched on, its categories called by their names."""
    repository = begin(root)
    repository.categories.write_text(taxonomy(), encoding="utf-8")
    on = {f"export__export_{kind}": True for kind in LAYOUTS}
    settings = {"export__category_names": "name", "filter__require_usable": False, **on, **changes}
    change_params(root, **settings)
    save(root, "Torture set's categories")
    deliver(repository)
    return repository


def built(root: Path, **changes: Any) -> Repository:
    """Return the same built up to its exports by the stages themselves."""
    repository = begun(root, **changes)
    before = Path.cwd()
    os.chdir(root)
    try:
        for stage in (catalog, measure, quality, filter, split):
            stage.main()
        for kind in LAYOUTS:
            export.write(kind)
    finally:
        os.chdir(before)
    return repository


def expected() -> Iterator[tuple[str, list[tuple[str, list[float]]]]]:
    """Give what every detection export must hold: capture id, and category name and box of each object."""
    for item in pictures():
        if not item.crowd:
            boxes = [(42, [5.0, 6.0, 70.0, 80.0])] if item.name == "a.b.c.jpg" else item.boxes
            yield capture_id(item.name), [(CATEGORIES[c], [float(v) for v in place]) for c, place in boxes]
