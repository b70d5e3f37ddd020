"""All that can change a number: measured elsewhere by other code or another decoder, a photo could get another row."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import PIL
import simplejpeg
from PIL import features

import captureset.pixels
from captureset.errors import CapturesetError
from captureset.pixels.measures import METRIC_VERSION


def versions() -> str:
    """Return the versions of code and decoders here, as JSON."""
    code = hashlib.sha256()
    for path in sorted(Path(str(captureset.pixels.__file__)).parent.glob("*.py")):
        code.update(path.read_bytes())
    found = {
        "metric": METRIC_VERSION,
        "captureset.pixels": code.hexdigest()[:12],
        "numpy": np.__version__,
        "pillow": PIL.__version__,
        "simplejpeg": simplejpeg.__version__,
        **{name: str(features.version(name)) for name in ("libjpeg_turbo", "zlib", "webp")},
    }
    return json.dumps(found, sort_keys=True)


def require_same(there: str) -> None:
    """Check that a shard made elsewhere is measured here by the same versions.

    Raises:
        CapturesetError: it is not; every difference is named.
    """
    ours, theirs = json.loads(versions()), json.loads(there)
    differing = [
        f"{name} {ours.get(name)} instead of {value}" for name, value in theirs.items() if ours.get(name) != value
    ]
    if differing:
        raise CapturesetError(
            f"a worker has {', '.join(differing)}, so its numbers could differ; install the same there as here."
        )
