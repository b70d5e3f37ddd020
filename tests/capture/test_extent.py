"""Where a twin's alpha says the object is: at commit into the sidecar, in the catalog a box where nobody drew one."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image, ImageDraw

from captureset import catalog
from captureset.capture.commit import commit
from captureset.capture.extent import object_box, object_mask
from captureset.capture.submit import submit, submit_feedback
from captureset.records.rows import AnnotationRow
from captureset.store import pointers
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository
from deliveries import box, feedback, sidecar
from photos import encoded, jpeg, picture

Place = tuple[int, int, int, int]
CATEGORY = {"name": "m", "category": "FURN_SOFA", "confidence": 0.9}


def twin(size: tuple[int, int], *shown: Place, alpha: int = 255, orientation: int | None = None) -> bytes:
    """Return a PNG that shows these rectangles: left, top, right, bottom, the last two outside."""
    mask = Image.new("L", size)
    for left, top, right, bottom in shown:
        ImageDraw.Draw(mask).rectangle((left, top, right - 1, bottom - 1), fill=alpha)
    image = picture(*size, 3).convert("RGBA")
    image.putalpha(mask)
    return encoded(image, "PNG", orientation)


def found(data: bytes) -> Place | None:
    """Return the corners of the object, whole pixels."""
    place = object_box(data)
    return None if place is None else tuple(int(edge) for edge in place.xyxy_px)  # type: ignore[return-value]


@pytest.mark.parametrize("size", [(64, 48), (640, 480), (2003, 1501)])
def test_the_box_is_exact_to_the_pixel(size: tuple[int, int]) -> None:
    """However large the twin is, and also when the object touches an edge or is two parts."""
    width, height = size
    one = (width // 4 + 1, height // 3 + 1, width // 2 + 1, height - 2)
    assert found(twin(size, one)) == one
    other = (0, 0, width // 5, height // 6)
    assert found(twin(size, one, other)) == (0, 0, one[2], one[3])


def test_specks_do_not_count() -> None:
    """A connected part below a thousandth of the picture is what the removal left behind; corners connect."""
    body = (200, 100, 400, 300)
    assert found(twin((640, 480), body, (0, 0, 15, 15), (630, 470, 640, 480))) == body
    assert found(twin((640, 480), body, (0, 0, 20, 20))) == (0, 0, 400, 300)
    assert found(twin((640, 480), body, (400, 300, 410, 310))) == (200, 100, 410, 310)
    assert found(twin((640, 480), (0, 0, 15, 15), (600, 0, 610, 10))) is None


def test_alpha_that_tells_no_place_gives_no_box() -> None:
    """Fully transparent, fully opaque, thinner than half, or no alpha at all."""
    assert found(twin((64, 48))) is None
    assert found(twin((64, 48), (0, 0, 64, 48))) is None
    assert found(twin((64, 48), (10, 10, 30, 30), alpha=127)) is None
    assert found(twin((64, 48), (10, 10, 30, 30), alpha=128)) == (10, 10, 30, 30)
    assert found(jpeg(64, 48)) is None
    assert object_mask(jpeg(64, 48)) is None


def test_alpha_of_every_kind_is_read() -> None:
    """WebP, a palette with a transparent colour, gray with alpha; turned upright as the photo is."""
    image = Image.open(io.BytesIO(twin((64, 48), (10, 20, 30, 44))))
    assert found(encoded(image, "WEBP")) == (10, 20, 30, 44)
    assert found(encoded(image.convert("LA"), "PNG")) == (10, 20, 30, 44)
    palette = Image.new("P", (64, 48), 0)
    palette.putpalette([0, 0, 0, 200, 30, 30])
    palette.info["transparency"] = 0
    ImageDraw.Draw(palette).rectangle((10, 20, 29, 43), fill=1)
    sink = io.BytesIO()
    palette.save(sink, "PNG", transparency=0)
    assert found(sink.getvalue()) == (10, 20, 30, 44)
    assert found(twin((64, 48), (10, 20, 30, 44), orientation=6)) == (48 - 44, 10, 48 - 20, 30)


def test_noise_costs_no_more_than_a_picture() -> None:
    """The worst alpha, every other pixel, in many megapixels: parts are told apart in a small copy."""
    image = picture(4000, 3000, 1).convert("RGBA")
    image.putalpha(Image.effect_noise((4000, 3000), 255))
    assert found(encoded(image, "WEBP")) is not None


def boxes(repository: Repository) -> dict[str, AnnotationRow]:
    """Return the only box of every committed capture that has one."""
    return {row.capture_id: row for row in catalog.current(repository.root).annotations}


def test_a_label_without_a_box_gets_the_twins(prepared: Repository) -> None:
    """Scaled to the photo and marked; the model's own answer in the sidecar is what it was."""
    submit(prepared, jpeg(640, 480), sidecar("c-1", model=CATEGORY), twin((320, 240), (80, 60, 160, 180)))
    assert commit(prepared).refusals == ()
    row = boxes(prepared)["c-1"]
    assert (row.x_px, row.y_px, row.w_px, row.h_px) == (160, 120, 160, 240)
    assert (row.category, row.origin, row.derived_from, row.confidence) == ("FURN_SOFA", "model", "alpha", None)
    (month,) = pointers.read(prepared.pointers)
    store = ObjectStore(prepared.root)
    document = json.loads(store.read(pointers.rows(store, month)["15/c-1.json"]))
    assert document["model"] == CATEGORY
    assert document["background_removed"]["object_xywh_px"] == [80, 60, 80, 120]


def test_the_box_follows_what_people_say(prepared: Repository) -> None:
    """A corrected category is the box's too; a person's box, or an empty photo, goes before it."""
    for name in ("c-1", "c-2", "c-3", "c-4"):
        submit(prepared, jpeg(64, 48), sidecar(name, model=CATEGORY), twin((64, 48), (8, 6, 16, 18)))
    submit_feedback(prepared, "c-1", feedback("f-1", "c-1", "correct", category="FURN_CHAIR"))
    drawn = box("FURN_DESK", [1, 2, 30, 40])
    submit_feedback(prepared, "c-2", feedback("f-2", "c-2", "correct", boxes=[drawn]))
    submit_feedback(prepared, "c-3", feedback("f-3", "c-3", "correct", empty=True))
    commit(prepared)
    found = boxes(prepared)
    assert {name: (row.category, row.derived_from) for name, row in found.items()} == {
        "c-1": ("FURN_CHAIR", "alpha"),
        "c-2": ("FURN_DESK", None),
        "c-4": ("FURN_SOFA", "alpha"),
    }


def test_no_box_is_made_where_none_can_be(prepared: Repository) -> None:
    """A model's own box stays alone; without a category, or with a twin cropped to another shape, there is none."""
    own = {**CATEGORY, "boxes": [box("FURN_SOFA", [1, 2, 30, 40])]}
    submit(prepared, jpeg(64, 48), sidecar("c-1", model=own), twin((64, 48), (8, 6, 16, 18)))
    submit(prepared, jpeg(64, 48), sidecar("c-2", model={"name": "m"}), twin((64, 48), (8, 6, 16, 18)))
    submit(prepared, jpeg(64, 48), sidecar("c-3", model=CATEGORY), twin((48, 48), (8, 6, 16, 18)))
    commit(prepared)
    assert {name: row.derived_from for name, row in boxes(prepared).items()} == {"c-1": None}


def test_a_place_that_the_app_tells_is_not_believed(prepared: Repository) -> None:
    """Only `commit` measures it; delivered again, the capture is known."""
    told = {"object_xywh_px": [0, 0, 1, 1]}
    opaque = twin((64, 48), (0, 0, 64, 48))
    submit(prepared, jpeg(64, 48), sidecar("c-1", model=CATEGORY, background_removed=told), opaque)
    commit(prepared)
    assert boxes(prepared) == {}
    submit(prepared, jpeg(64, 48), sidecar("c-1", model=CATEGORY), opaque)
    again = commit(prepared)
    assert (again.already_in, again.refusals, again.commit) == (1, (), None)
