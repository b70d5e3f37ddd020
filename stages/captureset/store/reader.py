"""Bytes by their md5 from folders or remotes in DVC's layout, without DVC: all that a measuring process needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from captureset.errors import MissingObjectError
from captureset.store.objects import md5_of


class ObjectReader:
    """Objects of some places, each a folder `files/md5` or the URL of one, such as s3://bucket/prefix/files/md5.

    Credentials of a remote are its client's own affair: for S3 the usual environment variables. Nothing is written.
    """

    def __init__(self, places: Sequence[str]) -> None:
        self._places = [(place, _opener(place)) for place in places]

    def read(self, oid: str) -> bytes:
        """Return the bytes of an object from the first place that has them whole.

        Raises:
            MissingObjectError: no place has it, or only damaged.
        """
        said = []
        for place, read in self._places:
            try:
                data = read(f"{oid[:2]}/{oid[2:]}")
            except FileNotFoundError:
                said.append(f"{place} lacks it")
                continue
            except Exception as error:  # noqa: BLE001 - every storage client has exceptions of its own
                said.append(f"{place} says {error}")
                continue
            if md5_of(data) == oid:
                return data
            said.append(f"in {place} it is damaged")
        raise MissingObjectError(f"object {oid} cannot be read: {', '.join(said)}; run `dvc push`, then try again.")


def _opener(place: str) -> Callable[[str], bytes]:
    if "://" not in place:
        return lambda name: (Path(place) / name).read_bytes()
    from fsspec.core import url_to_fs  # noqa: PLC0415 - half a second that only readers of remotes pay

    system, root = url_to_fs(place)

    def read(name: str) -> bytes:
        data: Any = system.cat_file(f"{root.rstrip('/')}/{name}")
        return bytes(data)

    return read
