"""Real photos in all EXIF orientations: what the app sends turned comes out upright."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from captureset.capture import images
from captureset.capture.commit import commit
from captureset.capture.submit import submit
from captureset.pixels.normalise import normalised
from captureset.store import pointers
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository
from deliveries import sidecar

MOST_APART = 6.0  # mean difference of 8-bit pixels; each file of a series was encoded by itself


@pytest.mark.parametrize("series", ["Landscape", "Portrait"])
def test_every_orientation_comes_out_as_the_upright_picture(
    git_repository: Repository, shared_data: Path, series: str
) -> None:
    """Submitted, committed without metadata, and written as for an export: nine files, one picture."""
    folder = shared_data / "edge" / "exif_orientation"
    sent = {f"{series.lower()}-{n}": (folder / f"{series}_{n}.jpg").read_bytes() for n in range(9)}
    for capture_id, data in sent.items():
        submit(git_repository, data, sidecar(capture_id))
    assert commit(git_repository).captures == len(sent)
    store = ObjectStore(git_repository.root)
    (month,) = pointers.read(git_repository.pointers)
    rows = {pointers.capture_of(path): oid for path, oid in pointers.rows(store, month).items()}
    shown = {name: _pixels(store.read(rows[name, "photo"])) for name in sent}
    upright = np.asarray(Image.open(folder / f"{series}_1.jpg").convert("RGB"), dtype=np.int16)
    assert all(np.abs(wrong - upright).mean() > 3 * MOST_APART for wrong in (upright[::-1], upright[:, ::-1]))
    for name, pixels in shown.items():
        assert pixels.shape == upright.shape, name
        assert np.abs(pixels - upright).mean() < MOST_APART, name
        facts = images.inspect(sent[name], name)
        assert (facts.upright.height_px, facts.upright.width_px) == upright.shape[:2]


def _pixels(data: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    with Image.open(io.BytesIO(normalised(data, "#ffffff", 95).data)) as image:
        assert image.getexif().get(0x0112, 1) == 1
        return np.asarray(image.convert("RGB"), dtype=np.int16)
