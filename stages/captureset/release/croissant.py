"""Croissant 1.1 metadata of a version, JSON-LD: what dataset search engines and loaders read.

The format is that of http://mlcommons.org/croissant/1.1; `mlcroissant validate` is its gate (tests/release).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from captureset.errors import CommandFailedError
from captureset.records.splits import SPLITS
from captureset.store import git
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository

COCO = "data/exports/coco_format"
KINDS = {"train": "cr:TrainingSplit", "val": "cr:ValidationSplit", "test": "cr:TestSplit"}
UP = "../../.."  # from data/metadata/datasets to the repository
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "name": {"@container": "@language"},
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
IMAGE_FIELDS = {
    "file_name": ("sc:Text", "images[*].file_name", "Beside the JSON file of its split."),
    "id": ("sc:Integer", "images[*].id", "Unique over all splits."),
    "width": ("sc:Integer", "images[*].width", "Pixels, upright."),
    "height": ("sc:Integer", "images[*].height", "Pixels, upright."),
}


def document(repository: Repository, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return the metadata of a version.

    Args:
        repository: built; the COCO export's label files are read by hash.
        manifest: of the version.
    """
    export = manifest["criteria"]["export"]
    files = dict(_label_files(ObjectStore(repository.root), manifest))
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": manifest["name"],
        "description": manifest["description"] or f"{manifest['name']}, photos with bounding boxes",
        "license": export["license_url"] or export["license_name"],
        "url": home(repository, manifest["tag"]),
        "version": manifest["version"],
        "datePublished": manifest["released_at"][:10],
        "creator": {"@type": "sc:Organization", "name": export["contributor"]},
        "distribution": [_file_object(name, data) for name, data in files.items()],
        "recordSet": [_splits(), *(_images(name) for name in files)],
    }


def home(repository: Repository, tag: str) -> str:
    """Return where the version lives: the origin's web address if it has one without a secret in it, else a name."""
    try:
        origin = git.git(repository.root, "remote", "get-url", "origin").strip()
    except CommandFailedError:
        origin = ""
    return origin if origin.startswith("https://") and not set("@?#") & set(origin) else f"urn:captureset:{tag}"


def _label_files(store: ObjectStore, manifest: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Give the COCO label file of every split, none when that export is switched off."""
    listing = {e["relpath"]: e["md5"] for e in json.loads(store.read(manifest["exports"][COCO]["md5"]))}
    for split in SPLITS:
        address = listing.get(f"{split}/{split}.json")
        if address:
            yield split, store.read(address)


def _file_object(split: str, data: bytes) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": f"coco-{split}",
        "name": f"coco-{split}",
        "description": f"COCO labels of the split {split}; its images stand beside it.",
        "contentUrl": f"{UP}/{COCO}/{split}/{split}.json",
        "contentSize": f"{len(data)} B",
        "encodingFormat": "application/json",
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def _splits() -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": "splits",
        "name": "splits",
        "description": "The splits; whole groups of captures go to one of them.",
        "dataType": "cr:Split",
        "key": {"@id": "splits/name"},
        "field": [
            _field("splits/name", "sc:Text", "Name of the split."),
            _field("splits/url", "sc:URL", "What it is for, in Croissant's words."),
        ],
        "data": [{"splits/name": name, "splits/url": kind} for name, kind in KINDS.items()],
    }


def _field(identifier: str, kind: str, description: str) -> dict[str, Any]:
    name = identifier.rpartition("/")[2]
    return {"@type": "cr:Field", "@id": identifier, "name": name, "description": description, "dataType": kind}


def _images(split: str) -> dict[str, Any]:
    record_set = f"images-{split}"
    return {
        "@type": "cr:RecordSet",
        "@id": record_set,
        "name": record_set,
        "description": f"The images of the split {split}.",
        "field": [
            {
                **_field(f"{record_set}/{name}", kind, description),
                "source": {"fileObject": {"@id": f"coco-{split}"}, "extract": {"jsonPath": path}},
            }
            for name, (kind, path, description) in IMAGE_FIELDS.items()
        ],
    }
