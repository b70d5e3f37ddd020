"""The 31 rules: number, name, what each proves, of which formats, what it needs, and how to mend what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from captureset.verification import files, geometry, ids, process
from captureset.verification.case import Case, Fault

COCO, YOLO = frozenset({"coco"}), frozenset({"yolo", "yolo_segment"})
BOXED = COCO | YOLO | {"custom", "tables"}
PICTURED = COCO | YOLO | {"custom", "classification"}
EVERY = BOXED | PICTURED
REPOSITORY, TRAINER = "repository", "trainer"  # beside the folder itself


Find = Callable[[Case], Iterator[Fault]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; `find` gives its faults, and raises NotApplicableError where it has nothing to look at."""

    number: int
    find: Find
    kinds: frozenset[str]
    proves: str
    remedy: str
    needs: str | None = None

    @property
    def name(self) -> str:
        """What the rule is called."""
        return self.find.__name__

    def not_for(self, kind: str) -> str | None:
        """Return why the rule does not apply to a format, or None."""
        return None if kind in self.kinds else f"it is about {', '.join(sorted(self.kinds))}"


_ROWS: tuple[tuple[Find, frozenset[str], str, str, str | None], ...] = (
    (
        ids.annotation_ids,
        COCO,
        "annotation ids are integers from 1, unique in a file and across splits",
        "number the annotations 1, 2, 3 … over all files",
        None,
    ),
    (
        ids.category_list,
        COCO | {"custom", "classification"},
        "category ids run 1 to K, the same list in the same order in every split",
        "list every category in every file, ids from 1 without gaps",
        None,
    ),
    (
        ids.class_mapping,
        YOLO,
        "a YOLO class is the COCO category id minus 1, and names has exactly 0 to K-1",
        "number the classes 0 to K-1 in the order of the categories",
        None,
    ),
    (
        ids.fields,
        COCO,
        "every row has the fields readers ask for, and an area above 0",
        "write the missing field; area is in square pixels, iscrowd 0 or 1",
        None,
    ),
    (
        ids.head,
        COCO,
        "info and licenses are there, and no empty list is handed to loadRes",
        "add info as an object and licenses as a list",
        None,
    ),
    (
        ids.strict_json,
        COCO | {"custom", "tables"},
        "every document is strict JSON: no NaN, no key twice",
        "write it again as strict UTF-8 JSON, without NaN, as its schema asks",
        None,
    ),
    (
        ids.orphans,
        EVERY,
        "every image_id and category_id leads somewhere, no file name stands twice",
        "remove the row or add what it names",
        None,
    ),
    (
        ids.oracle,
        COCO,
        "the ground truth as detections scores AP 1.0 in every category with a box",
        "mend the ids and boxes of the category",
        None,
    ),
    (
        ids.image_ids,
        COCO,
        "image ids are integers, not taken from numeric file names",
        "number the images 1, 2, 3 …; name no file by another image's number",
        None,
    ),
    (
        geometry.inside,
        BOXED,
        "every box has an area and lies inside its image",
        "correct the box, or remove it with its image",
        None,
    ),
    (
        geometry.sides,
        BOXED,
        "every side of a box is as long as the policy asks",
        "correct or remove the box, or lower min_side_px",
        None,
    ),
    (
        geometry.yolo_corners,
        YOLO,
        "YOLO corners lie in [0, 1] exactly and edges are 0.01 px true",
        "round the size down until both ends stay inside",
        None,
    ),
    (
        geometry.frames,
        PICTURED,
        "declared sizes are those of the upright pixels, no orientation is left",
        "turn the pixels upright and drop the EXIF orientation",
        None,
    ),
    (
        geometry.measured_frames,
        BOXED - {"yolo_segment"},
        "every box is scaled from the frame it was measured in",
        "run `dvc repro --force export`",
        REPOSITORY,
    ),
    (
        geometry.crowds,
        BOXED,
        "no crowd is a plain object or a false empty",
        "leave the image out, or outline what the crowd holds",
        None,
    ),
    (
        geometry.rotated,
        COCO | YOLO,
        "rotated boxes are enclosed, never taken as upright",
        "write the upright box that encloses it",
        None,
    ),
    (
        geometry.segmentation,
        COCO | {"yolo_segment"},
        "segmentation is an empty list, polygons, or the RLE of a crowd",
        "write polygons of three or more points, or an empty list",
        None,
    ),
    (
        files.stems,
        PICTURED,
        "names are unique in a split without folder, suffix and case",
        "rename one and note its old name",
        None,
    ),
    (
        files.text,
        EVERY,
        "names are UTF-8, NFC, not percent-encoded, and stay text",
        "write the name as plain text; in YAML put it in quotes",
        None,
    ),
    (
        files.label_places,
        YOLO,
        "the trainer's own rule finds every label",
        "keep images/<split> and labels/<split> side by side",
        None,
    ),
    (
        files.portable,
        COCO | YOLO,
        "the folder opens from any working directory and mount",
        "name places relative to the file that names them",
        None,
    ),
    (
        files.pixels,
        PICTURED,
        "pixels are RGB of 8 bits, alpha composited on a recorded colour",
        "convert the image to 8-bit RGB",
        None,
    ),
    (files.jpeg_ends, PICTURED, "every JPEG ends with FFD9", "cut off what stands after the end of the image", None),
    (
        files.label_rows,
        BOXED,
        "rows have the columns of their task and stand once",
        "write each row once; five columns to detect",
        None,
    ),
    (
        files.empties,
        EVERY,
        "verified-empty images are here and say so, images nobody looked at are not",
        "add an empty label, or remove the image",
        None,
    ),
    (
        process.trainer,
        YOLO,
        "the trainer's own loader sees every image, label and background, and rewrites none",
        "see what the trainer says; mend these files",
        TRAINER,
    ),
    (process.caches, EVERY, "no trainer's cache is left", "remove it and train on a copy", None),
    (process.latest_feedback, EVERY, "only the latest feedback counts", "run `dvc repro`", REPOSITORY),
    (process.groups, EVERY, "no group stands in two splits", "move the group into one split", None),
    (
        process.identical,
        EVERY,
        "a second export of the same input is byte-identical",
        "run `dvc repro --force export`",
        None,
    ),
    (
        process.clean_status,
        EVERY,
        "`dvc status dvc.yaml` is clean after the smoke-train",
        "run `dvc repro`",
        REPOSITORY,
    ),
)
RULES = tuple(Rule(number, *row) for number, row in enumerate(_ROWS, start=1))
