"""A closed field opens in its own place, with its own school's key, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given, settings
from hypothesis import strategies as st

from campus import crypto
from tests.conftest import config_of

HERE = crypto.Place(1, "pupil", 7, "id_number")
CLOSED_BEFORE = (
    "01446a89a7000102030405060708090a0b960a63c8347feec0b2ead69d9fb76b13"
    "1ea8d1029dbaac3cb016cd7ac3a18eb49ad2"
)


@pytest.fixture(autouse=True)
def secret() -> Iterator[None]:
    crypto.configure(config_of())
    yield
    crypto.configure(config_of())


@settings(deadline=None)
@given(st.text(max_size=200))
def test_there_and_back(text: str) -> None:
    blob = crypto.sealed(HERE, text)
    assert crypto.opened(HERE, blob) == text
    assert crypto.sealed(HERE, text) != blob, "a fresh nonce each time"
    assert len(text) < 4 or text.encode() not in blob


@pytest.mark.parametrize(
    "elsewhere",
    [
        replace(HERE, school_id=2),
        replace(HERE, table="staff"),
        replace(HERE, row=8),
        replace(HERE, column="address"),
    ],
    ids=lambda place: f"{place.school_id}-{place.table}-{place.row}-{place.column}",
)
def test_moved_it_does_not_open(elsewhere: crypto.Place) -> None:
    with pytest.raises(crypto.Unreadable):
        crypto.opened(elsewhere, crypto.sealed(HERE, "110101200001011234"))


def test_any_flipped_bit_shows() -> None:
    blob = crypto.sealed(HERE, "110101200001011234")
    for place in range(len(blob)):
        bad = blob[:place] + bytes([blob[place] ^ 1]) + blob[place + 1 :]
        with pytest.raises(crypto.Unreadable):
            crypto.opened(HERE, bad)
    for short in (b"", blob[:1], blob[:20], blob[:-1]):
        with pytest.raises(crypto.Unreadable):
            crypto.opened(HERE, short)


def test_a_secret_is_exchanged_without_closing_anybody_out() -> None:
    first = config_of()
    old = crypto.sealed(HERE, "旧的")
    crypto.configure(
        replace(first, secret_key="new-secret-" * 4, secret_key_fallback=first.secret_key)
    )
    assert crypto.opened(HERE, old) == "旧的"
    assert crypto.stale(HERE, old)
    new = crypto.sealed(HERE, "新的")
    assert not crypto.stale(HERE, new)
    crypto.configure(replace(first, secret_key="new-secret-" * 4))
    assert crypto.opened(HERE, new) == "新的"
    with pytest.raises(crypto.Unreadable):
        crypto.opened(HERE, old)


def test_the_index_joins_equal_texts_of_one_school_and_column() -> None:
    one = crypto.blind(1, "id_number", "110101200001011234")
    assert one == crypto.blind(1, "id_number", "110101200001011234")
    others = {
        crypto.blind(2, "id_number", "110101200001011234"),
        crypto.blind(1, "phone", "110101200001011234"),
        crypto.blind(1, "id_number", "110101200001011235"),
    }
    assert one not in others
    assert len(others) == 3


def test_keys_follow_rfc_5869(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same derivation as a library's, so keys can be made again without our code."""
    theirs = HKDF(
        algorithm=hashes.SHA256(),
        length=32,
        salt=b"campus field keys, 2026",
        info=b"campus|field|5",
    ).derive(config_of().secret_key.encode())
    assert crypto.keys(5, "field")[0] == theirs


def test_what_was_closed_before_still_opens() -> None:
    """Written by another implementation of AES-256-GCM with the same secret and place."""
    place = crypto.Place(5, "pupil_number", 7, "id_number")
    assert crypto.opened(place, bytes.fromhex(CLOSED_BEFORE)) == "110101200001011234"
