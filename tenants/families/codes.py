"""Tokens for the QR, short codes for hands, tickets between two pages; and what is stored of them.

A token has 192 random bits, so its plain SHA-256 is safe to store. A short code has 37 bits: its
hash is keyed with the server's secret, and it works inside one school and under limits only.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time

TOKEN_BYTES = 24
# No 0/O, 1/I/L, 2/Z, 5/S, 8/B: what people mix up when they read and type.
ALPHABET = "34679ACDEFGHJKMNPQRTUVWXY"
SHORT_LENGTH = 8
TICKET_SECONDS = 30 * 60
TICKET_MARK = "t."  # no token begins so: it has no full stop


def new_token() -> str:
    """What the QR carries: 32 characters for an address."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def new_short() -> str:
    """``ABCDEFGH``, eight characters without look-alikes."""
    return "".join(secrets.choice(ALPHABET) for _ in range(SHORT_LENGTH))


def spaced(short: str) -> str:
    """``ABCD-EFGH``, as it is printed."""
    return f"{short[:4]}-{short[4:]}"


def bare(typed: str) -> str:
    """A short code as somebody typed it: any case, any dashes and spaces, full-width too."""
    plain = "".join(chr(ord(c) - 0xFEE0) if 0xFF01 <= ord(c) <= 0xFF5E else c for c in typed)
    return "".join(c for c in plain.upper() if c.isalnum())


def token_hash(token: str) -> bytes:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).digest()


def short_hash(secret: str, school_id: int, short: str) -> bytes:
    """What is stored of a short code: keyed, and another one in every school."""
    return _mac(secret, f"short|{school_id}|{short}").digest()


def ticket(secret: str, school_id: int, invitation_id: int) -> str:
    """Half an hour's pass to an invitation whose short code was just typed."""
    until = int(time.time()) + TICKET_SECONDS
    body = f"{invitation_id}.{until}"
    return f"{TICKET_MARK}{body}.{_mac(secret, f'ticket|{school_id}|{body}').hexdigest()}"


def ticket_id(secret: str, school_id: int, given: str) -> int | None:
    """The invitation of a ticket of this school; None when it is forged or has expired."""
    body, _, mark = given.removeprefix(TICKET_MARK).rpartition(".")
    number, _, until = body.partition(".")
    wanted = _mac(secret, f"ticket|{school_id}|{body}").hexdigest()
    if not hmac.compare_digest(mark.encode(), wanted.encode()):
        return None
    return int(number) if int(until) > time.time() else None


def _mac(secret: str, text: str) -> hmac.HMAC:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256)
