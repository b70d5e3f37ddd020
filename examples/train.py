"""Trains on a released dataset, and the model says which version it saw.

    dvc import REPOSITORY data/exports/yolo_format --rev ecoguide-waste@v0.1.0 -o waste
    python train.py waste model=yolo11n.pt epochs=100

Needs DVC and ultralytics (AGPL-3.0), not captureset. `waste.dvc`, which `dvc import` wrote, names repository, tag and
md5; a folder whose bytes are others is refused. After training these stand in every checkpoint (key `dataset`) and in a
JSON file beside it: `torch.load("best.pt")["dataset"]`, or `captureset identify best.pt` in a clone of the repository.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import yaml

USAGE = "usage: python train.py FOLDER [model=yolo11n.pt] [epochs=100] [any other setting of ultralytics]"


def md5_of_folder(folder: Path) -> str:
    """Return the md5 that DVC gives a folder: of the list of its files, each with its md5, sorted by path."""
    files = sorted((path.relative_to(folder).as_posix(), path) for path in folder.rglob("*") if path.is_file())
    rows = [{"md5": hashlib.md5(path.read_bytes()).hexdigest(), "relpath": name} for name, path in files]  # noqa: S324 - DVC's address, no protection
    return hashlib.md5(json.dumps(rows, sort_keys=True).encode()).hexdigest() + ".dir"  # noqa: S324 - the same


def forget_caches(folder: Path) -> None:
    """Remove the lists of labels that ultralytics keeps beside them: they are no part of the dataset."""
    for cache in folder.glob("labels/*.cache"):
        cache.unlink()


def dataset_of(folder: Path) -> dict[str, Any]:
    """Return repository, path, tag, commit and md5 of an imported folder; leaves when its bytes are others."""
    pointer = folder.with_name(f"{folder.name}.dvc")
    if not pointer.is_file():
        sys.exit(f"{pointer} does not exist; fetch the folder with `dvc import`, which writes it.")
    document = yaml.safe_load(pointer.read_text(encoding="utf-8"))
    if "repo" not in (document.get("deps") or [{}])[0]:
        sys.exit(f"{pointer} was not written by `dvc import`, so it names no release; fetch the folder with that.")
    (source,), (out,) = document["deps"], document["outs"]
    found = md5_of_folder(folder)
    if found != out["md5"]:
        sys.exit(
            f"{folder} is {found}, and {pointer} names {out['md5']}: files were changed, added or lost, so nothing was "
            f"trained; `dvc checkout --force {pointer}` puts them back."
        )
    repo = source["repo"]
    return {
        "repository": without_secret(repo["url"]),
        "path": source["path"],
        "tag": repo.get("rev", repo["rev_lock"]),
        "commit": repo["rev_lock"],
        "md5": out["md5"],
    }


def without_secret(url: str) -> str:
    """Return a web address without user, password and query; any other place as it is."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"}:
        return url
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def sign(checkpoint: Path, dataset: dict[str, Any]) -> None:
    """Write a dataset's identity into a finished checkpoint, and beside it with the checkpoint's own hash."""
    from ultralytics.utils.torch_utils import strip_optimizer  # noqa: PLC0415 - see main

    strip_optimizer(checkpoint, updates={"dataset": dataset})
    note = {**dataset, "model_sha256": hashlib.sha256(checkpoint.read_bytes()).hexdigest()}
    checkpoint.with_suffix(".dataset.json").write_text(json.dumps(note, indent=1) + "\n", encoding="utf-8")


def main(arguments: list[str]) -> None:
    """Check the folder, train, sign best.pt and last.pt."""
    if not arguments or "=" in arguments[0] or not all("=" in setting for setting in arguments[1:]):
        sys.exit(USAGE)
    folder = Path(arguments[0]).resolve()
    settings = {key: yaml.safe_load(value) for key, _, value in (setting.partition("=") for setting in arguments[1:])}
    forget_caches(folder)
    dataset = dataset_of(folder)
    from ultralytics import YOLO  # noqa: PLC0415 - seconds, which a refusal need not cost

    model = YOLO(settings.pop("model", "yolo11n.pt"))
    model.train(data=str(folder / "data.yaml"), **settings)
    forget_caches(folder)
    for checkpoint in filter(Path.exists, (model.trainer.best, model.trainer.last)):
        sign(checkpoint, dataset)
        sys.stdout.write(f"{checkpoint} was trained on {dataset['path']} of {dataset['tag']}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
