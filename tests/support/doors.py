"""What the seed holds of the ways in: a passkey of the guardian, whose key nobody has."""

from __future__ import annotations

from campus import db
from campus.identity.passkey_models import Passkey
from tests.support.seed import SchoolSeed


def plant_passkey(school: SchoolSeed, account_id: int) -> None:
    """``passkey`` is its id."""
    made = Passkey(
        account_id=account_id,
        credential_id=f"seed-{school.key}".encode(),
        public_key=b"",
        user_handle=b"seed",
        sign_count=0,
        name=f"手机{school.canary}",
    )
    db.session().add(made)
    db.session().flush()
    school.ids["passkey"] = made.id
