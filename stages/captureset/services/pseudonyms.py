"""Session and user identifiers as keyed hashes: the same one has the same key, and nobody can go back.

The secret is config's `pseudonym_key`, else the environment's CAPTURESET_PSEUDONYM_KEY, else data/private/pseudonym.key
of the repository, made on first use, readable by its owner only, in a folder that tells Git to ignore all of it. Who
loses it keeps every capture; captures before and after only no longer share their keys.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from captureset.capture.durable import sync_folder
from captureset.errors import CapturesetError
from captureset.services.settings import Settings

VARIABLE = "CAPTURESET_PSEUDONYM_KEY"
SHORTEST = 16  # bytes: shorter ones can be tried out
OWNER_ONLY, OWNER_ONLY_FOLDER = 0o600, 0o700


def pseudonym(secret: bytes, kind: str, identifier: str) -> str:
    """Return the key of an identifier, 64 hexadecimal digits; a session and a user of one name have two."""
    return hmac.new(secret, f"{kind}:{identifier}".encode(), hashlib.sha256).hexdigest()


def secret_of(settings: Settings) -> bytes:
    """Return the secret of a repository; it is made when there is none.

    Raises:
        CapturesetError: it is too short to keep anything secret.
        OSError: it can be neither read nor written.
    """
    told = settings.pseudonym_key or os.environ.get(VARIABLE, "").encode()
    path = settings.repository.root / "data" / "private" / "pseudonym.key"
    secret = told or _kept(path)
    if len(secret) < SHORTEST:
        where = "config: pseudonym_key" if settings.pseudonym_key else f"${VARIABLE}" if told else str(path)
        raise CapturesetError(f"{where} has {len(secret)} bytes and {SHORTEST} are the least; give a long random text.")
    return secret


def _kept(path: Path) -> bytes:
    if not path.exists():
        _make(path)
    return path.read_bytes().strip()


def _make(path: Path) -> None:
    """Write a new secret unless another process was faster; it is never there in part or readable by others."""
    path.parent.mkdir(mode=OWNER_ONLY_FOLDER, parents=True, exist_ok=True)
    (path.parent / ".gitignore").write_text("*\n", encoding="ascii")
    partial = path.with_name(f".{path.name}.{secrets.token_hex(6)}.partial")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        with os.fdopen(descriptor, "w", encoding="ascii") as handle:
            handle.write(secrets.token_hex(32) + "\n")
            handle.flush()
            os.fsync(handle.fileno())
        if not path.exists():
            _name(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    sync_folder(path.parent)


def _name(partial: Path, path: Path) -> None:
    try:
        path.hardlink_to(partial)
    except FileExistsError:
        return  # made by another process at this very moment
