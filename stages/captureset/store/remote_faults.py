"""Why a remote does not answer, in words a person can act on: DVC's own say as little as `failed to push`."""

from __future__ import annotations

from typing import Any

from captureset.errors import one_line

CREDENTIALS = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to a key that may read and write there"
BUCKET = "make the bucket, or correct its name with `dvc remote modify NAME url s3://bucket/prefix`"
DISK = "mend that on the disk it names"
NETWORK = "check the network and, for a server of your own, AWS_ENDPOINT_URL"
LONGEST = 300


def remedy(error: Exception) -> str:
    """Return what to do about an error of a storage client, of which every one has its own."""
    said = str(error).lower()
    if getattr(error, "filename", None):
        return DISK
    if isinstance(error, PermissionError) or any(word in said for word in ("credential", "forbidden", "denied")):
        return CREDENTIALS
    if isinstance(error, FileNotFoundError) or "bucket" in said:
        return BUCKET
    return NETWORK


def told(what: str, error: Exception) -> str:
    """Return the sentence: what cannot be done, the client's words, the remedy."""
    return f"{what}: {one_line(' '.join(str(error).split()), LONGEST).rstrip('.')}; {remedy(error)}."


def place(odb: Any) -> str:
    """Return where a remote is, as a person writes it: a folder, or s3://bucket/prefix."""
    where = str(odb.path).removesuffix("/files/md5")
    return where if odb.fs.protocol == "local" else str(odb.fs.unstrip_protocol(where))


def silence(odb: Any) -> str | None:
    """Return why a remote does not answer in one sentence, None when it does; one or two small questions.

    An empty place answers too; a bucket that does not exist does not.
    """
    if odb.fs.protocol == "local":
        return None
    try:
        _ask(odb)
    except Exception as error:  # noqa: BLE001 - every storage client has exceptions of its own
        return told(f"the remote {place(odb)} does not answer", error)
    return None


def _ask(odb: Any) -> None:
    try:
        odb.fs.fs.ls(odb.path, refresh=True)
    except FileNotFoundError:  # nothing was pushed yet, or there is no bucket
        if odb.fs.protocol in {"s3", "s3a"}:
            odb.fs.fs.ls(str(odb.path).partition("/")[0], refresh=True)
