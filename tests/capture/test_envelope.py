from __future__ import annotations

import hashlib
import io
import json
import zipfile

import pytest
import simplejpeg
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from captureset.capture.envelope import Envelope, pack, unpack
from captureset.errors import RefusedCaptureError
from deliveries import sidecar
from photos import jpeg, png


def envelope(photo: bytes, twin: bytes | None = None) -> Envelope:
    """Return a capture as `prepare` completes it, as far as the envelope looks."""
    facts = {"bytes": len(photo), "sha256": hashlib.sha256(photo).hexdigest()}
    sections = {"image": facts} if twin is None else {"image": facts, "background_removed": {"bytes": len(twin)}}
    return Envelope(photo, sidecar("c-1", extra={"name": "소파"}, **sections), twin)


WHOLE = envelope(jpeg(64, 48, 1), png(64, 48, 2))


@pytest.mark.parametrize("twin", [None, png(8, 8), b"PK\x05\x06" + bytes(18)])
@pytest.mark.parametrize("photo", [jpeg(64, 48), png(64, 48), jpeg(64, 48) + b"PK\x05\x06" + bytes(18)])
def test_photo_sidecar_and_twin_come_out_as_they_went_in(photo: bytes, twin: bytes | None) -> None:
    """Byte for byte, also when photo or twin end like a ZIP themselves; the same capture gives the same file."""
    before = envelope(photo, twin)
    assert unpack(pack(before), "c-1.capture") == before
    assert pack(before) == pack(before)
    assert (before.capture_id, before.file_name) == ("c-1", "c-1.capture")


def test_an_envelope_is_still_a_valid_photo() -> None:
    """Viewers and a strict decoder show the JPEG; the bytes behind it disturb nobody."""
    data = pack(WHOLE)
    assert data.startswith(WHOLE.photo)
    with Image.open(io.BytesIO(data)) as shown, Image.open(io.BytesIO(WHOLE.photo)) as photo:
        assert shown.format == "JPEG"
        assert shown.tobytes() == photo.tobytes()
    assert simplejpeg.decode_jpeg(data).shape == (48, 64, 3)


def test_any_unzip_opens_the_rest() -> None:
    """The sidecar and the twin are ordinary ZIP members."""
    with zipfile.ZipFile(io.BytesIO(pack(WHOLE))) as archive:
        assert archive.testzip() is None
        assert json.loads(archive.read("sidecar.json")) == WHOLE.sidecar
        assert archive.read("background_removed") == WHOLE.twin


def test_an_envelope_can_be_the_photo_of_another() -> None:
    """A person who submits a .capture file as a photo gets exactly those bytes back."""
    outer = envelope(pack(WHOLE))
    assert unpack(pack(outer), "x") == outer
    assert unpack(unpack(pack(outer), "x").photo, "x") == WHOLE


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(pack(WHOLE)) - 1))
def test_a_cut_envelope_is_torn(length: int) -> None:
    """Cut anywhere, it is refused, never half a capture."""
    with pytest.raises(RefusedCaptureError, match=r"c-1\.capture is no whole envelope") as refused:
        unpack(pack(WHOLE)[:length], "c-1.capture")
    assert refused.value.reason == "torn"


def test_a_changed_byte_is_noticed_or_harmless() -> None:
    """Whichever byte is changed: either the very capture comes out, twin and all, or it is torn."""
    small = envelope(jpeg(16, 12, 1), png(9, 9, 2))
    whole = pack(small)
    outcomes = []
    for place in range(len(whole)):
        data = bytearray(whole)
        data[place] ^= 1
        try:
            outcomes.append(unpack(bytes(data), "c-1.capture") == small)
        except RefusedCaptureError as error:
            outcomes.append(error.reason == "torn")
    assert all(outcomes)


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"[]",
        b"{}",
        b"null",
        b"no json",
        b'{"capture_id": "c-1", "image": {"bytes": 4.0, "sha256": ""}}',
        b'{"capture_id": "c-1", "image": {"bytes": 2}}',
        b'{"image": {"bytes": 0, "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}}',
    ],
)
def test_a_zip_by_another_hand_is_torn(content: bytes | None) -> None:
    """Without a sidecar, with one that is no JSON, or one that does not name the photo's bytes."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        if content is not None:
            archive.writestr("sidecar.json", content)
    with pytest.raises(RefusedCaptureError) as refused:
        unpack(sink.getvalue(), "hand.capture")
    assert refused.value.reason == "torn"


def test_the_zip_is_what_zipfile_writes() -> None:
    """Byte for byte, behind a photo that is a ZIP itself as well."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("x", b"y")
    envelope = Envelope(jpeg(64, 48, 1) + inner.getvalue(), {"capture_id": "소파"}, b"twin" * 99)
    sink = io.BytesIO()
    sink.write(envelope.photo)
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for name, data in (("sidecar.json", envelope.sidecar_text), ("background_removed", envelope.twin)):
            assert data
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
    assert pack(envelope) == sink.getvalue()
