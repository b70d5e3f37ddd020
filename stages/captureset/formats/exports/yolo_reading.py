"""Any YOLO folder read back, detection or segmentation, ours or a stranger's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from captureset.errors import CapturesetError
from captureset.formats.exports import places
from captureset.records.reading import ReadBox, ReadFault, ReadImage, Reading
from captureset.records.splits import ALL_SPLITS

DETECT_COLUMNS = 5
NOT_LABELS = {"classes.txt", "train.txt", "val.txt", "test.txt", "requirements.txt", "README.txt"}


def data_yaml_of(root: Path) -> str | None:
    """Return the name of the folder's YAML that names classes; `data.yaml` goes before others."""
    named = sorted((*root.glob("*.yaml"), *root.glob("*.yml")), key=lambda path: (path.name != "data.yaml", path.name))
    for path in named:
        document, _ = _document(path)
        if path.name == "data.yaml" or (isinstance(document, dict) and "names" in document):
            return path.name
    return None


def read(root: Path, only: str | None = None, kind: str | None = None) -> Reading:
    """Return a YOLO folder as it stands; `only` names the YAML to read, `kind` says yolo or yolo_segment if known.

    Raises:
        CapturesetError: there is no YAML that names classes.
    """
    name = only or data_yaml_of(root)
    if name is None:
        raise CapturesetError(f"{root} holds no data.yaml; name a YOLO folder.")
    document, fault = _document(root / name)
    faults = [ReadFault("data_yaml", name, fault)] if fault else []
    mapping = document if isinstance(document, dict) else {}
    files = places.files_below(root)
    known = frozenset(files)
    images = [_image(root, file, split, known) for split, file in _listed(root, mapping, files)]
    labels = {places.label_of(image.file) for image in images}
    stray = [file for file in files if _is_label(file, images) and file not in labels]
    return Reading(
        kind or _kind(images),
        root,
        tuple(images),
        {name: tuple(_names(mapping))},
        {name: document},
        stray=(*stray, *places.unspoken(files, (image.file for image in images))),
        faults=tuple(faults),
    )


def _document(path: Path) -> tuple[Any, str | None]:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8")), None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        return None, f"is no YAML: {' '.join(str(error).split())}"


def _names(document: Mapping[str, Any]) -> Iterator[tuple[Any, Any]]:
    names = document.get("names")
    if isinstance(names, dict):
        yield from names.items()
    elif isinstance(names, list):
        yield from enumerate(names)


def folders_of(document: Mapping[str, Any], split: str) -> list[str]:
    """Return what the YAML names for a split, as text; none if it has no such split."""
    value = document.get(split) or []
    return [str(item) for item in (value if isinstance(value, list) else [value])]


def _listed(root: Path, document: Mapping[str, Any], files: list[str]) -> Iterator[tuple[str, str]]:
    """Give split and file of every image, once: a val that borrows train's photos adds none.

    Where the YAML leads to no image at all, which is a fault, every image in the folder is given.
    """
    seen = dict[str, str]()
    for split in ALL_SPLITS:
        for place in folders_of(document, split):
            for file in _images_at(root, document, place, files):
                seen.setdefault(file, split)
    if not seen:
        seen = {n: places.split_named_in(str(PurePosixPath(n).parent)) for n in files if places.is_image(n)}
    yield from ((split, file) for file, split in seen.items())


def _images_at(root: Path, document: Mapping[str, Any], place: str, files: list[str]) -> list[str]:
    """Return the images below a place as the trainer resolves it, also its way with `../train/images`."""
    base = PurePosixPath(str(document.get("path") or ""))
    inner = PurePosixPath(place.removeprefix("../")) if place.startswith("../") else PurePosixPath(place)
    tried = [inner, base / inner, *([] if not inner.is_absolute() else _relative(root, inner))]
    for folder in (posix_tidy(candidate) for candidate in tried):
        if folder.endswith(".txt") and folder in files:
            return _in_list(root, folder, files)
        found = [n for n in files if (n.startswith(f"{folder}/") or folder == ".") and places.is_image(n)]
        if found:
            return found
    return []


def posix_tidy(path: PurePosixPath) -> str:
    """Return a relative path without `./` before it."""
    return path.as_posix().removeprefix("./").rstrip("/")


def _relative(root: Path, inner: PurePosixPath) -> list[PurePosixPath]:
    path = Path(inner)
    return [PurePosixPath(path.relative_to(root).as_posix())] if path.is_relative_to(root) else []


def _in_list(root: Path, name: str, files: list[str]) -> list[str]:
    lines = (root / name).read_text(encoding="utf-8", errors="replace").splitlines()
    tidy = (posix_tidy(PurePosixPath(line.strip())) for line in lines if line.strip())
    return [file for file in tidy if file in set(files)]


def _image(root: Path, file: str, split: str, files: frozenset[str]) -> ReadImage:
    label = places.label_of(file)
    if label not in files:
        return ReadImage(file, split, file, ())
    return ReadImage(file, split, file, tuple(_rows(root, label)), label=label)


def _rows(root: Path, label: str) -> Iterator[ReadBox]:
    text = (root / label).read_bytes().decode("utf-8", errors="replace")
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split()
        if words:
            yield _box(label, number, words, line)


def _box(label: str, number: int, words: list[str], line: str) -> ReadBox:
    values = tuple(map(_number, words[1:]))
    category = int(words[0]) if words[0].isascii() and words[0].isdigit() else words[0]
    if len(words) > DETECT_COLUMNS and len(values) % 2 == 0:
        xs, ys = values[::2], values[1::2]
        w, h = max(xs) - min(xs), max(ys) - min(ys)
        place = (min(xs) + w / 2, min(ys) + h / 2, w, h)
        return ReadBox(label, number, category, place, (values,), {"line": line})
    return ReadBox(label, number, category, values, (), {"line": line})


def _number(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        return float("nan")


def _kind(images: list[ReadImage]) -> str:
    """Return `yolo_segment` when every row is a polygon of three corners or more."""
    boxes = [box for image in images for box in image.boxes]
    polygons = [box for box in boxes if box.polygons and len(box.polygons[0]) != 2 * 4]
    return "yolo_segment" if boxes and all(box.polygons for box in boxes) and polygons else "yolo"


def _is_label(file: str, images: list[ReadImage]) -> bool:
    path = PurePosixPath(file)
    in_labels = "labels" in path.parts or any("images" not in PurePosixPath(i.file).parts for i in images[:1])
    return path.suffix == ".txt" and path.name not in NOT_LABELS and in_labels
