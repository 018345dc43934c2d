"""argon2id off the event loop, and rules without theatre.

Length is what counts: 8 to 128 characters, no composition rules; refused are the most common
passwords and one's own phone, name or school (OWASP ASVS 5.0 §6.2). m=47104 KiB, t=1, p=1 is
OWASP's first choice: about 23 ms on one core.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from campus.offload import offload

SHORTEST, LONGEST = 8, 128
_hasher = PasswordHasher(memory_cost=47104, time_cost=1, parallelism=1)


@cache
def _common() -> frozenset[str]:
    text = files("campus.identity").joinpath("common_passwords.txt").read_text("utf-8")
    return frozenset(line for line in text.splitlines() if not line.startswith("#"))


def hashed(password: str) -> str:
    """The argon2id hash to store."""
    return offload(_hasher.hash, password)


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password is right; an account without one costs the same time."""
    try:
        return offload(_hasher.verify, password_hash or _nobody(), password) and bool(password_hash)
    except (VerificationError, InvalidHashError):
        return False


def stale(password_hash: str) -> bool:
    """Whether the hash was made with older settings and should be made anew."""
    return _hasher.check_needs_rehash(password_hash)


def weakness(password: str, own: tuple[str, ...] = ()) -> str | None:
    """Why a new password cannot be used, as one Chinese sentence; None when it can.

    ``own`` holds the person's phone, name and school names.
    """
    if len(password) < SHORTEST:
        return f"密码至少 {SHORTEST} 个字，越长越安全，可以用一句话。"
    if len(password) > LONGEST:
        return f"密码最长 {LONGEST} 个字。"
    lowered = password.lower()
    if lowered in _common() or len(set(password)) <= 2:
        return "这个密码太常见，容易被猜到，请换一个。"
    if any(word and word.lower() in lowered for word in own):
        return "密码里不要包含自己的手机号、姓名或学校名。"
    return None


@cache
def _nobody() -> str:
    return _hasher.hash("nobody has this password")
