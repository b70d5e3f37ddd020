"""What the readers of foreign datasets give, and what they refuse by name."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import photos
from captureset.errors import CapturesetError
from captureset.formats.sources import coco, csv_boxes, voc, yolo
from captureset.formats.sources.dataset import SourceDataset
from captureset.formats.sources.dirt import Action
from captureset.formats.sources.fates import DirtError
from captureset.formats.sources.photos import Found, PhotoFolders
from captureset.records.box import Box, Frame

HARD_NAMES = ("my photo 1.jpg", "a.b.jpg", "IMG_1.JPG", "sub folder/소파.jpeg")


def put(path: Path, data: bytes | str) -> Path:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def names(dataset: SourceDataset) -> list[str]:
    """Return the names of all photos."""
    return [image.name for image in dataset.images]


def refusal(read: Callable[[], object]) -> str:
    """Return what a reader says when it refuses."""
    with pytest.raises(CapturesetError) as caught:
        read()
    return str(caught.value)


def refused(dataset: SourceDataset) -> str:
    """Return every sentence about what a reader refused, and prove that nothing was lost without one."""
    lost = {fate.row for fate in dataset.fates if fate.unit == "box" and fate.action is not Action.REPAIRED}
    assert dataset.boxes_read == sum(len(image.boxes) for image in dataset.images) + len(lost)
    return "; ".join(fate.sentence for fate in dataset.fates if fate.action is Action.REFUSED)


def codes(dataset: SourceDataset) -> list[str]:
    """Return the code of every fate, in order."""
    return [fate.code for fate in dataset.fates]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of photos of 80x60 px with hard names."""
    for seed, name in enumerate(HARD_NAMES):
        put(tmp_path / "images" / name, photos.jpeg(80, 60, seed))
    return tmp_path / "images"


def coco_document() -> dict[str, Any]:
    """Return a COCO document about the hard names, its ids with gaps."""
    return {
        "images": [
            {"id": 10 * place, "file_name": name, "width": 80, "height": 60} for place, name in enumerate(HARD_NAMES)
        ],
        "annotations": [
            {"id": 7, "image_id": 0, "category_id": 90, "bbox": [1.5, 2, 30.25, 40], "iscrowd": 0, "area": 1},
            {"id": 9, "image_id": 30, "category_id": 3, "bbox": [0, 0, 80, 60], "segmentation": [[0, 0, 9, 9, 0, 9]]},
        ],
        "categories": [{"id": 3, "name": "sofa"}, {"id": 90, "name": "metal can"}],
    }


def coco_file(folder: Path, **changes: Any) -> Path:
    """Write a COCO file with some sections replaced."""
    return put(folder.parent / "boxes.json", json.dumps({**coco_document(), **changes}))


def annotation(**changes: Any) -> list[dict[str, Any]]:
    """Return one COCO annotation, changed."""
    return [{"id": 7, "image_id": 0, "category_id": 3, "bbox": [1, 2, 3, 4], **changes}]


class TestNames:
    """Photos are found by the names a source gives, and only inside their folder."""

    @pytest.mark.parametrize("name", ["../secret.jpg", "/etc/hostname", "a/../../secret.jpg", "..\\secret.jpg"])
    def test_a_name_that_leads_out_is_refused(self, folder: Path, name: str) -> None:
        """Neither `..`, an absolute path nor a backslash leaves the folder, though the file is there."""
        put(folder.parent / "secret.jpg", b"x")
        assert self.fault(folder, name).code == "outside_folder"

    def test_a_link_that_leads_out_is_refused(self, folder: Path) -> None:
        """A symbolic link to a file outside is no photo of the folder."""
        put(folder.parent / "secret.jpg", b"x")
        (folder / "link.jpg").symlink_to(folder.parent / "secret.jpg")
        assert self.fault(folder, "link.jpg").code == "outside_folder"

    @pytest.mark.parametrize("name", ["", "a\0b.jpg", "x" * 5000, "no.jpg", "%00"])
    def test_a_name_of_nothing_is_refused_in_words(self, folder: Path, name: str) -> None:
        """Empty, NUL and endless names end in the same sentence, not in a traceback."""
        assert "does not exist" in self.fault(folder, name).said

    @pytest.mark.parametrize(
        ("name", "found", "code"),
        [
            ("sub folder/소파.jpeg", "sub folder/소파.jpeg", None),
            (unicodedata.normalize("NFD", "sub folder/소파.jpeg"), "sub folder/소파.jpeg", "name_unicode"),
            (unicodedata.normalize("NFD", "sub folder/소파.JPEG"), "sub folder/소파.jpeg", "name_suffix"),
            ("sub folder/소파.jpg", "sub folder/소파.jpeg", "name_suffix"),
            ("a.b", "a.b.jpg", "name_suffix"),
            ("A.B.jpg", "a.b.jpg", "name_case"),
            ("sub folder\\소파.jpeg", "sub folder/소파.jpeg", "name_backslashes"),
            ("my%20photo%201.jpg", "my photo 1.jpg", "name_percent_encoded"),
            ("C:\\Users\\me\\train\\a.b.jpg", "a.b.jpg", "name_folder"),
            ("/data/train/IMG_1.jpg", "IMG_1.JPG", "name_folder"),
            ("../images/a.b.jpg", "a.b.jpg", "name_folder"),
        ],
    )
    def test_other_spellings_find_the_photo_and_are_told(
        self, folder: Path, name: str, found: str, code: str | None
    ) -> None:
        """A name written on Windows, on macOS or in a URL finds its file; what it is recorded as is its own name."""
        assert PhotoFolders(folder).find(name) == Found(folder / found, found, code)

    def test_two_candidates_are_not_guessed_between(self, folder: Path) -> None:
        """When the case of the suffix leaves two files, neither is taken."""
        put(folder / "IMG_1.jpg", photos.jpeg(80, 60, 9))
        fault = self.fault(folder, "IMG_1.Jpg")
        assert (fault.code, fault.said) == ("photo_ambiguous", "could be any of 2 photos (IMG_1.JPG, IMG_1.jpg)")

    def test_two_folders_flattened_into_one_are_not_guessed_between(self, folder: Path) -> None:
        """`camA/a.b.jpg` and `camB/a.b.jpg` cannot both be `a.b.jpg`, so neither is; its own name still is."""
        found = PhotoFolders(folder).find_all(["camA/a.b.jpg", "camB/a.b.jpg", "a.b.jpg"])
        kinds = {name: one.code for name, one in found.items()}
        assert kinds == {"camA/a.b.jpg": "photo_ambiguous", "camB/a.b.jpg": "photo_ambiguous", "a.b.jpg": None}

    @staticmethod
    def fault(folder: Path, name: str) -> DirtError:
        """Return why a name finds nothing."""
        with pytest.raises(DirtError) as caught:
            PhotoFolders(folder).find(name)
        return caught.value


class TestCoco:
    """COCO detection files."""

    def test_boxes_frames_and_empty_images(self, folder: Path) -> None:
        """Boxes keep their numbers, categories go by id with gaps, an image without annotation is looked at."""
        dataset = coco.read(coco_file(folder), folder)
        by_name = {image.name: image for image in dataset.images}
        assert names(dataset) == sorted(HARD_NAMES)
        first = by_name["my photo 1.jpg"]
        assert (first.frame, first.boxes[0].category) == (Frame(80, 60), "metal can")
        assert first.boxes[0].box == Box(1.5, 2, 30.25, 40)
        assert (by_name["a.b.jpg"].boxes, by_name["a.b.jpg"].labelled) == ((), True)
        assert by_name["sub folder/소파.jpeg"].boxes[0].category == "sofa"

    def test_what_is_left_out_is_noted(self, folder: Path) -> None:
        """A polygon beside a box and a photo the file does not name are counted in the notes."""
        put(folder / "stranger.PNG", photos.png(9, 9))
        notes = coco.read(coco_file(folder), folder).notes
        assert any(note.startswith("1 annotations also have a segmentation") for note in notes)
        assert any(note.startswith("1 photos of images are not in the file") for note in notes)

    def test_a_models_answers_are_noted(self, folder: Path) -> None:
        """A score beside a box means that a model drew it, which nobody has confirmed yet."""
        notes = coco.read(coco_file(folder, annotations=annotation(score=0.0)), folder).notes
        assert any(note.startswith("1 annotations have a score") for note in notes)

    def test_a_size_of_zero_is_no_frame(self, folder: Path) -> None:
        """A file that declares width 0 declares nothing."""
        images = [{"id": 0, "file_name": "a.b.jpg", "width": 0, "height": 0}]
        dataset = coco.read(coco_file(folder, images=images, annotations=annotation()), folder)
        assert dataset.images[0].frame is None

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"iscrowd": 1}, "annotation 7 is a crowd"),
            ({"bbox": [1, 2, 3, 4, 0.5]}, "annotation 7 is a turned box"),
            ({"attributes": {"rotation": 30.0}}, "annotation 7 is a turned box"),
            ({"image_id": 999}, "annotation 7 has the image_id 999"),
            ({"category_id": 4}, "annotation 7 has the category_id 4"),
            ({"category_id": None}, "annotation 7 has the category_id None"),
            ({"bbox": None, "segmentation": [[1, 2, 3]]}, "annotation 7 has the bbox None"),
            ({"bbox": [1, 2, "three", 4]}, "annotation 7 has the bbox"),
            ({"bbox": None, "segmentation": {"size": [60, 80], "counts": "mask"}}, "annotation 7 has the bbox None"),
            ({"bbox": [True, 2, 3, 4]}, "annotation 7 has the bbox"),
        ],
    )
    def test_what_is_no_plain_box_is_refused_by_name(self, folder: Path, change: dict[str, Any], said: str) -> None:
        """Crowds, turned boxes, orphans and numbers that are none never become plain objects."""
        path = coco_file(folder, annotations=annotation(**change))
        assert said in refused(coco.read(path, folder))

    def test_an_upright_box_with_rotation_zero_is_a_box(self, folder: Path) -> None:
        """CVAT writes `rotation: 0.0` beside every box; that is no turn."""
        path = coco_file(folder, annotations=annotation(attributes={"rotation": 0.0}))
        assert sum(len(image.boxes) for image in coco.read(path, folder).images) == 1

    def test_nan_is_refused_in_a_box_and_told_elsewhere(self, folder: Path) -> None:
        """NaN is no JSON; beside a box it is told, in a box it refuses the box."""
        for change, wanted in (
            ({"area": math.nan}, ["loose_json"]),
            ({"bbox": [1, math.nan, 3, 4]}, ["loose_json", "not_a_number"]),
        ):
            document = {**coco_document(), "annotations": annotation(**change)}
            dataset = coco.read(put(folder.parent / "nan.json", json.dumps(document)), folder)
            assert codes(dataset) == wanted

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"images": [{"id": 1, "file_name": "../boxes.json"}]}, "'../boxes.json' lies outside"),
            ({"images": [{"id": 1, "file_name": "a.b.jpg", "width": 1.5, "height": 2}]}, "no whole number"),
            ({"images": [{"id": 1, "file_name": "a.b.jpg"}, {"id": 1, "file_name": "IMG_1.JPG"}]}, "under the id 1"),
            (
                {"images": [{"id": 1, "file_name": "a.b.jpg"}, {"id": 2, "file_name": "./a.b.jpg"}]},
                "not the only entry",
            ),
            ({"images": [{"id": None, "file_name": "a.b.jpg"}]}, "images[0] has no id"),
            ({"categories": [{"id": 3, "name": "a"}, {"id": 3, "name": "b"}]}, "category id 3 stands twice"),
            ({"categories": [{"id": 3, "name": " "}]}, "categories[0] has no id or no name"),
        ],
    )
    def test_broken_entries_are_refused(self, folder: Path, change: dict[str, Any], said: str) -> None:
        """Each entry says what is wrong with it."""
        path = coco_file(folder, **{"annotations": [], **change})
        assert said in refused(coco.read(path, folder))

    def test_a_file_without_a_section_is_refused(self, folder: Path) -> None:
        """What has no categories is no COCO."""
        assert "has no list 'categories'" in refusal(lambda: coco.read(coco_file(folder, categories=None), folder))

    def test_boxes_of_a_refused_image_are_listed(self, folder: Path) -> None:
        """A sound box does not vanish with its photo: it is listed as left out."""
        images = [{"id": 0, "file_name": "gone.jpg"}, {"id": 30, "file_name": HARD_NAMES[3]}]
        dataset = coco.read(coco_file(folder, images=images), folder)
        assert codes(dataset) == ["photo_missing", "left_out_with_photo"]
        assert (dataset.photos_read, dataset.boxes_read) == (2, 2)
        assert "gone.jpg" in refused(dataset)


YAML = "path: .\ntrain: images\nnames: [can, 소파]\n"


def yolo_dataset(root: Path, yaml: str = YAML) -> Path:
    """Write a YOLO dataset: one photo with two rows, one empty .txt, one without."""
    put(root / "images" / "a b.c.JPG", photos.jpeg(200, 100, 1))
    put(root / "labels" / "a b.c.txt", "0 0.5 0.5 0.25 0.5\n\n1 0.1 0.1 0.2 0.2\n")
    put(root / "images" / "빈.png", photos.png(40, 30, 2))
    put(root / "labels" / "빈.txt", "")
    put(root / "images" / "unseen.jpg", photos.jpeg(40, 30, 3))
    return put(root / "data.yaml", yaml)


class TestYolo:
    """YOLO detection datasets, found by the trainer's own rules."""

    def test_rows_empty_and_missing_labels(self, tmp_path: Path) -> None:
        """Rows become pixels of the upright photo; an empty .txt was looked at, a missing one was not."""
        dataset = yolo.read(yolo_dataset(tmp_path))
        first, unseen, empty = dataset.images
        assert (first.name, unseen.name, empty.name) == ("images/a b.c.JPG", "images/unseen.jpg", "images/빈.png")
        assert [(box.category, box.box.xywh_px) for box in first.boxes] == [
            ("can", (75.0, 25.0, 50.0, 50.0)),
            ("소파", (0.0, 0.0, 40.0, 20.0)),
        ]
        assert (empty.labelled, empty.boxes, unseen.labelled) == (True, (), False)

    def test_the_frame_is_upright(self, tmp_path: Path) -> None:
        """A photo that EXIF turns is measured as the trainer sees it, upright."""
        path = yolo_dataset(tmp_path)
        put(tmp_path / "images" / "a b.c.JPG", photos.jpeg(200, 100, 1, exif_orientation=6))
        first = yolo.read(path).images[0]
        assert first.frame == Frame(100, 200)
        assert first.boxes[0].box.xywh_px == (37.5, 50.0, 25.0, 100.0)

    @pytest.mark.parametrize(
        "yaml",
        [
            "train: images\nnames: {0: can, 1: 소파}\n",
            "train: [images]\nval: images\ntest:\nnames: {'0': can, '1': 소파}\n",
            "path: ..\ntrain: {root}/images\nnames: [can, 소파]\n",
            "train: ../images\nval: list.txt\nnames: [can, 소파]\n",
            "train: list.txt\nnames: [can, 소파]\n",
        ],
    )
    def test_every_way_to_name_photos(self, tmp_path: Path, yaml: str) -> None:
        """A folder, a list of folders, a text list, Roboflow's `../`, names as list or mapping: the same photos."""
        root = tmp_path / "set"
        put(root / "list.txt", "./images/a b.c.JPG\nimages/빈.png\n\n" + str(root / "images/unseen.jpg") + "\n")
        dataset = yolo.read(yolo_dataset(root, yaml.replace("{root}", root.name)))
        assert [image.path.name for image in dataset.images] == ["a b.c.JPG", "unseen.jpg", "빈.png"]
        assert [box.category for box in dataset.images[0].boxes] == ["can", "소파"]

    def test_the_last_images_folder_becomes_labels(self, tmp_path: Path) -> None:
        """The label stands where the trainer looks for it, for hard names too (asked in a process of its own)."""
        if find_spec("ultralytics") is None:
            pytest.skip("left out: the trainer's own rule, since the extra `train` is absent")
        hard = ["/d/images/x/images/a.b.JPG", "/d/photos/소파.png", "/images/a images/images/b c.jpeg"]
        asked = "import json, sys; from ultralytics.data.utils import img2label_paths as ask; "
        asked += "print(json.dumps(ask(sys.argv[1:])))"
        command = [sys.executable, "-c", asked, *hard]
        quiet = {"YOLO_CONFIG_DIR": str(tmp_path), "YOLO_AUTOINSTALL": "false", "YOLO_OFFLINE": "true"}
        answer = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, **quiet})
        assert [str(yolo.label_path(Path(path))) for path in hard] == json.loads(answer.stdout.splitlines()[-1])

    @pytest.mark.parametrize(
        ("row", "said"),
        [
            ("0 0.1 0.1 0.2 0.1 0.2 0.2 0.3", "line 1 has 8 columns where a box has 5"),
            ("0 0.1 0.1", "line 1 has 3 columns (too few)"),
            ("2 0.5 0.5 0.1 0.1", "line 1 has the class 2, which `names` does not have (0 to 1)"),
            ("0.5 0.5 0.5 0.1 0.1", "line 1 has the class 0.5"),
            ("0 0.5 nan 0.1 0.1", "line 1 has '0 0.5 nan 0.1 0.1', in which 'nan' is no number"),
            ("0 0.5 x 0.1 0.1", "line 1 has '0 0.5 x 0.1 0.1', in which 'x' is no number"),
        ],
    )
    def test_a_wrong_row_is_refused_with_file_and_line(self, tmp_path: Path, row: str, said: str) -> None:
        """Odd columns, unknown classes and words instead of numbers are named by file and line."""
        path = yolo_dataset(tmp_path)
        put(tmp_path / "labels" / "a b.c.txt", row + "\n")
        assert f"labels/a b.c.txt {said}" in refused(yolo.read(path))

    @pytest.mark.parametrize(
        ("row", "code", "xyxy_px"),
        [
            ("0 0.1 0.1 0.3 0.1 0.3 0.5", "polygon_enclosed", (20, 10, 60, 50)),
            ("0 0.1 0.2 0.2 0.1 0.3 0.2 0.2 0.3", "polygon_enclosed", (20, 10, 60, 30)),
            ("0 0.5 0.5 0.25 0.5 0.87", "confidence_left_out", (75, 25, 125, 75)),
            ("can 0.5 0.5 0.25 0.5", "class_as_name", (75, 25, 125, 75)),
            ("0 0,5 0,5 0,25 0,5", "decimal_comma", (75, 25, 125, 75)),
        ],
    )
    def test_a_row_that_can_be_read_is_mended(
        self, tmp_path: Path, row: str, code: str, xyxy_px: tuple[float, ...]
    ) -> None:
        """Polygons and turned corners become the box around them; a confidence is left out; each is told."""
        path = yolo_dataset(tmp_path)
        put(tmp_path / "labels" / "a b.c.txt", row + "\n")
        dataset = yolo.read(path)
        assert codes(dataset) == [code]
        assert dataset.images[0].boxes[0].box.xyxy_px == pytest.approx(xyxy_px)

    def test_all_faults_come_at_once(self, tmp_path: Path) -> None:
        """A missing folder, a listed photo that is not there, and a bad label stand side by side."""
        path = yolo_dataset(tmp_path, "train: images\nval: nowhere\ntest: list.txt\nnames: [can, 소파]\n")
        put(tmp_path / "list.txt", "./images/gone.jpg\n./../out.jpg\n")
        put(tmp_path.parent / "out.jpg", b"x")
        put(tmp_path / "labels" / "a b.c.txt", b"0 0.5 0.5 0.1 0.1 \xff\n")
        said = refused(yolo.read(path))
        for part in ("nowhere does not exist", "gone.jpg does not exist", "lies outside", "a b.c.txt cannot be read"):
            assert part in said

    def test_notes_say_what_is_not_kept(self, tmp_path: Path) -> None:
        """Splits and unlabelled photos are counted; a label without a photo is refused, its rows listed."""
        path = yolo_dataset(tmp_path)
        put(tmp_path / "labels" / "stray.txt", "0 0.5 0.5 0.1 0.1\n")
        put(tmp_path / "labels" / "classes.txt", "can\n")
        dataset = yolo.read(path)
        notes = " / ".join(dataset.notes)
        assert "splits (train 3) were not kept" in notes
        assert "1 photos have no .txt" in notes
        assert codes(dataset) == ["label_without_photo", "left_out_with_photo"]
        assert "labels/stray.txt has no photo" in refused(dataset)

    def test_a_yaml_that_is_none_is_refused(self, tmp_path: Path) -> None:
        """A missing file, a file without names, and a path to nowhere each have their sentence."""
        assert "is no YOLO data.yaml" in refusal(lambda: yolo.read(tmp_path / "no.yaml"))
        assert "no usable `names`" in refusal(lambda: yolo.read(put(tmp_path / "d.yaml", "train: images\n")))
        wrong = put(tmp_path / "e.yaml", "path: nowhere\nnames: [a]\n")
        assert "has the path 'nowhere'" in refusal(lambda: yolo.read(wrong))


def voc_xml(filename: str, objects: str = "", size: str = "<width>80</width><height>60</height>") -> str:
    """Return a VOC file as Windows tools write it."""
    where = rf"<path>C:\cards\test\{filename}</path>"
    return f"<annotation><filename>{filename}</filename>{where}<size>{size}</size>{objects}</annotation>"


def voc_object(name: str, corners: tuple[object, ...], more: str = "") -> str:
    """Return one VOC object."""
    tags = zip(("xmin", "ymin", "xmax", "ymax"), corners, strict=True)
    box = "".join(f"<{tag}>{number}</{tag}>" for tag, number in tags)
    return f"<object><name>{name}</name>{more}<bndbox>{box}</bndbox></object>"


class TestVoc:
    """Pascal VOC folders."""

    def test_photos_beside_the_xml(self, tmp_path: Path) -> None:
        """The Windows path is ignored, the suffix may differ in case, numbers stay as they are."""
        put(tmp_path / "IMG 1.JPG", photos.jpeg(80, 60))
        put(
            tmp_path / "IMG 1.xml",
            voc_xml("IMG 1.jpg", voc_object("소파", (1, 2.5, 30, 40), "<difficult>1</difficult>")),
        )
        dataset = voc.read(tmp_path)
        (image,) = dataset.images
        assert (image.name, image.frame) == ("IMG 1.JPG", Frame(80, 60))
        assert [(box.category, box.box.xyxy_px) for box in image.boxes] == [("소파", (1, 2.5, 30, 40))]
        assert dataset.notes == ("1 objects are marked difficult and came in like any other",)

    @pytest.mark.parametrize("given", ["root", "annotations", "images"])
    def test_the_folders_of_the_challenge(self, tmp_path: Path, given: str) -> None:
        """`Annotations` and `JPEGImages` are found from either folder, or from --images."""
        put(tmp_path / "Annotations" / "a.XML", voc_xml("a.b.jpg"))
        put(tmp_path / "JPEGImages" / "a.b.jpg", photos.jpeg(80, 60))
        folder = tmp_path if given == "root" else tmp_path / "Annotations"
        dataset = voc.read(folder, tmp_path if given == "images" else None)
        assert [(image.path.name, image.boxes, image.labelled) for image in dataset.images] == [("a.b.jpg", (), True)]

    @pytest.mark.parametrize("size", ["", "<width>0</width><height>0</height>"])
    def test_no_size_is_no_frame(self, tmp_path: Path, size: str) -> None:
        """A size that is absent or 0 declares nothing."""
        put(tmp_path / "a.jpg", photos.jpeg(80, 60))
        put(tmp_path / "a.xml", voc_xml("a.jpg", size=size))
        assert voc.read(tmp_path).images[0].frame is None

    @pytest.mark.parametrize(
        "text",
        [
            '<!DOCTYPE x [<!ENTITY e SYSTEM "hostname.txt">]><annotation><filename>&e;</filename></annotation>',
            '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x><annotation/>'.encode("utf-16"),
        ],
    )
    def test_document_types_and_entities_are_refused_unparsed(self, tmp_path: Path, text: str | bytes) -> None:
        """Neither an entity nor one that hides in UTF-16 reaches the parser."""
        put(tmp_path / "a.xml", text)
        assert "a.xml has a document type, an entity or a NUL byte" in refused(voc.read(tmp_path))

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("<annotation>", "a.xml is no XML"),
            (voc_xml("../x.jpg"), "'../x.jpg' lies outside"),
            (voc_xml("a.jpg", size="<width>x</width>"), "no whole number of pixels"),
            (voc_xml("a.jpg", voc_object("", (1, 2, 3, 4))), "object 1 has no <name>"),
            (voc_xml("a.jpg", voc_object("can", (1, 2, "nan", 4))), "object 1 (can) has 'nan' under '<xmax>'"),
            (voc_xml("a.jpg", "<object><name>can</name></object>"), "object 1 (can) has no <bndbox>"),
            (voc_xml("a.jpg", "<object><name>can</name><robndbox/></object>"), "object 1 (can) is a turned box"),
        ],
    )
    def test_a_broken_file_is_refused_by_name(self, tmp_path: Path, text: str, said: str) -> None:
        """What is wrong is said with the file and the object."""
        put(tmp_path / "a.jpg", photos.jpeg(80, 60))
        put(tmp_path / "a.xml", text)
        assert said in refused(voc.read(tmp_path))

    def test_a_file_without_a_photo_is_refused(self, tmp_path: Path) -> None:
        """Neither the photo it names nor one of its own name is there; its boxes are listed as left out."""
        put(tmp_path / "a.jpg", photos.jpeg(80, 60))
        put(tmp_path / "z.xml", voc_xml("gone.jpg", voc_object("can", (1, 2, 3, 4))))
        dataset = voc.read(tmp_path)
        assert "z.xml: the image 'gone.jpg' does not exist" in refused(dataset)
        assert codes(dataset) == ["photo_missing", "left_out_with_photo"]

    def test_every_broken_file_and_a_second_one_about_a_photo_are_named(self, tmp_path: Path) -> None:
        """Faults of several files stand in one refusal, two files about one photo among them."""
        put(tmp_path / "a.jpg", photos.jpeg(80, 60))
        for name in ("a.xml", "b.xml"):
            put(tmp_path / name, voc_xml("a.jpg"))
        put(tmp_path / "c.xml", "<")
        said = refused(voc.read(tmp_path))
        assert "a.xml is not the only file about a.jpg" in said
        assert "b.xml is not the only file about a.jpg" in said
        assert "c.xml is no XML" in said

    @pytest.mark.parametrize("text", ["<annotation/>", voc_xml("renamed since.jpg")])
    def test_the_photo_of_the_xml_files_own_name_is_taken(self, tmp_path: Path, text: str) -> None:
        """When a file names no photo, or one that is not there, the photo beside it of the same name is its photo."""
        put(tmp_path / "a.JPG", photos.jpeg(80, 60))
        put(tmp_path / "a.xml", text)
        dataset = voc.read(tmp_path)
        assert (names(dataset), codes(dataset)) == (["a.JPG"], ["named_after_xml"])

    def test_pixels_counted_from_one(self, tmp_path: Path) -> None:
        """With one_based the first corner moves by a pixel, so that 1,1,80,60 is the whole photo of 80x60."""
        put(tmp_path / "a.jpg", photos.jpeg(80, 60))
        put(tmp_path / "a.xml", voc_xml("a.jpg", voc_object("can", (1, 1, 80, 60))))
        (box,) = voc.read(tmp_path, one_based=True).images[0].boxes
        assert box.box.xyxy_px == (0, 0, 80, 60)
        assert voc.read(tmp_path).images[0].boxes[0].box.xyxy_px == (1, 1, 80, 60)

    def test_a_folder_without_xml_is_refused(self, tmp_path: Path) -> None:
        """The wrong folder is named."""
        assert "has no .xml file" in refusal(lambda: voc.read(tmp_path))


COLUMNS = csv_boxes.parse_columns("image=file")


class TestCsv:
    """CSV files, one row a box."""

    def test_rows_are_grouped_by_photo(self, folder: Path) -> None:
        """Two spellings of one name are one photo; the photos without a row are counted."""
        rows = "file,x1,y1,x2,y2,category\r\n"
        rows += (
            "sub folder/소파.jpeg,1,2,3.5,4,sofa\r\nsub folder\\소파.jpeg,0,0,80,60,can\r\nIMG_1.jpg,1,1,2,2,can\r\n"
        )
        dataset = csv_boxes.read(put(folder.parent / "b.csv", "\ufeff" + rows), folder, COLUMNS)
        assert names(dataset) == ["IMG_1.JPG", "sub folder/소파.jpeg"]
        assert [box.box.xyxy_px for box in dataset.images[1].boxes] == [(1, 2, 3.5, 4), (0, 0, 80, 60)]
        assert dataset.notes == ("2 photos of images have no row and were left out",)

    def test_every_bad_line_is_named(self, folder: Path) -> None:
        """Missing cells, words for numbers, NaN and missing photos stand in one refusal, by line or name."""
        lines = ("file,x1,y1,x2,y2,category", "a.b.jpg,1,2,3", "a.b.jpg,1,2,3,four,can", "a.b.jpg,1,2,nan,4,can")
        text = "\n".join((*lines, "gone.jpg,1,2,3,4,can", "gone.jpg,1,2,3,4,can", "a.b.jpg,1,2,3,4,"))
        said = refused(csv_boxes.read(put(folder.parent / "b.csv", text), folder, COLUMNS))
        for part in ("line 2 has nothing under 'y2'", "line 3 has 'four' under 'y2'", "line 4 has 'nan' under 'x2'"):
            assert part in said
        assert said.count("gone.jpg") == 1
        assert "line 7 has nothing under 'category'" in said

    def test_a_missing_column_names_those_there_are(self, folder: Path) -> None:
        """The refusal lists the columns the file has and the option that names them."""
        path = put(folder.parent / "b.csv", "image_name,x_min\n")
        said = refusal(lambda: csv_boxes.read(path, folder, COLUMNS))
        assert "has no column 'file' (it has image_name, x_min)" in said
        assert "--columns" in said

    def test_an_unknown_role_is_refused(self) -> None:
        """`--columns picture=…` names the roles there are."""
        assert "roles image, x1" in refusal(lambda: csv_boxes.parse_columns("picture=a"))

    def test_a_folder_that_is_none_is_refused(self, folder: Path) -> None:
        """A wrong --images is said once, not once a photo."""
        path = put(folder.parent / "b.csv", "file,x1,y1,x2,y2,category\n")
        assert "is no folder" in refusal(lambda: csv_boxes.read(path, folder / "no", COLUMNS))


def test_real_datasets_are_read_whole(shared_data: Path) -> None:
    """317 photos with 395 boxes in CSV and 67 photos with 143 boxes in VOC are all there."""
    columns = csv_boxes.parse_columns("image=image_name,x1=x_min,y1=y_min,x2=x_max,y2=y_max,category=class_name")
    litter = csv_boxes.read(
        shared_data / "waste_litter" / "annotations.csv", shared_data / "waste_litter" / "images", columns
    )
    cards = voc.read(shared_data / "phone_cards" / "images")
    counted = [(len(d.images), sum(len(image.boxes) for image in d.images)) for d in (litter, cards)]
    assert counted == [(317, 395), (67, 143)]
    assert os.sep not in cards.images[0].name
