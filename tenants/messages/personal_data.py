"""What messages keep of people: each person's own inbox, with news about a child."""

from __future__ import annotations

from campus.personal_data import Kept, PersonalData, Rule

READER_S_OWN = "消息属于收到它的人，学校也不能代看"

PERSONAL_DATA = PersonalData(
    tables={
        "notification": Rule(
            Kept.CONSENT, "发给家长的消息", account="account_id", left_out=READER_S_OWN
        ),
        "inbox": Rule(Kept.PERSON, "收件箱的计数", account="account_id", left_out=READER_S_OWN),
    }
)
