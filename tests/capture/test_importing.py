"""Foreign datasets become captures: all of them or none, every box where its source drew it."""

from __future__ import annotations

import io
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

import photos
from captureset.capture import importing, inbox
from captureset.capture.envelope import Envelope, unpack
from captureset.capture.import_account import Account, OnDirt
from captureset.capture.importing import Imported, ImportOptions, import_dataset
from captureset.errors import CapturesetError
from captureset.formats.sources import csv_boxes, voc
from captureset.formats.sources.dataset import SourceBox, SourceDataset, SourceImage
from captureset.formats.taxonomy import load_taxonomy
from captureset.records.box import Box, Frame
from captureset.records.sidecar import Annotation
from captureset.store.repository import Repository

THEN = "2024-01-15T12:20:00+09:00"
OPTIONS = ImportOptions(captured_at=THEN)
WITHIN_PX = 0.01


def source(folder: Path, *images: SourceImage) -> SourceDataset:
    """Return a dataset; a photo that is not drawn yet is 80x60 px."""
    for seed, image in enumerate(images):
        image.path.parent.mkdir(parents=True, exist_ok=True)
        if not image.path.exists():
            image.path.write_bytes(photos.jpeg(80, 60, seed))
    boxes = sum(len(image.boxes) for image in images)
    return SourceDataset(folder.name, images, ("the reader's own note",), (), len(images), boxes)


def photo(folder: Path, name: str, *boxes: SourceBox, **more: Any) -> SourceImage:
    """Return one photo of a dataset."""
    rows = (replace(one, row=f"{name} row {place}") for place, one in enumerate(boxes, start=1))
    return SourceImage(folder / name, name, more.pop("frame", None), tuple(rows), **more)


def box(category: str = "FURN_SOFA", *xywh_px: float) -> SourceBox:
    """Return one box of a dataset."""
    return SourceBox(category, Box(*(xywh_px or (1, 2, 30, 40))))


def boxes_of(words: Sequence[str]) -> list[SourceBox]:
    """Return a box for each word, each in another place."""
    return [box(word, place, 2, 30, 40) for place, word in enumerate(words)]


def envelopes(repository: Repository) -> dict[str, Envelope]:
    """Return what waits in the inbox, by the name at the source."""
    found = [unpack(path.read_bytes(), path.name) for path in inbox.waiting(repository).captures]
    return {envelope.sidecar["source"]["original_name"]: envelope for envelope in found}


def tree(root: Path) -> dict[str, bytes]:
    """Return every file below a folder, hidden ones too."""
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def refused(repository: Repository, dataset: SourceDataset, options: ImportOptions = OPTIONS) -> str:
    """Return the refusal of an import, after proving that it left no trace."""
    before = tree(repository.root)
    with pytest.raises(CapturesetError) as caught:
        import_dataset(repository, dataset, options)
    assert tree(repository.root) == before
    return str(caught.value)


def counts(done: Imported) -> tuple[int, int]:
    """Return how many captures and boxes came in."""
    return done.account.photos_in, done.account.boxes_in


def told(done: Imported) -> list[tuple[str, str]]:
    """Return the code and the row of every fate."""
    return [(fate.code, fate.row) for fate in done.account.fates]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the source's photos stand."""
    return tmp_path / "source photos"


class TestBatch:
    """One import is one batch."""

    def test_photos_with_hard_names_come_in_with_their_bytes(self, repository: Repository, folder: Path) -> None:
        """Spaces, two dots, upper-case suffixes and Korean pass, and no byte of a photo changes."""
        names = ("my photo.jpg", "a.b.JPG", "하위 폴더/소파.jpeg")
        done = import_dataset(repository, source(folder, *(photo(folder, n, box()) for n in names)), OPTIONS)
        assert done == Imported(
            Account(3, 3, 3, 3, ()), new=True, categories_added=(), notes=("the reader's own note",)
        )
        found = envelopes(repository)
        assert {name: found[name].photo for name in names} == {n: (folder / n).read_bytes() for n in names}
        assert found["a.b.JPG"].sidecar["captured_at"] == THEN
        assert found["a.b.JPG"].sidecar["source"]["name"] == "source photos"

    def test_twice_is_once(self, repository: Repository, folder: Path) -> None:
        """A second import of the same dataset changes no byte and says so."""
        dataset = source(folder, photo(folder, "a.jpg", box()), photo(folder, "b.jpg"))
        import_dataset(repository, dataset, OPTIONS)
        before = tree(repository.root)
        assert not import_dataset(repository, dataset, OPTIONS).new
        assert tree(repository.root) == before

    def test_ids_depend_on_name_and_bytes_only(self, repository: Repository, folder: Path) -> None:
        """The same dataset from another folder, in another order, has the same ids."""
        images = [photo(folder, "a.jpg", box()), photo(folder, "b.jpg", box())]
        import_dataset(repository, source(folder, *images), OPTIONS)
        first = {path.name for path in inbox.waiting(repository).captures}
        moved = folder.with_name("moved")
        shutil.copytree(folder, moved)
        shutil.rmtree(repository.inbox)
        import_dataset(repository, source(moved, *(replace(i, path=moved / i.name) for i in reversed(images))), OPTIONS)
        assert {path.name for path in inbox.waiting(repository).captures} == first

    def test_a_dry_run_writes_nothing(self, repository: Repository, folder: Path) -> None:
        """It counts, checks and names the categories it would add, and no file changes."""
        dataset = source(folder, photo(folder, "a.jpg", box("can")))
        before = tree(repository.root)
        done = import_dataset(repository, dataset, replace(OPTIONS, add_under="MISC"), dry_run=True)
        assert (counts(done), done.new, done.categories_added) == ((1, 1), False, ("MISC_CAN",))
        assert tree(repository.root) == before

    @pytest.mark.parametrize("kind", ["html", "truncated", "missing"])
    def test_a_broken_last_photo_leaves_nothing(self, repository: Repository, folder: Path, kind: str) -> None:
        """A photo that is HTML, is cut off or is gone refuses the whole dataset by name, its categories too."""
        whole = photos.jpeg(400, 300)
        broken = {"html": b"<html>", "truncated": whole[: len(whole) // 2], "missing": b""}[kind]
        dataset = source(folder, photo(folder, "a.jpg", box("can")), photo(folder, "z last.jpg", box("can")))
        (folder / "z last.jpg").write_bytes(broken)
        if kind == "missing":
            (folder / "z last.jpg").unlink()
        said = refused(repository, dataset, replace(OPTIONS, add_under="MISC"))
        assert "z last.jpg" in said
        assert "nothing was imported" in said

    def test_progress_counts_every_photo(self, repository: Repository, folder: Path) -> None:
        """The bar is told 1 to n."""
        told: list[int] = []
        dataset = source(folder, *(photo(folder, f"{n}.jpg") for n in range(3)))
        import_dataset(repository, dataset, OPTIONS, progress=told.append)
        assert told == [1, 2, 3]

    def test_a_dataset_without_images_is_refused(self, repository: Repository, folder: Path) -> None:
        """Nothing to import is a fault of the path, not a success."""
        assert "it has no image" in refused(repository, source(folder))


class TestTime:
    """When a photo was taken is told by the user or by the photo, never guessed."""

    def test_photos_without_a_time_are_counted_in_one_sentence(self, repository: Repository, folder: Path) -> None:
        """The first is named, the option that helps too."""
        dataset = source(folder, photo(folder, "a.jpg"), photo(folder, "b.jpg"))
        said = refused(repository, dataset, ImportOptions())
        assert "2 photos do not say when they were taken, a.jpg the first; give --captured-at" in said

    def test_the_time_in_the_photo_is_used(self, repository: Repository, folder: Path) -> None:
        """EXIF DateTimeOriginal with its offset becomes captured_at."""
        exif = Image.Exif()
        exif.get_ifd(0x8769).update({0x9003: "2023:06:01 10:20:30", 0x9011: "+09:00"})
        sink = io.BytesIO()
        photos.picture(80, 60, 1).save(sink, "JPEG", exif=exif)
        folder.mkdir()
        (folder / "a.jpg").write_bytes(sink.getvalue())
        import_dataset(repository, source(folder, photo(folder, "a.jpg")), ImportOptions())
        assert envelopes(repository)["a.jpg"].sidecar["captured_at"] == "2023-06-01T10:20:30+09:00"

    @pytest.mark.parametrize(
        "text", ["2024-01-15", "2024-01-15T12:20:00", "2024-02-30T00:00:00Z", "yesterday", "20240115T000000Z"]
    )
    def test_a_time_that_is_none_is_refused_at_once(self, repository: Repository, folder: Path, text: str) -> None:
        """A day alone, a missing offset and the 30th of February are refused before a photo is read."""
        said = refused(repository, source(folder, photo(folder, "a.jpg")), ImportOptions(captured_at=text))
        assert f"--captured-at {text!r} is no RFC 3339 time" in said


class TestLabels:
    """What stands in the sidecar."""

    def test_boxes_empty_and_unlabelled_are_three_things(self, repository: Repository, folder: Path) -> None:
        """Boxes are confirmed, a photo looked at without boxes is verified-empty, one not looked at has no label."""
        images = (photo(folder, "b.jpg", box()), photo(folder, "e.jpg"), photo(folder, "u.jpg", labelled=False))
        import_dataset(repository, source(folder, *images), OPTIONS)
        labels = {name: envelope.sidecar["label"] for name, envelope in envelopes(repository).items()}
        assert labels["e.jpg"] == {"reviewed": True, "empty": True}
        assert labels["u.jpg"] == {"reviewed": False}
        assert labels["b.jpg"]["reviewed"]
        assert labels["b.jpg"]["boxes"][0]["xywh_px"] == [1, 2, 30, 40]

    def test_unreviewed_vouches_for_nothing(self, repository: Repository, folder: Path) -> None:
        """With reviewed=False neither a box nor an absence counts as seen by a person."""
        images = (photo(folder, "b.jpg", box()), photo(folder, "e.jpg"))
        import_dataset(repository, source(folder, *images), replace(OPTIONS, reviewed=False))
        labels = {name: envelope.sidecar["label"] for name, envelope in envelopes(repository).items()}
        assert labels["e.jpg"] == {"reviewed": False}
        assert not labels["b.jpg"]["reviewed"]

    def test_boxes_outside_are_refused_by_photo_and_number(self, repository: Repository, folder: Path) -> None:
        """Every box that leaves its frame or has no area is named in the source's own numbers."""
        outside = (box("FURN_SOFA", 60, 10, 21, 10), box(), box("FURN_BED", 5, 5, 0, 9))
        said = refused(repository, source(folder, photo(folder, "a b.jpg", *outside)))
        assert "a b.jpg row 1 of a b.jpg: FURN_SOFA [60, 10, 21, 10] reaches outside its frame of 80x60 px" in said
        assert "FURN_BED [5, 5, 0, 9] has no area" in said
        assert "row 2" not in said
        assert "--on-dirt leave-out" in said

    def test_a_photo_not_looked_at_for_absence(self, repository: Repository, folder: Path) -> None:
        """With empty_reviewed=False boxes are still confirmed, but a photo without any is unreviewed."""
        images = (photo(folder, "b.jpg", box()), photo(folder, "e.jpg"))
        import_dataset(repository, source(folder, *images), replace(OPTIONS, empty_reviewed=False))
        labels = {name: envelope.sidecar["label"] for name, envelope in envelopes(repository).items()}
        assert labels["b.jpg"]["reviewed"]
        assert labels["e.jpg"] == {"reviewed": False}

    def test_rounding_at_the_edge_is_the_edge(self, repository: Repository, folder: Path) -> None:
        """A hundredth of a pixel beyond the edge, as six decimals of a fraction give, is cut and needs no word."""
        dataset = source(folder, photo(folder, "a.jpg", box("FURN_SOFA", -0.006, 10, 80.012, 10)))
        done = import_dataset(repository, dataset, OPTIONS)
        assert done.account.fates == ()
        found = envelopes(repository)["a.jpg"].sidecar["label"]["boxes"][0]["xywh_px"]
        assert found == pytest.approx([0, 10, 80, 10], abs=1e-9)


def mark_of(envelope: Envelope) -> tuple[float, ...]:
    """Return where the red mark lies in the upright photo, as Pillow turns it: x1, y1, x2, y2."""
    with Image.open(io.BytesIO(envelope.photo)) as image:
        pixels = np.asarray(ImageOps.exif_transpose(image).convert("RGB")).astype(int)
    ys, xs = np.nonzero((pixels[..., 0] > 128) & (pixels[..., 1] < 128))
    return float(xs.min()), float(ys.min()), float(xs.max() + 1), float(ys.max() + 1)


def marked(path: Path, orientation: int) -> Box:
    """Draw a red mark on a lying 160x80 picture that EXIF turns, and return its box in the stored pixels."""
    image = Image.new("RGB", (160, 80), "white")
    image.paste((255, 0, 0), (16, 8, 64, 32))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(photos.encoded(image, "PNG", orientation))
    return Box.from_xyxy_px(16, 8, 64, 32)


class TestOrientation:
    """Boxes lie on the upright photo, whichever picture the source drew them on."""

    @pytest.mark.parametrize("orientation", [5, 6, 7, 8])
    @pytest.mark.parametrize("scale", [1, 2])
    def test_boxes_drawn_on_the_lying_picture_are_turned(
        self, repository: Repository, folder: Path, orientation: int, scale: int
    ) -> None:
        """A source that declares the stored size, or half of it, drew on the lying picture (oracle: real pixels)."""
        lying = marked(folder / "a.png", orientation)
        drawn = Box(*(number / scale for number in lying.xywh_px))
        image = photo(folder, "a.png", SourceBox("FURN_SOFA", drawn), frame=Frame(160 // scale, 80 // scale))
        done = import_dataset(repository, source(folder, image), OPTIONS)
        assert ("size_turned", "a.png") in told(done)
        assert (("size_scaled", "a.png") in told(done)) == (scale != 1)
        envelope = envelopes(repository)["a.png"]
        found = Annotation.from_document(envelope.sidecar["label"]["boxes"][0])
        assert found.frame == Frame(80, 160)
        assert found.box.xyxy_px == pytest.approx(mark_of(envelope), abs=1e-9)

    def test_boxes_drawn_on_the_upright_picture_stay(self, repository: Repository, folder: Path) -> None:
        """A source that declares the upright size drew on the upright picture: the numbers do not change."""
        marked(folder / "a.png", 6)
        image = photo(folder, "a.png", box("FURN_SOFA", 1, 2, 70, 150), frame=Frame(80, 160))
        done = import_dataset(repository, source(folder, image), OPTIONS)
        assert envelopes(repository)["a.png"].sidecar["label"]["boxes"][0]["xywh_px"] == [1, 2, 70, 150]
        assert told(done) == []

    @pytest.mark.parametrize(("orientation", "frame"), [(3, Frame(160, 80)), (6, None)])
    def test_what_cannot_be_known_is_told(
        self, repository: Repository, folder: Path, orientation: int, frame: Frame | None
    ) -> None:
        """Upside down has the same size both ways, and no size says nothing: the photo is listed to be looked at."""
        marked(folder / "a.png", orientation)
        image = photo(folder, "a.png", box("FURN_SOFA", 1, 2, 3, 4), frame=frame)
        done = import_dataset(repository, source(folder, image), OPTIONS)
        assert told(done) == [("turn_unknown", "a.png")]

    def test_a_size_of_another_picture_is_refused(self, repository: Repository, folder: Path) -> None:
        """A declared size of another shape means the boxes belong to another picture; nothing is stretched."""
        image = photo(folder, "a.jpg", box(), frame=Frame(100, 100))
        said = refused(repository, source(folder, image))
        assert "a.jpg is 80x60 px but the source says 100x100" in said


class TestCategories:
    """The source's words lead to our categories."""

    def test_unknown_words_are_refused_with_a_hint(self, repository: Repository, folder: Path) -> None:
        """Each unknown word is named, a near miss with what was meant, and both remedies."""
        dataset = source(folder, photo(folder, "a.jpg", box("FURN_SOFFA"), box("zzz")))
        said = refused(repository, dataset)
        assert "the category 'FURN_SOFFA' is unknown (did you mean FURN_SOFA?); the category 'zzz' is unknown;" in said
        assert "--map" in said
        assert "--add-categories" in said

    def test_codes_names_and_the_map_lead_to_categories(self, repository: Repository, folder: Path) -> None:
        """A code, a Korean name, an English name and a mapped word each find theirs."""
        words = ("FURN_SOFA", "소파", "sofa", "couch")
        dataset = source(folder, photo(folder, "a.jpg", *boxes_of(words)))
        import_dataset(repository, dataset, replace(OPTIONS, mapping={"couch": "소파"}))
        boxes = envelopes(repository)["a.jpg"].sidecar["label"]["boxes"]
        assert [found["category"] for found in boxes] == ["FURN_SOFA"] * 4

    def test_a_map_to_nowhere_is_refused_even_when_adding(self, repository: Repository, folder: Path) -> None:
        """A slip in the map makes no new category."""
        options = replace(OPTIONS, mapping={"couch": "FURN_SOAF"}, add_under="MISC")
        said = refused(repository, source(folder, photo(folder, "a.jpg", box("couch"))), options)
        assert "--map leads 'couch' to 'FURN_SOAF', which is unknown (did you mean FURN_SOFA?)" in said

    def test_added_categories_go_to_the_end(self, repository: Repository, folder: Path) -> None:
        """The file keeps every byte it had, comments too; new ids follow the last; a second import adds none."""
        before = repository.categories.read_text(encoding="utf-8")
        last = len(load_taxonomy(repository.categories).categories)
        words = ("metal can", "Metal-Can", "유리", 'glass: "#1"', "METAL CAN")
        dataset = source(folder, photo(folder, "a.jpg", *boxes_of(words)))
        options = replace(OPTIONS, add_under="LIFE")
        done = import_dataset(repository, dataset, options)
        assert repository.categories.read_text(encoding="utf-8").startswith(before)
        added = load_taxonomy(repository.categories).categories[last:]
        assert [c.id for c in added] == list(range(last + 1, last + 5))
        assert {c.supercategory for c in added} == {"LIFE"}
        assert tuple(c.code for c in added) == done.categories_added
        taxonomy = load_taxonomy(repository.categories)
        led = [taxonomy.find(word) for word in words]
        boxes = envelopes(repository)["a.jpg"].sidecar["label"]["boxes"]
        assert [found["category"] for found in boxes] == [category and category.code for category in led]
        again = import_dataset(repository, dataset, options)
        assert (again.new, again.categories_added) == (False, ())

    def test_a_taxonomy_that_lost_its_additions_gets_them_back(self, repository: Repository, folder: Path) -> None:
        """With the batch still waiting and data/categories.yaml restored, importing again mends the taxonomy."""
        before = repository.categories.read_bytes()
        dataset = source(folder, photo(folder, "a.jpg", box("can")))
        import_dataset(repository, dataset, replace(OPTIONS, add_under="MISC"))
        wanted = repository.categories.read_bytes()
        repository.categories.write_bytes(before)
        import_dataset(repository, dataset, replace(OPTIONS, add_under="MISC"))
        assert repository.categories.read_bytes() == wanted

    def test_an_unknown_main_category_is_refused(self, repository: Repository, folder: Path) -> None:
        """`--under` names those there are."""
        said = refused(repository, source(folder, photo(folder, "a.jpg", box("can"))), replace(OPTIONS, add_under="NO"))
        assert "no main category 'NO'; give --under one of FURN, APPL" in said

    def test_a_taxonomy_that_ends_otherwise_is_left_alone(self, repository: Repository, folder: Path) -> None:
        """When `categories` is not the last list, nothing is guessed: the lines to add are given."""
        text = repository.categories.read_text(encoding="utf-8")
        head, _, tail = text.partition("supercategories:")
        main, _, sub = tail.partition("categories:")
        repository.categories.write_text(f"{head}categories:{sub}supercategories:{main}", encoding="utf-8")
        said = refused(
            repository, source(folder, photo(folder, "a.jpg", box("can"))), replace(OPTIONS, add_under="MISC")
        )
        assert "add these by hand: - {id: 53" in said


class TestDirt:
    """What the three ways of dealing with dirt let in."""

    def dirty(self, folder: Path) -> SourceDataset:
        """Return a sound photo, one with a box that is cut and one that stands twice, and one with a lost box."""
        cut, twice = box("FURN_SOFA", 50, 10, 30.5, 10), box()
        lost = photo(folder, "lost.jpg", box(), box("FURN_BED", 70, 10, 40, 10))
        return source(folder, photo(folder, "a.jpg", box()), photo(folder, "mended.jpg", cut, twice, twice), lost)

    def test_refuse_lets_nothing_pass(self, repository: Repository, folder: Path) -> None:
        """A box cut at the edge is enough; the way out is named."""
        said = refused(repository, self.dirty(folder), replace(OPTIONS, on_dirt=OnDirt.REFUSE))
        assert "was cut" in said
        assert "--on-dirt repair" in said

    def test_repair_refuses_what_cannot_be_mended(self, repository: Repository, folder: Path) -> None:
        """One lost box refuses the dataset, by name; what can be mended is not in the way."""
        said = refused(repository, self.dirty(folder), OPTIONS)
        assert "lost.jpg row 2" in said
        assert "mended.jpg" not in said

    def test_leave_out_takes_the_rest_and_lists_what_stayed(self, repository: Repository, folder: Path) -> None:
        """The photo with a lost box stays out whole, its sound box with it; every row is in or listed."""
        done = import_dataset(repository, self.dirty(folder), replace(OPTIONS, on_dirt=OnDirt.LEAVE_OUT))
        assert sorted(envelopes(repository)) == ["a.jpg", "mended.jpg"]
        assert (done.account.photos_read, done.account.boxes_read) == (3, 6)
        assert counts(done) == (2, 3)
        assert told(done) == [
            ("clipped", "mended.jpg row 1"),
            ("box_twice", "mended.jpg row 3"),
            ("outside", "lost.jpg row 2"),
            ("box_refused", "lost.jpg"),
            ("left_out_with_photo", "lost.jpg row 1"),
        ]
        (edge, _) = envelopes(repository)["mended.jpg"].sidecar["label"]["boxes"]
        assert edge["xywh_px"] == [50, 10, 30, 10]

    def test_nothing_left_is_refused(self, repository: Repository, folder: Path) -> None:
        """A dataset of which no photo can come in is refused, also when leaving out."""
        dataset = source(folder, photo(folder, "a.jpg", box("FURN_BED", 70, 10, 40, 10)))
        assert "no photo of it can come in" in refused(repository, dataset, replace(OPTIONS, on_dirt=OnDirt.LEAVE_OUT))

    @pytest.mark.parametrize(("over_px", "code"), [(0.8, "clipped"), (0.81, "outside")])
    def test_one_percent_of_the_side_is_cut(
        self, repository: Repository, folder: Path, over_px: float, code: str
    ) -> None:
        """At 80 px across, 0.8 px over the edge is a slip of the hand and 0.81 px is not."""
        dataset = source(
            folder, photo(folder, "a.jpg", box("FURN_SOFA", 40, 10, 40 + over_px, 10)), photo(folder, "b.jpg")
        )
        done = import_dataset(repository, dataset, replace(OPTIONS, on_dirt=OnDirt.LEAVE_OUT))
        assert done.account.fates[0].code == code

    def test_a_side_under_a_pixel_is_refused(self, repository: Repository, folder: Path) -> None:
        """No export may have such a box, so none comes in; what counts are pixels of the photo, not of the copy."""
        tiny = photo(folder, "a.jpg", box("FURN_SOFA", 40, 10, 0.9, 10))
        assert "has a side of 0.900 px" in refused(repository, source(folder, tiny))
        copy = photo(folder, "a.jpg", box("FURN_SOFA", 4, 1, 0.9, 1), frame=Frame(8, 6))
        import_dataset(repository, source(folder, copy), OPTIONS)
        assert envelopes(repository)["a.jpg"].sidecar["label"]["boxes"][0]["xywh_px"] == pytest.approx([40, 10, 9, 10])


def differences(dataset: SourceDataset, repository: Repository) -> Sequence[float]:
    """Return how far each corner of each box in the inbox lies from its source, in pixels of the source's frame."""
    found, far = envelopes(repository), []
    for image in dataset.images:
        boxes = found[image.name].sidecar["label"].get("boxes", [])
        assert len(boxes) == len(image.boxes)
        for document, told in zip(boxes, image.boxes, strict=True):
            annotation = Annotation.from_document(document)
            frame = image.frame or annotation.frame
            corners = annotation.box_in(frame).xyxy_px
            far += [abs(one - other) for one, other in zip(corners, told.box.xyxy_px, strict=True)]
    return far


class TestRealPhotographs:
    """The two real datasets come in whole."""

    def test_waste_litter(self, repository: Repository, shared_data: Path) -> None:
        """317 photos, 395 boxes of 4 categories, every corner within 0.01 px of the CSV."""
        folder = shared_data / "waste_litter"
        columns = csv_boxes.parse_columns("image=image_name,x1=x_min,y1=y_min,x2=x_max,y2=y_max,category=class_name")
        dataset = csv_boxes.read(folder / "annotations.csv", folder / "images", columns)
        done = import_dataset(repository, dataset, replace(OPTIONS, add_under="MISC"))
        assert counts(done) == (317, 395)
        assert done.categories_added == ("MISC_GLASS", "MISC_METAL", "MISC_PAPER", "MISC_PLASTIC")
        far = differences(dataset, repository)
        assert len(far) == 4 * 395
        assert max(far) <= WITHIN_PX

    def test_phone_cards(self, repository: Repository, shared_data: Path) -> None:
        """67 photos, 143 boxes, every corner within 0.01 px of the XML."""
        dataset = voc.read(shared_data / "phone_cards" / "images")
        done = import_dataset(repository, dataset, replace(OPTIONS, add_under="HOBB"))
        assert counts(done) == (67, 143)
        far = differences(dataset, repository)
        assert len(far) == 4 * 143
        assert max(far) <= WITHIN_PX


def test_without_the_decoder_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a base install an import says which extra it needs."""
    monkeypatch.setattr(importing, "find_spec", lambda _: None)
    with pytest.raises(CapturesetError, match=r"captureset\[pipeline\]"):
        importing.require_decoder()
