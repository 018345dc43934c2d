"""Keys of our own making, and fields that are unreadable in the database.

Every key is derived from CAMPUS_SECRET_KEY by HKDF-SHA256 (RFC 5869) for one school and one
purpose, so one school's key opens nothing of another's. A field is AES-256-GCM with a random
96-bit nonce; school, table, row, column and key are bound to it as associated data, so a
ciphertext moved to another place does not open. CAMPUS_SECRET_KEY_FALLBACK still opens what the
previous secret closed; what is written anew is closed by the new one.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from campus.config import Config

PLATFORM = 0  # what belongs to no school
VERSION = b"\x01"
NONCE_BYTES, TAG_BYTES, KEY_ID_BYTES = 12, 16, 4
HEADER_BYTES = len(VERSION) + KEY_ID_BYTES + NONCE_BYTES
_secrets: list[bytes] = []


class Unreadable(Exception):
    """A ciphertext that is damaged, was moved, or was closed by a secret we no longer hold."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a field stands. ``school_id`` is PLATFORM for what belongs to none."""

    school_id: int
    table: str
    row: int
    column: str

    def bound(self, key_id: bytes) -> bytes:
        """The associated data: what a ciphertext cannot be carried away from."""
        return f"{self.school_id}|{self.table}|{self.row}|{self.column}|".encode() + key_id


def configure(config: Config) -> None:
    """Take the secrets of this process; the first closes, all open."""
    held = [config.secret_key, config.secret_key_fallback]
    _secrets[:] = [secret.encode() for secret in held if secret]


def keys(school_id: int, purpose: str) -> tuple[bytes, ...]:
    """The 256-bit keys of a school for one purpose, the current one first.

    Raises LookupError before configure().
    """
    if not _secrets:
        raise LookupError("crypto.configure() was not called")
    return tuple(_derived(secret, f"campus|{purpose}|{school_id}") for secret in _secrets)


def sealed(place: Place, text: str) -> bytes:
    """The text as it may stand in the database: version, key id, nonce, ciphertext, tag."""
    key = keys(place.school_id, "field")[0]
    key_id, nonce = _key_id(key), secrets.token_bytes(NONCE_BYTES)
    closed = AESGCM(key).encrypt(nonce, text.encode(), place.bound(key_id))
    return VERSION + key_id + nonce + closed


def opened(place: Place, blob: bytes) -> str:
    """The text of a field that stands at ``place``. Raises Unreadable."""
    key_id, nonce = blob[1 : 1 + KEY_ID_BYTES], blob[1 + KEY_ID_BYTES : HEADER_BYTES]
    key = next((one for one in keys(place.school_id, "field") if _key_id(one) == key_id), None)
    if blob[:1] != VERSION or key is None or len(blob) < HEADER_BYTES + TAG_BYTES:
        raise Unreadable("no key of ours closed this")
    try:
        plain = AESGCM(key).decrypt(nonce, blob[HEADER_BYTES:], place.bound(key_id))
    except InvalidTag as error:
        raise Unreadable("damaged, or moved from its place") from error
    return plain.decode()


def stale(place: Place, blob: bytes) -> bool:
    """Whether a field was closed by the previous secret and should be written anew."""
    return blob[1 : 1 + KEY_ID_BYTES] != _key_id(keys(place.school_id, "field")[0])


def blind(school_id: int, column: str, text: str) -> bytes:
    """What equal texts of one school share, for exact search; tells nothing without the key."""
    return hmac.digest(keys(school_id, f"blind|{column}")[0], text.encode(), "sha256")


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"id" + key).digest()[:KEY_ID_BYTES]


@lru_cache(maxsize=4096)
def _derived(secret: bytes, info: str) -> bytes:
    """HKDF-SHA256 with one block: 32 bytes are exactly one."""
    extracted = hmac.digest(b"campus field keys, 2026", secret, "sha256")
    return hmac.digest(extracted, info.encode() + b"\x01", "sha256")
