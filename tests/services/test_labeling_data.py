"""`save_analysis_data`: the shapes of the contract, the bytes as they came, the same twice."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from captureset import catalog
from captureset.capture.commit import commit
from captureset.capture.envelope import Envelope, unpack
from captureset.services import LabelingService
from captureset.services.labeling_data import LabelingDataService
from captureset.store import git
from captureset.store.repository import Repository
from photos import jpeg, picture

RESULT: dict[str, Any] = {
    "category": "소파",
    "confidence": 0.83,
    "bbox": {"x": 10, "y": 20, "width": 100, "height": 80},
    "image_width": 320,
    "image_height": 240,
    "size_estimation": {"width_cm": 190, "height_cm": 82},
}
SESSION = {"session_id": "abc-123", "user_id": 7, "user_agent": "App/1", "timestamp": "2025-10-21T14:03:11"}


def envelope(repository: Repository, analysis_id: str) -> Envelope:
    """Return a capture that waits in the inbox."""
    path = repository.inbox / f"{analysis_id}.capture"
    return unpack(path.read_bytes(), path.name)


def test_the_answer_has_the_contracts_shape(prepared: Repository, service: LabelingDataService) -> None:
    """The inbox file opens as the photo at once; the other paths are where `dvc pull` will put the files."""
    twin = picture(320, 240, 3).convert("RGBA")
    saved = service.save_analysis_data(jpeg(640, 480), {**RESULT, "background_removed_image": twin}, None, SESSION)
    assert set(saved) == {"success", "analysis_id", "record_id", "image_paths", "metadata"}
    assert saved["success"] is True
    assert saved["analysis_id"] == saved["record_id"]
    paths = saved["image_paths"]
    with Image.open(prepared.root / paths["inbox"]) as shown:
        assert shown.size == (640, 480)
    assert saved["metadata"]["quality_info"]["initial_quality_score"] == 0.8075
    assert commit(prepared).refusals == ()
    row = catalog.current(prepared.root).captures[0]
    assert (row.capture_id, row.captured_at) == (saved["analysis_id"], "2025-10-21T05:03:11.000000Z")
    git.dvc(prepared.root, "checkout", "--quiet", "data/captures/2025-10.dvc")
    for name, mode in (("original", "RGB"), ("background_removed", "RGBA")):
        with Image.open(prepared.root / paths[name]) as shown:
            assert shown.mode == mode
    assert (prepared.root / paths["sidecar"]).is_file()
    assert not (prepared.root / paths["inbox"]).exists()


def test_uploaded_bytes_keep_their_bytes(prepared: Repository, service: LabelingDataService, tmp_path: Path) -> None:
    """Handed over as bytes, as a file object read to its end, or as a path."""
    data = jpeg(64, 48, 4)
    path = tmp_path / "IMG 1.소파.JPG"
    path.write_bytes(data)
    handle = io.BytesIO(data)
    handle.read()
    with path.open("rb") as opened:
        forms = (data, bytearray(data), memoryview(data), handle, path, str(path), opened)
        answers = [service.save_analysis_data(form, RESULT, None, SESSION) for form in forms]
    for saved in answers:
        assert saved["success"], saved
        assert envelope(prepared, saved["analysis_id"]).photo == data
    assert len(list(prepared.inbox.iterdir())) == 1


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "F", "YCbCr"])
def test_a_pil_image_of_any_mode_is_saved_without_loss(
    prepared: Repository, service: LabelingDataService, mode: str
) -> None:
    """As a PNG; what PNG has no word for becomes RGB."""
    image = picture(64, 48, 4).convert("L" if mode == "I;16" else mode).convert(mode)
    saved = service.save_analysis_data(image, {"category": "소파"})
    assert saved["success"], saved
    stored = Image.open(io.BytesIO(envelope(prepared, saved["analysis_id"]).photo))
    assert stored.format == "PNG"
    if mode not in {"CMYK", "F", "YCbCr"}:
        assert np.array_equal(np.asarray(stored.convert("RGBA")), np.asarray(image.convert("RGBA")))
    assert commit(prepared).refusals == ()


def test_an_opened_photo_comes_in_upright_and_without_its_metadata(
    prepared: Repository, service: LabelingDataService
) -> None:
    """A PIL image is pixels; what its file said of place and camera is not written again."""
    turned = Image.open(io.BytesIO(jpeg(64, 48, 4, exif_orientation=6)))
    saved = service.save_analysis_data(turned, {"category": "소파"})
    stored = Image.open(io.BytesIO(envelope(prepared, saved["analysis_id"]).photo))
    assert (stored.size, dict(stored.getexif())) == ((48, 64), {})
    array = service.save_analysis_data(np.asarray(picture(64, 48, 4)), {"category": "소파"})
    stored = Image.open(io.BytesIO(envelope(prepared, array["analysis_id"]).photo))
    assert np.array_equal(np.asarray(stored), np.asarray(picture(64, 48, 4)))


def test_a_twin_keeps_its_alpha(prepared: Repository, service: LabelingDataService) -> None:
    """PNG, never JPEG; one that is no picture is left out, and the photo comes in all the same."""
    twin = picture(320, 240, 3).convert("RGBA")
    twin.putalpha(Image.linear_gradient("L").resize((320, 240)))
    saved = service.save_analysis_data(jpeg(640, 480), {**RESULT, "background_removed_image": twin})
    stored = Image.open(io.BytesIO(envelope(prepared, saved["analysis_id"]).twin or b""))
    assert (stored.format, stored.mode) == ("PNG", "RGBA")
    assert np.array_equal(np.asarray(stored), np.asarray(twin))
    saved = service.save_analysis_data(jpeg(640, 480), {**RESULT, "background_removed_image": b"no picture"})
    assert saved["metadata"]["review"]["reasons"] == ["twin_left_out"]
    assert envelope(prepared, saved["analysis_id"]).twin is None


@pytest.mark.parametrize("session", [SESSION, {"session_id": "x"}, None])
@pytest.mark.parametrize("name", [{}, {"analysis_id": "a-1"}, {"analysis_id": "분석 2024/01"}])
def test_the_same_call_twice_is_one_capture(
    prepared: Repository, service: LabelingDataService, session: Any, name: dict[str, str]
) -> None:
    """Before and after the commit, with and without an id or a time of the app's."""
    call = (jpeg(640, 480), {**RESULT, **name}, {"rating": 4}, session)
    first = service.save_analysis_data(*call)
    assert service.save_analysis_data(*call) == first
    assert len(list(prepared.inbox.glob("*.capture"))) == 1
    assert (commit(prepared).captures, first["analysis_id"] == "a-1") == (1, name == {"analysis_id": "a-1"})
    again = service.save_analysis_data(*call)
    assert again["analysis_id"] == first["analysis_id"]
    done = commit(prepared)
    assert (done.captures, done.refusals) == (0, ())


def test_the_same_id_with_another_photo_is_refused(service: LabelingDataService) -> None:
    """The answer says so, and whose id it is."""
    assert service.save_analysis_data(jpeg(64, 48, 1), {"analysis_id": "a-1"}, None, SESSION)["success"]
    refused = service.save_analysis_data(jpeg(64, 48, 2), {"analysis_id": "a-1"}, None, SESSION)
    assert (refused["success"], refused["analysis_id"]) == (False, "a-1")
    assert "other content" in refused["error"]


def test_sessions_and_users_are_keyed_hashes(prepared: Repository, service: LabelingDataService) -> None:
    """The same session has the same key; neither it nor the user stands anywhere in what is saved."""
    first = service.save_analysis_data(jpeg(64, 48, 1), RESULT | {"image_width": 64, "image_height": 48}, None, SESSION)
    second = service.save_analysis_data(jpeg(64, 48, 2), {}, {"rating": 3, "user_id": 7}, SESSION)
    one, two = (envelope(prepared, saved["analysis_id"]).sidecar["session"] for saved in (first, second))
    assert one == two
    assert set(one) == {"session_key", "user_key", "user_agent"}
    assert one["session_key"] != one["user_key"]
    for path in prepared.inbox.iterdir():
        assert b"abc-123" not in path.read_bytes()


def test_a_naive_time_is_the_apps(prepared: Repository) -> None:
    """Korea's unless config names another zone; seconds since 1970 and datetimes are understood, nonsense is said."""
    for zone, at in ((None, "05:03:11"), ("UTC", "14:03:11"), ("America/New_York", "18:03:11")):
        service = LabelingDataService({"data_storage_path": prepared.root, "timezone": zone})
        saved = service.save_analysis_data(jpeg(64, 48), {}, None, SESSION)
        assert saved["metadata"]["captured_at"] == f"2025-10-21T{at}.000000Z"
    for told in (1761023000, 1761023000.5):
        saved = service.save_analysis_data(jpeg(64, 48), {}, None, {"timestamp": told})
        assert saved["metadata"]["captured_at"].startswith("2025-10-21T05:03:20")
    for odd in ("yesterday", 1e300, -1, "2024-13-45T99:99:99"):
        saved = service.save_analysis_data(jpeg(64, 48), {}, None, {"timestamp": odd})
        assert saved["metadata"]["review"]["reasons"] == ["odd_time"]


def test_a_broken_params_file_keeps_no_capture_out(prepared: Repository, service: LabelingDataService) -> None:
    """What is saved is saved; only its quality is unknown."""
    (prepared.root / "params.yaml").write_text("quality: [", encoding="utf-8")
    saved = service.save_analysis_data(jpeg(64, 48), {"category": "소파"})
    assert saved["success"]
    quality = saved["metadata"]["quality_info"]
    assert (quality["initial_quality_score"], "params.yaml" in quality["error"]) == (None, True)


def test_save_label_is_a_drop_in(prepared: Repository) -> None:
    """The app's call, its keys in, its keys out."""
    answer = {
        "primary_category": "가구",
        "secondary_category": "의자",
        "object_name": "나무 의자",
        "confidence": 0.9,
        "dimensions": {"width_cm": 45, "height_cm": 90, "depth_cm": 0},
        "reasoning": "등받이",
    }
    service = LabelingService({"data_storage_path": str(prepared.root)})
    saved = service.save_label(jpeg(64, 48), answer, {"notes": "흔들립니다"})
    assert set(saved) == {"success", "file_id", "image_path", "label_path", "message"}
    assert saved["success"]
    commit(prepared)
    row = catalog.current(prepared.root).captures[0]
    assert (row.capture_id, row.category, row.width_cm, row.feedback_count) == (saved["file_id"], "FURN_CHAIR", 45, 1)
    refused = service.save_label(b"", answer)
    assert (refused["success"], refused["file_id"], refused["image_path"]) == (False, None, None)
    assert refused["message"]
