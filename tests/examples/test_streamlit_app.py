"""The example page, run by Streamlit's own AppTest against a real repository: from the upload to the catalog."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from streamlit.testing.v1 import AppTest

from captureset import catalog
from captureset.capture.commit import commit
from captureset.capture.envelope import unpack
from captureset.store.repository import Repository
from photos import encoded

PAGE = Path(__file__).resolve().parents[2] / "examples" / "streamlit_app.py"
SOFA = (320, 400, 960, 700)  # left, top, right, bottom


def sofa_jpeg() -> bytes:
    """Return a photo of a red thing before a gray wall."""
    image = Image.new("RGB", (1280, 960), (200, 200, 200))
    ImageDraw.Draw(image).rectangle(SOFA, fill=(180, 40, 40))
    sink = io.BytesIO()
    image.save(sink, "JPEG", quality=95)
    return sink.getvalue()


@pytest.fixture
def page(prepared: Repository, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page, opened on an empty repository."""
    monkeypatch.setenv("CAPTURESET_REPOSITORY", str(prepared.root))
    found = AppTest.from_file(str(PAGE), default_timeout=60).run()
    assert not found.exception
    return found


def upload(page: AppTest, data: bytes, name: str = "소파 1.JPG") -> AppTest:
    """Choose a photo."""
    page.file_uploader[0].set_value((name, data, "image/jpeg")).run()
    assert not page.exception
    return page


def press(page: AppTest, label: str) -> AppTest:
    """Press a button of this name."""
    next(button for button in page.button if button.label == label).click().run()
    assert not page.exception
    return page


def test_from_upload_to_catalog(page: AppTest, prepared: Repository) -> None:
    """Upload, choose, save, correct; after `commit` the catalog has the capture, its box and what the user said."""
    upload(page, sofa_jpeg())
    assert "소파 (Sofa)" in page.selectbox[0].options
    page.selectbox[0].select("소파 (Sofa)").run()
    press(page, "Save")
    assert page.success[0].value.startswith("Saved as ")
    assert page.metric[0].label == "Quality so far"
    page.radio[0].set_value("No, it is something else")
    page.selectbox[1].select("의자 (Chair)")
    page.slider[0].set_value(2)
    page.text_input[0].set_value("등받이가 있습니다")
    press(page, "Send feedback")
    assert [one.value for one in page.success][-1] == "Thank you, that is saved."

    (envelope,) = prepared.inbox.glob("*.capture")
    capture = unpack(envelope.read_bytes(), envelope.name)
    assert capture.photo == sofa_jpeg()
    assert "session_key" in capture.sidecar["session"]
    done = commit(prepared)
    assert (done.captures, done.feedback, done.refusals) == (1, 1, ())
    found = catalog.current(prepared.root)
    (row,), (box,), (said,) = found.captures, found.annotations, found.feedback
    assert (row.model_category, row.category, row.review_state, row.rating) == (
        "FURN_SOFA",
        "FURN_CHAIR",
        "corrected",
        2,
    )
    assert row.twin_md5 is not None
    assert [box.x_px, box.y_px, box.x_px + box.w_px, box.y_px + box.h_px] == pytest.approx(SOFA, abs=8)
    assert (said.verdict, said.has_note) == ("correct", True)


def test_saving_twice_is_one_capture_and_another_photo_is_another(page: AppTest, prepared: Repository) -> None:
    """A page is run again at every click."""
    upload(page, sofa_jpeg())
    for _ in range(3):
        press(page, "Save")
    assert len(list(prepared.inbox.glob("*.capture"))) == 1
    upload(page, encoded(Image.open(io.BytesIO(sofa_jpeg())), "PNG"), "2.png")
    assert not page.success
    press(page, "Save")
    waiting = [unpack(path.read_bytes(), path.name).sidecar for path in prepared.inbox.glob("*.capture")]
    assert len(waiting) == 2
    assert len({json.dumps(sidecar["session"]) for sidecar in waiting}) == 1


@pytest.mark.parametrize("label", ["Yes", "The photo is unusable"])
def test_a_verdict_needs_no_correction(page: AppTest, prepared: Repository, label: str) -> None:
    """Confirmed, or rejected."""
    press(upload(page, sofa_jpeg()), "Save")
    page.radio[0].set_value(label)
    press(page, "Send feedback")
    commit(prepared)
    state = catalog.current(prepared.root).captures[0].review_state
    assert state == {"Yes": "confirmed"}.get(label, "rejected")


def test_what_cannot_be_saved_is_said_on_the_page(page: AppTest, prepared: Repository) -> None:
    """No picture, and an inbox that cannot be written to: a sentence, no traceback, and the page goes on."""
    upload(page, b"no picture")
    assert "cannot be shown" in page.error[0].value
    prepared.inbox.parent.mkdir(exist_ok=True)
    prepared.inbox.write_bytes(b"")
    press(upload(page, sofa_jpeg()), "Save")
    assert "data/inbox" in page.error[0].value
    prepared.inbox.unlink()
    press(page, "Save")
    assert page.success[0].value.startswith("Saved as ")
