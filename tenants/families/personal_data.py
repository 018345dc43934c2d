"""What families keep of people: codes, as hashes, and how often one was typed wrong."""

from __future__ import annotations

from campus.personal_data import Kept, PersonalData, Rule

PERSONAL_DATA = PersonalData(
    tables={
        "invitation": Rule(Kept.PERSON, "邀请码（散列）"),
        "reset_code": Rule(
            Kept.PERSON, "密码重设码（散列）", account="account_id", left_out="一次性的口令"
        ),
        "invitation_miss": Rule(Kept.SHORT, "输错邀请码", left_out="输错邀请码的次数"),
    }
)
