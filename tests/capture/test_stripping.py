from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from captureset import catalog, export, filter, measure, quality, split  # noqa: A004 - a stage's name
from captureset.capture import images, reasons
from captureset.capture.commit import commit
from captureset.capture.images import pixel_sha256
from captureset.capture.strippable import WORDS
from captureset.capture.stripped_png import ADAM7
from captureset.capture.stripping import admitted, strip
from captureset.capture.submit import submit, submit_feedback
from captureset.errors import RefusedCaptureError
from captureset.exporting.layouts import LAYOUTS
from captureset.pixels.normalise import normalised
from captureset.store import pointers
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository
from deep_pngs import RGBA, deep_png
from deliveries import MORNING, box, feedback, sidecar
from photos import encoded, jpeg, picture, png
from pipeline import change_params
from planted import (
    JPEG_SECRETS,
    ORIENTATION,
    PNG_SECRETS,
    SECRETS,
    SIZE,
    WEBP_SECRETS,
    chunk,
    exif,
    found_in,
    planted_jpeg,
    planted_png,
    planted_webp,
    png_chunks,
    profile,
    segment,
)

ROOT = Path(__file__).resolve().parents[2]
PLANTED = {
    "jpeg": (planted_jpeg(), JPEG_SECRETS),
    "png": (planted_png(picture(*SIZE, 1)), PNG_SECRETS),
    "webp": (planted_webp(), WEBP_SECRETS),
}
EDGE = {
    **dict.fromkeys(("16bit.cropped.tif", "16bit.s.tif", "broken.png", "chi.gif"), "not_an_image"),
    **dict.fromkeys(("decompression_bomb.gif", "decompression_bomb_extents.gif"), "not_an_image"),
    "png_decompression_dos.png": "not_an_image",
    **dict.fromkeys(("broken_data_stream.png", "hopper_bad_exif.jpg", "icc-after-SOF.jpg"), "damaged"),
    **dict.fromkeys(("junk_jpeg_header.jpg", "truncated_end_chunk.png", "truncated_image.png"), "damaged"),
    "truncated_jpeg.jpg": "damaged",
    **dict.fromkeys(("empty_gps_ifd.jpg", "exif_gps_typeerror.jpg", "hopper.jpg", "hopper_gray.jpg"), "accepted"),
    **{f"hopper_orientation_{number}.jpg": "accepted" for number in range(2, 9)},
    **dict.fromkeys(("exif_imagemagick_orientation.png", "i_trns.png", "invalid-exif.jpg"), "accepted"),
    **dict.fromkeys(("itxt_chunks.png", "pil_sample_cmyk.jpg", "uncompressed_la.png"), "accepted"),
}


def decoded(data: bytes) -> np.ndarray[Any, Any]:
    """Return the upright pixels as Pillow alone shows them, with what transparency it sees."""
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(ImageOps.exif_transpose(image).convert("RGBA"))


def stripped_twice(data: bytes) -> bytes:
    """Return a photo without metadata, after checking that doing it again changes nothing."""
    once, _ = admitted(data, "x")
    again, _ = admitted(once.data, "x")
    assert (again.data, again.removed) == (once.data, ())
    return once.data


def test_twenty_secrets_and_more_are_planted() -> None:
    """Every secret really stands in a photo before."""
    for data, secrets in PLANTED.values():
        assert secrets.keys() <= set(found_in(data))
    assert len(SECRETS) >= 20


@pytest.mark.parametrize("kind", PLANTED)
def test_no_secret_stays_and_no_pixel_changes(kind: str) -> None:
    """Orientation, colour profile and pixels stay, nothing else; a second time changes nothing."""
    data, _ = PLANTED[kind]
    stripped, pixels = admitted(data, "x")
    assert found_in(stripped.data) == []
    assert b"SECRET" not in stripped.data
    assert set(stripped.removed) <= WORDS.keys()
    assert pixels == pixel_sha256(stripped.data, "x")
    assert np.array_equal(decoded(stripped_twice(data)), decoded(data))
    with Image.open(io.BytesIO(stripped.data)) as image:
        assert dict(image.getexif()) == {0x0112: ORIENTATION}
        assert image.info["icc_profile"] == profile()


def test_what_was_taken_out_is_said_in_stable_words() -> None:
    """The sidecar's words are those of the schema."""
    assert {kind: strip(data, images.inspect(data, "x"), "x").removed for kind, (data, _) in PLANTED.items()} == {
        "jpeg": ("after_end", "app_segment", "c2pa", "comment", "exif", "icc", "iptc", "mpf", "thumbnail", "xmp"),
        "png": ("after_end", "c2pa", "chunk", "exif", "filler", "text", "time"),
        "webp": ("after_end", "chunk", "exif", "xmp"),
    }
    document = json.loads((ROOT / "schemas/sidecar.schema.json").read_text(encoding="utf-8"))
    for section in ("image", "background_removed"):
        assert document["properties"][section]["properties"]["removed"]["items"]["enum"] == sorted(WORDS)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_without_private_metadata_keeps_its_bytes(kind: str, orientation: int) -> None:
    """Upright or turned by EXIF that says only that; a WebP's EXIF is written as a JPEG's."""
    turned = None if orientation == 1 else orientation
    data = encoded(picture(64, 48, 1), kind, turned)
    assert stripped_twice(data) == data
    assert images.inspect(data, "x").orientation == orientation


def odd_pictures() -> dict[str, bytes]:
    """Return pictures of every kind a format has."""
    rgb = picture(64, 48, 1)
    made = {
        "gray jpeg": encoded(rgb.convert("L"), "JPEG"),
        "cmyk jpeg": encoded(rgb.convert("CMYK"), "JPEG"),
        "palette png": encoded(rgb.convert("P"), "PNG"),
        "black and white png": encoded(rgb.convert("1"), "PNG"),
        "gray and alpha png": encoded(rgb.convert("LA"), "PNG"),
        "16 bit gray png": encoded(Image.fromarray(np.arange(3072, dtype=np.uint16).reshape(48, 64)), "PNG"),
        "16 bit rgba png": deep_png(20, 10, RGBA),
        "webp with alpha": encoded(rgb.convert("RGBA"), "WEBP"),
    }
    options: dict[str, tuple[str, dict[str, Any]]] = {
        "progressive jpeg": ("JPEG", {"progressive": True, "comment": b"c", "restart_marker_blocks": 2}),
        "restarting jpeg": ("JPEG", {"restart_marker_rows": 1, "comment": b"c"}),
        "rgb jpeg": ("JPEG", {"keep_rgb": True, "comment": b"c"}),
        "colour key png": ("PNG", {"transparency": rgb.getpixel((3, 3))}),
        "lossless webp": ("WEBP", {"lossless": True, "xmp": b"<x/>"}),
    }
    for name, (kind, how) in options.items():
        sink = io.BytesIO()
        rgb.save(sink, kind, **how)
        made[name] = sink.getvalue()
    return made


@pytest.mark.parametrize(("name", "data"), odd_pictures().items(), ids=odd_pictures())
def test_every_kind_of_picture_keeps_its_pixels(name: str, data: bytes) -> None:
    """Progressive, restarting, CMYK, palette, colour key, 16 bit, alpha."""
    assert name
    assert np.array_equal(decoded(stripped_twice(data)), decoded(data))


@pytest.mark.parametrize("size", [(1, 1), (5, 3), (8, 8), (9, 17), (33, 2)])
@pytest.mark.parametrize("kind", [(0, 1, 1), (0, 4, 1), (2, 8, 3), (6, 16, 4)])
def test_an_interlaced_png_has_the_size_it_needs(size: tuple[int, int], kind: tuple[int, int, int]) -> None:
    """The seven passes of any size are counted right, so a whole picture is not called too short or too long."""
    colour, bits, channels = kind
    width, height = size
    rows = []
    for left, top, across, down in ADAM7:
        columns = len(range(left, width, across))
        rows += [b"\0" + bytes((columns * bits * channels + 7) // 8) for _ in range(top, height, down) if columns]
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes((bits, colour, 0, 0, 1))
    import zlib  # noqa: PLC0415 - only here

    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b""))
    data = b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)
    assert stripped_twice(data) == data
    spoilt = (parts[0], (b"IDAT", zlib.compress(b"".join(rows) + b"\0")), parts[2])
    with pytest.raises(RefusedCaptureError, match="its size needs"):
        admitted(b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in spoilt), "x")


def test_an_orientation_that_only_xmp_or_text_says_stays() -> None:
    """Pillow turns a photo by XMP too; it is written as EXIF before the XMP goes."""
    xmp = b'http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x="a"><r tiff:Orientation="8"/></x:xmpmeta>'
    plain = jpeg(64, 48, 1)
    data = plain[:20] + segment(0xE1, xmp) + plain[20:]
    assert images.inspect(data, "x").orientation == 8
    stripped = stripped_twice(data)
    assert b"xmpmeta" not in stripped
    assert images.inspect(stripped, "x").orientation == 8
    assert np.array_equal(decoded(stripped), decoded(data))


def test_a_damaged_structure_is_refused() -> None:
    """A wrong checksum in the pixels, which Pillow does not look at; an unknown critical chunk; half a WebP chunk."""
    head, (_, pixels), end = png_chunks(png(64, 48, 1))
    begin = b"\x89PNG\r\n\x1a\n" + chunk(*head)
    garbled = begin + chunk(b"IDAT", pixels)[:-1] + b"\0" + chunk(*end)
    critical = begin + chunk(b"ODDS", b"") + chunk(b"IDAT", pixels) + chunk(*end)
    short = begin + chunk(b"IDAT", pixels[:-9]) + chunk(*end)
    cut = planted_webp()[:-400]
    for data in (garbled, critical, short, cut):
        with pytest.raises(RefusedCaptureError) as refused:
            admitted(data, "x")
        assert refused.value.reason in {"damaged", "not_an_image"}


def objects(repository: Repository) -> list[Path]:
    """Return every object in DVC's cache."""
    return [path for path in (repository.root / ".dvc/cache").rglob("*") if path.is_file()]


def committed(repository: Repository) -> dict[str, bytes]:
    """Return every committed file by its name."""
    store = ObjectStore(repository.root)
    rows = [pointers.rows(store, pointer) for pointer in pointers.read(repository.pointers)]
    return {path.rpartition("/")[2]: store.read(md5) for manifest in rows for path, md5 in manifest.items()}


def deliver_planted(repository: Repository) -> None:
    """Submit one photo with secrets of each format, labelled, with a twin that has some too; and words in sidecars."""
    twin = planted_png(picture(*SIZE, 2).convert("RGBA"))
    height, width = SIZE
    label = {"reviewed": True, "boxes": [box("FURN_SOFA", [40, 60, 200, 300], width, height)]}
    model = {"name": "m", "confidence": 0.9, "reasoning": "SECRET reasoning", "raw_response": {"a": "SECRET raw"}}
    session = {"session_key": "5e884898da28047151d0e56f8dc62927", "user_agent": "SECRET agent"}
    for kind, (data, _) in PLANTED.items():
        document = sidecar(f"c-{kind}", MORNING, label=label, model=model, session=session)
        submit(repository, data, document, twin)
    submit_feedback(repository, "c-jpeg", feedback("f-1", "c-jpeg", note="SECRET note"))


def test_no_object_of_the_cache_has_a_secret(git_repository: Repository) -> None:
    """Photo and twin of every format; the sidecar tells both sizes and hashes, and what was taken out."""
    deliver_planted(git_repository)
    assert commit(git_repository).refusals == ()
    everything = objects(git_repository)
    assert len(everything) >= 10
    assert {path.name: found for path in everything if (found := found_in(path.read_bytes()))} == {}
    files = committed(git_repository)
    for kind, suffix in (("jpeg", "jpg"), ("png", "png"), ("webp", "webp")):
        image = json.loads(files[f"c-{kind}.json"])["image"]
        stored = files[f"c-{kind}.{suffix}"]
        facts, delivered = images.inspect(stored, "x"), images.inspect(PLANTED[kind][0], "x")
        assert (image["bytes"], image["stored_sha256"]) == (len(stored), facts.sha256)
        assert (image["sha256"], image["pixel_sha256"]) == (delivered.sha256, pixel_sha256(stored, "x"))
        assert image["removed"] == list(admitted(PLANTED[kind][0], "x")[0].removed)


def test_no_export_has_a_secret(
    git_repository: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor free text, reasoning, note or user agent of sidecars and feedback; in every format, photos included."""
    deliver_planted(git_repository)
    commit(git_repository)
    for name in ("params.yaml", "dvc.yaml", "data/splits.csv", "data/exclusions.csv"):
        shutil.copy(ROOT / name, git_repository.root / name)
    switched_on = {f"export__export_{kind}": True for kind in LAYOUTS}
    change_params(git_repository.root, filter__require_usable=False, filter__duplicates="keep_all", **switched_on)
    monkeypatch.chdir(git_repository.root)
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "stages"))
    for stage in (catalog, measure, quality, filter, split):
        stage.main()
    for kind in LAYOUTS:
        monkeypatch.setattr("sys.argv", ["export", kind])
        export.main()
    written = [path for path in (git_repository.root / "data/exports").rglob("*") if path.is_file()]
    assert sum(path.suffix in {".jpg", ".png"} for path in written) >= 9
    for path in written:
        assert found_in(path.read_bytes()) == []
        assert b"SECRET" not in path.read_bytes()
    assert "SECRET" not in capsys.readouterr().out


def test_a_capture_stored_by_an_older_version_is_known_again(
    git_repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Delivered again, it is in already, though it would be stored otherwise today; another photo is a conflict."""
    data = planted_jpeg()
    with monkeypatch.context() as older:
        older.setattr("captureset.capture.stored._stored", as_before)
        submit(git_repository, data, sidecar("a"))
        commit(git_repository)
    before = committed(git_repository)
    assert found_in(before["a.jpg"])
    submit(git_repository, data, sidecar("a"))
    assert (commit(git_repository).already_in, committed(git_repository)) == (1, before)
    submit(git_repository, planted_jpeg(5), sidecar("a"))
    assert [refusal.reason for refusal in commit(git_repository).refusals] == ["conflict"]


def as_before(data: bytes, name: str) -> tuple[bytes, dict[str, Any]]:
    """Return what was stored before metadata was taken out: everything."""
    return data, {"pixel_sha256": pixel_sha256(data, name)}


def test_stripping_that_would_change_a_picture_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake of ours does not destroy a photo: its bytes stay in quarantine."""
    other = strip(jpeg(64, 48, 2), images.inspect(jpeg(64, 48, 2), "x"), "x")
    monkeypatch.setattr("captureset.capture.stripping.strip", lambda *_: other)
    with pytest.raises(RefusedCaptureError, match="shows other pixels") as refused:
        admitted(jpeg(64, 48, 1), "x")
    assert refused.value.reason == "not_strippable"


def test_all_exif_samples_come_out_as_their_series(git_repository: Repository, shared_data: Path) -> None:
    """Eighteen real photos, orientations 0 to 8, submitted, committed and made ready: upright, the same picture."""
    samples = sorted((shared_data / "edge/exif_orientation").glob("*.jpg"))
    assert len(samples) == 18
    for path in samples:
        submit(git_repository, path.read_bytes(), sidecar(path.stem.lower().replace("_", "-")))
    assert commit(git_repository).refusals == ()
    files = committed(git_repository)
    shown = {
        path.stem: small(normalised(files[f"{path.stem.lower().replace('_', '-')}.jpg"], "#ffffff", 95).data)
        for path in samples
    }
    for name, pixels in shown.items():
        series = shown[f"{name.partition('_')[0]}_1"]
        assert pixels.shape == series.shape
        centre = slice(8, 24), slice(8, 24)  # the samples have their number drawn on them
        assert np.abs(pixels - series)[centre].mean() < 12, name
        assert np.abs(pixels - series).mean() < np.abs(pixels[::-1] - series).mean(), name
        assert np.abs(pixels - series).mean() < np.abs(pixels[:, ::-1] - series).mean(), name


def small(data: bytes) -> np.ndarray[Any, Any]:
    """Return a picture as 32 x 32 gray levels; it carries no orientation any more."""
    with Image.open(io.BytesIO(data)) as image:
        assert image.getexif().get(0x0112, 1) == 1
        return np.asarray(image.convert("L").resize((32, 32), Image.Resampling.BOX), dtype=np.float64)


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::PIL.Image.DecompressionBombWarning")
def test_pillows_odd_samples_have_their_codes(shared_data: Path) -> None:
    """Each is accepted, with its pixels as they were, or refused with the code of the table."""
    found = {}
    for path in sorted((shared_data / "edge/pillow").iterdir()):
        if path.name == "LICENSE":
            continue
        data = path.read_bytes()
        try:
            stripped, _ = admitted(data, path.name)
        except RefusedCaptureError as error:
            found[path.name] = error.reason
        else:
            found[path.name] = "accepted"
            assert np.array_equal(decoded(stripped.data), decoded(data))
    assert found == EDGE
    assert set(EDGE.values()) - {"accepted"} <= reasons.REASONS.keys()


def test_exif_of_a_phone_is_reduced_to_its_orientation() -> None:
    """The one segment that stays is 24 bytes."""
    plain = jpeg(64, 48, 1)
    stripped = stripped_twice(plain[:20] + segment(0xE1, exif(b"here")) + plain[20:])
    assert stripped == jpeg(64, 48, 1, exif_orientation=ORIENTATION)
