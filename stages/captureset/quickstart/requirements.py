"""What the quickstart needs, asked before anything is made; imports none of it."""

from __future__ import annotations

import shutil
from importlib.util import find_spec

from captureset.errors import CapturesetError

PIPELINE = ("dvc", "numpy", "pandas", "pyarrow", "pycocotools", "simplejpeg")
TRAIN = ("torch", "torchvision", "ultralytics")


def require(*, repro: bool) -> None:
    """Return when Git and the extras are there.

    Args:
        repro: the pipeline will run too, and its last stage trains.

    Raises:
        CapturesetError: something is missing; one sentence names all of it and the remedy.
    """
    if shutil.which("git") is None:
        raise CapturesetError("The quickstart needs `git`, which is not installed; install it and try again.")
    extras = {"pipeline": PIPELINE, "train": TRAIN if repro else ()}
    missing = {extra: [name for name in names if find_spec(name) is None] for extra, names in extras.items()}
    lacking = [f"{', '.join(names)} (extra `{extra}`)" for extra, names in missing.items() if names]
    if lacking:
        wanted = ",".join(extra for extra, names in missing.items() if names)
        raise CapturesetError(
            f"The quickstart needs {' and '.join(lacking)}, not installed here; "
            f"run `pip install -e '.[{wanted}]'` in the checkout and try again."
        )
